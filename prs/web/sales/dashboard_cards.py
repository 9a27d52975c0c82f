"""The dashboard's charts and lists: why the figures are as they are, down to single rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from prs.masterdata.parties.permissions import VIEW as SEE_CUSTOMERS
from prs.operations.deals.models import Deal
from prs.operations.incentives import selectors
from prs.operations.incentives.rules.days import Period
from prs.operations.incentives.rules.standings import Ranked
from prs.operations.incentives.selectors import Progress, Series, Table
from prs.operations.payments.figures import Tally
from prs.operations.payments.permissions import VIEW as SEE_PAYMENTS
from prs.web.kit.charts import Chart, Part, Spot, address, chart, parts
from prs.web.kit.states import DEAL, deal_state, payment_state
from prs.web.sales.dashboard_figures import Asked, Deals, Figures
from prs.web.sales.dashboard_tiles import ZERO, days_of

RECENT = 6
LONGEST = 10
# How the first day of a bar is written below it.
BRIEF = {"week": "Ed", "month": "d", "quarter": "MMMd", "year": "MMM"}


# --- charts -------------------------------------------------------------------------------------------


def charts_of(asked: Asked, figures: Figures) -> dict[str, Any]:
    """At most three charts; what may not be seen is not there."""
    seen = asked.member.may(SEE_PAYMENTS)
    return {
        "chart": course(asked, figures.series) if seen else None,
        "verification": verification(asked, figures.states or {}),
        "statuses": statuses(asked, figures.deals),
    }


def course(asked: Asked, series: Series) -> Chart:
    """Verified money step by step beside the time before; what is to come stays empty."""
    # Where the time before says nothing, there is nothing to stand beside.
    beside = any(point.before for point in series.points)
    spots = []
    for at, part in enumerate(selectors.steps_in(asked.kind, asked.period)):
        label = asked.words.brief(part.first, BRIEF[asked.kind])
        if at >= len(series.points):
            spots.append(Spot(label, ZERO, before=ZERO if beside else None))
            continue
        point = series.points[at]
        url = asked.link("sales:money", **days_of(Period(point.first, point.last)))
        before = point.before if beside else None
        spots.append(Spot(label, point.amount, url, None, before, asked.words.day(point.first)))
    return chart(spots, asked.currency)


def verification(asked: Asked, states: dict[str, Tally]) -> list[Part]:
    """How the payments ended that were recorded in the period."""
    labels = {
        "completed": _("Verified"),
        "pending": _("Waiting"),
        "unsuccessful": _("Unsuccessful"),
    }
    days = asked.to_date
    recorded = {"recorded_from": days.first.isoformat(), "recorded_to": days.last.isoformat()}
    shown = [(state, states[state]) for state in labels if state in states and states[state].count]
    return parts(
        [
            (labels[state], tally.count, asked.link("billing:payments", state=state, **recorded))
            for state, tally in shown
        ],
        [tally.amount for _state, tally in shown],
    )


def statuses(asked: Asked, deals: Deals) -> list[Part]:
    """How the deals stand that were closed in the period."""
    days = days_of(asked.to_date)
    shown = [status for status in DEAL if status in deals and deals[status][0]]
    return parts(
        [
            (DEAL[status][1], deals[status][0], asked.link("sales:deals", state=status, **days))
            for status in shown
        ],
        [deals[status][1] for status in shown],
    )


# --- lists --------------------------------------------------------------------------------------------


def cards_of(asked: Asked, figures: Figures) -> dict[str, Any]:
    """Recent rows, the best customers, ranks, and those who are led."""
    found: dict[str, Any] = {
        **deals_of(asked),
        "payments": None,
        "buyers": None,
        "ranks": ranks_of(asked, figures.table) if figures.table else None,
        "led": led(asked),
    }
    if asked.member.may(SEE_PAYMENTS):
        rows = asked.payments.order_by("-recorded_at", "-pk")[:RECENT]
        found["payments"] = [(row, payment_state(row.status)) for row in rows]
        found["payments_url"] = asked.link("billing:payments")
        found |= buyers(asked, figures.series)
        found["may_see_customers"] = asked.member.may(SEE_CUSTOMERS)
    return found


def deals_of(asked: Asked) -> dict[str, Any]:
    """The newest deals, or those that have waited longest for proof."""
    longest = asked.request.GET.get("open") == "longest"
    rows = asked.deals.order_by("-created_at", "-pk")[:RECENT]
    if longest:
        waiting = asked.deals.filter(status=Deal.Status.PENDING, cancelled_at__isnull=True)
        rows = waiting.order_by("deal_date", "pk")[:LONGEST]
    state = {"state": Deal.Status.PENDING.value, "sort": "created_at"} if longest else {}
    return {
        "deals": [(row, deal_state(row.status, row.cancelled_at)) for row in rows],
        "deals_url": asked.link("sales:deals", **state),
        "deals_tabs": [
            (_("Newest"), asked.here(open=None), not longest),
            (_("Open longest"), asked.here(open="longest"), longest),
        ],
    }


def buyers(asked: Asked, series: Series) -> dict[str, Any]:
    """The customers who brought in most, in these days or ever, each with the address of that money."""
    ever = asked.request.GET.get("top") == "ever"
    money, whole, days = asked.money, series.total, {}
    if ever:
        whole = money.aggregate(total=Sum("home", default=ZERO))["total"]
    else:
        money = selectors.money_of(asked.whose.people, asked.to_date)
        days = days_of(asked.to_date)
    return {
        "buyers": [
            (each, asked.link("sales:money", customer=each.id, **days))
            for each in selectors.top_customers(money, whole=whole)
        ],
        "buyers_tabs": [
            (_("These days"), asked.here(top=None), not ever),
            (_("Ever"), asked.here(top="ever"), ever),
        ],
    }


def ranks_of(asked: Asked, table: Table) -> dict[str, Any]:
    """The best, and the caller's own rank where it lies below them."""
    return {
        "rows": [(row, rows_behind(asked, row), row == table.own) for row in table.rows],
        "own": (table.own, rows_behind(asked, table.own))
        if table.own and table.own_is_below
        else None,
        "count": table.count,
        "all": address("sales:standings", period=asked.kind, by=asked.by),
        "tabs": [
            (_("People"), asked.here(by=None), asked.by == "member"),
            (_("Teams"), asked.here(by="team"), asked.by == "team"),
        ],
    }


