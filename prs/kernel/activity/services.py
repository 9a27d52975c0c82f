"""Recording what happened. Everything that follows an event starts here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.module_loading import import_string

from prs.kernel.activity.context import current_origin
from prs.kernel.activity.models import AuditEvent, OutboxEvent
from prs.kernel.activity.rules import Actor, Event, difference, masked, plain
from prs.kernel.db.rows import as_document
from prs.kernel.tenancy.context import required_organization

CHANNEL = "prs_live"


@dataclass(frozen=True)
class Draft:
    """An event that is about to be written, with whom it is told to."""

    event: Event
    subject: models.Model
    by: Actor
    row: AuditEvent
    holders: tuple[UUID, ...] | None

    @property
    def words(self) -> tuple[str, list[str], str]:
        """What `activity_record` takes: the row, its topics, and who may hear of it."""
        document = json.dumps(as_document(self.row), default=str)
        return document, [self.event.topic, *self.event.topics], self.event.sees


@dataclass(frozen=True)
class Happening:
    """An event that happened, as reactions receive it."""

    event: Event
    subject: Any
    by: Actor
    at: datetime
    row: AuditEvent
    holders: tuple[UUID, ...] | None = None


Reaction = Callable[[Happening], None]


@cache
def reactions() -> Mapping[str, tuple[Reaction, ...]]:
    """The wiring of the business: from an event's code to the verbs that follow."""
    table: Mapping[str, tuple[Reaction, ...]] = import_string(settings.PRS_REACTIONS)
    return table


# No savepoint of its own: what fails here undoes the verb that called it, never a part of it.
@transaction.atomic(savepoint=False)
def record(
    event: Event,
    subject: models.Model,
    *,
    by: Actor,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    words: Mapping[str, Any] | None = None,
    holders: Iterable[UUID] | None = None,
) -> AuditEvent:
    """Write one audit row and its live events, then run the reactions, all in this transaction.

    `before` and `after` are the subject's fields around the change; only what differs is kept.
    `words` fill the places of the event's sentence. `holders` are the members whose row the subject
    is, where the event can't read them off it; with none of them it is told to those who see all rows.
    """
    made = draft(
        event, subject, by=by, at=at, before=before, after=after, words=words, holders=holders
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT activity_record(%s, %s, %s)", made.words)
    return react(made)


def draft(
    event: Event,
    subject: models.Model,
    *,
    by: Actor,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    words: Mapping[str, Any] | None = None,
    holders: Iterable[UUID] | None = None,
) -> Draft:
    """What is recorded of an event, not written yet: for doors of the database that write it themselves."""
    was, became = difference(before or {}, after or {})
    origin = current_origin()
    row = AuditEvent(
        organization_id=required_organization(),
        code=event.code,
        actor_id=by.pk,
        actor_label=by.label,
        session=origin.session,
        address=origin.address,
        request_id=origin.request_id,
        subject_kind=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_label=str(subject)[:300],
        words=plain({"subject": str(subject), "actor": by.label, **(words or {})}),
        before=masked(was),
        after=masked(became),
        at=at,
    )
    theirs = event.holders(subject) if holders is None else holders
    return Draft(event, subject, by, row, None if theirs is None else tuple(theirs))


def react(made: Draft) -> AuditEvent:
    """Run the reactions to an event that was written."""
    made.row._state.adding = False
    happening = Happening(made.event, made.subject, made.by, made.row.at, made.row, made.holders)
    table = reactions()
    for reaction in (*table.get(made.event.code, ()), *table.get("*", ())):
        reaction(happening)
    return made.row


def announce(
    topic: str,
    subject: models.Model,
    *,
    at: datetime,
    permission: str = "",
    member_id: UUID | None = None,
) -> None:
    """Tell open pages, at commit, that something of a topic changed."""
    words = (topic, permission, member_id, subject._meta.label_lower, subject.pk, at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT activity_announce(%s, %s, %s, %s, %s, %s)", words)


def announce_to(
    member_ids: Iterable[UUID], topic: str, subject: models.Model, *, at: datetime
) -> None:
    """Tell the open pages of these members, at commit, that something of a topic is new."""
    organization_id = required_organization()
    rows = [
        OutboxEvent(
            organization_id=organization_id,
            topic=topic,
            member_id=member_id,
            subject_kind=subject._meta.label_lower,
            subject_id=subject.pk,
            at=at,
        )
        for member_id in member_ids
    ]
    if rows:
        wake(OutboxEvent.objects.bulk_create(rows)[-1])


def wake(row: OutboxEvent) -> None:
    """Let the listeners know, at commit, that an organization has events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"{row.organization_id}:{row.pk}"))
