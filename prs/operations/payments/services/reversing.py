"""Verified money that goes back: refunds, chargebacks and cheques that bounce."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.files import CheckedFile
from prs.kernel.identity.models import Member
from prs.kernel.jobs.services import enqueue
from prs.kernel.numbering import REVERSAL, next_number
from prs.kernel.tenancy.services import keep_file
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.services import Source
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.payments import events
from prs.operations.payments.models import Allocation, Payment, Reversal, ReversalShare
from prs.operations.payments.rules import taken_back
from prs.operations.payments.services.refusals import (
    ChequeMoved,
    NothingToReverse,
    NotVerified,
    OwnRequest,
    ReasonMissing,
    ReversalDecided,
    ReversalOpen,
)
from prs.operations.payments.services.shared import (
    account_of,
    claims_paid,
    follow_deals,
    hold_deals,
    said,
)

SOURCE = "payments.reversal"
RENDER = "prs.operations.payments.tasks.render_reversal"
ENDS = {
    Reversal.Kind.REFUND: Payment.Status.REFUNDED,
    Reversal.Kind.CHARGEBACK: Payment.Status.CHARGED_BACK,
    Reversal.Kind.BOUNCE: Payment.Status.BOUNCED,
}
HAPPENED = {
    Reversal.Kind.REFUND: events.REFUNDED,
    Reversal.Kind.CHARGEBACK: events.CHARGED_BACK,
    Reversal.Kind.BOUNCE: events.BOUNCED,
}
OPEN = {"reversal_one_open_per_payment": ReversalOpen}


def held(payment: Payment) -> Payment:
    """A verified payment's row, held until the commit.

    :raises NotVerified: it is not verified, or went back already.
    """
    row: Payment = (
        Payment.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=payment.pk)
    )
    if row.status != Payment.Status.VERIFIED:
        raise NotVerified
    return row


def left_of(payment: Payment) -> Decimal:
    """What of a verified payment has not gone back."""
    return (payment.verified_amount or Decimal(0)) - payment.reversed_amount


def spoken(payment: Payment, amount: Decimal) -> str:
    """An amount in the payment's currency, as a sentence says it."""
    return money.spoken(money.Money(payment.currency, amount))


@transaction.atomic
def request_refund(
    payment: Payment,
    *,
    amount: Decimal,
    reason: str,
    by: Member,
    at: datetime,
    proof: CheckedFile | None = None,
) -> Reversal:
    """Ask for money of a verified payment to go back to the customer. Somebody else grants it.

    :raises ReasonMissing: no reason was given.
    :raises NotVerified: the payment is not verified.
    :raises NothingToReverse: the amount is not above zero, or more than what is left.
    :raises ReversalOpen: a refund of it waits already.
    """
    row = held(payment)
    check(row, amount, reason)
    with refusing(dict(OPEN)):
        reversal = new(row, Reversal.Kind.REFUND, amount, reason, by=by, at=at, proof=proof)
    words = {**said(row), "amount": spoken(row, amount), "reason": reason}
    record(events.REFUND_REQUESTED, reversal, by=by, at=at, words=words)
    return reversal


def check(payment: Payment, amount: Decimal, reason: str) -> None:
    """Refuse a reversal without a reason, or beyond what is left."""
    if not reason.strip():
        raise ReasonMissing
    if not 0 < amount <= left_of(payment):
        raise NothingToReverse(left=spoken(payment, left_of(payment)))


def new(
    payment: Payment,
    kind: str,
    amount: Decimal,
    reason: str,
    *,
    by: Member,
    at: datetime,
    proof: CheckedFile | None = None,
) -> Reversal:
    """Write a reversal that waits."""
    return Reversal.objects.create(
        number=next_number(REVERSAL, year=at.year),
        payment=payment,
        kind=kind,
        amount=amount,
        reason=reason.strip(),
        proof=keep_file(proof, at=at) if proof else None,
        requested_by=by,
        requested_at=at,
    )


