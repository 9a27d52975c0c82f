"""Telling people: who is told of an event, in what words, in the app and by mail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from prs.kernel.activity import chain, mail
from prs.kernel.activity.rules import Event, Hours, MailWay, worded
from prs.kernel.activity.services import CHANNEL, Happening
from prs.kernel.activity.tasks import organizations
from prs.kernel.db.ids import new_id
from prs.kernel.identity import selectors
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import required_organization, tenant_context
from prs.kernel.tenancy.models import Organization

# Which of some members see the rows of one of the others.
Onlookers = Callable[[Collection[UUID], Collection[UUID]], set[UUID]]
TOPIC = "notification"
# Holders of the event's rights and those it names, each with their own choice of channels, and
# whether that alone says that it is their business: it is not for a narrow scope and another's row.
PEOPLE = """
    SELECT m.id, m.name, u.email, coalesce(nullif(u.language, ''), nullif(o.language, '')), o.name,
           p.in_app, p.by_mail, t.title, t.text, o.time_zone, h.quiet_from, h.quiet_until,
           r.scope = 'all' OR m.id = ANY(%(named)s::uuid[])
             OR coalesce(m.id = ANY(%(holders)s::uuid[]), true)
    FROM identity_member m
    JOIN identity_role r ON r.organization_id = m.organization_id AND r.id = m.role_id
    JOIN identity_user u ON u.id = m.user_id
    JOIN tenancy_organization o ON o.id = m.organization_id
    LEFT JOIN activity_notificationpreference p
      ON p.organization_id = m.organization_id AND p.member_id = m.id AND p.code = %(code)s
    LEFT JOIN activity_mailhours h
      ON h.organization_id = m.organization_id AND h.member_id = m.id
    LEFT JOIN activity_notificationtext t
      ON t.organization_id = m.organization_id AND t.code = %(code)s AND t.active
    WHERE m.organization_id = %(organization)s AND m.active AND u.is_active
      AND m.id IS DISTINCT FROM %(actor)s::uuid
      AND (m.id = ANY(%(named)s::uuid[]) OR r.permissions && %(rights)s::varchar[])
    ORDER BY m.id
"""
KEEP = """
    INSERT INTO activity_digestitem
      (id, organization_id, event_id, member_id, code, title, text, subject_kind, subject_id, at)
    SELECT id, %(organization)s, %(event)s, member_id, %(code)s, title, text, %(kind)s,
           %(subject)s::uuid, %(at)s::timestamptz
    FROM unnest(%(ids)s::uuid[], %(members)s::uuid[], %(titles)s::text[], %(texts)s::text[])
      AS kept (id, member_id, title, text)
    ON CONFLICT DO NOTHING
"""
# One statement writes what each is told, and wakes their open pages at commit.
TELL = """
    WITH heard AS (
      SELECT * FROM unnest(%(ids)s::uuid[], %(members)s::uuid[], %(titles)s::text[],
                           %(texts)s::text[]) AS heard (id, member_id, title, text)
    ), note AS (
      INSERT INTO activity_notification
        (id, organization_id, event_id, member_id, code, title, text, priority, category,
         subject_kind, subject_id, created_at)
      SELECT id, %(organization)s, %(event)s, member_id, %(code)s, title, text, %(priority)s,
             %(category)s, %(kind)s, %(subject)s::uuid, %(at)s::timestamptz
      FROM heard
      ON CONFLICT DO NOTHING
    ), live AS (
      INSERT INTO activity_outboxevent
        (organization_id, topic, permission, member_id, subject_kind, subject_id, at)
      SELECT %(organization)s, %(topic)s, '', member_id, %(row_kind)s, %(event)s,
             %(at)s::timestamptz
      FROM heard
      RETURNING id
    )
    SELECT pg_notify(%(channel)s, %(organization)s::uuid::text || ':' || max(id)) FROM live
"""


@dataclass(frozen=True)
class Words:
    """A notification's title and text, before their places are filled."""

    title: str
    text: str


@dataclass(frozen=True)
class Told:
    """Somebody an event is told to, where they hear of it, and the organization's own words for it."""

    member_id: UUID
    name: str
    email: str
    language: str
    organization: str
    in_app: bool
    mail: MailWay
    held_until: datetime | None
    own: Words | None


def tell(happening: Happening, *, onlookers: Onlookers = selectors.onlookers) -> None:
    """Tell the members whose business this event is. Never the one who did it.

    `onlookers` answers whose row scope reaches whose rows. However many are told, the number of
    statements is the same.
    """
    event = happening.event
    if not (event.told or event.told_as):
        return
    people = told(happening, onlookers=onlookers)
    spoken: dict[str, Words] = {}
    note(happening, [each for each in people if each.in_app], spoken)
    keep(happening, [each for each in people if each.mail == MailWay.DAILY], spoken)
    drafts = [
        draft(each, happening, words_for(event, each, spoken))
        for each in people
        if each.mail == MailWay.NOW
    ]
    mail.post_all(drafts, at=happening.at)


