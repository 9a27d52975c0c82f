"""The drawer of a shift: opened with a float, counted blind, confirmed by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.rules import Side
from prs.ledgers.bookkeeping.services import Source
from prs.operations.till import events, rules
from prs.operations.till.models import CashMovement, Shift, Till
from prs.operations.till.services.refusals import (
    AlreadyClosed,
    AmountMissing,
    DrawerTooEmpty,
    NotCounted,
    OwnShift,
    ReasonMissing,
    ShiftOpenElsewhere,
    ShiftOver,
    TillInUse,
)

SHIFT = Series("till_shift", "SH-", width=5)
SOURCE = "till.shift"
MOVED = "till.cash_movement"
KINDS = CashMovement.Kind
# Where money comes from that goes into a drawer, and where it goes that is taken out.
OTHER_END = {
    KINDS.FLOAT: chart.CASH,
    KINDS.FROM_SAFE: chart.CASH,
    KINDS.TO_SAFE: chart.CASH,
    KINDS.EXPENSE: "6000",
}
OUTWARDS = frozenset({KINDS.TO_SAFE, KINDS.EXPENSE})
REFUSALS: dict[str, type[Refusal]] = {
    "cash_movement_in_open_shift": ShiftOver,
    "shift_drawer_not_below_zero": DrawerTooEmpty,
    "cash_movement_says_why": ReasonMissing,
}


def spoken(amount: Decimal, shift: Shift) -> str:
    """An amount as sentences say it."""
    return money.spoken(money.Money(shift.currency, amount))


@transaction.atomic
def open_shift(till: Till, *, opening: Decimal, by: Member, at: datetime) -> Shift:
    """Open a drawer with a float, which comes from the safe.

    :raises TillInUse: another's drawer is in the till.
    :raises ShiftOpenElsewhere: the member has one open.
    """
    if not till.active:
        raise ShiftOver
    mine = Shift.objects.filter(member=by, state=Shift.State.OPEN).select_related("till").first()
    taken = {
        "shift_one_open_per_till": TillInUse,
        "shift_one_open_per_member": ShiftOpenElsewhere,
    }
    if Shift.objects.filter(till=till, state=Shift.State.OPEN).exists():
        raise TillInUse(till=till.name)
    if mine is not None:
        raise ShiftOpenElsewhere(till=mine.till.name)
    on = local_date(at, by.organization.time_zone)
    try:
        with refusing(dict(taken)):
            shift: Shift = Shift.objects.create(
                number=next_number(SHIFT, year=on.year),
                till=till,
                member=by,
                currency=by.organization.currency,
                opened_at=at,
                opened_on=on,
            )
    except (TillInUse, ShiftOpenElsewhere) as refusal:
        raise type(refusal)(till=till.name) from refusal
    if opening:
        add_movement(shift, KINDS.FLOAT, opening, reason="", by=by, at=at)
    words = {"till": till.name, "amount": spoken(opening, shift)}
    record(events.SHIFT_OPENED, shift, by=by, at=at, words=words)
    return shift


def add_movement(
    shift: Shift, kind: str, amount: Decimal, *, reason: str, by: Member, at: datetime
) -> CashMovement:
    """Write what went into a drawer or came out of it, and post it."""
    signed = -amount if kind in OUTWARDS else amount
    with refusing(REFUSALS):
        row: CashMovement = CashMovement.objects.create(
            shift=shift, kind=kind, amount=signed, reason=reason, by=by, at=at
        )
    bookkeeping.post(
        Source(MOVED, row.pk, str(kind)),
        (Side(chart.TILLS, signed), Side(OTHER_END[KINDS(kind)], -signed, memo=reason)),
        on=local_date(at, by.organization.time_zone),
        currency=shift.currency,
        description=f"{shift.number} {row.get_kind_display()}",
        by=by,
        at=at,
    )
    return row


@transaction.atomic
def move_cash(
    shift: Shift, kind: str, amount: Decimal, *, reason: str, by: Member, at: datetime
) -> CashMovement:
    """Bring cash into an open drawer, or take some out.

    :raises AmountMissing: it is not above zero.
    :raises ReasonMissing: nobody said why.
    :raises ShiftOver: the drawer is closed.
    :raises DrawerTooEmpty: less lies in it.
    """
    if amount <= 0 or kind == KINDS.FLOAT or kind not in KINDS.values:
        raise AmountMissing
    if not reason.strip():
        raise ReasonMissing
    row = add_movement(shift, kind, amount, reason=reason.strip(), by=by, at=at)
    words = {"amount": spoken(row.amount, shift), "reason": row.reason}
    record(events.CASH_MOVED, shift, by=by, at=at, words=words)
    return row


def held_open(shift: Shift) -> Shift:
    """A shift, held until the commit, if it is open still.

    :raises ShiftOver: it was closed.
    """
    rows = Shift.objects.select_for_update(of=("self",), no_key=True)
    held: Shift | None = rows.select_related("till__place").filter(pk=shift.pk).first()
    if held is None or held.state != Shift.State.OPEN:
        raise ShiftOver
    return held


@transaction.atomic
def close_shift(
    shift: Shift, pieces: Mapping[str, int], *, remarks: str = "", by: Member, at: datetime
) -> Shift:
    """End a shift by what was counted, piece by piece; the difference goes into the books.

    Whoever counts isn't told what is expected. It costs the same however much was sold.

    :raises AlreadyClosed: it was counted before.
    """
    try:
        held = held_open(shift)
    except ShiftOver as over:
        raise AlreadyClosed from over
    amount = rules.counted(pieces)
    held.pieces = {value: count for value, count in pieces.items() if count}
    held.counted, held.expected = amount, held.cash
    held.difference = amount - held.cash
    held.remarks, held.state = remarks.strip(), Shift.State.CLOSED
    held.closed_at, held.closed_by = at, by
    held.save(
        update_fields=[
            *("pieces", "counted", "expected", "difference", "remarks", "state"),
            *("closed_at", "closed_by"),
        ]
    )
    if held.difference:
        bookkeeping.post(
            Source(SOURCE, held.pk, "closed"),
            (
                Side(chart.TILLS, held.difference),
                Side(chart.CASH_DIFFERENCES, -held.difference),
            ),
            on=local_date(at, by.organization.time_zone),
            currency=held.currency,
            description=f"{held.number} {held.till.name}",
            by=by,
            at=at,
        )
    words = {
        "till": held.till.name,
        "amount": spoken(amount, held),
        "difference": spoken(held.difference, held),
    }
    record(events.SHIFT_CLOSED, held, by=by, at=at, words=words)
    return held


@transaction.atomic
def confirm_shift(shift: Shift, *, by: Member, at: datetime) -> Shift:
    """Confirm by a second person what a drawer held; the cash goes to the safe.

    :raises NotCounted: it is open still, or was confirmed.
    :raises OwnShift: who worked or counted it.
    """
    rows = Shift.objects.select_for_update(of=("self",), no_key=True).select_related("till")
    held = rows.filter(pk=shift.pk, state=Shift.State.CLOSED).first()
    if held is None:
        raise NotCounted
    if by.pk in {held.member_id, held.closed_by_id}:
        raise OwnShift
    held.state, held.confirmed_by, held.confirmed_at = Shift.State.CONFIRMED, by, at
    with refusing({"shift_confirmed_by_another": OwnShift}):
        held.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    if held.counted:
        bookkeeping.post(
            Source(SOURCE, held.pk, "confirmed"),
            (chart.debit(chart.CASH, held.counted), chart.credit(chart.TILLS, held.counted)),
            on=local_date(at, by.organization.time_zone),
            currency=held.currency,
            description=f"{held.number} {held.till.name}",
            by=by,
            at=at,
        )
    words = {"amount": spoken(held.counted or Decimal(0), held)}
    record(events.SHIFT_CONFIRMED, held, by=by, at=at, words=words)
    return held
