"""Background work of the books."""

from __future__ import annotations

from prs.kernel import clock
from prs.kernel.activity.tasks import organizations
from prs.kernel.jobs.services import enqueue
from prs.kernel.tenancy.context import tenant_task
from prs.ledgers.bookkeeping import selectors, services

RECURRING = "prs.ledgers.bookkeeping.tasks.run_recurring"


def run_recurring_everywhere() -> None:
    """Write what comes back in every organization, each in a job of its own."""
    for organization_id in organizations():
        enqueue(RECURRING, organization_id=organization_id)


@tenant_task
def run_recurring() -> None:
    """Write what is due in one organization. Twice is once."""
    at = clock.now()
    zone = selectors.organization().time_zone
    services.run_recurring(on=clock.local_date(at, zone), at=at)
