"""Background work of incentives."""

from __future__ import annotations

from prs.kernel import clock, documents
from prs.kernel.activity.services import announce
from prs.kernel.clock import local_date
from prs.kernel.identity.selectors import organization_ids
from prs.kernel.tenancy.context import tenant_context, tenant_task
from prs.kernel.tenancy.models import Organization
from prs.kernel.tenancy.services import keep_document
from prs.operations.incentives import selectors, services, statements
from prs.operations.incentives.models import Commission
from prs.operations.incentives.rules.days import month_of, period_before


@tenant_task
def render_statement(*, commission_id: str) -> None:
    """Render and keep the statement of an approved commission. Twice is once."""
    commission = Commission.objects.select_related(
        "member", "organization", "approved_by", "rule"
    ).get(pk=commission_id)
    if selectors.document_of(commission) is not None:
        return
    language = commission.organization.language
    sheet = statements.sheet_of(commission)
    keep_document(
        documents.render(statements.TEMPLATE, {"sheet": sheet}, language=language),
        kind=selectors.STATEMENT,
        number=commission.number,
        source_id=commission.pk,
        at=clock.now(),
    )
    announce("commission", commission, at=clock.now(), permission="commissions.view_all")


def replay_streaks() -> None:
    """Bring every organization's streaks up to its own today."""
    at = clock.now()
    for pk in organization_ids():
        with tenant_context(pk):
            organization = Organization.objects.get(pk=pk)
            services.catch_up()
            services.replay_all(
                today=local_date(at, organization.time_zone),
                calendar=selectors.calendar_of(organization),
            )


def keep_commissions() -> None:
    """Keep drafts up with the money: of the running month, and of the last until it is approved."""
    at = clock.now()
    for pk in organization_ids():
        with tenant_context(pk):
            organization = Organization.objects.get(pk=pk)
            month = month_of(local_date(at, organization.time_zone))
            for period in (period_before("month", month), month):
                if selectors.rules_promise(period):
                    services.keep_current(selectors.earners(), period, at=at)
