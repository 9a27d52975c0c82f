"""Makers for the walk from an invoice to its receipt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from prs.kernel.files import CheckedFile, Kind
from prs.kernel.identity.models import Member
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.invoicing.services import InvoiceDraft, Override
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from prs.operations.payments.rules import Share
from prs.operations.payments.services import PaymentDraft
from tests.cast import NOON

TODAY = date(2026, 11, 20)


def make_customer(by: Member, *, name: str = "Harbour Pharmacy", **fields: Any) -> Customer:
    fields.setdefault("salesperson", by)
    return parties.add({"name": name, **fields}, by=by, at=NOON)


def make_invoice(
    by: Member,
    *,
    customer: Customer | None = None,
    amount: str = "100.00",
    tax_rate: str = "0",
    override: Override | None = None,
) -> Invoice:
    line = LineDraft("Amoxicillin 500 mg", Decimal(1), Decimal(amount), Decimal(tax_rate))
    draft = InvoiceDraft(customer or make_customer(by), TODAY, [line])
    return invoices.issue(draft, organization=by.organization, by=by, at=NOON, override=override)


def make_proof(content: bytes = b"%PDF-1.4 proof") -> CheckedFile:
    return CheckedFile(
        kind=Kind.PDF,
        name="slip.pdf",
        extension="pdf",
        content_type="application/pdf",
        bytes=content,
        sha256="0" * 64,
        pages=1,
    )


def make_payment(
    by: Member, *, invoice: Invoice, amount: str = "100.00", method: str = "cash", **fields: Any
) -> Payment:
    value = Decimal(amount)
    share = min(value, invoice.total - invoice.paid)
    draft = PaymentDraft(
        customer=invoice.customer,
        amount=value,
        currency=invoice.currency,
        method=method,
        paid_on=TODAY,
        shares=[Share(invoice.pk, share)] if share else [],
        **fields,
    )
    return payments.record_payment(draft, by=by, at=NOON)
