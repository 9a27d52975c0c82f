"""Writes about being told: what was read, what each wants to hear, and in whose words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from string import Formatter
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity import events
from prs.kernel.activity.catalogue import events as catalogue
from prs.kernel.activity.models import (
    DigestItem,
    MailHours,
    Notification,
    NotificationPreference,
    NotificationText,
)
from prs.kernel.activity.rules import Actor, Choice, Event, Hours, MailWay
from prs.kernel.activity.services import announce_to, record
from prs.kernel.errors import Invalid
from prs.kernel.tenancy.context import required_organization

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


class UrgentCannotWait(Invalid):
    """What is urgent is not kept for a digest."""

    sentence = _("“{title}” is urgent and can't wait for the daily mail. Choose at once, or never.")


class NoSuchHour(Invalid):
    """An hour that no clock shows."""

    sentence = _("The daily mail comes at a full hour between 0 and 23.")


class HalfQuiet(Invalid):
    """Quiet hours with one end."""

    sentence = _("Quiet hours need both a beginning and an end. Leave both empty to have none.")


class AlwaysQuiet(Invalid):
    """Quiet hours that end when they begin."""

    sentence = _("Quiet hours can't end at the moment at which they begin.")


class DigestInQuietHours(Invalid):
    """The daily mail would come while nothing may come."""

    sentence = _("The daily mail would come at {hour}, in your quiet hours. Choose another hour.")


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
def choose(member_id: UUID, choices: Mapping[str, Choice]) -> None:
    """Keep where a member wants to hear of each kind, by the event's code.

    :raises UrgentCannotWait: an urgent kind is to come once a day.
    """
    known = told_events()
    kept = {code: choice for code, choice in choices.items() if code in known}
    for code, choice in kept.items():
        if choice.mail == MailWay.DAILY and known[code].urgent:
            raise UrgentCannotWait(title=known[code].title)
    rows = [
        NotificationPreference(
            organization_id=required_organization(),
            member_id=member_id,
            code=code,
            in_app=choice.in_app,
            by_mail=choice.mail,
        )
        for code, choice in kept.items()
    ]
    NotificationPreference.objects.bulk_create(
        rows,
        update_conflicts=True,
        update_fields=["in_app", "by_mail"],
        unique_fields=["organization", "member_id", "code"],
    )
    never = [code for code, choice in kept.items() if choice.mail == MailWay.OFF]
    waiting = DigestItem.objects.filter(member_id=member_id, digest__isnull=True)
    waiting.filter(code__in=never).delete()


@transaction.atomic
def set_hours(
    member_id: UUID, *, digest: int, quiet_from: time | None, quiet_until: time | None
) -> MailHours:
    """Keep when a member is written to.

    Raises `NoSuchHour`, `HalfQuiet`, `AlwaysQuiet` or `DigestInQuietHours`.
    """
    if not 0 <= digest <= 23:
        raise NoSuchHour
    if (quiet_from is None) != (quiet_until is None):
        raise HalfQuiet
    if quiet_from is not None and quiet_from == quiet_until:
        raise AlwaysQuiet
    if Hours(digest, quiet_from, quiet_until).quiet_at(time(digest)):
        raise DigestInQuietHours(hour=f"{digest:02}:00")
    row, _new = MailHours.objects.update_or_create(
        member_id=member_id,
        defaults={"digest_hour": digest, "quiet_from": quiet_from, "quiet_until": quiet_until},
    )
    return row


@transaction.atomic
def arrange(member_id: UUID, choices: Mapping[str, Choice], hours: Hours) -> None:
    """Keep what a member wants to hear, and when. Raises what `choose` and `set_hours` raise."""
    choose(member_id, choices)
    set_hours(
        member_id,
        digest=hours.digest,
        quiet_from=hours.quiet_from,
        quiet_until=hours.quiet_until,
    )


def hours_of(member_id: UUID) -> Hours:
    """When a member is written to."""
    row = MailHours.objects.filter(member_id=member_id).first()
    return Hours(row.digest_hour, row.quiet_from, row.quiet_until) if row else Hours()


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
