"""What the platform may know of organizations: their own row, how many people, how lately."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.events import (
    ORGANIZATION_CREATED,
    ORGANIZATION_OPENED,
    ORGANIZATION_REACTIVATED,
    ORGANIZATION_SUSPENDED,
    WELCOME_RESENT,
)
from prs.kernel.tenancy.context import tenant_context

# Of an organization's audit log the platform reads what itself did there.
OURS = (
    ORGANIZATION_CREATED,
    ORGANIZATION_OPENED,
    ORGANIZATION_SUSPENDED,
    ORGANIZATION_REACTIVATED,
    WELCOME_RESENT,
)


@dataclass(frozen=True)
class Headcount:
    """How many people an organization has, and when one of them signed in last."""

    members: int = 0
    last_sign_in: datetime | None = None


def headcounts(organization_ids: Iterable[UUID]) -> dict[UUID, Headcount]:
    """The headcount of each organization. Answers inside `platform_context` only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM prs_headcounts(%s)", (list(organization_ids),))
        return {row[0]: Headcount(row[1], row[2]) for row in cursor.fetchall()}


def history(organization_id: UUID) -> list[AuditEvent]:
    """What the platform did to an organization, newest first."""
    with tenant_context(organization_id):
        rows = AuditEvent.objects.filter(code__in=[event.code for event in OURS])
        return list(rows.order_by("-at", "-pk")[:50])
