"""Deciding on payments: claims of verifiers, the decision, and what it settles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.errors import Refusal
from prs.kernel.files import CheckedFile
from prs.kernel.identity.models import Member
from prs.kernel.jobs.services import enqueue
from prs.kernel.numbering import RECEIPT, next_number
from prs.kernel.tenancy.services import keep_file
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.services import Source
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import events, permissions, selectors
from prs.operations.payments.models import Allocation, Decision, Payment, Receipt
from prs.operations.payments.rules import LEASE, Share, capped
from prs.operations.payments.services.recording import void_drafts
from prs.operations.payments.services.refusals import (
    AlreadyDecided,
    AmountOutOfRange,
    FirstCheckedByYou,
    HeldByOther,
    NotAsked,
    NotCash,
    NothingWaits,
    OwnWork,
    ReasonMissing,
    SeniorNeeded,
)
from prs.operations.payments.services.shared import (
    SOURCE,
    account_of,
    add_decision,
    claims_paid,
    follow_deals,
    hold_deals,
    said,
    say,
)

RENDER = "prs.operations.payments.tasks.render_receipt"


def free(member: Member, at: datetime) -> Q:
    """Payments that a verifier may take: nobody else holds them, and somebody else recorded them."""
    held = Q(claimed_until__gt=at) & ~Q(claimed_by=member)
    return selectors.decidable(member) & ~held


@transaction.atomic
def claim(payment: Payment, *, by: Member, at: datetime) -> Payment:
    """Take a payment for review. The claim ends by itself after ten minutes.

    :raises OwnWork: the verifier recorded it.
    :raises HeldByOther: another verifier holds it.
    :raises AlreadyDecided: it waits no more.
    :raises FirstCheckedByYou: the verifier had the first look.
    :raises SeniorNeeded: it waits for a second look that the verifier has no right to.
    """
    fresh = not (
        payment.claimed_by_id == by.pk and payment.claimed_until and payment.claimed_until > at
    )
    won = Payment.objects.filter(free(by, at), pk=payment.pk).update(
        claimed_by=by, claimed_until=at + LEASE
    )
    payment.refresh_from_db()
    if not won:
        refuse_decision(payment, by=by, at=at)
    if fresh:
        record(events.CLAIMED, payment, by=by, at=at)
    return payment


@transaction.atomic
def claim_next(*, by: Member, at: datetime) -> Payment:
    """Take the oldest payment that is free; two verifiers never get the same one.

    :raises NothingWaits: nothing is free.
    """
    row = (
        selectors.one_by_one(Payment.objects.select_for_update(of=("self",), skip_locked=True))
        .filter(free(by, at))
        .order_by("recorded_at", "pk")
        .first()
    )
    if row is None:
        raise NothingWaits
    return claim(row, by=by, at=at)


@transaction.atomic
def release(payment: Payment, *, by: Member, at: datetime) -> None:
    """Give a claimed payment back to the queue."""
    won = Payment.objects.filter(
        pk=payment.pk, claimed_by=by, status__in=selectors.TO_DECIDE
    ).update(claimed_by=None, claimed_until=None)
    if won:
        record(events.RELEASED, payment, by=by, at=at)


def refuse_decision(payment: Payment, *, by: Member, at: datetime) -> None:
    """Say why a verifier may not decide a payment now; silent when they may."""
    if payment.recorded_by_id == by.pk:
        raise OwnWork
    if payment.status not in selectors.TO_DECIDE:
        raise AlreadyDecided
    if payment.status == Payment.Status.CHECKED:
        if payment.first_by_id == by.pk:
            raise FirstCheckedByYou
        if not by.may(permissions.VERIFY_SECOND):
            raise SeniorNeeded
    held = payment.claimed_until is not None and payment.claimed_until > at
    if held and payment.claimed_by_id != by.pk and payment.claimed_until is not None:
        raise HeldByOther(
            name=payment.claimed_by.name if payment.claimed_by else "",
            until=payment.claimed_until.strftime("%H:%M"),
        )


def locked(payment: Payment, *, by: Member, at: datetime) -> Payment:
    """The payment's row, held until the commit, if this verifier may decide it."""
    row: Payment = (
        Payment.objects.select_for_update(of=("self",))
        .select_related("customer", "claimed_by", "recorded_by")
        .get(pk=payment.pk)
    )
    refuse_decision(row, by=by, at=at)
    hold_deals([row.deal_id])
    return row


