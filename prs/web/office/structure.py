"""Departments, job titles, teams and branches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.errors import Forbidden
from prs.kernel.identity.models import Department, JobTitle, Member, Team, TeamMember
from prs.kernel.identity.permissions import EDIT_MEMBERS, VIEW_MEMBERS
from prs.kernel.identity.services import structure
from prs.masterdata.places import services as places
from prs.masterdata.places.models import Branch, BranchMember
from prs.masterdata.places.permissions import EDIT as EDIT_BRANCHES
from prs.web.kit.access import found, requires
from prs.web.kit.forms import EditForm
from prs.web.kit.screens import screen
from prs.web.office.forms import BranchForm, DepartmentForm, JobTitleForm, TeamForm
from prs.web.office.pages import form_page, posted
from prs.web.office.tables import BRANCHES, DEPARTMENTS, JOB_TITLES, TEAMS


@dataclass(frozen=True)
class Kind:
    """One kind of thing, and what its pages say and do."""

    model: Any
    form: type[EditForm]
    add: Callable[..., Any]
    change: Callable[..., Any]
    listed: str
    adding: Any
    saving: Any


DEPARTMENT = Kind(
    Department,
    DepartmentForm,
    partial(structure.add, Department),
    structure.change,
    "office:departments",
    gettext_lazy("Add a department"),
    gettext_lazy("Save department"),
)
JOB_TITLE = Kind(
    JobTitle,
    JobTitleForm,
    partial(structure.add, JobTitle),
    structure.change,
    "office:job_titles",
    gettext_lazy("Add a job title"),
    gettext_lazy("Save job title"),
)
TEAM = Kind(
    Team,
    TeamForm,
    structure.add_team,
    structure.change_team,
    "office:teams",
    gettext_lazy("Add a team"),
    gettext_lazy("Save team"),
)
BRANCH = Kind(
    Branch,
    BranchForm,
    places.add,
    places.change,
    "office:branches",
    gettext_lazy("Add a branch"),
    gettext_lazy("Save branch"),
)


def counted(rows: QuerySet[Any], members: QuerySet[Any], by: str) -> QuerySet[Any]:
    """Rows with the number of people who belong to each."""
    belonging = members.filter(**{by: OuterRef("pk")}).order_by().values(by)
    numbers = belonging.annotate(number=Count("pk")).values("number")
    return rows.annotate(people=Coalesce(Subquery(numbers), 0))


def add(request: Any, kind: Kind) -> HttpResponse:
    """The form for a new one."""
    form = kind.form(posted(request))
    if request.method == "POST" and form.is_valid():
        row = form.add(kind.add, by=request.member, at=clock.now())
        if row is not None:
            messages.success(request, _("%(name)s is added.") % {"name": row})
            return redirect(kind.listed)
    back = reverse(kind.listed)
    return form_page(request, form, title=kind.adding, save=kind.adding, back=back)


def edit(request: Any, kind: Kind, pk: UUID) -> HttpResponse:
    """The form for one that is there, with its story."""
    row = found(kind.model.objects.all(), pk=pk)
    form = kind.form(posted(request), instance=row)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(kind.change, by=request.member, at=clock.now())
    ):
        messages.success(request, _("%(name)s is saved.") % {"name": row})
        return redirect(kind.listed)
    return form_page(
        request,
        form,
        title=str(row),
        save=kind.saving,
        back=reverse(kind.listed),
        events=timeline(row, limit=20),
    )


@requires(EDIT_MEMBERS)
def departments(request: Any) -> HttpResponse:
    """The departments."""
    rows = counted(Department.objects.all(), Member.objects.filter(active=True), "department")
    return DEPARTMENTS.show(request, rows, section="departments", may_edit=True)


@requires(EDIT_MEMBERS)
def add_department(request: Any) -> HttpResponse:
    return add(request, DEPARTMENT)


@requires(EDIT_MEMBERS)
def department(request: Any, pk: UUID) -> HttpResponse:
    return edit(request, DEPARTMENT, pk)


@requires(EDIT_MEMBERS)
def job_titles(request: Any) -> HttpResponse:
    """The job titles."""
    rows = counted(JobTitle.objects.all(), Member.objects.filter(active=True), "job_title")
    return JOB_TITLES.show(request, rows, section="job_titles", may_edit=True)


@requires(EDIT_MEMBERS)
def add_job_title(request: Any) -> HttpResponse:
    return add(request, JOB_TITLE)


@requires(EDIT_MEMBERS)
def job_title(request: Any, pk: UUID) -> HttpResponse:
    return edit(request, JOB_TITLE, pk)


@requires(VIEW_MEMBERS)
def teams(request: Any) -> HttpResponse:
    """The teams."""
    seats = TeamMember.objects.filter(member__active=True)
    rows = counted(Team.objects.all(), seats, "team")
    may_edit = request.member.may(EDIT_MEMBERS)
    return TEAMS.show(request, rows, section="teams", may_edit=may_edit)


@requires(EDIT_MEMBERS)
def add_team(request: Any) -> HttpResponse:
    return add(request, TEAM)


@requires(VIEW_MEMBERS)
def team(request: Any, pk: UUID) -> HttpResponse:
    """One team: its form for those who may change it, its people for the others."""
    if request.member.may(EDIT_MEMBERS):
        return edit(request, TEAM, pk)
    if request.method == "POST":
        raise Forbidden
    row = found(Team.objects.select_related("lead"), pk=pk)
    people = TeamMember.objects.filter(team=row).select_related("member__role")
    context = {"team": row, "people": people.order_by("member__name", "pk")}
    return screen(request, "office/team.html", context)


@requires(EDIT_BRANCHES)
def branches(request: Any) -> HttpResponse:
    """The branches."""
    seats = BranchMember.objects.filter(member__active=True)
    return BRANCHES.show(request, counted(Branch.objects.all(), seats, "branch"))


@requires(EDIT_BRANCHES)
def add_branch(request: Any) -> HttpResponse:
    return add(request, BRANCH)


@requires(EDIT_BRANCHES)
def branch(request: Any, pk: UUID) -> HttpResponse:
    return edit(request, BRANCH, pk)
