"""The list of projects."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import Team
from prs.operations.deals.models import Project, ProjectTeam
from prs.operations.deals.permissions import PROJECTS as EDIT
from prs.web.kit.columns import Age, Day, Lead, Number, Status, Table, Text
from prs.web.kit.filters import DayFilter
from prs.web.kit.lists import Action, Empty, List

MEANINGS = {
    "planning": "plain",
    "in_progress": "waiting",
    "completed": "done",
    "on_hold": "attention",
    "cancelled": "stopped",
}


def project_state(status: str) -> tuple[str, Any]:
    """Meaning and word of a project's status."""
    return MEANINGS[status], Project.Status(status).label


class ProjectTable(Table):
    name = Lead(_("Project"), to="sales:project")
    description = Text(_("Description"))
    status = Status(_("Status"), shows=project_state)
    deals = Number(_("Deals"), orderable=False)
    starts_on = Day(_("Starts"))
    ends_on = Day(_("Ends"))
    created_by = Text(_("Set up by"), accessor="created_by__name", visible=False)
    created_at = Age(_("Set up"), visible=False)

    class Meta:
        model = Project
        fields = ()
        order_by = ("name", "pk")


def teams(request: Any) -> QuerySet[Any]:
    """Every team, by name."""
    return Team.objects.order_by("name", "pk")


class ProjectFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Project.Status)
    team = django_filters.ModelChoiceFilter(label=_("Team"), queryset=teams, method="of_team")
    since = DayFilter(label=_("Starts from"), field_name="starts_on", lookup_expr="gte")
    until = DayFilter(label=_("Ends by"), field_name="ends_on", lookup_expr="lte")

    def of_team(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        """The projects that a team works on."""
        return rows.filter(pk__in=ProjectTeam.objects.filter(team=value).values("project"))


PROJECTS = List(
    name="projects",
    title=_("Projects"),
    table=ProjectTable,
    filters=ProjectFilter,
    search=("name", "description"),
    search_label=_("Name or description"),
    empty=Empty(
        "folder",
        _("What do several deals belong to?"),
        _("A project keeps deals together, and shows what they come to and what they earn."),
        "/sales/projects/add/",
        _("Set up a project"),
        EDIT,
    ),
    main=Action(_("Set up a project"), "/sales/projects/add/", "plus", EDIT),
    live="project",
    template="sales/projects.html",
)
