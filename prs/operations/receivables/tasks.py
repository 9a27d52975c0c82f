"""Background work of receivables."""

from __future__ import annotations

from prs.kernel import clock
from prs.kernel.activity.tasks import organizations
from prs.kernel.jobs.services import enqueue
from prs.kernel.tenancy.context import required_organization, tenant_task
from prs.kernel.tenancy.models import Organization
from prs.operations.receivables import services

REMIND = "prs.operations.receivables.tasks.remind"


def remind_everywhere() -> None:
    """Have every organization's customers reminded of what is due, each in a job of its own."""
    for organization_id in organizations():
        enqueue(REMIND, organization_id=organization_id)


@tenant_task
def remind() -> None:
    """Send one organization's reminders of today. Twice is once."""
    organization = Organization.objects.get(pk=required_organization())
    services.remind_by_schedule(organization, at=clock.now())
