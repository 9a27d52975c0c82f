"""Digests: what happened since the last one, in one mail a day, at the hour that its reader chose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from prs.kernel.activity import mail
from prs.kernel.activity.models import Digest, DigestItem, MailHours
from prs.kernel.activity.rules import Hours
from prs.kernel.identity.models import Member
from prs.kernel.identity.notices import language_of
from prs.kernel.tenancy.context import tenant_context

# A kind that happened more often is counted; the rest stands in the app.
MOST_OF_A_KIND: Final = 25


@dataclass(frozen=True)
class Turn:
    """A member whose digest is due: of which day, and up to which moment."""

    member: Member
    hours: Hours
    day: date
    until: datetime


@dataclass
class Kind:
    """What happened of one kind."""

    title: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.lines)


def waits(organization_id: UUID) -> bool:
    """Whether anything waits for a digest in an organization."""
    with tenant_context(organization_id, read_only=True):
        return DigestItem.objects.filter(digest__isnull=True).exists()


def send_due(organization_id: UUID, *, at: datetime) -> int:
    """Write every digest that is due in an organization. Says how many there were.

    Each is a transaction of its own: who dies in the middle leaves the others to the next run.
    """
    with tenant_context(organization_id, read_only=True):
        turns = due(at=at)
    count = 0
    for turn in turns:
        with tenant_context(organization_id):
            count += write(turn, at=at)
    return count


def due(*, at: datetime) -> list[Turn]:
    """Whose hour has come since something happened that they have not read of. Four queries."""
    unread = DigestItem.objects.filter(digest__isnull=True, at__lt=at).order_by()
    since = dict(unread.values("member_id").values_list("member_id", Min("at")))
    members = Member.objects.filter(
        pk__in=list(since), active=True, user__is_active=True
    ).select_related("user", "organization")
    hours = {
        row.member_id: Hours(row.digest_hour, row.quiet_from, row.quiet_until)
        for row in MailHours.objects.all()
    }
    turns = []
    for member in members.order_by("pk"):
        own = hours.get(member.pk, Hours())
        day, until = own.last_digest(at, member.organization.time_zone)
        if since[member.pk] < until:
            turns.append(Turn(member, own, day, until))
    had = set(
        Digest.objects.filter(day__in={turn.day for turn in turns}).values_list("member_id", "day")
    )
    return [turn for turn in turns if (turn.member.pk, turn.day) not in had]


@transaction.atomic
def write(turn: Turn, *, at: datetime) -> bool:
    """Queue a member's digest of a day, once; False when it is there or there is nothing to say.

    The row of the day, the lines that it takes and its mail are one transaction. Of two workers the
    second finds the row, and of one that died nothing is left.
    """
    waiting = DigestItem.objects.filter(
        member_id=turn.member.pk, digest__isnull=True, at__lt=turn.until
    )
    if not waiting.exists():
        return False
    digest, new = Digest.objects.get_or_create(
        member_id=turn.member.pk, day=turn.day, defaults={"until": turn.until, "made_at": at}
    )
    if not new:
        return False
    waiting.update(digest=digest)
    kinds = kinds_in(DigestItem.objects.filter(digest=digest).order_by("code", "at", "pk"))
    subject, body = words_of(turn, kinds)
    mail.post(
        key=f"digest:{turn.day}:{turn.member.pk}",
        recipient=turn.member.user.email,
        subject=subject,
        body=body,
        at=at,
        # A digest that is late, because no worker ran at its hour, may fall into the quiet hours.
        not_before=turn.hours.held_until(at, turn.member.organization.time_zone),
    )
    return True


def kinds_in(items: Iterable[DigestItem]) -> list[Kind]:
    """What happened, by kind; in each the earliest first, with the way to it."""
    kinds = []
    for _code, rows in groupby(items, key=lambda item: item.code):
        each = list(rows)
        listed = [(row.text, address_of(row)) for row in each[:MOST_OF_A_KIND]]
        kinds.append(Kind(each[-1].title, listed, len(each)))
    return kinds


def address_of(item: DigestItem) -> str:
    """Where a line of a digest leads."""
    if item.subject_id is None:
        return f"{settings.SITE_URL}{reverse('shell:notifications')}"
    path = reverse("shell:open", args=[item.subject_kind, item.subject_id])
    return f"{settings.SITE_URL}{path}"


def words_of(turn: Turn, kinds: list[Kind]) -> tuple[str, str]:
    """A digest's subject and body in its reader's language."""
    member, count = turn.member, sum(kind.count for kind in kinds)
    with translation.override(language_of(member)):
        subject = ngettext(
            "%(organization)s: %(count)s thing happened",
            "%(organization)s: %(count)s things happened",
            count,
        ) % {"organization": member.organization.name, "count": count}
        body = render_to_string(
            "email/digest.txt",
            {
                "name": member.name,
                "kinds": kinds,
                "organization": member.organization.name,
                "notifications_url": f"{settings.SITE_URL}{reverse('shell:notifications')}",
                "choices_url": f"{settings.SITE_URL}{reverse('shell:notification_preferences')}",
            },
        )
    return subject, body
