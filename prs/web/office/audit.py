"""The audit log: who did what and when, and the seal that keeps it honest."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.dateparse import parse_datetime

from prs.kernel.activity import chain
from prs.kernel.activity.models import AuditChain, AuditEvent, AuditHead
from prs.kernel.identity.permissions import VIEW_AUDIT
from prs.web.kit.access import found, requires
from prs.web.kit.screens import screen
from prs.web.office.tables import AUDIT, kind, sentence


@requires(VIEW_AUDIT)
def listed(request: Any) -> HttpResponse:
    """What happened, newest first, with the newest seal of the chain."""
    published = chain.last_published(request.organization.pk)
    context = {
        "head": AuditHead.objects.first(),
        "published": published,
        "published_at": parse_datetime(published.at) if published else None,
    }
    return AUDIT.show(request, AuditEvent.objects.all(), **context)


@requires(VIEW_AUDIT)
def event(request: Any, pk: UUID) -> HttpResponse:
    """One thing that happened, with every field as it was and as it became."""
    row = found(AuditEvent.objects.all(), pk=pk)
    names = sorted({*row.before, *row.after})
    context = {
        "event": row,
        "sentence": sentence(row.code, row.words),
        "kind": kind(row.code),
        "changes": [
            (name, said(row.before.get(name)), said(row.after.get(name))) for name in names
        ],
        "seal": AuditChain.objects.filter(event_id=row.pk).first(),
    }
    return screen(request, "office/audit_event.html", context)


def said(value: Any) -> str:
    """A kept value as text."""
    if value in (None, "", [], {}):
        return "—"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {said(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(said(each) for each in value)
    return str(value)
