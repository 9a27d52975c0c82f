"""Writes of invoices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.ids import new_id
from prs.kernel.db.names import refusing
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.kernel.numbering import CREDIT_NOTE, INVOICE, next_number
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.services import Source
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.services import ImportedCustomer
from prs.operations.deals.models import Deal
from prs.operations.invoicing import events, selectors, standings
from prs.operations.invoicing.models import Credit, Invoice, Revision
from prs.operations.invoicing.rules import LineDraft, digest

SOURCE = "invoicing.invoice"
CREDIT_SOURCE = "invoicing.credit"
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
LINE_FIELDS = frozenset({"name", "item_code", "barcode", "quantity", "mrp"})


class NoLines(Invalid):
    """An invoice claims nothing without lines."""

    sentence = _("An invoice needs at least one line.")


class NumberTaken(Refusal):
    """The number belongs to another invoice of this organization."""

    sentence = _("There is an invoice with this number already.")


class NotInReview(Refusal):
    """Only an invoice that was returned can be corrected."""

    sentence = _("Invoice {number} is not in review. Return it for correction first.")


class CannotReturn(Refusal):
    """The invoice is in review already, or was never issued, or is ours to credit instead."""

    sentence = _("This invoice can't be returned for correction.")


class BelowPaid(Refusal):
    """A correction can't claim less than was paid."""

    sentence = _("{paid} of this invoice is paid already; the correction can't come to less.")


class AmountWrong(Refusal):
    """What is allocated is more than what is open."""

    sentence = _("More was allocated than invoice {number} has left to pay.")


class NoCredit(Refusal):
    """Nothing is sold on credit to a customer who is blocked."""

    sentence = _("{customer} gets no credit. Ask who sets credit limits.")


class CreditLimitReached(Refusal):
    """More would be owed than was granted."""

    sentence = _("{customer} has {left} of credit left; this invoice comes to more.")


@dataclass(frozen=True)
class InvoiceDraft:
    """What an invoice is to say, before it has a number."""

    customer: Customer
    invoice_date: date
    lines: Sequence[LineDraft]
    due_date: date | None = None
    salesperson: Member | None = None
    remarks: str = ""
    currency: str = ""
    tax_mode: money.TaxMode = money.TaxMode.PER_LINE


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
class PricedLine:
    """A line with its money, rounded to the currency's minor unit."""

    draft: LineDraft
    net: Decimal
    tax: Decimal


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


