"""What an invoice is written from: lines and their money, the addressee, the claim on the books."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from prs.kernel import money
from prs.kernel.activity.rules import Actor
from prs.kernel.db.ids import new_id
from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.services import Source
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft

SOURCE = "invoicing.invoice"
WRITE_LINES = """
    INSERT INTO invoicing_invoiceline
      (id, organization_id, invoice_id, revision, position, description, item_code, barcode,
       quantity, unit_price, tax_rate, net, tax, details)
    SELECT line.id, %s, %s, %s, line.position, line.description, line.item_code, line.barcode,
           line.quantity, line.unit_price, line.tax_rate, line.net, line.tax, line.details::jsonb
    FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::numeric[],
                %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[], %s::text[])
      AS line (id, position, description, item_code, barcode, quantity, unit_price, tax_rate, net,
               tax, details)
"""


@dataclass(frozen=True)
class PricedLine:
    """A line with its money, rounded to the currency's minor unit."""

    draft: LineDraft
    net: Decimal
    tax: Decimal


@dataclass(frozen=True)
class InvoiceDraft:
    """What an invoice is to say, before it has a number.

    Who has priced the lines already (the till, with its discounts and included taxes) passes them as
    `priced`; `revenue` is the account that they are sales of, `rate` what one unit is worth at home.
    """

    customer: Customer
    invoice_date: date
    lines: Sequence[LineDraft] = ()
    due_date: date | None = None
    salesperson: Member | None = None
    remarks: str = ""
    currency: str = ""
    tax_mode: money.TaxMode = money.TaxMode.PER_LINE
    origin: str = Invoice.Origin.MANUAL
    priced: Sequence[PricedLine] = ()
    rate: Decimal = Decimal(1)
    revenue: str = chart.SALES


def priced(lines: Sequence[LineDraft], currency: str, mode: money.TaxMode) -> list[PricedLine]:
    """Each line's net and tax; they add up to the document's totals exactly."""
    nets = [
        (money.Money(currency, line.quantity * line.unit_price).rounded(), line.tax_rate)
        for line in lines
    ]
    return [
        PricedLine(line, taxed.net.amount, taxed.tax.amount)
        for line, taxed in zip(lines, money.line_taxes(nets, mode), strict=True)
    ]


def snapshot(customer: Customer) -> dict[str, Any]:
    """The addressee as the document prints it, whatever the customer is called later."""
    lines = [customer.address1, customer.address2, customer.address3, customer.postal_code]
    return {
        "name": customer.name,
        "code": customer.code,
        "tax_id": customer.tax_id,
        "address": [line for line in lines if line],
        "email": customer.email,
    }


def said(invoice: Invoice) -> dict[str, Any]:
    """The words that events of an invoice use."""
    amount = money.Money(invoice.currency, invoice.total)
    return {"customer": invoice.customer.name, "amount": money.spoken(amount)}


def write_lines(invoice: Invoice, lines: Sequence[PricedLine]) -> None:
    """Write the lines of an invoice's current revision, all with one statement of a fixed length."""
    drafts = [line.draft for line in lines]
    columns = (
        [new_id() for _ in drafts],
        list(range(1, len(drafts) + 1)),
        [draft.description for draft in drafts],
        [draft.item_code for draft in drafts],
        [draft.barcode for draft in drafts],
        [draft.quantity for draft in drafts],
        [draft.unit_price for draft in drafts],
        [draft.tax_rate for draft in drafts],
        [line.net for line in lines],
        [line.tax for line in lines],
        [json.dumps(dict(draft.details)) for draft in drafts],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE_LINES, (invoice.organization_id, invoice.pk, invoice.revision, *columns)
        )


def totals(lines: Sequence[PricedLine]) -> dict[str, Any]:
    """The sums that an invoice carries."""
    net = sum((line.net for line in lines), Decimal(0))
    tax = sum((line.tax for line in lines), Decimal(0))
    return {"net_total": net, "tax_total": tax, "total": net + tax, "line_count": len(lines)}


def post_claim(invoice: Invoice, *, by: Actor, at: datetime, revenue: str = chart.SALES) -> None:
    """Post what an invoice claims: receivable against sales and tax. Nothing claimed posts nothing."""
    if not invoice.total:
        return
    bookkeeping.post(
        Source(SOURCE, invoice.pk, claim_event(invoice)),
        (
            chart.debit(chart.RECEIVABLE, invoice.total, party_id=invoice.customer_id),
            chart.credit(revenue, invoice.net_total),
            chart.credit(chart.TAX_PAYABLE, invoice.tax_total),
        ),
        on=invoice.invoice_date,
        currency=invoice.currency,
        rate=invoice.rate,
        description=f"{invoice.number} {invoice.customer.name}",
        by=by,
        at=at,
    )


def claim_event(invoice: Invoice) -> str:
    """The posting event of an invoice's current revision."""
    return f"issued:{invoice.revision}"
