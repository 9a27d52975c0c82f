"""The way of a cheque: received, deposited, cleared. A bounce is a reversal."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from prs.kernel.activity.rules import Event
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.services import Source
from prs.operations.payments import events
from prs.operations.payments.models import Payment
from prs.operations.payments.services.refusals import ChequeMoved, NotVerified
from prs.operations.payments.services.shared import SOURCE, said


@transaction.atomic
def deposit_cheque(payment: Payment, *, by: Member, at: datetime) -> Payment:
    """Note that a cheque was brought to the bank. It is no bank money yet.

    :raises ChequeMoved: it is no cheque in hand.
    """
    return step(
        payment,
        Payment.Cheque.RECEIVED,
        Payment.Cheque.DEPOSITED,
        events.CHEQUE_DEPOSITED,
        by=by,
        at=at,
    )


@transaction.atomic
def clear_cheque(payment: Payment, *, by: Member, at: datetime) -> Payment:
    """Note that the bank credited a verified cheque: it becomes bank money.

    :raises ChequeMoved: it was not deposited, or is past that.
    :raises NotVerified: the payment is not verified, so the books know nothing of it.
    """
    row = step(
        payment,
        Payment.Cheque.DEPOSITED,
        Payment.Cheque.CLEARED,
        events.CHEQUE_CLEARED,
        by=by,
        at=at,
    )
    if row.status != Payment.Status.VERIFIED:
        raise NotVerified
    amount = (row.verified_amount or 0) - row.reversed_amount
    bookkeeping.post(
        Source(SOURCE, row.pk, "cleared"),
        (chart.debit(chart.BANK, amount), chart.credit(chart.CHEQUES, amount)),
        on=local_date(at, by.organization.time_zone),
        currency=row.currency,
        rate=row.rate,
        description=f"{row.number} {row.customer.name}",
        by=by,
        at=at,
    )
    return row


def step(
    payment: Payment, before: str, after: str, event: Event, *, by: Member, at: datetime
) -> Payment:
    """Move a cheque one step; the database lets one mover win."""
    row: Payment = (
        Payment.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=payment.pk)
    )
    gone = row.status in {Payment.Status.DENIED, Payment.Status.WITHDRAWN}
    if row.cheque_state != before or gone:
        raise ChequeMoved(state=row.get_cheque_state_display() or row.get_method_display())
    row.cheque_state = after
    row.version += 1
    row.save(update_fields=["cheque_state", "version"])
    record(event, row, by=by, at=at, words=said(row))
    return row
