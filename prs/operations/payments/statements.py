"""A customer's statement of account: what the books say of them, and the document that says it.

Every figure comes from the ledger's lines of receivables and deposits, so that a statement can't
differ from the books. What posts to these two accounts stands on it without being named here; `NAMED`
only gives it better words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext as _

from prs.kernel import money
from prs.kernel.documents import AgeRow, Fact, Party, StatementLine, StatementSheet
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping.rules import CUSTOMER_DEPOSITS, RECEIVABLE
from prs.ledgers.bookkeeping.selectors import PartyMovement
from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.payments.models import Payment
from prs.operations.payments.receipts import addressee, issuer_of

ACCOUNTS: Final = (RECEIVABLE, CUSTOMER_DEPOSITS)
ZERO: Final = Decimal(0)
INVOICE: Final = "invoicing.invoice"
PAYMENT: Final = "payments.payment"
CREDIT: Final = "invoicing.credit"
# Days after the due day at which each age ends; the last is open.
AGES: Final = (0, 30, 60, 90)


@dataclass(frozen=True)
class Movement:
    """One line of a statement. A claim stands on one side, what settles it on the other.

    `credit` says which kind of credit settles it; a payment has none.
    """

    on: date
    text: str
    kind: str
    source_id: UUID
    amount: Decimal
    balance: Decimal
    credit: str = ""

    @property
    def claimed(self) -> Decimal | None:
        return self.amount if self.amount > 0 else None

    @property
    def settled(self) -> Decimal | None:
        return -self.amount if self.amount < 0 else None


@dataclass(frozen=True)
class Age:
    """How much of the balance is so many days past its due day."""

    label: str
    amount: Decimal


@dataclass(frozen=True)
class Statement:
    """An account between two days, in the organization's currency."""

    customer: Customer
    first: date
    last: date
    currency: str
    opening: Decimal
    movements: Sequence[Movement]
    closing: Decimal
    ages: Sequence[Age]

    @property
    def claimed(self) -> Decimal:
        return sum((row.amount for row in self.movements if row.amount > 0), ZERO)

    @property
    def paid(self) -> Decimal:
        return self.settled_by("")

    @property
    def credited(self) -> Decimal:
        return self.settled_by(Credit.Kind.NOTE)

    @property
    def written_off(self) -> Decimal:
        return self.settled_by(Credit.Kind.WRITE_OFF)

    def settled_by(self, credit: str) -> Decimal:
        """What one kind of credit settled; what was paid, for none."""
        return sum((row.settled or ZERO for row in self.movements if row.credit == credit), ZERO)


