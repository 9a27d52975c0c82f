"""The dashboard of selling: how a member, a team or everyone stands, and the rows behind each figure."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from prs.kernel import clock
from prs.kernel.identity.models import Team
from prs.operations.deals.permissions import EDIT
from prs.operations.deals.permissions import VIEW as SEE_DEALS
from prs.operations.incentives import selectors
from prs.operations.incentives.rules.days import as_far_into, period_before, period_of
from prs.web.kit.access import requires
from prs.web.kit.screens import screen
from prs.web.sales.dashboard_cards import cards_of, charts_of
from prs.web.sales.dashboard_figures import Asked, figures_of
from prs.web.sales.dashboard_tiles import tiles_of
from prs.web.sales.standings import chosen

PARTS = {"dashboard": "sales/_dashboard.html"}
PERIODS: dict[str, Any] = {
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
    "quarter": gettext_lazy("Quarter"),
    "year": gettext_lazy("Year"),
}
NOW: dict[str, Any] = {
    "week": gettext_lazy("This week"),
    "month": gettext_lazy("This month"),
    "quarter": gettext_lazy("This quarter"),
    "year": gettext_lazy("This year"),
}
BEFORE: dict[str, Any] = {
    "week": gettext_lazy("Same days last week"),
    "month": gettext_lazy("Same days last month"),
    "quarter": gettext_lazy("Same days last quarter"),
    "year": gettext_lazy("Same days last year"),
}


@requires(SEE_DEALS)
@require_GET
def dashboard(request: Any) -> HttpResponse:
    """Whether we are on pace, why, and the rows: one's own, one's team's or everyone's."""
    on = selectors.today_of(request.organization, clock.now())
    prompt = selectors.goal_prompt(request.member, on=on)
    if prompt is not None and prompt.required and not request.htmx:
        return redirect("sales:own_goal")
    teams = list(selectors.teams_to_see(request.member))
    asked = asked_for(request, teams, on)
    figures = figures_of(asked)
    context = {
        "asked": asked,
        "kind": asked.kind,
        "on": asked.to_date,
        "before": asked.before,
        "now_words": NOW[asked.kind],
        "before_words": BEFORE[asked.kind],
        "periods": [
            (word, asked.here(period=code), code == asked.kind) for code, word in PERIODS.items()
        ],
        "others": others(asked),
        "title": title_of(asked, asked.whose),
        "prompt": prompt,
        "may_add": request.member.may(EDIT),
        "currency": request.organization.currency,
        "new": figures.nothing and is_new(asked),
        "may_begin": request.member.may(EDIT) and (asked.is_own or asked.whose.everyone),
    }
    if not context["new"]:
        context |= {
            "tiles": tiles_of(asked, figures),
            **charts_of(asked, figures),
            **cards_of(asked, figures),
        }
    return screen(request, "sales/dashboard.html", context, parts=PARTS)


def asked_for(request: Any, teams: list[Team], on: date) -> Asked:
    """Whose figures of which period the address asks for; 404 for people out of reach."""
    member, kind = request.member, chosen(request, "period", PERIODS, "month")
    first = selectors.first_seen(member, teams)
    team_id, member_id = id_in(request, "team"), id_in(request, "member")
    whose: selectors.Whose | None = first
    if member_id:
        whose = selectors.one_member(member, member_id)
    elif team_id:
        whose = selectors.one_team(teams, team_id)
    if whose is None:
        raise Http404
    period = period_of(kind, on)
    before = as_far_into(period_before(kind, period), period, on)
    by = chosen(request, "by", ("member", "team"), "member")
    return Asked(request, first, whose, teams, kind, on, period, before, by)


def id_in(request: Any, name: str) -> UUID | None:
    """An id that the address names; 404 for what is none."""
    text = request.GET.get(name, "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Http404 from error


def is_new(asked: Asked) -> bool:
    """Whether nothing was ever sold by whoever is looked at, nor any payment recorded."""
    return not (asked.deals.exists() or asked.payments.exists() or asked.money.exists())


def title_of(asked: Asked, whose: selectors.Whose) -> str:
    """Whose figures they are, in words."""
    if whose.member == asked.member:
        return _("Your sales")
    if whose.member or whose.team:
        return str(whose.member or whose.team)
    return asked.organization.name if whose.everyone else _("Everyone in your reach")


def others(asked: Asked) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Whom else one may look at: groups of name, address and whether they are shown now."""
    first, whose = asked.first, asked.whose
    if first.member:
        return []
    seen = whose.member or whose.team
    alone = [(title_of(asked, first), asked.here(team=None, member=None), seen is None)]
    teams = [(str(t), asked.here(team=t.pk, member=None), t == seen) for t in asked.teams]
    people = [(str(m), asked.here(member=m.pk, team=None), m == seen) for m in asked.reachable]
    groups = [("", alone if first.team is None else []), (_("Teams"), teams), (_("People"), people)]
    return [group for group in groups if group[1]]
