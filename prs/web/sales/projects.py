"""Projects: the list, one of them with what its deals come to, and its form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.identity.models import Member, Team, TeamMember
from prs.operations.deals import permissions, selectors
from prs.operations.deals import services as deal_verbs
from prs.operations.deals.models import Project
from prs.web.kit.access import found, requires
from prs.web.kit.forms import edit_screen
from prs.web.kit.screens import screen
from prs.web.kit.states import deal_stage, deal_state
from prs.web.sales.project_forms import ProjectForm
from prs.web.sales.project_tables import PROJECTS, project_state

SHOWN = 50
PARTS = {"project-sheet": "sales/_project_sheet.html"}


def with_deals(projects: QuerySet[Project], member: Member) -> QuerySet[Project]:
    """Projects with the number of their deals that the member may see."""
    own = selectors.visible_to(member).filter(selectors.ALIVE, project=OuterRef("pk"))
    numbers = own.order_by().values("project").annotate(number=Count("pk")).values("number")
    return projects.annotate(deals=Coalesce(Subquery(numbers), 0))


@requires(permissions.VIEW)
def projects(request: Any) -> HttpResponse:
    """The work that deals belong to."""
    rows = selectors.projects_visible_to(request.member)
    return PROJECTS.show(request, with_deals(rows, request.member))


@requires(permissions.VIEW)
@require_GET
def project(request: Any, pk: UUID) -> HttpResponse:
    """One project: what its deals come to, the deals, and who works on it."""
    row = found(selectors.projects_visible_to(request.member), pk=pk)
    deals = selectors.visible_to(request.member).filter(project=row)
    shown = deals.order_by("-deal_date", "-pk")[:SHOWN]
    context = {
        "project": row,
        "state": project_state(row.status),
        "totals": selectors.project_totals(deals),
        "rows": [
            (each, deal_state(each.status, each.cancelled_at), deal_stage(each.value, each.paid))
            for each in shown
        ],
        "more": max(deals.count() - SHOWN, 0),
        "teams": people_by_team(row),
        "events": timeline(row),
        "may_edit": request.member.may(permissions.PROJECTS),
        "may_add": request.member.may(permissions.EDIT),
    }
    return screen(request, "sales/project.html", context, parts=PARTS)


def people_by_team(row: Project) -> list[tuple[Team, list[str]]]:
    """The project's teams with their people, in two queries."""
    teams = list(selectors.teams_of(row).select_related("lead"))
    seats = TeamMember.objects.filter(team__in=teams, member__active=True)
    names = seats.order_by("member__name", "pk").values_list("team", "member__name")
    people: dict[UUID, list[str]] = {team.pk: [] for team in teams}
    for team, name in names:
        people[team].append(name)
    return [(team, people[team.pk]) for team in teams]


def add_verb(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Project:
    """Set up a project from its form: the teams stand apart from its own fields."""
    own = {name: value for name, value in fields.items() if name != "teams"}
    return deal_verbs.add_project(own, by=by, at=at, teams=fields["teams"])


def change_verb(row: Project, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Project:
    """Change a project from its form."""
    own = {name: value for name, value in fields.items() if name != "teams"}
    return deal_verbs.change_project(row, own, by=by, at=at, teams=fields.get("teams"))


@requires(permissions.PROJECTS)
def add_project(request: Any) -> HttpResponse:
    """Set up a project."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = form.add(add_verb, by=request.member, at=clock.now())
        if row is not None:
            messages.success(request, _("%(name)s is set up.") % {"name": row.name})
            return redirect("sales:project", row.pk)
    return edit_screen(request, "sales/project_form.html", form)


@requires(permissions.PROJECTS)
def edit_project(request: Any, pk: UUID) -> HttpResponse:
    """Change a project and its teams."""
    row = found(selectors.projects_visible_to(request.member), pk=pk)
    form = ProjectForm(request.POST or None, instance=row)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(change_verb, by=request.member, at=clock.now())
    ):
        return redirect("sales:project", row.pk)
    return edit_screen(request, "sales/project_form.html", form, {"project": row})