def invoice_words(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Invoices as a statement names them."""
    rows = Invoice.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: _("Invoice %(number)s") % {"number": number} for pk, number in rows}


def payment_words(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Payments as a statement names them."""
    return {
        row.pk: _("Payment %(number)s, %(method)s")
        % {"number": row.number, "method": row.get_method_display()}
        for row in Payment.objects.filter(pk__in=ids)
    }


def credit_words(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Credit notes, write-offs and recoveries as a statement names them."""
    said = {
        Credit.Kind.NOTE: _("Credit note %(number)s for invoice %(invoice)s"),
        Credit.Kind.WRITE_OFF: _("Written off of invoice %(invoice)s"),
        Credit.Kind.RECOVERY: _("Claimed again of invoice %(invoice)s"),
    }
    rows = Credit.objects.filter(pk__in=ids).values_list("pk", "kind", "number", "invoice__number")
    return {
        pk: said[Credit.Kind(kind)] % {"number": number, "invoice": invoice}
        for pk, kind, number, invoice in rows
    }


# What is named by its own number; anything else is named as its entry describes it.
NAMED: Final[dict[str, Callable[[Sequence[UUID]], dict[UUID, str]]]] = {
    INVOICE: invoice_words,
    PAYMENT: payment_words,
    CREDIT: credit_words,
}


def words_of(rows: Sequence[PartyMovement]) -> dict[UUID, str]:
    """What each movement's source is called."""
    found: dict[UUID, str] = {}
    for kind, named in NAMED.items():
        ids = {row.source_id for row in rows if row.source_kind == kind}
        found.update(named(sorted(ids)) if ids else {})
    return found


def credits_of(rows: Sequence[PartyMovement]) -> dict[UUID, str]:
    """Which kind of credit a movement's source is, for those that are one."""
    ids = {row.source_id for row in rows if row.source_kind == CREDIT}
    found = Credit.objects.filter(pk__in=ids).values_list("pk", "kind") if ids else ()
    return dict(found)


def said(row: PartyMovement, words: dict[UUID, str]) -> str:
    """What a movement says on the statement."""
    name = words.get(row.source_id, row.description)
    if row.reverses_id is not None:
        return _("Correction: %(what)s") % {"what": name}
    return name


def without_corrected(rows: Sequence[PartyMovement]) -> list[PartyMovement]:
    """Movements without those that were taken back among themselves: together they are nothing."""
    here = {row.entry_id for row in rows}
    back = {row.reverses_id for row in rows if row.reverses_id in here}
    return [row for row in rows if row.entry_id not in back and row.reverses_id not in back]


def ages_of(rows: Sequence[PartyMovement], *, on: date) -> list[Age]:
    """What is owed by how long it is due. What came in pays what was due first.

    Together the ages are the balance: what was paid too much stands last, below zero.
    """
    nets: dict[tuple[str, UUID], Decimal] = {}
    dated: dict[tuple[str, UUID], date] = {}
    for row in rows:
        key = (row.source_kind, row.source_id)
        nets[key] = nets.get(key, ZERO) + row.amount
        dated.setdefault(key, row.on)
    ids = [key[1] for key in nets if key[0] == INVOICE]
    dues = dict(Invoice.objects.filter(pk__in=ids).values_list("pk", "due_date"))
    claims = sorted(
        ((dues.get(key[1], dated[key]), key[1], net) for key, net in nets.items() if net > 0)
    )
    left = -sum((net for net in nets.values() if net < 0), ZERO)
    sums = [ZERO] * (len(AGES) + 1)
    for due, _source, amount in claims:
        part = min(left, amount)
        left -= part
        sums[place_of((on - due).days)] += amount - part
    found = [Age(label, amount) for label, amount in zip(age_labels(), sums, strict=True)]
    return [*found, Age(_("Paid ahead"), -left)] if left else found


def place_of(days: int) -> int:
    """Which age a claim has that is so many days past its due day."""
    return next((place for place, end in enumerate(AGES) if days <= end), len(AGES))


def age_labels() -> list[str]:
    """The ages in words."""
    return [
        _("Not due"),
        _("1 to 30 days"),
        _("31 to 60 days"),
        _("61 to 90 days"),
        _("Over 90 days"),
    ]


def statement_of(customer: Customer, *, first: date, last: date, currency: str) -> Statement:
    """A customer's account, with everybody merged into it, between two days, both included."""
    family = parties.family(customer)
    rows = books.movements_of(family, ACCOUNTS, until=last)
    before = [row for row in rows if row.on < first]
    inside = without_corrected([row for row in rows if row.on >= first])
    words, credits_inside = words_of(inside), credits_of(inside)
    balance = opening = sum((row.amount for row in before), ZERO)
    movements = []
    for row in inside:
        # A deposit that pays an invoice moves between our two accounts: nothing to the customer.
        if not row.amount:
            continue
        balance += row.amount
        movements.append(
            Movement(
                row.on,
                said(row, words),
                row.source_kind,
                row.source_id,
                row.amount,
                balance,
                credits_inside.get(row.source_id, ""),
            )
        )
    return Statement(
        customer=customer,
        first=first,
        last=last,
        currency=currency,
        opening=opening,
        movements=movements,
        closing=balance,
        ages=ages_of(rows, on=last),
    )


def sheet_of(statement: Statement, organization: Organization) -> StatementSheet:
    """What a statement says on paper, in the organization's language."""
    language = organization.language
    locale = money.locale_of(language)

    def day(value: date) -> str:
        return format_date(value, "medium", locale=locale)

    def figure(amount: Decimal | None) -> str:
        if amount is None:
            return ""
        return money.figure(money.Money(statement.currency, amount), language)

    def total(amount: Decimal) -> str:
        return money.formatted(money.Money(statement.currency, amount), language)

    with translation.override(language):
        customer = statement.customer
        facts = [(_("Customer"), customer.code), (_("Tax number"), customer.tax_id)]
        named = addressee(customer)
        town = " ".join(part for part in (customer.postal_code, customer.city) if part)
        address = [customer.address1, customer.address2, customer.address3, town, customer.state]
        return StatementSheet(
            issuer=issuer_of(organization),
            customer=Party(
                name=named.name,
                address=tuple(line for line in address if line),
                facts=tuple(Fact(label=label, text=text) for label, text in facts if text),
            ),
            number="",
            date=day(statement.last),
            currency=statement.currency,
            first=day(statement.first),
            opening=figure(statement.opening),
            closing=total(statement.closing),
            claimed=total(statement.claimed),
            paid=total(statement.paid),
            credited=total(statement.credited) if statement.credited else "",
            written_off=total(statement.written_off) if statement.written_off else "",
            brought=total(statement.opening),
            lines=tuple(
                StatementLine(
                    date=day(row.on),
                    text=row.text,
                    claimed=figure(row.claimed),
                    settled=figure(row.settled),
                    balance=figure(row.balance),
                )
                for row in statement.movements
            ),
            ages=tuple(
                AgeRow(label=age.label, amount=figure(age.amount)) for age in statement.ages
            ),
            payment_note=organization.payment_instructions if statement.closing > 0 else "",
            paper="letter"
            if organization.settings.get("receipt", {}).get("paperSize") == "letter"
            else "A4",
        )
