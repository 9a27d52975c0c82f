"""Issuing invoices by hand and of deals, settling them, handing them over."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from prs.kernel import money
from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.identity.models import Member
from prs.kernel.numbering import INVOICE, next_number
from prs.kernel.tenancy.models import Organization
from prs.operations.deals.models import Deal
from prs.operations.invoicing import events, selectors
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.invoicing.services.drafting import (
    InvoiceDraft,
    PricedLine,
    post_claim,
    priced,
    said,
    snapshot,
    totals,
    write_lines,
)
from prs.operations.invoicing.services.granting import (
    Clearance,
    Override,
    check_credit,
    keep_override,
)
from prs.operations.invoicing.services.refusals import AmountWrong, NoLines


@transaction.atomic
def issue(
    draft: InvoiceDraft,
    *,
    organization: Organization,
    by: Member,
    at: datetime,
    override: Override | None = None,
    cleared: Clearance | None = None,
) -> Invoice:
    """Write an invoice and issue it: it gets its number and can't be changed any more.

    It is sold on credit as a whole, unless the caller asked for a part of it and passes the clearance.

    :raises NoLines: it has no lines.
    :raises CreditRefused: the customer gets no credit, or not as much, and nobody set that aside.
    :raises PeriodClosed: its date lies in a closed period of the books.
    """
    currency = draft.currency or organization.currency
    lines = list(draft.priced) or priced(draft.lines, currency, draft.tax_mode)
    if not lines:
        raise NoLines
    today = local_date(at, organization.time_zone)
    if cleared is None:
        asked = money.rounded(totals(lines)["total"] * draft.rate, organization.currency)
        cleared = check_credit(draft.customer, asked, on=today, by=by, override=override)
    terms = timedelta(days=draft.customer.terms_days)
    year = draft.invoice_date.year
    invoice = Invoice.objects.create(
        origin=draft.origin,
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
        rate=draft.rate,
        created_by_label=by.label,
        issued_at=at,
        created_at=at,
        **totals(lines),
    )
    write_lines(invoice, lines)
    keep_override(cleared, invoice, by=by, at=at)
    post_claim(invoice, by=by, at=at, revenue=draft.revenue)
    record(events.ISSUED, invoice, by=by, at=at, words=said(invoice))
    return invoice


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
