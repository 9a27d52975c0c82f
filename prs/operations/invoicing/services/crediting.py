"""Giving up what an invoice claims: credit notes and what is written off as lost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member
from prs.kernel.numbering import CREDIT_NOTE, next_number
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.services import Source
from prs.operations.invoicing import events, selectors
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.invoicing.services.drafting import said
from prs.operations.invoicing.services.refusals import AmountWrong, NotLost

CREDIT_SOURCE = "invoicing.credit"


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
def recover(invoice: Invoice, amount: Decimal, *, reason: str, by: Member, at: datetime) -> Credit:
    """Claim again what was written off, because the customer pays after all.

    The loss is taken back in the books and the invoice is open again by that much: a payment then
    settles it like any other.

    :raises NotLost: less was written off.
    :raises PeriodClosed: the books of today are closed.
    """
    today = local_date(at, by.organization.time_zone)
    invoice = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=invoice.pk)
    )
    lost = selectors.lost_of(invoice)
    if not 0 < amount <= lost:
        raise NotLost(left=money.spoken(money.Money(invoice.currency, lost)))
    tax = money.rounded(invoice.tax_total * amount / invoice.total, invoice.currency)
    row = Credit.objects.create(
        invoice=invoice,
        kind=Credit.Kind.RECOVERY,
        amount=-amount,
        tax=-tax,
        reason=reason,
        credited_on=today,
        by=by,
        at=at,
    )
    invoice.credited -= amount
    invoice.status = Invoice.Status.ISSUED
    invoice.save(update_fields=["credited", "status"])
    bookkeeping.post(
        Source(CREDIT_SOURCE, row.pk, row.kind),
        (
            chart.debit(chart.RECEIVABLE, amount, party_id=invoice.customer_id),
            chart.credit(chart.BAD_DEBT, amount - tax),
            chart.credit(chart.TAX_PAYABLE, tax),
        ),
        on=today,
        currency=invoice.currency,
        rate=invoice.rate,
        description=f"{invoice.number} {invoice.customer.name}",
        by=by,
        at=at,
    )
    words = {"amount": money.spoken(money.Money(invoice.currency, amount)), "reason": reason}
    record(events.RECOVERED, invoice, by=by, at=at, words={**said(invoice), **words})
    return row