@transaction.atomic
def verify(
    payment: Payment,
    *,
    by: Member,
    at: datetime,
    amount: Decimal | None = None,
    remarks: str = "",
) -> Receipt | None:
    """Accept a payment: settle what it pays, give it a receipt, and post it to the books.

    `amount` is what was found to have come in, at most what was claimed; without it, all of it. What
    the invoices don't need stays with the customer as a deposit. Where the organization's policy
    wants a second verifier, the first one's acceptance only passes it on, and no receipt is returned.

    :raises OwnWork: the verifier recorded it.
    :raises AlreadyDecided: somebody decided it.
    :raises HeldByOther: another verifier holds it.
    :raises FirstCheckedByYou: the verifier had the first look.
    :raises SeniorNeeded: the verifier has no right to the second look.
    :raises AmountOutOfRange: the amount is not above zero, or more than claimed.
    """
    row = locked(payment, by=by, at=at)
    verified = row.amount if amount is None else amount
    if not 0 < verified <= row.amount:
        raise AmountOutOfRange(amount=money.spoken(money.Money(row.currency, row.amount)))
    if row.status == Payment.Status.PENDING and selectors.needs_second(row):
        pass_on(row, verified, remarks=remarks, by=by, at=at)
        return None
    applied = apply_shares(row, verified, at=at)
    decide(row, Payment.Status.VERIFIED, by=by, at=at, verified_amount=verified)
    for invoice, part in applied:
        if invoice.status == Invoice.Status.DRAFT:
            invoices.issue_draft(invoice, part, by=by, at=at)
        invoices.settle(invoice, part, by=by, at=at)
    add_decision(row, Decision.Kind.VERIFY, by=by, at=at, remarks=remarks, amount=verified)
    today = local_date(at, by.organization.time_zone)
    receipt = Receipt.objects.create(
        number=next_number(RECEIPT, year=today.year), payment=row, issued_at=at
    )
    post_money(row, applied, on=today, by=by, at=at)
    words = {**said(row), "amount": money.spoken(money.Money(row.currency, verified))}
    record(events.VERIFIED, row, by=by, at=at, words={**words, "receipt": receipt.number})
    follow_deals([row.deal_id, *(invoice.deal_id for invoice, _part in applied)], by=by, at=at)
    enqueue(RENDER, organization_id=row.organization_id, receipt_id=receipt.pk)
    return receipt


def pass_on(payment: Payment, amount: Decimal, *, remarks: str, by: Member, at: datetime) -> None:
    """Keep the first verifier's acceptance; somebody else decides."""
    payment.status = Payment.Status.CHECKED
    payment.first_by, payment.first_at = by, at
    payment.claimed_by = payment.claimed_until = None
    payment.version += 1
    payment.save(
        update_fields=["status", "first_by", "first_at", "claimed_by", "claimed_until", "version"]
    )
    add_decision(payment, Decision.Kind.CHECK, by=by, at=at, remarks=remarks, amount=amount)
    record(events.CHECKED, payment, by=by, at=at, words=said(payment))


def apply_shares(
    payment: Payment, amount: Decimal, *, at: datetime
) -> list[tuple[Invoice, Decimal]]:
    """Fit the allocations to what was verified and to what each invoice still has open.

    Invoices are locked in the order of their keys, so that two payments never wait for each other.
    """
    rows = list(Allocation.objects.filter(payment=payment).order_by("position", "pk"))
    held = {
        invoice.pk: invoice
        for invoice in Invoice.objects.select_for_update(of=("self",))
        .select_related("customer", "deal")
        .filter(pk__in=[row.invoice_id for row in rows])
        .order_by("pk")
    }
    open_amounts = {pk: row.left for pk, row in held.items()}
    shares = capped([Share(row.invoice_id, row.amount) for row in rows], amount, open_amounts)
    applied = []
    for row, share in zip(rows, shares, strict=True):
        if not share.amount:
            row.delete()
            continue
        row.amount, row.counted_at = share.amount, at
        row.save(update_fields=["amount", "counted_at"])
        applied.append((held[row.invoice_id], share.amount))
    return applied


def decide(
    payment: Payment,
    status: str,
    *,
    by: Member,
    at: datetime,
    verified_amount: Decimal | None = None,
) -> None:
    """Move a waiting payment to its end; the database lets one decision win."""
    won = Payment.objects.filter(pk=payment.pk, status__in=selectors.TO_DECIDE).update(
        status=status,
        decided_by=by,
        decided_at=at,
        verified_amount=verified_amount,
        claimed_by=None,
        claimed_until=None,
        version=F("version") + 1,
    )
    if not won:
        raise AlreadyDecided
    payment.refresh_from_db()


