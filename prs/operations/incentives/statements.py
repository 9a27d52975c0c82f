"""The statement of a commission as a document."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext as _

from prs.kernel import money
from prs.kernel.documents import Fact, Party
from prs.operations.incentives import selectors
from prs.operations.incentives.models import Commission, CommissionLine
from prs.operations.payments.receipts import issuer_of

TEMPLATE = "pdf/commission.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: when, what, what counts, the rate, and what it earns."""

    date: str
    text: str
    base: str
    rate: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the statement says, written for the reader."""

    issuer: Party
    customer: Party
    number: str
    first: str
    date: str
    currency: str
    home_currency: str
    rows: tuple[Row, ...]
    totals: tuple[Fact, ...]
    receivable: str
    facts: tuple[Fact, ...] = ()
    mark: str = ""
    notes: str = ""
    notes_beside_totals: bool = False
    copy: bool = False
    paper: str = "A4"


def what(line: CommissionLine) -> str:
    """What a line is about, in words."""
    if line.corrects is not None:
        return _("Correction of %(number)s") % {"number": line.corrects.number}
    if line.dispute is not None:
        return _("Dispute upheld: %(answer)s") % {"answer": line.dispute.answer}
    parts = [str(line.deal or line.invoice), str(line.payment)]
    if line.amount < 0:
        parts.append(_("went back"))
    if line.source is not None:
        parts.append(line.source.name)
    return " · ".join(parts)


def sheet_of(commission: Commission) -> Sheet:
    """The statement of a commission, in the organization's language."""
    organization = commission.organization
    language, locale = organization.language, money.locale_of(organization.language)

    def figure(amount: Decimal, currency: str) -> str:
        return money.figure(money.Money(currency, amount), language)

    def day(value: Any) -> str:
        return str(format_date(value, "medium", locale=locale))

    def percent(rate: Decimal | None) -> str:
        return "" if rate is None else f"{rate.normalize():f} %"

    home, paid = commission.home_currency, commission.currency
    with translation.override(language):
        totals = [
            (_("Sales that count"), figure(commission.sales, home), True),
            (_("Commission"), figure(commission.earned, home), True),
            (_("Converted"), f"{paid} {figure(commission.payable, paid)}", home != paid),
            (_("Bonus"), figure(commission.bonus, paid), bool(commission.bonus)),
            (_("Penalty"), figure(-commission.penalty, paid), bool(commission.penalty)),
        ]
        facts = [
            (_("Approved by"), commission.approved_by.name if commission.approved_by else ""),
            (_("Rule"), commission.rule.name if commission.rule else ""),
            (_("Bonus for"), commission.bonus_reason),
            (_("Penalty for"), commission.penalty_reason),
        ]
        return Sheet(
            issuer=issuer_of(organization),
            customer=Party(name=commission.member.name),
            number=commission.number,
            first=day(commission.starts_on),
            date=day(commission.ends_on),
            currency=paid,
            home_currency=home,
            rows=tuple(
                Row(
                    date=day(line.on),
                    text=what(line),
                    base=figure(line.base, home) if line.base else "",
                    rate=percent(line.rate),
                    amount=figure(line.amount, home),
                )
                for line in selectors.statement_rows(commission)
            ),
            totals=tuple(Fact(label=label, text=text) for label, text, shown in totals if shown),
            receivable=money.formatted(money.Money(paid, commission.receivable), language),
            facts=tuple(Fact(label=label, text=text) for label, text in facts if text),
            mark=str(commission.get_state_display()),
        )
