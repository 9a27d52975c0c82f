"""Leaving, handing over and sending back what somebody works on; and the order of the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.ledgers.stock import services as stock
from prs.operations.fulfilment import events, permissions, rules
from prs.operations.fulfilment.models import Fulfilment, FulfilmentLine, Scan, WorkSession
from prs.operations.fulfilment.services.delivering import stop_delivery
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
from prs.operations.fulfilment.services.picking import keep_goods
from prs.operations.fulfilment.services.posting import settle
from prs.operations.fulfilment.services.refusals import AlreadyMoved, SessionOver
from prs.operations.invoicing import services as invoicing
from prs.operations.invoicing.models import Invoice

STAGES = WorkSession.Stage
RIGHTS = {STAGES.PICKING: permissions.PICK, STAGES.PACKING: permissions.PACK}
BACK_TO = {STAGES.PICKING: STATES.INVOICED, STAGES.PACKING: STATES.PICKED}
ZERO = Decimal(0)


def still_open(session: WorkSession) -> tuple[WorkSession, Fulfilment]:
    """A session that is open still, with its invoice, which is held until the commit.

    :raises SessionOver: it has ended.
    """
    fulfilment = held(session.fulfilment)
    row = open_session(fulfilment)
    if row is None or row.pk != session.pk:
        raise SessionOver
    return row, fulfilment


@transaction.atomic
def cancel_session(session: WorkSession, *, reason: str, by: Member, at: datetime) -> Fulfilment:
    """Leave the work on an invoice: it waits again as before, and that it was begun stays known.

    :raises ReasonMissing: another's work is cancelled and nobody said why.
    :raises NotForYou: it is another's, and the member doesn't lead.
    :raises SessionOver: it has ended.
    """
    row, fulfilment = still_open(session)
    if row.member_id != by.pk:
        refuse_unentitled(by, permissions.LEAD)
        reason = explained(reason)
    if row.stage == STAGES.PICKING:
        undo_all(row, at=at)
    end(row, OUTCOMES.CANCELLED, by=by, at=at, note=reason.strip()[:1000])
    move(fulfilment, BACK_TO[STAGES(row.stage)], by=by, at=at, reason=reason.strip()[:1000])
    words = {"member": row.member.name, "reason": reason.strip()}
    record(events.CANCELLED, fulfilment, by=by, at=at, words=words)
    return fulfilment


def undo_all(session: WorkSession, *, at: datetime) -> None:
    """Take back what was scanned in a session, and what was said to be short or replaced."""
    Scan.objects.filter(session=session, undone_at__isnull=True).update(undone_at=at)
    stock.release(session.pk)
    rows = list(FulfilmentLine.objects.filter(fulfilment_id=session.fulfilment_id))
    by_id = {row.pk: row for row in rows}
    for row in rows:
        row.short, row.short_reason, row.short_note = ZERO, "", ""
        home = by_id.get(row.substitutes_id) if row.substitutes_id else None
        if home is not None:
            home.substituted -= row.ordered - row.picked
            row.ordered = row.picked
    FulfilmentLine.objects.bulk_update(
        rows, ["short", "short_reason", "short_note", "substituted", "ordered"]
    )


@transaction.atomic
def hand_over(
    session: WorkSession, successor: Member, *, by: Member, at: datetime, device: str = ""
) -> WorkSession:
    """Let another go on with what a member began. What was scanned until then stays scanned.

    :raises NotForYou: the successor doesn't do such work, or it is another's and the member doesn't lead.
    :raises OneAtATime: the successor is at work on something else.
    :raises SessionOver: it has ended.
    """
    row, fulfilment = still_open(session)
    if row.member_id != by.pk:
        refuse_unentitled(by, permissions.LEAD)
    refuse_unentitled(successor, RIGHTS[STAGES(row.stage)])
    if row.stage == STAGES.PICKING:
        settle(row, fulfilment, by=by, at=at)
    end(row, OUTCOMES.HANDED_OVER, by=by, at=at)
    made = begin(fulfilment, row.stage, member=successor, device=device, at=at)
    if row.stage == STAGES.PICKING:
        keep_goods(made, fulfilment, by=by, at=at)
    words = {"member": row.member.name, "successor": successor.name}
    record(events.HANDED_OVER, fulfilment, by=by, at=at, words=words)
    return made


@transaction.atomic
def return_to_billing(
    fulfilment: Fulfilment, *, reason: str, by: Member, at: datetime
) -> Fulfilment:
    """Send an invoice back to billing, from wherever it stands; what was picked stays picked.

    :raises ReasonMissing: nobody said why.
    :raises AlreadyMoved: it is there already, or delivered.
    :raises NotForYou: the member works nowhere in the warehouse.
    """
    rights = (permissions.PICK, permissions.PACK, permissions.DELIVER, permissions.LEAD)
    refuse_unentitled(by, *rights)
    why = explained(reason)[:1000]
    row = held(fulfilment, *rules.SECTIONS)
    put_in_review(row, reason=why, by=by, member=by, at=at)
    invoice = row.invoice
    if invoice.origin == Invoice.Origin.IMPORT and invoice.billing != Invoice.Billing.REVIEW:
        invoicing.return_for_correction(invoice, reason=why, by=by, at=at)
    return row


@transaction.atomic
def follow_return(invoice: Invoice, *, reason: str, by: Actor, at: datetime) -> Fulfilment | None:
    """Stop the work on an invoice that billing itself took back. What is delivered stays delivered."""
    known = Fulfilment.objects.filter(invoice=invoice).first()
    if known is None:
        return None
    row = held(known)
    if row.state in rules.SECTIONS:
        member = by if isinstance(by, Member) else None
        put_in_review(row, reason=reason or "-", by=by, member=member, at=at)
    return row


def put_in_review(
    fulfilment: Fulfilment, *, reason: str, by: Actor, member: Member | None, at: datetime
) -> None:
    """End whatever is open on an invoice, and let it wait for billing."""
    fulfilment.section = rules.SECTIONS[fulfilment.state]
    session = open_session(fulfilment)
    if session is not None:
        stop(session, fulfilment, by=member or session.member, at=at, reason=reason)
    stop_delivery(fulfilment, by=member, at=at, reason=reason)
    move(fulfilment, STATES.REVIEW, by=by, at=at, reason=reason, fields=["section"])
    record(events.RETURNED, fulfilment, by=by, at=at, words={"reason": reason})


def stop(
    session: WorkSession, fulfilment: Fulfilment, *, by: Member, at: datetime, reason: str
) -> None:
    """End a session whose invoice goes back: what was scanned is off the shelf, and moves so.

    What the ledger doesn't have after all counts as not scanned.
    """
    if session.stage == STAGES.PICKING:
        try:
            with transaction.atomic():
                settle(session, fulfilment, by=by, at=at)
        except Refusal:
            undo_all(session, at=at)
    end(session, OUTCOMES.RETURNED, by=by, at=at, note=reason)


@transaction.atomic
def reorder(
    fulfilment: Fulfilment, fields: Mapping[str, Any], *, by: Member, at: datetime
) -> Fulfilment:
    """Say where an invoice is picked (`place`), and how urgent it is (`priority`).

    :raises AlreadyMoved: it is being picked already, and its place would change.
    :raises Stale: somebody changed it meanwhile.
    """
    refuse_unentitled(by, permissions.LEAD)
    row = held(fulfilment)
    place = fields.get("place", row.place)
    if row.state not in {STATES.INVOICED, STATES.REVIEW} and place != row.place:
        raise AlreadyMoved(number=row.number, state=row.get_state_display())
    kept = {name: fields[name] for name in ("place", "priority") if name in fields}
    before = write_version(fulfilment, kept)
    record(events.REORDERED, fulfilment, by=by, at=at, before=before, after=kept)
    return fulfilment
