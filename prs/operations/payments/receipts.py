"""The receipt as a document: what it says, and the link by which anyone can check it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from django.conf import settings
from django.core import signing
from django.utils import translation
from django.utils.translation import gettext as _

from prs.kernel import money
from prs.kernel.documents import Fact, Party, ReceiptSheet, SettledInvoice
from prs.kernel.files import open_stored
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties.models import Customer
from prs.operations.payments import selectors
from prs.operations.payments.models import Allocation, Payment, Receipt

SALT = "prs.receipt"


def token_of(receipt: Receipt) -> str:
    """What stands in the receipt's QR code: signed, so that it can't be made up."""
    return signing.dumps([str(receipt.organization_id), str(receipt.pk)], salt=SALT)


def read_token(token: str) -> tuple[UUID, UUID] | None:
    """The organization and the receipt that a token names; None when it was made up."""
    try:
        organization_id, receipt_id = signing.loads(token, salt=SALT)
        return UUID(organization_id), UUID(receipt_id)
    except (signing.BadSignature, ValueError):
        return None


def issuer_of(organization: Organization) -> Party:
    """The organization as its letters show it."""
    facts = [
        (_("Tax number"), organization.tax_id),
        (_("Phone"), organization.phone),
        (_("E-mail"), organization.email),
    ]
    shows_logo = organization.settings.get("receipt", {}).get("showLogo", True)
    logo = organization.logo if shows_logo else None
    return Party(
        name=organization.legal_name or organization.name,
        address=tuple(organization.address.splitlines()),
        facts=tuple(Fact(label=label, text=text) for label, text in facts if text),
        logo=open_stored(logo.name).read() if logo else b"",
    )


def addressee(customer: Customer) -> Party:
    """The customer as a letter addresses them."""
    lines = (customer.address1, customer.address2, customer.address3, customer.postal_code)
    return Party(name=customer.name, address=tuple(line for line in lines if line))


def settled(row: Allocation, currency: str, language: str) -> SettledInvoice:
    """An invoice's row: what it came to, what this payment paid, what remains."""

    def figure(amount: Decimal) -> str:
        return money.figure(money.Money(currency, amount), language)

    return SettledInvoice(
        number=row.invoice.number,
        date=format_date(row.invoice.invoice_date, "medium", locale=money.locale_of(language)),
        total=figure(row.invoice.total),
        paid=figure(row.amount),
        remaining=figure(row.invoice.left),
    )


def sheet_of(receipt: Receipt, payment: Payment, organization: Organization) -> ReceiptSheet:
    """What a receipt says, in the organization's language."""
    language = organization.language
    locale = money.locale_of(language)
    currency = payment.currency
    rows = list(selectors.allocations_of(payment))
    verified = payment.verified_amount or Decimal(0)
    allocated = sum((row.amount for row in rows), Decimal(0))

    def amount(value: Decimal) -> str:
        return money.formatted(money.Money(currency, value), language) if value else ""

    with translation.override(language):
        return ReceiptSheet(
            issuer=issuer_of(organization),
            customer=addressee(payment.customer),
            number=receipt.number,
            date=format_date(receipt.issued_at, "medium", locale=locale),
            currency=currency,
            amount=amount(verified),
            method=str(payment.get_method_display()),
            paid_on=format_date(payment.paid_on, "medium", locale=locale),
            reference=payment.reference or payment.cheque_number,
            facts=(Fact(label=_("Payment"), text=payment.number),),
            invoices=tuple(settled(row, currency, language) for row in rows),
            allocated=amount(allocated),
            unallocated=amount(verified - allocated),
            verified_by=payment.decided_by.name if payment.decided_by else "",
            verified_at=format_datetime(
                payment.decided_at,
                "medium",
                tzinfo=ZoneInfo(organization.time_zone),
                locale=locale,
            ),
            notes=organization.settings.get("receipt", {}).get("footerText", ""),
            link=f"{settings.SITE_URL}/billing/receipts/{token_of(receipt)}/",
        )