@transaction.atomic
def approve_refund(reversal: Reversal, *, by: Member, at: datetime, remarks: str = "") -> Reversal:
    """Grant a refund: the money goes back, the invoices are credited, the books follow.

    :raises OwnRequest: whoever asked can't grant it.
    :raises ReversalDecided: somebody decided it.
    :raises NothingToReverse: less is left of the payment than was asked for.
    """
    row = waiting(reversal, by=by)
    return complete(row, held(row.payment), by=by, at=at, remarks=remarks)


@transaction.atomic
def refuse_refund(reversal: Reversal, *, remarks: str, by: Member, at: datetime) -> Reversal:
    """Refuse a refund, with the reason.

    :raises ReasonMissing: no reason was given.
    :raises OwnRequest: whoever asked can't decide it.
    :raises ReversalDecided: somebody decided it.
    """
    if not remarks.strip():
        raise ReasonMissing
    row = waiting(reversal, by=by)
    settle(row, Reversal.Status.REFUSED, remarks, by=by, at=at)
    words = {**said(row.payment), "reason": remarks}
    record(events.REFUND_REFUSED, row, by=by, at=at, words=words)
    return row


def waiting(reversal: Reversal, *, by: Member) -> Reversal:
    """The request's row, held until the commit, if this member may decide it.

    The payment is taken first, in the order that every other verb takes the two.
    """
    list(Payment.objects.select_for_update().filter(pk=reversal.payment_id).values_list("pk"))
    row: Reversal = (
        Reversal.objects.select_for_update(of=("self",))
        .select_related("payment", "payment__customer")
        .get(pk=reversal.pk)
    )
    if row.status != Reversal.Status.REQUESTED:
        raise ReversalDecided
    if row.requested_by_id == by.pk:
        raise OwnRequest
    return row


def settle(reversal: Reversal, status: str, remarks: str, *, by: Member, at: datetime) -> None:
    """Decide a waiting reversal."""
    reversal.status, reversal.remarks = status, remarks.strip()
    reversal.decided_by, reversal.decided_at = by, at
    reversal.save(update_fields=["status", "remarks", "decided_by", "decided_at"])


@transaction.atomic
def charge_back(
    payment: Payment,
    *,
    reason: str,
    by: Member,
    at: datetime,
    proof: CheckedFile | None = None,
) -> Reversal:
    """Book that a bank took verified money back: all that is left, and what it paid is written off.

    :raises ReasonMissing: no reason was given.
    :raises NotVerified: the payment is not verified, or went back already.
    """
    row = held(payment)
    check(row, left_of(row), reason)
    refuse_open(row)
    kind, amount = Reversal.Kind.CHARGEBACK, left_of(row)
    reversal = new(row, kind, amount, reason, by=by, at=at, proof=proof)
    return complete(reversal, row, by=by, at=at)


@transaction.atomic
def bounce(payment: Payment, *, reason: str, by: Member, at: datetime) -> Reversal:
    """Book that a verified cheque bounced: the money never came, and what it paid is owed again.

    :raises ReasonMissing: no reason was given.
    :raises NotVerified: the payment is not verified.
    :raises ChequeMoved: it is no cheque, or it has cleared.
    """
    row = held(payment)
    if row.cheque_state not in {Payment.Cheque.RECEIVED, Payment.Cheque.DEPOSITED}:
        raise ChequeMoved(state=row.get_cheque_state_display())
    check(row, left_of(row), reason)
    refuse_open(row)
    row.cheque_state = Payment.Cheque.BOUNCED
    row.save(update_fields=["cheque_state"])
    reversal = new(row, Reversal.Kind.BOUNCE, left_of(row), reason, by=by, at=at)
    return complete(reversal, row, by=by, at=at)


def refuse_open(payment: Payment) -> None:
    """Refuse while a refund of the payment waits: it is decided first."""
    if Reversal.objects.filter(payment=payment, status=Reversal.Status.REQUESTED).exists():
        raise ReversalOpen


