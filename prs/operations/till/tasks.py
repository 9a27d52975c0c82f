"""Background work of the till."""

from __future__ import annotations

from prs.kernel import clock
from prs.kernel.activity.tasks import organizations
from prs.kernel.jobs.services import enqueue
from prs.kernel.tenancy.context import tenant_task
from prs.operations.till import services


def abandon_everywhere() -> None:
    """Leave the baskets that nobody touches any more, each organization in a job of its own."""
    for organization_id in organizations():
        enqueue("prs.operations.till.tasks.abandon_old", organization_id=organization_id)


@tenant_task
def abandon_old() -> None:
    """Leave one organization's old baskets. Twice is once."""
    services.abandon_left_behind(at=clock.now())
