"""Background work of follow-ups."""

from __future__ import annotations

from prs.kernel import clock
from prs.kernel.activity.tasks import organizations
from prs.kernel.jobs.services import enqueue
from prs.kernel.tenancy.context import required_organization, tenant_task
from prs.kernel.tenancy.models import Organization
from prs.operations.followups import services

ALERTS = "prs.operations.followups.tasks.raise_alerts"


def raise_all_alerts() -> None:
    """Bring every organization's alerts up to date, each in a job of its own."""
    for organization_id in organizations():
        enqueue(ALERTS, organization_id=organization_id)


@tenant_task
def raise_alerts() -> None:
    """Bring one organization's alerts up to date. Twice is once."""
    organization = Organization.objects.get(pk=required_organization())
    services.raise_alerts(organization, at=clock.now())
