"""Background work of stock."""

from __future__ import annotations

from prs.kernel import clock
from prs.kernel.activity.tasks import organizations
from prs.kernel.clock import local_date
from prs.kernel.jobs.services import enqueue
from prs.kernel.tenancy.context import required_organization, tenant_task
from prs.kernel.tenancy.models import Organization
from prs.ledgers.stock import services as stock

RELEASE = "prs.ledgers.stock.tasks.release_expired"
WARN = "prs.ledgers.stock.tasks.raise_alerts"
WEEK = "prs.ledgers.stock.tasks.report_week"
EXPIRY = "prs.ledgers.stock.tasks.raise_expiry_alerts"


def release_everywhere() -> None:
    """Let go what is kept past its time, in a job for each organization."""
    for organization_id in organizations():
        enqueue(RELEASE, organization_id=organization_id)


def warn_everywhere() -> None:
    """Warn of what runs out, in a job for each organization."""
    for organization_id in organizations():
        enqueue(WARN, organization_id=organization_id)


def warn_of_expiry_everywhere() -> None:
    """Warn of what expires, in a job for each organization."""
    for organization_id in organizations():
        enqueue(EXPIRY, organization_id=organization_id)


def report_weeks_everywhere() -> None:
    """Tell of the week that is over, in a job for each organization. Daily, so that a Monday on
    which nothing ran is made up for.
    """
    for organization_id in organizations():
        enqueue(WEEK, organization_id=organization_id)


@tenant_task
def report_week() -> None:
    """Tell an organization of its last week, as of its own day. Twice is once."""
    organization = Organization.objects.get(pk=required_organization())
    now = clock.now()
    stock.report_week(today=local_date(now, organization.time_zone), at=now)


@tenant_task
def release_expired() -> None:
    """Let go what an organization keeps past its time."""
    stock.release_expired(at=clock.now())


@tenant_task
def raise_alerts() -> None:
    """Bring an organization's alerts of what runs out up to date. Twice is once."""
    warn(expiry=False)


@tenant_task
def raise_expiry_alerts() -> None:
    """Bring all its alerts up to date, those of what expires among them."""
    warn(expiry=True)


def warn(*, expiry: bool) -> None:
    """Bring alerts up to date, as of the organization's own day."""
    organization = Organization.objects.get(pk=required_organization())
    now = clock.now()
    stock.raise_stock_alerts(today=local_date(now, organization.time_zone), at=now, expiry=expiry)
