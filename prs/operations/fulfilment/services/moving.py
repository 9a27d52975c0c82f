"""Taking a step, and holding an invoice while one does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from prs.kernel.activity.rules import Actor
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.kernel.identity.rules import Permission
from prs.operations.fulfilment.models import Fulfilment, WorkSession
from prs.operations.fulfilment.services.refusals import (
    AlreadyMoved,
    NotForYou,
    NotYourSession,
    OneAtATime,
    ReasonMissing,
    SessionOver,
    TakenByAnother,
)

STATES = Fulfilment.State
OUTCOMES = WorkSession.Outcome


def rows_held() -> QuerySet[Fulfilment]:
    """Fulfilments whose rows stay as they are until the commit."""
    rows: QuerySet[Fulfilment] = Fulfilment.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("invoice", "place", "organization")


def held(fulfilment: Fulfilment, *states: str) -> Fulfilment:
    """The work on an invoice, held until the commit, if it stands in one of these states.

    :raises AlreadyMoved: it stands elsewhere.
    """
    row = rows_held().get(pk=fulfilment.pk)
    if states and row.state not in states:
        raise AlreadyMoved(number=row.number, state=row.get_state_display())
    return row


def move(
    fulfilment: Fulfilment,
    to: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    fields: Collection[str] = (),
    refusals: dict[str, type[Refusal]] | None = None,
) -> None:
    """Take a step. The database says whether it may be taken, and keeps it."""
    fulfilment.state = to
    fulfilment.moved_at, fulfilment.moved_reason = at, reason
    fulfilment.moved_by_id, fulfilment.moved_by_label = by.pk, by.label
    step = ["state", "moved_at", "moved_reason", "moved_by_id", "moved_by_label"]
    with refusing(refusals or {}):
        fulfilment.save(update_fields=[*step, *fields])


def refuse_unentitled(member: Member, *rights: Permission) -> None:
    """Refuse a badge whose owner has none of these rights.

    :raises NotForYou: they haven't.
    """
    if not any(member.may(right) for right in rights):
        raise NotForYou(name=member.name)


def explained(reason: str) -> str:
    """A reason, said.

    :raises ReasonMissing: it is empty.
    """
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()


# --- sessions -------------------------------------------------------------------------------------


def begin(
    fulfilment: Fulfilment, stage: str, *, member: Member, device: str, at: datetime
) -> WorkSession:
    """Begin a session of a member.

    :raises OneAtATime: the member has another one open at the stage.
    :raises TakenByAnother: somebody is at work on the invoice.
    """
    opened = WorkSession.objects.filter(outcome=OUTCOMES.OPEN, stage=stage)
    mine = opened.filter(member=member).select_related("fulfilment").first()
    if mine is not None:
        raise OneAtATime(number=mine.fulfilment.number)
    others = {
        "work_session_one_open_per_member": OneAtATime,
        "work_session_one_open_per_invoice": TakenByAnother,
    }
    try:
        with refusing(dict(others)):
            made: WorkSession = WorkSession.objects.create(
                fulfilment=fulfilment, stage=stage, member=member, device=device[:80], begun_at=at
            )
    except OneAtATime as refusal:
        mine = opened.filter(member=member).select_related("fulfilment").first()
        raise OneAtATime(number=mine.fulfilment.number if mine else "") from refusal
    except TakenByAnother as refusal:
        theirs = opened.filter(fulfilment=fulfilment).select_related("member").first()
        raise TakenByAnother(name=theirs.member.name if theirs else "") from refusal
    return made


def at_work(session: WorkSession, stage: str, *, by: Member) -> tuple[WorkSession, Fulfilment]:
    """A session of a member that is open still, with its invoice, which is held until the commit.

    :raises SessionOver: it has ended.
    :raises NotYourSession: another began it.
    """
    fulfilment = rows_held().get(pk=session.fulfilment_id)
    row = WorkSession.objects.select_related("member").filter(pk=session.pk, stage=stage).first()
    if row is None or row.outcome != OUTCOMES.OPEN:
        raise SessionOver
    if row.member_id != by.pk:
        raise NotYourSession(name=row.member.name)
    return row, fulfilment


def end(
    session: WorkSession, outcome: str, *, by: Member, at: datetime, note: str = ""
) -> WorkSession:
    """End a session."""
    session.outcome, session.ended_at, session.ended_by = outcome, at, by
    session.note = note or session.note
    session.save(update_fields=["outcome", "ended_at", "ended_by", "note"])
    return session


def open_session(fulfilment: Fulfilment) -> WorkSession | None:
    """Who is at work on an invoice."""
    row: WorkSession | None = (
        WorkSession.objects.filter(fulfilment=fulfilment, outcome=OUTCOMES.OPEN)
        .select_related("member")
        .first()
    )
    return row
