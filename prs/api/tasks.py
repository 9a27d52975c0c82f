"""Background work of the API."""

from __future__ import annotations

from prs.api import services
from prs.kernel import clock
from prs.kernel.activity.tasks import organizations
from prs.kernel.tenancy.context import tenant_context


def forget_old_requests() -> None:
    """Keep the log of requests to its 90 days, in every organization."""
    at = clock.now()
    services.forget_old_allowances(at=at)
    for organization_id in organizations():
        with tenant_context(organization_id):
            services.forget_old_requests(at=at)
