"""The note of money that went back, as a document: what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel import money
from prs.kernel.clock import local_date
from prs.kernel.documents import Fact, ReducedInvoice, ReversalSheet
from prs.kernel.tenancy.models import Organization
from prs.operations.payments import selectors
from prs.operations.payments.models import Reversal, ReversalShare
from prs.operations.payments.receipts import addressee, issuer_of

KIND: Final = Reversal.Kind
TITLES: Final[dict[str, Any]] = {
    KIND.REFUND: gettext_lazy("Refund note"),
    KIND.CHARGEBACK: gettext_lazy("Chargeback note"),
    KIND.BOUNCE: gettext_lazy("Note of a bounced cheque"),
}
MEANINGS: Final[dict[str, Any]] = {
    KIND.REFUND: gettext_lazy("We pay this amount back to you."),
    KIND.CHARGEBACK: gettext_lazy("Your bank took this amount back from us."),
    KIND.BOUNCE: gettext_lazy("Your bank did not honour the cheque; the amount is owed again."),
}


def reduced(part: ReversalShare, currency: str, language: str) -> ReducedInvoice:
    """An invoice's row: what it came to, what was taken from it, what is open now."""
    invoice = part.allocation.invoice

    def figure(amount: Decimal) -> str:
        return money.figure(money.Money(currency, amount), language)

    return ReducedInvoice(
        number=invoice.number,
        date=format_date(invoice.invoice_date, "medium", locale=money.locale_of(language)),
        total=figure(invoice.total),
        taken=figure(part.amount),
        remaining=figure(invoice.left),
    )


def sheet_of(reversal: Reversal, organization: Organization) -> ReversalSheet:
    """What the note of a booked reversal says, in the organization's language."""
    language, payment, zone = organization.language, reversal.payment, organization.time_zone
    locale, currency = money.locale_of(language), payment.currency
    parts = list(selectors.shares_of(reversal))
    taken = sum((part.amount for part in parts), Decimal(0))
    decided: Any = reversal.decided_at

    def amount(value: Decimal) -> str:
        return money.formatted(money.Money(currency, value), language) if value else ""

    with translation.override(language):
        return ReversalSheet(
            issuer=issuer_of(organization),
            customer=addressee(payment.customer),
            number=reversal.number,
            date=format_date(local_date(decided, zone), "medium", locale=locale),
            currency=currency,
            title=str(TITLES[reversal.kind]),
            meaning=str(MEANINGS[reversal.kind]),
            amount=amount(reversal.amount),
            reason=reversal.reason,
            payment=payment.number,
            received=amount(payment.verified_amount or Decimal(0)),
            method=str(payment.get_method_display()),
            paid_on=format_date(payment.paid_on, "medium", locale=locale),
            reference=payment.reference or payment.cheque_number,
            facts=receipt_facts(reversal),
            invoices=tuple(reduced(part, currency, language) for part in parts),
            from_invoices=amount(taken),
            from_credit=amount(reversal.amount - taken),
            decided_by=reversal.decided_by.name if reversal.decided_by else "",
            decided_at=format_datetime(decided, "medium", tzinfo=ZoneInfo(zone), locale=locale),
            paper="letter"
            if organization.settings.get("receipt", {}).get("paperSize") == "letter"
            else "A4",
        )


def receipt_facts(reversal: Reversal) -> tuple[Fact, ...]:
    """The receipt that the customer has of the money."""
    receipt = selectors.receipt_of(reversal.payment)
    return (Fact(label=_("Receipt"), text=receipt.number),) if receipt else ()