def complete(
    reversal: Reversal, payment: Payment, *, by: Member, at: datetime, remarks: str = ""
) -> Reversal:
    """Take the money back: first what lies as a deposit, then from what was paid last."""
    if reversal.amount > left_of(payment):
        raise NothingToReverse(left=spoken(payment, left_of(payment)))
    rows = list(
        Allocation.objects.filter(payment=payment).select_related("invoice").order_by("position")
    )
    deals = {payment.deal_id, *(row.invoice.deal_id for row in rows)}
    hold_deals(deals)
    settle(reversal, Reversal.Status.DONE, remarks, by=by, at=at)
    standing = [(row.pk, row.amount - row.reversed) for row in rows]
    deposit = left_of(payment) - sum((part for _pk, part in standing), Decimal(0))
    shares = dict(taken_back(reversal.amount - min(deposit, reversal.amount), standing))
    taken = take(reversal, rows, shares, by=by, at=at)
    post(reversal, payment, taken, by=by, at=at)
    give_up(reversal, taken, by=by, at=at)
    payment.reversed_amount += reversal.amount
    if payment.reversed_amount == payment.verified_amount:
        payment.status = ENDS[Reversal.Kind(reversal.kind)]
    payment.version += 1
    payment.save(update_fields=["reversed_amount", "status", "version"])
    words = {**said(payment), "amount": spoken(payment, reversal.amount)}
    event = HAPPENED[Reversal.Kind(reversal.kind)]
    record(event, payment, by=by, at=at, words={**words, "reason": reversal.reason})
    follow_deals(deals, by=by, at=at)
    enqueue(RENDER, organization_id=reversal.organization_id, reversal_id=reversal.pk)
    return reversal


def take(
    reversal: Reversal,
    rows: Sequence[Allocation],
    shares: dict[UUID, Decimal],
    *,
    by: Member,
    at: datetime,
) -> list[tuple[Invoice, Decimal]]:
    """Lower what the payment paid of its invoices; invoices are locked in the order of their keys."""
    wanted = {row.invoice_id for row in rows if row.pk in shares}
    locked = {
        invoice.pk: invoice
        for invoice in Invoice.objects.select_for_update(of=("self",))
        .select_related("customer")
        .filter(pk__in=wanted)
        .order_by("pk")
    }
    taken = []
    for row in rows:
        part = shares.get(row.pk)
        if not part:
            continue
        row.reversed += part
        row.save(update_fields=["reversed"])
        ReversalShare.objects.create(reversal=reversal, allocation=row, amount=part)
        invoices.settle(locked[row.invoice_id], -part, by=by, at=at)
        taken.append((locked[row.invoice_id], part))
    return taken


def give_up(
    reversal: Reversal, taken: Sequence[tuple[Invoice, Decimal]], *, by: Member, at: datetime
) -> None:
    """What the invoices no longer claim: a refund credits them, a chargeback writes them off.

    A bounced cheque leaves an invoice owed. That of a deal is credited even then, because the deal's
    next payment drafts its own.
    """
    for invoice, part in taken:
        if reversal.kind == Reversal.Kind.BOUNCE and invoice.deal_id is None:
            continue
        lost = reversal.kind == Reversal.Kind.CHARGEBACK
        invoices.credit(
            invoice,
            part,
            kind=Credit.Kind.WRITE_OFF if lost else Credit.Kind.NOTE,
            reason=reversal.reason,
            cause_id=reversal.pk,
            by=by,
            at=at,
        )


def post(
    reversal: Reversal,
    payment: Payment,
    taken: Sequence[tuple[Invoice, Decimal]],
    *,
    by: Member,
    at: datetime,
) -> None:
    """Post money that went back: out of where it lay, owed again or off the customer's deposit."""
    party, home = payment.customer_id, by.organization.currency
    claimed = sum((part for _invoice, part in taken), Decimal(0))
    bookkeeping.post(
        Source(SOURCE, reversal.pk, reversal.kind),
        (
            *claims_paid(payment, taken, party=party, home=home, back=True),
            chart.debit(chart.CUSTOMER_DEPOSITS, reversal.amount - claimed, party_id=party),
            chart.credit(account_of(payment), reversal.amount),
        ),
        on=local_date(at, by.organization.time_zone),
        currency=payment.currency,
        rate=payment.rate,
        description=f"{reversal.number} {payment.number} {payment.customer.name}",
        by=by,
        at=at,
    )
