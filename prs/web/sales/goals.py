"""Goals: how everyone stands, setting them, and one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.operations.deals.permissions import VIEW as SEE_DEALS
from prs.operations.incentives import permissions, selectors
from prs.operations.incentives import services as incentives
from prs.operations.incentives.models import Goal
from prs.operations.incentives.rules.days import Period, month_of
from prs.web.kit.access import found, requires
from prs.web.kit.forms import edit_screen
from prs.web.kit.screens import screen
from prs.web.sales.goal_forms import CalendarForm, GoalForm, OwnGoalForm

SHOWN = 60


def today_of(request: Any) -> Any:
    """The organization's today: goals and streaks follow its clock, not the reader's."""
    return selectors.today_of(request.organization, clock.now())


@requires(permissions.STANDINGS)
@require_GET
def goals(request: Any) -> HttpResponse:
    """Running goals with their pace, and the others."""
    on, organization = today_of(request), request.organization
    rows = selectors.goals_visible_to(request.member).order_by("-starts_on", "name", "pk")
    running: list[Any] = []
    others: list[Any] = []
    for row in rows[:SHOWN]:
        period = Period(row.starts_on, row.ends_on)
        subject = row.member or row.team or organization
        stand = selectors.progress_of(subject, period, on=on, organization=organization)
        (running if row.starts_on <= on <= row.ends_on else others).append((row, stand))
    own = request.member.may(permissions.VIEW_OWN)
    context = {
        "running": running,
        "others": others,
        "currency": organization.currency,
        "may_edit": request.member.may(permissions.GOALS),
        "may_choose": own,
        "on": on,
    }
    return screen(request, "sales/goals.html", context)


def after_goal(request: Any) -> str:
    """Where somebody goes on who was asked for an own goal: to their dashboard, or home."""
    return "sales:dashboard" if request.member.may(SEE_DEALS) else "shell:home"


@requires(permissions.GOALS)
def add_goal(request: Any) -> HttpResponse:
    """Set a goal."""
    month = month_of(today_of(request))
    form = GoalForm(
        request.POST if request.method == "POST" else None,
        initial={"starts_on": month.first, "ends_on": month.last},
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and form.add(incentives.set_goal, by=request.member, at=clock.now())
    ):
        return redirect("sales:goals")
    return goal_screen(request, form, _("Set a goal"))


@requires(permissions.GOALS)
def goal(request: Any, pk: UUID) -> HttpResponse:
    """Change a goal."""
    row: Goal = found(selectors.goals_visible_to(request.member), pk=pk)
    form = GoalForm(request.POST if request.method == "POST" else None, instance=row)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(incentives.change_goal, by=request.member, at=clock.now())
    ):
        return redirect("sales:goals")
    return goal_screen(request, form, str(row))


def goal_screen(request: Any, form: GoalForm, title: str) -> HttpResponse:
    """The form of a goal."""
    context = {
        "title": title,
        "save": _("Save goal"),
        "back": reverse("sales:goals"),
        "currency": request.organization.currency,
    }
    return edit_screen(request, "sales/goal_form.html", form, context)


@requires(permissions.VIEW_OWN)
def own_goal(request: Any) -> HttpResponse:
    """Choose one's own goal for this month."""
    on = today_of(request)
    period = month_of(on)
    stand = selectors.progress_of(request.member, period, on=on, organization=request.organization)
    first = {"target": stand.target} if stand.target else {}
    form = OwnGoalForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        target = form.cleaned_data["target"]
        incentives.set_own_goal(target, period, by=request.member, at=clock.now())
        messages.success(request, _("Your goal is set."))
        return redirect(after_goal(request))
    context = {
        "form": form,
        "period": period,
        "currency": request.organization.currency,
        "prompt": selectors.goal_prompt(request.member, on=on),
        "stand": stand,
    }
    status = 422 if form.is_bound and form.errors else 200
    return screen(request, "sales/goal_own.html", context, status=status)


@requires(permissions.VIEW_OWN)
@require_POST
def skip_goal(request: Any) -> HttpResponse:
    """Put one's own goal off."""
    incentives.skip_goal(on=today_of(request), by=request.member, at=clock.now())
    return redirect(after_goal(request))


@requires(permissions.GOALS)
def goal_calendar(request: Any) -> HttpResponse:
    """Say on which days the organization works."""
    calendar = selectors.calendar_of(request.organization)
    first = {"week": [str(day) for day in calendar.week], "keep_holidays": bool(calendar.country)}
    form = CalendarForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        incentives.set_calendar(
            [int(day) for day in form.cleaned_data["week"]],
            keep_holidays=form.cleaned_data["keep_holidays"],
            by=request.member,
            at=clock.now(),
        )
        messages.success(request, _("The working days are saved."))
        return redirect("sales:goals")
    context = {
        "form": form,
        "title": _("Working days"),
        "save": _("Save working days"),
        "back": reverse("sales:goals"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return screen(request, "sales/commission_form.html", context, status=status)
