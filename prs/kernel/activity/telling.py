"""Writes about being told: what was read, what each wants to hear, and in whose words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity import events
from prs.kernel.activity.catalogue import events as catalogue
from prs.kernel.activity.models import Notification, NotificationPreference, NotificationText
from prs.kernel.activity.rules import Actor, Event
from prs.kernel.activity.services import announce_to, record
from prs.kernel.errors import Invalid

TOPIC = "notification"


class UnknownPlace(Invalid):
    """A text names a place that nothing fills."""

    sentence = _("{{{place}}} is not filled by anything. Use only the places that are listed.")


class FaultyBraces(Invalid):
    """A text opens a brace and does not close it."""

    sentence = _("A brace is open. Places are written as {name}.")


class NothingSaid(Invalid):
    """A text is empty."""

    sentence = _("A notification needs a title and a text.")


def told_events() -> dict[str, Event]:
    """The kinds of events that anybody is told of, by code."""
    return {code: event for code, event in catalogue().items() if event.told or event.told_as}


def places(event: Event) -> list[str]:
    """The places that a text about an event may use: those of its own sentence, and the general ones."""
    fields = [name for _text, name, _spec, _conv in Formatter().parse(str(event.sentence)) if name]
    return list(dict.fromkeys(["actor", "subject", *fields, *event.words]))


@transaction.atomic
def mark_read(member_id: UUID, notification: Notification, *, at: datetime) -> None:
    """Mark one notification of a member as read."""
    own = Notification.objects.filter(pk=notification.pk, member_id=member_id)
    if own.filter(read_at__isnull=True).update(read_at=at):
        announce_to([member_id], TOPIC, notification, at=at)


@transaction.atomic
def mark_all_read(member_id: UUID, *, at: datetime) -> int:
    """Mark everything that a member has not read. Returns how many."""
    unread = Notification.objects.filter(member_id=member_id, read_at__isnull=True)
    newest = unread.order_by("-created_at", "-pk").first()
    if newest is None:
        return 0
    count = unread.update(read_at=at)
    announce_to([member_id], TOPIC, newest, at=at)
    return count


@transaction.atomic
def choose(member_id: UUID, choices: Mapping[str, tuple[bool, bool]]) -> None:
    """Keep where a member wants to hear of each kind: (in the app, by mail) by event code."""
    known = told_events()
    for code, (in_app, mail) in choices.items():
        if code in known:
            NotificationPreference.objects.update_or_create(
                member_id=member_id, code=code, defaults={"in_app": in_app, "mail": mail}
            )


@transaction.atomic
def set_text(event: Event, title: str, text: str, *, by: Actor, at: datetime) -> NotificationText:
    """Use an organization's own words for a kind of event.

    Raises `NothingSaid`, `FaultyBraces` or `UnknownPlace`.
    """
    checked(event, title, text)
    row, _new = NotificationText.objects.get_or_create(
        code=event.code, defaults={"title": "", "text": ""}
    )
    before = {"title": row.title, "text": row.text}
    row.title, row.text, row.active = title, text, True
    row.save(update_fields=["title", "text", "active"])
    after = {"title": title, "text": text}
    words = {"kind": str(event.title)}
    record(events.TEXT_CHANGED, row, by=by, at=at, before=before, after=after, words=words)
    return row


def checked(event: Event, title: str, text: str) -> None:
    """Refuse words that are empty or name places that nothing fills."""
    if not title.strip() or not text.strip():
        raise NothingSaid
    known = set(places(event))
    try:
        named = [name for part in (title, text) for _t, name, _s, _c in Formatter().parse(part)]
    except ValueError as error:
        raise FaultyBraces from error
    for name in named:
        if name is not None and name not in known:
            raise UnknownPlace(place=name)


@transaction.atomic
def reset_text(event: Event, *, by: Actor, at: datetime) -> None:
    """Go back to our words for a kind of event."""
    row = NotificationText.objects.filter(code=event.code, active=True).first()
    if row is None:
        return
    row.active = False
    row.save(update_fields=["active"])
    record(events.TEXT_RESET, row, by=by, at=at, words={"kind": str(event.title)})
