"""Invoices that another system posts, and their corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from prs.kernel import money
from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.services import Source
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.services import ImportedCustomer
from prs.operations.invoicing import events, selectors
from prs.operations.invoicing.models import Invoice, Revision
from prs.operations.invoicing.rules import LineDraft, digest
from prs.operations.invoicing.services.drafting import (
    SOURCE,
    PricedLine,
    claim_event,
    post_claim,
    priced,
    said,
    snapshot,
    totals,
    write_lines,
)
from prs.operations.invoicing.services.refusals import (
    BelowPaid,
    CannotReturn,
    NoLines,
    NotInReview,
    NumberTaken,
)

# What other systems call a customer's fields, and what we do.
CUSTOMER_FIELDS = {
    "code": "code",
    "name": "name",
    "area": "area",
    "address1": "address1",
    "address2": "address2",
    "address3": "address3",
    "pincode": "postal_code",
    "phone1": "phone",
    "phone2": "phone2",
    "email": "email",
}
LINE_FIELDS = frozenset({"name", "item_code", "barcode", "quantity", "mrp"})


@dataclass(frozen=True)
class ImportedInvoice:
    """An invoice as another system describes it; `content` is what it sent, in canonical form."""

    number: str
    invoice_date: date
    salesperson_name: str
    priority: str
    remarks: str
    customer: ImportedCustomer
    lines: Sequence[LineDraft]
    content: Mapping[str, Any]


def imported_from(content: Mapping[str, Any]) -> ImportedInvoice:
    """An import from its canonical form, in which every value has been checked."""
    buyer = content["customer"]
    return ImportedInvoice(
        number=content["invoice_no"],
        invoice_date=date.fromisoformat(content["invoice_date"]),
        salesperson_name=content["salesman"],
        priority=content["priority"],
        remarks=content["remarks"],
        customer=ImportedCustomer(
            **{ours: buyer[theirs] for theirs, ours in CUSTOMER_FIELDS.items() if theirs in buyer}
        ),
        lines=[
            LineDraft(
                description=line["name"],
                quantity=Decimal(line["quantity"]),
                unit_price=Decimal(line["mrp"]),
                item_code=line["item_code"],
                barcode=line["barcode"],
                details={name: line[name] for name in line.keys() - LINE_FIELDS},
            )
            for line in content["items"]
        ],
        content=content,
    )


@dataclass(frozen=True)
class Imported:
    """What became of an import: a new invoice, or the one that was there."""

    invoice: Invoice
    created: bool
    same: bool = True


def take_import(
    sent: ImportedInvoice, *, organization: Organization, by: Actor, at: datetime
) -> Imported:
    """Take an invoice that another system posted. The same number is taken once.

    Whether the number is taken the database says when it is written, not a look beforehand: a
    repetition that arrives while the first still runs waits for it and finds its invoice.

    :raises NoLines: it has no lines.
    :raises PeriodClosed: its date lies in a closed period of the books.
    """
    try:
        return Imported(add_import(sent, organization=organization, by=by, at=at), created=True)
    except NumberTaken:
        existing = Invoice.objects.select_related("customer").get(
            series=Invoice.Origin.IMPORT, number=sent.number
        )
    same = existing.content_digest == digest(sent.content)
    return Imported(existing, created=False, same=same)


def add_import(
    sent: ImportedInvoice, *, organization: Organization, by: Actor, at: datetime
) -> Invoice:
    """Write an imported invoice with its customer, and post it."""
    if not sent.lines:
        raise NoLines
    lines = priced(sent.lines, organization.currency, money.TaxMode.PER_LINE)
    seller = Member.objects.filter(name=sent.salesperson_name, active=True).first()
    with refusing({"invoice_number_unique": NumberTaken}):
        customer = parties.take_from_import(
            sent.customer, by=by, at=at, salesperson=seller, country=organization.country
        )
        invoice = Invoice.objects.create(
            origin=Invoice.Origin.IMPORT,
            series=Invoice.Origin.IMPORT,
            number=sent.number,
            status=Invoice.Status.ISSUED,
            customer=customer,
            bill_to=imported_bill_to(customer, sent.content),
            salesperson_id=seller.pk if seller else customer.salesperson_id,
            salesperson_name=sent.salesperson_name,
            invoice_date=sent.invoice_date,
            due_date=sent.invoice_date + timedelta(days=customer.terms_days),
            priority=sent.priority,
            remarks=sent.remarks,
            currency=organization.currency,
            content_digest=digest(sent.content),
            created_by_label=by.label,
            issued_at=at,
            created_at=at,
            **totals(lines),
        )
        write_lines(invoice, lines)
        record(events.IMPORTED, invoice, by=by, at=at, words=said(invoice))
        post_claim(invoice, by=by, at=at)
    return invoice


def imported_bill_to(customer: Customer, content: Mapping[str, Any]) -> dict[str, Any]:
    """The addressee of an imported invoice, with the words in which it came."""
    return {
        **snapshot(customer),
        "temp_name": content.get("temp_name", ""),
        "created_by": content.get("created_by", ""),
        "customer": content["customer"],
    }


@transaction.atomic
def return_for_correction(invoice: Invoice, *, reason: str, by: Member, at: datetime) -> Invoice:
    """Send an imported invoice back to the system that wrote it.

    :raises CannotReturn: it is in review already, or it was not imported.
    """
    won = (
        Invoice.objects.filter(
            pk=invoice.pk, origin=Invoice.Origin.IMPORT, status=Invoice.Status.ISSUED
        )
        .exclude(billing=Invoice.Billing.REVIEW)
        .update(billing=Invoice.Billing.REVIEW, review_reason=reason)
    )
    if not won:
        raise CannotReturn
    invoice.refresh_from_db()
    record(events.RETURNED, invoice, by=by, at=at, words={**said(invoice), "reason": reason})
    return invoice


def in_review(number: str) -> Invoice | None:
    """The imported invoice of a number while it waits for its correction, held until the commit."""
    return (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("customer")
        .filter(series=Invoice.Origin.IMPORT, number=number, billing=Invoice.Billing.REVIEW)
        .first()
    )


@transaction.atomic
def correct(
    sent: ImportedInvoice, *, notes: str, organization: Organization, by: Actor, at: datetime
) -> Invoice:
    """Replace an invoice in review by a new revision; the old one is kept.

    :raises NotInReview: nobody returned it, or another correction was first.
    :raises BelowPaid: the correction comes to less than what is paid.
    """
    if not sent.lines:
        raise NoLines
    invoice = in_review(sent.number)
    if invoice is None:
        raise NotInReview(number=sent.number)
    lines = priced(sent.lines, invoice.currency, money.TaxMode.PER_LINE)
    settled = invoice.paid + invoice.credited
    if totals(lines)["total"] < settled:
        raise BelowPaid(paid=money.spoken(money.Money(invoice.currency, settled)))
    was = keep_revision(invoice, reason=notes, by=by, at=at)
    claimed = bookkeeping.entry_of(Source(SOURCE, invoice.pk, claim_event(invoice)))
    revise(invoice, sent, lines, by=by, at=at)
    today = local_date(at, organization.time_zone)
    if claimed is not None:
        bookkeeping.reverse(
            claimed,
            on=today,
            by=by,
            at=at,
            source=Source(SOURCE, invoice.pk, f"reversed:{invoice.revision - 1}"),
            description=f"{invoice.number} {invoice.customer.name}",
        )
    post_claim(invoice, by=by, at=at)
    words = {**said(invoice), "revision": invoice.revision, "reason": notes}
    after = {name: getattr(invoice, name) for name in was}
    record(events.CORRECTED, invoice, by=by, at=at, before=was, after=after, words=words)
    return invoice


def keep_revision(invoice: Invoice, *, reason: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Keep an invoice as it stands. Returns the fields that a correction may change."""
    Revision.objects.create(
        invoice=invoice,
        number=invoice.revision,
        content={**selectors.content_of(invoice), "total": str(invoice.total)},
        reason=reason,
        replaced_by_label=by.label,
        replaced_at=at,
    )
    names = ("total", "invoice_date", "priority", "remarks", "line_count", "revision")
    return {name: getattr(invoice, name) for name in names}


def revise(
    invoice: Invoice,
    sent: ImportedInvoice,
    lines: Sequence[PricedLine],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Make the sent content an invoice's next revision."""
    invoice.customer = parties.take_from_import(sent.customer, by=by, at=at)
    invoice.bill_to = imported_bill_to(invoice.customer, sent.content)
    invoice.revision += 1
    invoice.version += 1
    # From now on the corrected content counts as the one that was sent.
    invoice.content_digest = digest(sent.content)
    invoice.billing = Invoice.Billing.RE_INVOICED
    invoice.review_reason = ""
    invoice.salesperson_name = sent.salesperson_name
    invoice.invoice_date = sent.invoice_date
    invoice.due_date = max(invoice.due_date, sent.invoice_date)
    invoice.priority, invoice.remarks = sent.priority, sent.remarks
    for name, value in totals(lines).items():
        setattr(invoice, name, value)
    invoice.save()
    write_lines(invoice, lines)
