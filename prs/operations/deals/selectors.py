"""Reads of deals and projects."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.models import Member, Team, TeamMember
from prs.kernel.identity.rules import Scope
from prs.masterdata.places.selectors import colleagues
from prs.operations.deals.events import REMINDED
from prs.operations.deals.models import Deal, Project, ProjectTeam

ALIVE = Q(cancelled_at__isnull=True)
OPEN = ALIVE & Q(paid__lt=F("value"))
DUE = F("value") - F("paid")
HOME = F("value") * F("rate")
AT_ONCE = 200


def visible_to(member: Member) -> QuerySet[Deal]:
    """The deals that a member's row scope reaches: those of the salespeople in it."""
    deals = Deal.objects.select_related("customer", "salesperson", "project")
    reach = colleagues(member)
    return deals if reach is None else deals.filter(salesperson__in=reach)


def overdue(deals: QuerySet[Deal], *, on: date) -> QuerySet[Deal]:
    """Deals that should have been paid by now."""
    return deals.filter(OPEN, due_date__lt=on)


def stalled(*, at: datetime) -> QuerySet[Deal]:
    """Deals that have been pending for over a day, and nobody was told; the oldest first."""
    rows = Deal.objects.filter(
        ALIVE, status=Deal.Status.PENDING, created_at__lt=at - timedelta(days=1)
    )
    told = AuditEvent.objects.filter(
        code=REMINDED.code, subject_id=OuterRef("pk"), after__reminder="pending"
    )
    waiting = rows.exclude(Exists(told)).select_related("customer")
    return waiting.order_by("created_at", "pk")[:AT_ONCE]


def due_soon(*, on: date) -> list[Deal]:
    """Deals due within a week and unpaid, whose salesperson was not told of that day."""
    rows = Deal.objects.filter(OPEN, due_date__range=(on, on + timedelta(days=7)))
    found = rows.select_related("customer").order_by("due_date", "pk")
    told = set(
        AuditEvent.objects.filter(
            code=REMINDED.code, subject_id__in=found.values("pk"), after__has_key="reminder"
        ).values_list("subject_id", "after__reminder")
    )
    return [deal for deal in found if (deal.pk, f"due {deal.due_date}") not in told][:AT_ONCE]


def summary(deals: QuerySet[Deal], *, on: date) -> dict[str, Any]:
    """Counts and sums by state, in one query; sums are in the deals' own currency."""
    late = OPEN & Q(due_date__lt=on)
    return deals.filter(ALIVE).aggregate(
        count=Count("pk"),
        agreed=Sum("value", default=Decimal(0)),
        proven=Sum("paid", default=Decimal(0)),
        pending=Count("pk", filter=Q(status=Deal.Status.PENDING)),
        verified=Count("pk", filter=Q(status=Deal.Status.VERIFIED)),
        rejected=Count("pk", filter=Q(status=Deal.Status.REJECTED)),
        open_amount=Sum(DUE, filter=OPEN, default=Decimal(0)),
        late_count=Count("pk", filter=late),
        late_amount=Sum(DUE, filter=late, default=Decimal(0)),
    )


def owed(deals: QuerySet[Deal], *, on: date) -> dict[str, Any]:
    """How many deals are open, what of them is left and what is late.

    Only open deals are read: however many were paid before, they cost nothing.
    """
    late = Q(due_date__lt=on)
    return deals.filter(OPEN).aggregate(
        open_count=Count("customer"),
        open_amount=Sum(DUE, default=Decimal(0)),
        late_count=Count("customer", filter=late),
        late_amount=Sum(DUE, filter=late, default=Decimal(0)),
    )


def closed_on(
    deals: QuerySet[Deal], *spans: tuple[date, date]
) -> list[dict[str, tuple[int, Decimal]]]:
    """For each span of days: number and value of the deals closed then, by status, in one query.

    Values are in the home currency, at the rate that each deal names.
    """
    wanted: dict[str, Any] = {}
    any_day = Q()
    for at, span in enumerate(spans):
        then = Q(deal_date__range=span)
        any_day |= then
        wanted[f"count_{at}"] = Count("pk", filter=then)
        wanted[f"value_{at}"] = Sum(HOME, filter=then, default=Decimal(0))
    rows: Any = deals.filter(ALIVE & any_day).order_by().values("status").annotate(**wanted)
    found = list(rows)
    return [
        {
            row["status"]: (row[f"count_{at}"], row[f"value_{at}"].quantize(Decimal("0.01")))
            for row in found
        }
        for at in range(len(spans))
    ]


def projects_visible_to(member: Member) -> QuerySet[Project]:
    """Every project for those who see everyone's rows; else those of the member's teams, or their own."""
    projects = Project.objects.select_related("created_by")
    if member.role.scope == Scope.ALL:
        return projects
    teams = Team.objects.filter(
        Q(lead=member) | Q(pk__in=TeamMember.objects.filter(member=member).values("team"))
    )
    through = ProjectTeam.objects.filter(team__in=teams).values("project")
    return projects.filter(Q(pk__in=through) | Q(created_by=member))


def teams_of(project: Project) -> QuerySet[Team]:
    """The teams that work on a project."""
    rows = ProjectTeam.objects.filter(project=project).values("team")
    return Team.objects.filter(pk__in=rows).order_by("name", "pk")


def project_totals(deals: QuerySet[Deal]) -> list[dict[str, Any]]:
    """Value, verified money, expected cost and margin of deals, by currency.

    The margin covers only the deals whose cost is known; `costed` says how much value that is.
    """
    known = Q(cost__isnull=False)
    sums: dict[str, Any] = {
        "count": Count("pk"),
        "total": Sum("value"),
        "verified": Sum("paid"),
        "expected_cost": Sum("cost", default=Decimal(0)),
        "costed": Sum("value", filter=known, default=Decimal(0)),
        "margin": Sum(F("value") - F("cost"), filter=known, default=Decimal(0)),
    }
    rows: Any = deals.filter(ALIVE).order_by("currency").values("currency").annotate(**sums)
    return list(rows)
