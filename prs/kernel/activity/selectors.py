"""Reads of what happened, and of what somebody was told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model, QuerySet

from prs.kernel.activity.catalogue import events
from prs.kernel.activity.models import AuditEvent, Notification
from prs.kernel.activity.rules import worded

MOST_UNREAD = 100


def last_change(subject: Model) -> tuple[str, datetime | None]:
    """Who touched a row last, and when; nobody when history is silent."""
    found = (
        AuditEvent.objects.filter(subject_id=subject.pk)
        .order_by("-at", "-pk")
        .values_list("actor_label", "at")
        .first()
    )
    return found or ("", None)


@dataclass(frozen=True)
class Moment:
    """One line of a timeline."""

    code: str
    who: str
    what: str
    why: str
    at: datetime
    changes: tuple[tuple[str, str, str], ...]


def timeline(subject: Model, *others: UUID, limit: int = 100) -> list[Moment]:
    """The story of a row, newest first; `others` are ids of things that belong to it."""
    rows = AuditEvent.objects.filter(subject_id__in=[subject.pk, *others])
    return [moment(row) for row in rows.order_by("-at", "-pk")[:limit]]


def moment(row: AuditEvent) -> Moment:
    """An audit row as a person reads it. Its sentence starts with who did it."""
    event = events().get(row.code)
    sentence = worded(str(event.sentence), row.words) if event else row.code
    what = sentence.removeprefix(row.actor_label).lstrip()
    why = str(row.words.get("reason") or row.words.get("note") or "")
    return Moment(
        code=row.code,
        who=row.actor_label if what != sentence else "",
        what=what,
        why=why if why not in what else "",
        at=row.at,
        changes=changes_of(row),
    )


def changes_of(row: AuditEvent) -> tuple[tuple[str, str, str], ...]:
    """Field, before and after, for the fields that a person can read."""
    labels = labels_of(row.subject_kind)
    return tuple(
        (labels[name], shown(row.before.get(name)), shown(after))
        for name, after in row.after.items()
        if name in labels and name in row.before
    )


def labels_of(kind: str) -> dict[str, str]:
    """The labels of a table's fields, by name; internal ones are left out."""
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        return {}
    return {
        field.name: str(field.verbose_name)
        for field in model._meta.concrete_fields
        if not field.is_relation and field.name not in {"id", "version"}
    }


def shown(value: Any) -> str:
    """A kept value as text."""
    if value in (None, "", [], {}):
        return "—"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value)


def notifications_of(member_id: UUID) -> QuerySet[Notification]:
    """What a member was told, newest first."""
    return Notification.objects.filter(member_id=member_id).order_by("-created_at", "-pk")


def unread_count(member: Model) -> int:
    """How much a member has not read, counted up to a hundred."""
    unread = Notification.objects.filter(member_id=member.pk, read_at__isnull=True)
    return unread.order_by().values("pk")[:MOST_UNREAD].count()