def post_claim(invoice: Invoice, *, by: Actor, at: datetime) -> None:
    """Post what an invoice claims: receivable against sales and tax. Nothing claimed posts nothing."""
    if not invoice.total:
        return
    bookkeeping.post(
        Source(SOURCE, invoice.pk, claim_event(invoice)),
        (
            chart.debit(chart.RECEIVABLE, invoice.total, party_id=invoice.customer_id),
            chart.credit(chart.SALES, invoice.net_total),
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


def refuse_credit(customer: Customer, amount: Decimal, *, currency: str, on: date) -> None:
    """Refuse to invoice what the customer has no credit for. Their row is held until the commit.

    :raises NoCredit: the customer is blocked, or never buys on credit.
    :raises CreditLimitReached: the limit would be passed.
    """
    held = Customer.everyone.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
    fault = standings.credit_fault(held, amount, currency=currency, on=on)
    if fault is None or fault.code == "overdue":
        return
    if fault.code != "limit":
        raise NoCredit(customer=held.name)
    account = standings.account_of(held, currency=currency, on=on)
    left = money.Money(currency, account.credit_left or Decimal(0))
    raise CreditLimitReached(customer=held.name, left=money.spoken(left))


@transaction.atomic
def issue(draft: InvoiceDraft, *, organization: Organization, by: Member, at: datetime) -> Invoice:
    """Write an invoice by hand and issue it: it gets its number and can't be changed any more.

    :raises NoLines: it has no lines.
    :raises NoCredit: the customer is blocked, or never buys on credit.
    :raises CreditLimitReached: the customer's limit would be passed.
    :raises PeriodClosed: its date lies in a closed period of the books.
    """
    if not draft.lines:
        raise NoLines
    currency = draft.currency or organization.currency
    lines = priced(draft.lines, currency, draft.tax_mode)
    today = local_date(at, organization.time_zone)
    refuse_credit(draft.customer, totals(lines)["total"], currency=currency, on=today)
    terms = timedelta(days=draft.customer.terms_days)
    year = draft.invoice_date.year
    invoice = Invoice.objects.create(
        origin=Invoice.Origin.MANUAL,
        series=f"{INVOICE.kind}-{year}",
        number=next_number(INVOICE, year=year),
        status=Invoice.Status.ISSUED,
        customer=draft.customer,
        bill_to=snapshot(draft.customer),
        salesperson=draft.salesperson or by,
        salesperson_name=(draft.salesperson or by).name,
        invoice_date=draft.invoice_date,
        due_date=draft.due_date or draft.invoice_date + terms,
        remarks=draft.remarks,
        currency=currency,
        created_by_label=by.label,
        issued_at=at,
        created_at=at,
        **totals(lines),
    )
    write_lines(invoice, lines)
    post_claim(invoice, by=by, at=at)
    record(events.ISSUED, invoice, by=by, at=at, words=said(invoice))
    return invoice


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


@transaction.atomic
def settle(invoice: Invoice, amount: Decimal, *, by: Actor, at: datetime) -> Invoice:
    """Count verified money towards an invoice. The database checks it against the allocations.

    :raises AmountWrong: it is more than what is left to pay.
    """
    with refusing({"invoice_paid_within_total": AmountWrong}):
        invoice.paid += amount
        invoice.save(update_fields=["paid"])
    if not invoice.left and amount > 0:
        record(events.SETTLED, invoice, by=by, at=at, words=said(invoice))
    return invoice


@transaction.atomic
def draft_for_deal(deal: Deal, amount: Decimal, *, by: Member, at: datetime) -> Invoice:
    """Draft the invoice of one payment of a deal. It claims nothing until it is issued."""
    today = local_date(at, by.organization.time_zone)
    invoice = Invoice.objects.create(
        origin=Invoice.Origin.DEAL,
        deal=deal,
        customer=deal.customer,
        bill_to=snapshot(deal.customer),
        salesperson=deal.salesperson,
        salesperson_name=deal.salesperson.name,
        invoice_date=today,
        due_date=max(deal.due_date or today, today),
        currency=deal.currency,
        rate=deal.rate,
        created_by_label=by.label,
        created_at=at,
        **totals(deal_lines(deal, amount)),
    )
    write_lines(invoice, deal_lines(deal, amount))
    return invoice


def deal_lines(deal: Deal, amount: Decimal) -> list[PricedLine]:
    """The one line of a deal's invoice: the part of the deal that it claims."""
    return priced(
        [
            LineDraft(
                f"{deal.name} ({deal.number})"[:300], Decimal(1), amount, item_code=deal.number
            )
        ],
        deal.currency,
        money.TaxMode.PER_LINE,
    )


@transaction.atomic
def issue_draft(invoice: Invoice, amount: Decimal, *, by: Member, at: datetime) -> Invoice:
    """Issue a deal's draft for what was proven to have come in: it gets its number and is posted.

    :raises PeriodClosed: the books of today are closed.
    """
    deal = invoice.deal
    today = local_date(at, by.organization.time_zone)
    invoice.invoice_date, invoice.due_date = today, max(invoice.due_date, today)
    invoice.deal = deal
    if amount != invoice.total:
        lines = deal_lines(deal, amount)
        selectors.lines_of(invoice).delete()
        write_lines(invoice, lines)
        for name, value in totals(lines).items():
            setattr(invoice, name, value)
    invoice.series = f"{INVOICE.kind}-{today.year}"
    invoice.number = next_number(INVOICE, year=today.year)
    invoice.status, invoice.issued_at = Invoice.Status.ISSUED, at
    invoice.bill_to = snapshot(invoice.customer)
    invoice.save()
    post_claim(invoice, by=by, at=at)
    record(events.ISSUED, invoice, by=by, at=at, words=said(invoice))
    return invoice


@transaction.atomic
def void_draft(invoice: Invoice, *, by: Actor, at: datetime) -> Invoice:
    """Withdraw a draft; it never had a number, so none is missing."""
    won = Invoice.objects.filter(pk=invoice.pk, status=Invoice.Status.DRAFT).update(
        status=Invoice.Status.VOID
    )
    invoice.refresh_from_db()
    if won:
        record(events.VOIDED, invoice, by=by, at=at, words=said(invoice))
    return invoice


@transaction.atomic
def credit(
    invoice: Invoice,
    amount: Decimal,
    *,
    kind: str,
    reason: str,
    by: Member,
    at: datetime,
    cause_id: UUID | None = None,
) -> Credit:
    """Give up a part of an issued invoice: by a credit note, or written off as lost.

    Its tax is the same part of the invoice's tax. `cause_id` is what brought it about, and brings it
    about once.

    :raises AmountWrong: it is more than what is left to pay.
    :raises PeriodClosed: the books of today are closed.
    """
    today = local_date(at, by.organization.time_zone)
    invoice = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=invoice.pk)
    )
    if not 0 < amount <= invoice.left or invoice.status != Invoice.Status.ISSUED:
        raise AmountWrong(number=invoice.number)
    tax = money.rounded(invoice.tax_total * amount / invoice.total, invoice.currency)
    note = kind == Credit.Kind.NOTE
    row = Credit.objects.create(
        invoice=invoice,
        kind=kind,
        number=next_number(CREDIT_NOTE, year=today.year) if note else "",
        amount=amount,
        tax=tax,
        reason=reason,
        cause_id=cause_id,
        credited_on=today,
        by=by,
        at=at,
    )
    invoice.credited += amount
    lost = not note and invoice.credited == invoice.total
    if lost:
        invoice.status = Invoice.Status.WRITTEN_OFF
    invoice.save(update_fields=["credited", "status"])
    against = chart.SALES_RETURNS if note else chart.BAD_DEBT
    bookkeeping.post(
        Source(CREDIT_SOURCE, row.pk, kind),
        (
            chart.debit(against, amount - tax),
            chart.debit(chart.TAX_PAYABLE, tax),
            chart.credit(chart.RECEIVABLE, amount, party_id=invoice.customer_id),
        ),
        on=today,
        currency=invoice.currency,
        rate=invoice.rate,
        description=f"{row.number or invoice.number} {invoice.customer.name}",
        by=by,
        at=at,
    )
    event = events.CREDITED if note else events.WRITTEN_OFF
    words = {"amount": money.spoken(money.Money(invoice.currency, amount)), "reason": reason}
    record(event, invoice, by=by, at=at, words={**said(invoice), **words})
    return row


@transaction.atomic
def hand_over(leaver: Member, successor: Member, *, by: Actor, at: datetime) -> int:
    """Give a leaving member's drafts and unpaid invoices to a colleague. Returns how many.

    The name on the invoice stays: it says who sold.
    """
    theirs = Invoice.objects.filter(salesperson=leaver)
    count = theirs.filter(selectors.OPEN | Q(status=Invoice.Status.DRAFT)).update(
        salesperson=successor
    )
    if count:
        words = {"count": count, "successor": successor.label}
        record(events.HANDED_OVER, leaver, by=by, at=at, words=words)
    return count
