"""Telling people what waits: a daily word to verifiers, and one about each payment that waits too long."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from prs.kernel.activity.models import AuditEvent
from prs.kernel.activity.rules import SYSTEM
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.operations.payments import events, selectors
from prs.operations.payments.models import Payment
from prs.operations.payments.rules import WAITS_TOO_LONG
from prs.operations.payments.services.shared import said

AT_ONCE = 200


def held_organization() -> Organization:
    """The running organization's row, held until the commit: two reminders wait for each other."""
    return Organization.objects.select_for_update(of=("self",), no_key=True).get(
        pk=required_organization()
    )


def start_of_day(at: datetime, zone: str) -> datetime:
    """Midnight before a moment, where the organization is."""
    return datetime.combine(local_date(at, zone), time.min, tzinfo=ZoneInfo(zone))


@transaction.atomic
def remind_verifiers(*, at: datetime) -> bool:
    """Tell the verifiers once a day how many payments wait over a day. False when nothing is said."""
    organization = held_organization()
    waiting = Payment.objects.filter(
        status__in=selectors.TO_DECIDE, recorded_at__lt=at - WAITS_TOO_LONG
    ).count()
    today = start_of_day(at, organization.time_zone)
    said_today = AuditEvent.objects.filter(code=events.REMINDED.code, at__gte=today)
    if not waiting or said_today.exists():
        return False
    words = {"count": waiting, "hours": int(WAITS_TOO_LONG / timedelta(hours=1))}
    record(events.REMINDED, organization, by=SYSTEM, at=at, words=words)
    return True


@transaction.atomic
def escalate(*, at: datetime) -> int:
    """Tell the senior verifiers once about each payment past the organization's hours. How many."""
    organization = held_organization()
    past = at - timedelta(hours=selectors.hours_to_verify(organization))
    told = AuditEvent.objects.filter(code=events.ESCALATED.code).values("subject_id")
    rows = (
        Payment.objects.filter(status__in=selectors.TO_DECIDE, recorded_at__lt=past)
        .exclude(pk__in=told)
        .select_related("customer")
        .order_by("recorded_at", "pk")[:AT_ONCE]
    )
    count = 0
    for row in rows:
        since = waits_since(row, organization)
        record(events.ESCALATED, row, by=SYSTEM, at=at, words={**said(row), "since": since})
        count += 1
    return count


def waits_since(payment: Payment, organization: Organization) -> str:
    """Since when a payment waits, in the organization's days."""
    return local_date(payment.recorded_at, organization.time_zone).isoformat()