def told(happening: Happening, *, onlookers: Onlookers) -> list[Told]:
    """The active members an event is told to: those it names, and holders of its rights who see it.

    Who sees only some rows is told only of rows of theirs.
    """
    event, holders = happening.event, happening.holders
    words: dict[str, Any] = {
        "organization": required_organization(),
        "code": event.code,
        "actor": happening.by.pk,
        "named": event.named(happening.subject),
        "holders": None if holders is None else list(holders),
        "rights": list(event.told),
    }
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, words)
        rows = cursor.fetchall()
    doubtful = [row[0] for row in rows if not row[-1]]
    seeing = onlookers(doubtful, holders) if doubtful and holders else set()
    return [heard(happening, *row[:-1]) for row in rows if row[-1] or row[0] in seeing]


def heard(happening: Happening, pk: UUID, name: str, email: str, *rest: Any) -> Told:
    """Where somebody hears of an event: by their own choice, else as the event says.

    Urgent is always shown, and its mail waits for nothing.
    """
    language, organization, in_app, by_mail, title, text, zone, quiet_from, quiet_until = rest
    event = happening.event
    way = MailWay(by_mail) if by_mail else event.way
    hours = Hours(quiet_from=quiet_from, quiet_until=quiet_until)
    return Told(
        member_id=pk,
        name=name,
        email=email,
        language=language or settings.LANGUAGE_CODE,
        organization=organization,
        in_app=event.urgent or in_app is not False,
        mail=MailWay.NOW if event.urgent and way == MailWay.DAILY else way,
        held_until=None if event.urgent else hours.held_until(happening.at, zone),
        own=None if title is None else Words(title, text),
    )


def words_for(event: Event, each: Told, spoken: dict[str, Words]) -> Words:
    """What somebody reads: the organization's words, else ours in their language."""
    if each.own is not None:
        return each.own
    if each.language not in spoken:
        with translation.override(each.language):
            spoken[each.language] = Words(str(event.title), str(event.sentence))
    return spoken[each.language]


def note(happening: Happening, people: Sequence[Told], spoken: dict[str, Words]) -> None:
    """Write a notification for each, and tell their open pages."""
    if not people:
        return
    event, row = happening.event, happening.row
    more = {
        "priority": event.priority,
        "category": event.category,
        "topic": TOPIC,
        "row_kind": row._meta.label_lower,
        "channel": CHANNEL,
    }
    with connection.cursor() as cursor:
        cursor.execute(TELL, {**written(happening, people, spoken), **more})


def keep(happening: Happening, people: Sequence[Told], spoken: dict[str, Words]) -> None:
    """Keep what happened for the next digest of each."""
    if not people:
        return
    with connection.cursor() as cursor:
        cursor.execute(KEEP, written(happening, people, spoken))


def written(
    happening: Happening, people: Sequence[Told], spoken: dict[str, Words]
) -> dict[str, Any]:
    """What each reads of an event, as a statement takes it."""
    row = happening.row
    words = [words_for(happening.event, each, spoken) for each in people]
    filled = {
        each: (worded(each.title, row.words)[:200], worded(each.text, row.words)[:1000])
        for each in set(words)
    }
    return {
        "ids": [new_id() for _ in people],
        "members": [each.member_id for each in people],
        "titles": [filled[each][0] for each in words],
        "texts": [filled[each][1] for each in words],
        "organization": row.organization_id,
        "event": row.pk,
        "code": row.code,
        "kind": row.subject_kind,
        "subject": row.subject_id,
        "at": happening.at,
    }


def draft(each: Told, happening: Happening, words: Words) -> mail.Draft:
    """The mail that tells somebody of an event: its words, and one way on. Quiet hours hold it."""
    row = happening.row
    with translation.override(each.language):
        path = reverse("shell:open", args=[row.subject_kind, row.subject_id])
        body = render_to_string(
            "email/notification.txt",
            {
                "name": each.name,
                "text": worded(words.text, row.words),
                "url": f"{settings.SITE_URL}{path}",
                "choices_url": f"{settings.SITE_URL}{reverse('shell:notification_preferences')}",
                "organization": each.organization,
            },
        )
    return mail.Draft(
        key=f"notice:{row.pk}:{each.member_id}",
        recipient=each.email,
        subject=f"{worded(words.title, row.words)}: {row.subject_label}",
        body=body,
        not_before=each.held_until,
    )


def language_of(member: Member) -> str:
    """The language that a member is written to in."""
    return str(member.user.language or member.organization.language or settings.LANGUAGE_CODE)


# --- the newest seals, written outside ----------------------------------------------------------------


def publish_chain_heads(*, at: datetime) -> int:
    """Write every organization's newest seal to its file and mail it to the owners. Says how many."""
    return sum(publish_head(organization_id, at=at) for organization_id in organizations())


def publish_head(organization_id: UUID, *, at: datetime) -> bool:
    """Publish one organization's newest seal; nothing when it is published already."""
    published = chain.publish(organization_id, at=at)
    if published is None:
        return False
    with tenant_context(organization_id):
        organization = Organization.objects.get(pk=required_organization())
        owners = Member.objects.filter(active=True, role__key="owner").select_related(
            "user", "organization"
        )
        for owner in owners:
            with translation.override(language_of(owner)):
                words = {"organization": organization.name, "seq": published.seq}
                mail.post(
                    key=f"chain-head:{published.seq}:{owner.pk}",
                    recipient=owner.user.email,
                    subject=_("Seal %(seq)s of the history of %(organization)s") % words,
                    body=render_to_string(
                        "email/chain_head.txt",
                        {"name": owner.name, "organization": organization, "head": published},
                    ),
                    at=at,
                )
    return True
