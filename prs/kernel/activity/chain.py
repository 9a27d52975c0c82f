"""The chain of audit rows: is it whole, and is it the one that was published?

The database seals every audit row over the one before. Whoever may do everything in the database
could seal a false history anew; the newest seal is therefore written outside each day, and a chain
that does not hold what was published is false.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from prs.kernel.activity.models import AuditChain, AuditHead
from prs.kernel.tenancy.context import required_organization, tenant_context

# One pass over the chain; the first row that does not follow from the one before.
FIRST_BROKEN = """
    SELECT seq, event_id, seq = place, event_there
    FROM (
      SELECT c.seq, c.event_id, c.hash, e.id IS NOT NULL AS event_there,
             row_number() OVER ordered AS place,
             activity_digest(coalesce(lag(c.hash) OVER ordered, ''), e) AS digest
      FROM activity_auditchain c
      LEFT JOIN activity_auditevent e
        ON e.organization_id = c.organization_id AND e.id = c.event_id
      WHERE c.organization_id = %(organization)s
      WINDOW ordered AS (ORDER BY c.seq)
    ) links
    WHERE seq <> place OR NOT event_there OR digest IS DISTINCT FROM hash
    ORDER BY seq LIMIT 1
"""
UNSEALED = """
    SELECT e.id FROM activity_auditevent e
    WHERE e.organization_id = %(organization)s AND NOT EXISTS (
      SELECT FROM activity_auditchain c
      WHERE c.organization_id = e.organization_id AND c.event_id = e.id)
    ORDER BY e.at, e.id LIMIT 1
"""


@dataclass(frozen=True)
class Published:
    """A seal as it was written outside the database."""

    seq: int
    hash: str
    at: str


def findings() -> Iterator[str]:
    """What is wrong with the chain of the current organization, naming the first bad row."""
    organization_id = required_organization()
    words = {"organization": organization_id}
    with connection.cursor() as cursor:
        cursor.execute(FIRST_BROKEN, words)
        broken = cursor.fetchone()
        cursor.execute(UNSEALED, words)
        unsealed = cursor.fetchone()
    if broken:
        yield broken_sentence(*broken)
    if unsealed:
        yield _("Audit row %(row)s is in no chain.") % {"row": unsealed[0]}
    yield from head_findings()
    yield from published_findings(organization_id)


def broken_sentence(seq: int, event_id: UUID, in_place: bool, event_there: bool) -> str:  # noqa: FBT001
    """Why a link does not hold."""
    words = {"seq": seq, "row": event_id}
    if not in_place:
        return _("A link before %(seq)s is gone.") % words
    if not event_there:
        return _("The audit row %(row)s of link %(seq)s is gone.") % words
    return (
        _("Link %(seq)s does not hold: audit row %(row)s or a link before it was changed.") % words
    )


def head_findings() -> Iterator[str]:
    """Whether the chain ends where its head says."""
    head = AuditHead.objects.first()
    last = AuditChain.objects.order_by("-seq").first()
    if (
        (head.seq, head.hash) != (last.seq, last.hash)
        if head and last
        else bool(head) != bool(last)
    ):
        yield _("The chain does not end at its head: its last rows are gone.")


def published_findings(organization_id: UUID) -> Iterator[str]:
    """Whether the chain still holds every seal that was written outside."""
    published = list(published_heads(organization_id))
    present = dict(
        AuditChain.objects.filter(seq__in=[head.seq for head in published]).values_list(
            "seq", "hash"
        )
    )
    for head in published:
        if present.get(head.seq) != head.hash:
            words = {"seq": head.seq, "at": head.at}
            yield _("Link %(seq)s is not the one that was published at %(at)s.") % words
            return


# --- outside the database ---------------------------------------------------------------------------


def file_of(organization_id: UUID) -> Path:
    """Where an organization's published seals lie, one JSON line each."""
    return Path(settings.VAR_DIR) / "chain" / f"{organization_id}.jsonl"


def published_heads(organization_id: UUID) -> Iterator[Published]:
    """The seals that were published, oldest first."""
    path = file_of(organization_id)
    if path.exists():
        for line in path.read_text().splitlines():
            yield Published(**json.loads(line))


def last_published(organization_id: UUID) -> Published | None:
    """The newest published seal."""
    return next(reversed(list(published_heads(organization_id))), None)


def publish(organization_id: UUID, *, at: datetime) -> Published | None:
    """Append the newest seal to the organization's file; None when it is there already."""
    with tenant_context(organization_id, read_only=True):
        head = AuditHead.objects.first()
    last = last_published(organization_id)
    if head is None or (last and last.seq == head.seq):
        return None
    published = Published(head.seq, head.hash, at.isoformat(timespec="seconds"))
    path = file_of(organization_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(asdict(published)) + "\n")
    return published
