"""Approving commissions, paying them out, and deciding disputes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.kernel.jobs.services import enqueue
from prs.kernel.numbering import Series, next_number
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.services import Source
from prs.operations.incentives import events
from prs.operations.incentives.models import Commission, Dispute, Payout
from prs.operations.incentives.services.calculating import NotADraft, said

COMMISSION = Series("commission", "COM-", yearly=True)
SOURCE = "incentives.commission"
RENDER = "prs.operations.incentives.tasks.render_statement"


class OwnApproval(Refusal):
    """Who earns does not approve."""

    sentence = _("You can't approve or pay your own commission.")


class PeriodRunning(Refusal):
    """A commission is approved once its days are over."""

    sentence = _("The period isn't over yet. Approve the commission after {day}.")


class NotPayable(Refusal):
    """Only what is approved and undisputed is paid, once."""

    sentence = _("Only an approved commission without an open dispute can be paid, and only once.")


class NothingToPay(Refusal):
    """Nothing, or less than nothing, is left."""

    sentence = _("This commission comes to nothing, so there is nothing to pay out.")


class OwnDispute(Refusal):
    """Only the earner disputes, and somebody else decides."""

    sentence = _("Only the earner can dispute a commission, and somebody else decides.")


class DisputeDecided(Refusal):
    """It was decided meanwhile."""

    sentence = _("This dispute is decided already.")


class AnswerMissing(Invalid):
    """A reason is owed."""

    sentence = _("Say why, so that the other one can understand it.")


def rate_of(commission: Commission) -> Decimal:
    """What one unit of the currency that is paid is worth at home."""
    if commission.currency == commission.home_currency:
        return Decimal(1)
    return Decimal(1) / commission.exchange_rate


def held(commission: Commission) -> Commission:
    """The row, held until the commit."""
    rows = Commission.objects.select_for_update(of=("self",), no_key=True)
    found: Commission = rows.select_related("member").get(pk=commission.pk)
    return found


@transaction.atomic
def approve(commission: Commission, *, by: Member, at: datetime) -> Commission:
    """Freeze a commission, owe it, and let its statement be made.

    :raises OwnApproval: it is the member's own.
    :raises NotADraft: it is approved already.
    :raises PeriodRunning: its days are not over.
    """
    row = held(commission)
    today = local_date(at, by.organization.time_zone)
    if row.member_id == by.pk:
        raise OwnApproval
    if row.state != Commission.State.DRAFT:
        raise NotADraft
    if row.ends_on >= today:
        raise PeriodRunning(day=row.ends_on)
    row.state, row.approved_by, row.approved_at = Commission.State.APPROVED, by, at
    row.number = next_number(COMMISSION, year=row.ends_on.year)
    row.version += 1
    row.save(update_fields=["state", "approved_by", "approved_at", "number", "version"])
    if row.receivable:
        bookkeeping.post(
            Source(SOURCE, row.pk, "approved"),
            (
                chart.debit(chart.COMMISSIONS, row.receivable),
                chart.credit(chart.COMMISSIONS_PAYABLE, row.receivable),
            ),
            on=today,
            currency=row.currency,
            rate=rate_of(row),
            description=f"{row.number} {row.member.name}",
            by=by,
            at=at,
        )
    record(events.APPROVED, row, by=by, at=at, words=said(row))
    enqueue(RENDER, organization_id=row.organization_id, commission_id=row.pk)
    return row


@transaction.atomic
def pay_out(
    commission: Commission,
    *,
    account: str,
    on: date,
    by: Member,
    at: datetime,
    reference: str = "",
) -> Payout:
    """Pay an approved commission out of an account.

    :raises OwnApproval: it is the member's own.
    :raises NotPayable: it is not approved, disputed, or paid.
    :raises NothingToPay: it does not come to more than nothing.
    """
    row = held(commission)
    if row.member_id == by.pk:
        raise OwnApproval
    if row.state != Commission.State.APPROVED:
        raise NotPayable
    if row.receivable <= 0:
        raise NothingToPay
    row.state = Commission.State.PAID
    row.version += 1
    row.save(update_fields=["state", "version"])
    payout = Payout.objects.create(
        commission=row,
        amount=row.receivable,
        currency=row.currency,
        account=account,
        paid_on=on,
        reference=reference,
        by=by,
        at=at,
    )
    bookkeeping.post(
        Source(SOURCE, row.pk, "paid"),
        (
            chart.debit(chart.COMMISSIONS_PAYABLE, row.receivable),
            chart.credit(account, row.receivable),
        ),
        on=on,
        currency=row.currency,
        rate=rate_of(row),
        description=f"{row.number} {row.member.name}",
        by=by,
        at=at,
    )
    record(events.PAID, row, by=by, at=at, words=said(row))
    return payout


@transaction.atomic
def dispute(commission: Commission, *, reason: str, by: Member, at: datetime) -> Dispute:
    """Object to one's own approved commission; it is not paid while that is open.

    :raises AnswerMissing: no reason was given.
    :raises OwnDispute: it is somebody else's.
    :raises NotPayable: it is not approved, or paid, or disputed already.
    """
    if not reason.strip():
        raise AnswerMissing
    row = held(commission)
    if row.member_id != by.pk:
        raise OwnDispute
    if row.state != Commission.State.APPROVED:
        raise NotPayable
    move(row, Commission.State.DISPUTED)
    made = Dispute.objects.create(commission=row, reason=reason.strip(), raised_by=by, raised_at=at)
    record(events.DISPUTED, row, by=by, at=at, words={**said(row), "reason": made.reason})
    return made


@transaction.atomic
def resolve(dispute: Dispute, *, answer: str, amount: Decimal, by: Member, at: datetime) -> Dispute:
    """Decide a dispute. What is owed besides, in the home currency, is a line of the next commission.

    :raises AnswerMissing: no answer was given.
    :raises OwnDispute: it is the member's own.
    :raises DisputeDecided: it is decided.
    """
    if not answer.strip():
        raise AnswerMissing
    row = held(dispute.commission)
    found = Dispute.objects.select_for_update(of=("self",)).get(pk=dispute.pk)
    if row.member_id == by.pk:
        raise OwnDispute
    if found.state != Dispute.State.OPEN:
        raise DisputeDecided
    found.state = Dispute.State.UPHELD if amount else Dispute.State.REFUSED
    found.answer, found.amount = answer.strip(), money.rounded(amount, row.home_currency)
    found.resolved_by, found.resolved_at = by, at
    found.save(update_fields=["state", "answer", "amount", "resolved_by", "resolved_at"])
    move(row, Commission.State.APPROVED)
    record(events.RESOLVED, row, by=by, at=at, words={**said(row), "reason": found.answer})
    return found


def move(row: Commission, state: str) -> None:
    """Give a held commission another state."""
    row.state = state
    row.version += 1
    row.save(update_fields=["state", "version"])
