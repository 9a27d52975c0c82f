"""What goes without the usual steps: express, by decision, and many at once. Each step is kept all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from prs.kernel.activity.services import record
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.operations.fulfilment import events, permissions
from prs.operations.fulfilment.models import Delivery, Fulfilment, WorkSession
from prs.operations.fulfilment.services.delivering import arrive, new_delivery, stop_delivery
from prs.operations.fulfilment.services.moving import (
    OUTCOMES,
    STATES,
    begin,
    end,
    explained,
    held,
    move,
    open_session,
    refuse_unentitled,
)
from prs.operations.fulfilment.services.opening import go_on_unchanged
from prs.operations.fulfilment.services.packing import (
    begin_packing,
    box_everything,
    complete_packing,
)
from prs.operations.fulfilment.services.picking import (
    begin_picking,
    complete_picking,
    take_unscanned,
)
from prs.operations.fulfilment.services.posting import settle
from prs.operations.fulfilment.services.refusals import AlreadyMoved

STAGES = WorkSession.Stage
# In which order an invoice stands where; how far it is to be taken.
ORDER = [
    STATES.INVOICED,
    STATES.PICKING,
    STATES.PICKED,
    STATES.PACKING,
    STATES.BOXING,
    STATES.PACKED,
]
BULK = {
    STATES.PICKED: STATES.INVOICED,
    STATES.PACKED: STATES.PICKED,
    STATES.DELIVERED: STATES.PACKED,
}


@transaction.atomic
def express(fulfilment: Fulfilment, *, by: Member, at: datetime) -> Fulfilment:
    """Let billing pick and pack an invoice in one go; it is delivered like any other.

    :raises NotForYou: the member may not.
    :raises AlreadyMoved: somebody works on it already.
    """
    refuse_unentitled(by, permissions.EXPRESS)
    row = held(fulfilment, STATES.INVOICED)
    row.express = True
    row.save(update_fields=["express"])
    take_as_far_as(row, STATES.PACKED, note="EXPRESS_BILLING", by=by, at=at)
    return row


@transaction.atomic
def decide(fulfilment: Fulfilment, *, reason: str, by: Member, at: datetime) -> Fulfilment:
    """Complete an invoice, wherever it stands, and say why. What lies there for it leaves stock.

    :raises NotForYou: the member doesn't lead.
    :raises ReasonMissing: nobody said why.
    :raises AlreadyMoved: it is delivered.
    """
    refuse_unentitled(by, permissions.LEAD)
    why = explained(reason)[:900]
    row = held(fulfilment, *(state for state in STATES if state != STATES.DELIVERED))
    if row.state == STATES.REVIEW:
        go_on_unchanged(row, by=by, at=at)
    if row.state in {STATES.PACKED, STATES.DISPATCHED}:
        stop_delivery(row, by=by, at=at, reason=why)
        if row.state == STATES.DISPATCHED:
            move(row, STATES.PACKED, by=by, at=at, reason=why)
    take_as_far_as(row, STATES.PACKED, note=why, by=by, at=at)
    hand_out(row, reason=why, by=by, at=at)
    record(events.DECIDED, row, by=by, at=at, words={"reason": why})
    return row


def hand_out(fulfilment: Fulfilment, *, reason: str, by: Member, at: datetime) -> None:
    """Let something packed be delivered because somebody says so."""
    made = new_delivery(
        fulfilment,
        Delivery.Way.DECIDED,
        by=by,
        at=at,
        state=Delivery.State.DELIVERED,
        note=reason,
        left_at=at,
        ended_at=at,
        ended_by=by,
    )
    arrive(fulfilment, made, by=by, at=at, reason=reason)


def take_as_far_as(fulfilment: Fulfilment, to: str, *, note: str, by: Member, at: datetime) -> None:
    """Go through the steps of an invoice that is held, without a scan."""
    if ORDER.index(STATES(fulfilment.state)) < ORDER.index(STATES.PICKED):
        session = taken_over(fulfilment, STAGES.PICKING, by=by, at=at)
        if session is None:
            session = begin_picking(fulfilment, by=by, at=at)
        noted(session, note)
        take_unscanned(session, fulfilment, by=by, at=at)
        complete_picking(session, fulfilment, by=by, at=at)
    if to == STATES.PACKED and ORDER.index(STATES(fulfilment.state)) < ORDER.index(STATES.PACKED):
        session = taken_over(fulfilment, STAGES.PACKING, by=by, at=at)
        if session is None:
            session = begin_packing(fulfilment, by=by, at=at)
        noted(session, note)
        box_everything(fulfilment, at=at)
        complete_packing(session, fulfilment, by=by, at=at)


def taken_over(
    fulfilment: Fulfilment, stage: str, *, by: Member, at: datetime
) -> WorkSession | None:
    """The session of whoever is at work on an invoice, taken over; None when nobody is."""
    session = open_session(fulfilment)
    if session is None or session.member_id == by.pk:
        return session
    if stage == STAGES.PICKING:
        settle(session, fulfilment, by=by, at=at)
    end(session, OUTCOMES.HANDED_OVER, by=by, at=at)
    return begin(fulfilment, stage, member=by, device="", at=at)


def noted(session: WorkSession, note: str) -> None:
    """Say in a session why it went otherwise."""
    session.note = note[:1000]
    session.save(update_fields=["note"])


@dataclass(frozen=True)
class Outcome:
    """What became of one of many; without a refusal it went well."""

    fulfilment: Fulfilment
    refusal: Refusal | None = None


def ready_for(rows: Sequence[Fulfilment], to: str) -> list[Fulfilment]:
    """Those of some invoices that a bulk step would take: the preview."""
    return [row for row in rows if row.state == BULK.get(STATES(to))]


@transaction.atomic
def move_many(
    rows: Sequence[Fulfilment], to: str, *, reason: str, by: Member, at: datetime
) -> list[Outcome]:
    """Take many invoices one step further, and say why; each by itself, so one refused stops no other.

    :raises NotForYou: the member doesn't lead.
    :raises ReasonMissing: nobody said why.
    """
    refuse_unentitled(by, permissions.LEAD)
    why = explained(reason)[:900]
    return [moved_along(row, to, why, by=by, at=at) for row in sorted(rows, key=lambda r: r.pk)]


def moved_along(
    fulfilment: Fulfilment, to: str, reason: str, *, by: Member, at: datetime
) -> Outcome:
    """Take one invoice a step further, if it stands before it."""
    before = BULK.get(STATES(to))
    try:
        with transaction.atomic():
            row = held(fulfilment)
            if before is None or row.state != before:
                raise AlreadyMoved(number=row.number, state=row.get_state_display())
            if to == STATES.DELIVERED:
                hand_out(row, reason=reason, by=by, at=at)
            else:
                take_as_far_as(row, to, note=reason, by=by, at=at)
    except Refusal as refusal:
        return Outcome(fulfilment, refusal)
    return Outcome(row)