def post_money(
    payment: Payment,
    applied: Sequence[tuple[Invoice, Decimal]],
    *,
    on: date,
    by: Member,
    at: datetime,
) -> None:
    """Post verified money: it lies where its method puts it, and pays receivables or stays a deposit."""
    verified = payment.verified_amount or Decimal(0)
    paid = sum((part for _invoice, part in applied), Decimal(0))
    party = payment.customer_id
    bookkeeping.post(
        Source(SOURCE, payment.pk, "verified"),
        (
            chart.debit(account_of(payment), verified),
            *claims_paid(payment, applied, party=party, home=by.organization.currency),
            chart.credit(chart.CUSTOMER_DEPOSITS, verified - paid, party_id=party),
        ),
        on=on,
        currency=payment.currency,
        rate=payment.rate,
        description=f"{payment.number} {payment.customer.name}",
        by=by,
        at=at,
    )


@transaction.atomic
def deny(payment: Payment, *, reason: str, remarks: str, by: Member, at: datetime) -> Payment:
    """Refuse a payment; its invoices stay as they are, and a replacement may be recorded.

    :raises ReasonMissing: no remark was given.
    """
    if not remarks.strip() or reason not in Decision.Reason.values or not reason:
        raise ReasonMissing
    row = locked(payment, by=by, at=at)
    decide(row, Payment.Status.DENIED, by=by, at=at)
    if row.cheque_state and reason == Decision.Reason.CHEQUE_BOUNCE:
        row.cheque_state = Payment.Cheque.BOUNCED
        row.save(update_fields=["cheque_state"])
    add_decision(row, Decision.Kind.DENY, by=by, at=at, remarks=remarks, reason=reason)
    void_drafts(row, by=by, at=at)
    say(events.DENIED, row, remarks, by=by, at=at)
    follow_deals([row.deal_id], by=by, at=at)
    return row


@transaction.atomic
def ask_back(payment: Payment, *, question: str, by: Member, at: datetime) -> Payment:
    """Ask whoever recorded the payment; it leaves the queue until they answer.

    :raises ReasonMissing: no question was given.
    """
    if not question.strip():
        raise ReasonMissing
    row = locked(payment, by=by, at=at)
    move(row, selectors.TO_DECIDE, Payment.Status.ASKED)
    add_decision(row, Decision.Kind.ASK, by=by, at=at, remarks=question)
    say(events.ASKED, row, question, by=by, at=at)
    return row


@transaction.atomic
def answer(
    payment: Payment,
    *,
    text: str,
    by: Member,
    at: datetime,
    proof: CheckedFile | None = None,
) -> Payment:
    """Answer a verifier's question, with a new proof if need be; the payment waits again.

    :raises NotAsked: nobody asked.
    :raises ReasonMissing: no answer was given.
    """
    if not text.strip():
        raise ReasonMissing
    if proof is not None:
        stored = keep_file(proof, at=at)
        Payment.objects.filter(pk=payment.pk, status=Payment.Status.ASKED).update(proof=stored)
    move(payment, [Payment.Status.ASKED], Payment.Status.PENDING)
    add_decision(payment, Decision.Kind.ANSWER, by=by, at=at, remarks=text)
    say(events.ANSWERED, payment, text, by=by, at=at)
    return payment


def move(payment: Payment, before: Iterable[str], after: str) -> None:
    """Move a payment between waiting and asked; the database lets one mover win.

    Whoever looked first looks again: a question opens the claim anew.
    """
    won = Payment.objects.filter(pk=payment.pk, status__in=list(before)).update(
        status=after,
        claimed_by=None,
        claimed_until=None,
        first_by=None,
        first_at=None,
        version=F("version") + 1,
    )
    if not won:
        raise NotAsked if after == Payment.Status.PENDING else AlreadyDecided
    payment.refresh_from_db()


@dataclass(frozen=True)
class Counted:
    """What became of payments that were verified together."""

    receipts: list[Receipt]
    passed_on: list[Payment]
    refused: list[tuple[Payment, str]]


def verify_together(payments: Iterable[Payment], *, by: Member, at: datetime) -> Counted:
    """Verify a till's cash after it was counted: each payment for itself, none stops another.

    :raises NotCash: one of them isn't cash.
    """
    rows = sorted(payments, key=lambda row: row.pk)
    for row in rows:
        if row.method != Payment.Method.CASH:
            raise NotCash(number=row.number)
    counted = Counted([], [], [])
    for row in rows:
        try:
            receipt = verify(row, by=by, at=at)
        except Refusal as refusal:
            counted.refused.append((row, str(refusal)))
            continue
        if receipt is None:
            counted.passed_on.append(row)
        else:
            counted.receipts.append(receipt)
    return counted
