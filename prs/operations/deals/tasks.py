"""Background work of deals."""

from __future__ import annotations

from prs.kernel import clock
from prs.kernel.activity.tasks import organizations
from prs.kernel.jobs.services import enqueue
from prs.kernel.tenancy.context import tenant_task
from prs.operations.deals import services


def remind_everybody() -> None:
    """Have every organization's salespeople told of deals that need them, each in a job of its own."""
    for organization_id in organizations():
        enqueue("prs.operations.deals.tasks.remind_organization", organization_id=organization_id)


@tenant_task
def remind_organization() -> None:
    """Tell one organization's salespeople of deals that need them. Twice is once."""
    services.remind_all(at=clock.now())