def rows_behind(asked: Asked, row: Ranked) -> str:
    """The address of the money of somebody who is ranked; nothing where it is out of reach."""
    days, pk = days_of(asked.to_date), row.entrant.id
    if asked.by == "team":
        return address("sales:money", team=pk, **days) if pk in {t.pk for t in asked.teams} else ""
    return address("sales:money", salesperson=pk, **days) if is_reachable(asked, pk) else ""


def is_reachable(asked: Asked, pk: UUID) -> bool:
    """Whether the caller sees a member's rows."""
    return asked.first.everyone or pk in {each.pk for each in asked.reachable}


def led(asked: Asked) -> dict[str, Any] | None:
    """The teams of the organization, or the people of a team, with their progress."""
    if asked.whose.member:
        return None
    on, period, organization = asked.on, asked.period, asked.organization
    rows: list[tuple[Any, Progress]]
    if asked.whose.everyone and asked.teams:
        title, name, filtered = _("Teams"), "team", "team"
        rows = selectors.progress_of_teams(asked.teams, period, on=on, organization=organization)
    else:
        title, name, filtered = _("People"), "member", "salesperson"
        people = selectors.sellers_among(asked.whose.people)
        rows = selectors.progress_of_members(people, period, on=on, organization=organization)
    days = days_of(asked.to_date)
    return {
        "title": title,
        "rows": [
            (
                row,
                stand,
                asked.here(**{"team": None, "member": None, name: row.pk}),
                address("sales:money", **{filtered: row.pk}, **days),
            )
            for row, stand in rows
        ],
    }
