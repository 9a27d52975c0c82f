"""Paying with a customer's own credit: verified money that no invoice has needed yet."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.services import Source
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import events, selectors
from prs.operations.payments.models import Allocation, Payment
from prs.operations.payments.rules import shared_out
from prs.operations.payments.services.recording import claimed_of
from prs.operations.payments.services.refusals import DealCovered, NoCreditLeft
from prs.operations.payments.services.shared import claims_paid, follow_deals, hold_deals

SOURCE = "payments.allocation"


@transaction.atomic
def pay_with_credit(
    invoice: Invoice, *, by: Member, at: datetime, amount: Decimal | None = None
) -> Decimal:
    """Pay an issued invoice from the customer's deposits, the oldest first. Returns what was used.

    :raises NoCreditLeft: the deposits don't reach, or there are none.
    """
    deposits = held_deposits(invoice.customer_id, invoice.currency)
    hold_deals([invoice.deal_id])
    row = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=invoice.pk)
    )
    there = sum((part for _pk, part in deposits), Decimal(0))
    wanted = min(row.left, there) if amount is None else amount
    if not 0 < wanted <= min(row.left, there):
        raise NoCreditLeft(left=money.spoken(money.Money(row.currency, there)))
    for share in shared_out(wanted, deposits):
        use(share.invoice_id, row, share.amount, by=by, at=at)
    invoices.settle(row, wanted, by=by, at=at)
    words = {
        "customer": row.customer.name,
        "amount": money.spoken(money.Money(row.currency, wanted)),
    }
    record(events.CREDIT_USED, row, by=by, at=at, words=words)
    follow_deals([row.deal_id], by=by, at=at)
    return wanted


@transaction.atomic
def pay_deal_with_credit(
    deal: Deal, *, by: Member, at: datetime, amount: Decimal | None = None
) -> Decimal:
    """Pay a part of a deal from the customer's deposits: its invoice is issued and settled at once.

    :raises NoCreditLeft: the deposits don't reach, or there are none.
    :raises DealCovered: nothing of the deal is left to pay.
    """
    deposits = held_deposits(deal.customer_id, deal.currency)
    row = deals.held(deal)
    left = row.value - claimed_of(row)
    if left <= 0:
        raise DealCovered
    there = sum((part for _pk, part in deposits), Decimal(0))
    wanted = min(left, there) if amount is None else amount
    if not 0 < wanted <= min(left, there):
        raise NoCreditLeft(left=money.spoken(money.Money(row.currency, there)))
    invoice = invoices.draft_for_deal(row, wanted, by=by, at=at)
    invoices.issue_draft(invoice, wanted, by=by, at=at)
    return pay_with_credit(invoice, by=by, at=at, amount=wanted)


def held_deposits(customer_id: UUID, currency: str) -> list[tuple[UUID, Decimal]]:
    """Verified payments of a customer with money no invoice needed, held until the commit."""
    keys = [pk for pk, _free in selectors.deposits_of(customer_id, currency)]
    rows = Payment.objects.select_for_update(of=("self",)).filter(pk__in=keys)
    list(rows.order_by("pk").values_list("pk"))
    return selectors.deposits_of(customer_id, currency)


def use(payment_id: UUID, invoice: Invoice, amount: Decimal, *, by: Member, at: datetime) -> None:
    """Let a part of a payment's deposit pay an invoice, and post it."""
    rows = Allocation.objects.filter(payment_id=payment_id)
    last = rows.aggregate(last=Max("position"))["last"] or 0
    allocation = Allocation.objects.create(
        payment_id=payment_id, invoice=invoice, amount=amount, counted_at=at, position=last + 1
    )
    payment = Payment.objects.get(pk=payment_id)
    bookkeeping.post(
        Source(SOURCE, allocation.pk, "credit"),
        (
            chart.debit(chart.CUSTOMER_DEPOSITS, amount, party_id=payment.customer_id),
            *claims_paid(
                payment,
                [(invoice, amount)],
                party=invoice.customer_id,
                home=by.organization.currency,
            ),
        ),
        on=local_date(at, by.organization.time_zone),
        currency=invoice.currency,
        rate=payment.rate,
        description=f"{payment.number} {invoice.number} {invoice.customer.name}",
        by=by,
        at=at,
    )
