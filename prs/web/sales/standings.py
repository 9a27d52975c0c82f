"""Standings and one's own streak."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from prs.kernel import clock
from prs.operations.incentives import permissions, selectors
from prs.operations.incentives.rules.days import KINDS, period_of
from prs.operations.incentives.rules.standings import USUAL
from prs.operations.incentives.rules.streaks import stars
from prs.operations.incentives.selectors import Streak
from prs.web.kit.access import requires
from prs.web.kit.screens import screen

PERIODS = (
    ("day", _("Today")),
    ("week", _("Week")),
    ("month", _("Month")),
    ("quarter", _("Quarter")),
    ("year", _("Year")),
)
SUBJECTS = (("member", _("People")), ("team", _("Teams")))
LIMITS = (5, 10, 20, 50)
LEVELS: dict[str, Any] = {
    "newcomer": _("New"),
    "beginner": _("Beginner"),
    "started": _("Getting started"),
    "rising": _("Rising star"),
    "pro": _("Sales pro"),
    "master": _("Sales master"),
    "legend": _("Sales legend"),
}
INSIGHTS: dict[str, Any] = {
    "topped": _("Five stars, and a sale today. Keep going."),
    "growing": _("A sale today: half a star more."),
    "keep_going": _("One proven sale today keeps the streak."),
    "at_risk": _("The last working day went without a sale. One today wins half a star back."),
    "restart": _("Every streak starts with one sale. Today is a good day for it."),
}
OUTCOMES: dict[str, tuple[str, Any]] = {
    "success": ("done", _("Sold")),
    "waiting": ("waiting", _("Waits for proof")),
    "failure": ("plain", _("No sale")),
}


def chosen(request: Any, name: str, allowed: Any, usual: str) -> str:
    """What the address asks for, if there is such a thing."""
    value = request.GET.get(name, usual)
    return value if value in allowed else usual


def limit_of(request: Any) -> int:
    """How many rows the address asks for."""
    text = request.GET.get("limit", "")
    return int(text) if text.isdigit() and int(text) in LIMITS else USUAL


def streak_words(streak: Streak) -> dict[str, Any]:
    """A streak in words, as its card shows it."""
    return {
        "streak": streak,
        "level": LEVELS[streak.level],
        "insight": INSIGHTS[streak.insight],
        "days": [(day, OUTCOMES[day.outcome]) for day in streak.days],
    }


@requires(permissions.STANDINGS)
@require_GET
def standings(request: Any) -> HttpResponse:
    """Who brought in how much verified money, in a period to date."""
    on = selectors.today_of(request.organization, clock.now())
    kind = chosen(request, "period", KINDS, "month")
    by = chosen(request, "by", dict(SUBJECTS), "member")
    limit = limit_of(request)
    table = selectors.standings(
        period_of(kind, on), by=by, limit=limit, member=request.member, on=on
    )
    streak = selectors.streak_of(request.member, on=on)
    # Who never sold has no streak to keep, although one begins at the top.
    earns = request.member.may(permissions.VIEW_OWN) and streak.days
    context = {
        "table": table,
        "rows": [
            (row, None if row.entrant.streak is None else stars(row.entrant.streak))
            for row in table.rows
        ],
        "own": table.own if table.own_is_below else None,
        "kind": kind,
        "by": by,
        "limit": limit,
        "periods": PERIODS,
        "subjects": SUBJECTS,
        "limits": LIMITS,
        "currency": request.organization.currency,
        "card": streak_words(streak) if earns else None,
    }
    return screen(request, "sales/standings.html", context)
