"""The dashboard's tiles: each figure leads to the rows that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prs.operations.incentives import permissions, selectors
from prs.operations.incentives.rules.days import Pace, Period
from prs.operations.incentives.rules.streaks import stars
from prs.operations.incentives.selectors import Earnings, Progress, Series, Table
from prs.operations.payments.figures import Tally
from prs.operations.payments.permissions import VIEW as SEE_PAYMENTS
from prs.web.kit.charts import address
from prs.web.sales.dashboard_figures import Asked, Deals, Figures

ZERO = Decimal(0)
LATE_COLUMNS = "standing,owed,late,oldest_due,salesperson"


@dataclass(frozen=True)
class Note:
    """A line below a figure; it leads to the rows that it counts, or only explains."""

    text: str
    url: str = ""
    meaning: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Tile:
    """A figure with the address of its rows."""

    code: str
    label: str
    value: str
    url: str
    currency: str = ""
    notes: tuple[Note, ...] = ()
    meaning: str = ""
    bar: int | None = None
    stars: tuple[str, ...] = ()
    streak: Decimal | None = None


def tiles_of(asked: Asked, figures: Figures) -> Sequence[Tile]:
    """At most six figures; what may not be seen is not there."""
    shown = [
        money_tile(asked, figures.series) if asked.member.may(SEE_PAYMENTS) else None,
        goal_tile(asked, figures.progress),
        deals_tile(asked, figures),
        waiting_tile(asked, figures.waiting),
        owed_tile(asked, figures.owed),
        commission_tile(asked, figures),
    ]
    return [tile for tile in shown if tile is not None]


def days_of(period: Period) -> dict[str, str]:
    """The filter of a list for the days of a period."""
    return {"since": period.first.isoformat(), "until": period.last.isoformat()}


def figure(asked: Asked, amount: Decimal) -> str:
    """An amount in home currency, without it."""
    return asked.words.figure(amount.quantize(Decimal("0.01")), asked.currency)


def money_tile(asked: Asked, series: Series) -> Tile:
    """Verified money, and how it compares."""
    words = {"percent": f"{series.growth:+d}", "amount": figure(asked, series.before)}
    earlier = asked.link("sales:money", **days_of(asked.before))
    down = series.growth < 0
    if series.before:
        meaning, icon = ("attention", "trending-down") if down else ("done", "trending-up")
        change = Note(_("%(percent)s %% on %(amount)s") % words, earlier, meaning, icon)
    else:
        change = Note(_("nothing in the time before"), earlier)
    return Tile(
        "money",
        _("Verified money"),
        figure(asked, series.total),
        asked.link("sales:money", **days_of(asked.to_date)),
        asked.currency,
        (change,),
    )


def goal_tile(asked: Asked, progress: Progress | None) -> Tile | None:
    """How much of the goal is reached, and whether that is enough by now."""
    if progress is None:
        return None
    if progress.pace is None:
        own = asked.is_own and asked.member.may(permissions.VIEW_OWN)
        if not (own or asked.member.may(permissions.STANDINGS)):
            return None
        url = address("sales:own_goal" if own else "sales:goals")
        step = Note(_("Set my goal"), url) if own else Note(_("None covers these days"))
        return Tile("goal", _("Goal"), "—", url, notes=(step,))
    pace = progress.pace
    target = _("of %(amount)s") % {"amount": figure(asked, pace.target)}
    if progress.asked is not None and progress.ends_early:
        day = {"target": target, "day": asked.words.day(progress.asked.last)}
        target = _("%(target)s, asked for until %(day)s") % day
    return Tile(
        "goal",
        _("Goal reached"),
        f"{asked.words.number(pace.percent)} %",
        asked.link("sales:money", **days_of(asked.to_date)),
        notes=(Note(target), *pace_notes(asked, pace)),
        bar=pace.bar,
    )


def pace_notes(asked: Asked, pace: Pace) -> tuple[Note, ...]:
    """Whether somebody is on pace, and what each working day that is left must bring."""
    if pace.reached:
        return (Note(_("Reached"), meaning="done", icon="circle-check"),)
    if pace.ahead >= 0:
        stand = Note(_("On pace"), meaning="done", icon="circle-check")
    else:
        stand = Note(_("Behind"), meaning="attention", icon="alert-triangle")
    left = ngettext(
        "%(amount)s a day, %(days)s working day left",
        "%(amount)s a day, %(days)s working days left",
        pace.days_left,
    )
    return stand, Note(left % {"amount": figure(asked, pace.per_day), "days": pace.days_left})


def deals_tile(asked: Asked, figures: Figures) -> Tile:
    """Deals closed, what they are worth, and how many there were before."""
    count, value = added_up(figures.deals)
    before, _value = added_up(figures.deals_before)
    number = asked.words.number
    query = {"called_off": "false"}
    then = _("%(count)s in the time before") % {"count": number(before)}
    return Tile(
        "deals",
        _("Deals closed"),
        number(count),
        asked.link("sales:deals", **query, **days_of(asked.to_date)),
        notes=(
            Note(_("worth %(amount)s") % {"amount": figure(asked, value)}),
            Note(then, asked.link("sales:deals", **query, **days_of(asked.before))),
        ),
    )


def added_up(deals: Deals) -> tuple[int, Decimal]:
    """Number and value of deals in any state."""
    return sum(n for n, _amount in deals.values()), sum((v for _n, v in deals.values()), ZERO)


def waiting_tile(asked: Asked, waiting: Tally | None) -> Tile | None:
    """What waits for a verifier now."""
    if waiting is None:
        return None
    text = ngettext("%(count)s payment", "%(count)s payments", waiting.count)
    return Tile(
        "waiting",
        _("Waits for proof"),
        figure(asked, waiting.amount),
        asked.link("billing:payments", state="pending"),
        asked.currency,
        (Note(text % {"count": asked.words.number(waiting.count)}),),
    )


def owed_tile(asked: Asked, owed: dict[str, Any] | None) -> Tile | None:
    """What customers owe, and what of it is overdue."""
    if owed is None:
        return None
    late = Note(
        _("%(amount)s overdue") % {"amount": figure(asked, owed["late"])},
        asked.link("sales:customers", owing="late", columns=LATE_COLUMNS),
        "attention" if owed["late"] else "",
        "alert-triangle" if owed["late"] else "",
    )
    return Tile(
        "owed",
        _("Owed by customers"),
        figure(asked, owed["owed"]),
        asked.link("sales:customers", owing="owed"),
        asked.currency,
        (late,),
    )


def commission_tile(asked: Asked, figures: Figures) -> Tile | None:
    """What was earned in the months of the period; one's own with the streak."""
    earned = figures.earned
    if earned is None:
        return None
    months = selectors.months_around(asked.period)
    if asked.earner:
        url = address("sales:commissions", member=asked.earner.pk, **days_of(months))
    else:
        url = asked.link("sales:commissions", **days_of(months))
    own = asked.earner is not None
    streak = own_streak(asked, figures.table) if own else None
    return Tile(
        "commission",
        _("Your commission") if own else _("Commissions"),
        figure(asked, earned.earned),
        url,
        asked.currency,
        (Note(worked_out(asked, earned)),),
        stars=tuple(stars(streak)) if streak is not None else (),
        streak=streak,
    )


def worked_out(asked: Asked, earned: Earnings) -> str:
    """How far the commissions are, in words."""
    if not earned.count:
        return _("Not worked out yet")
    text = ngettext(
        "%(count)s worked out, %(paid)s paid out",
        "%(count)s worked out, %(paid)s paid out",
        earned.count,
    )
    number = asked.words.number
    return text % {"count": number(earned.count), "paid": number(earned.paid)}


def own_streak(asked: Asked, table: Table | None) -> Decimal | None:
    """The caller's streak: as the standings have it, else asked for."""
    if table is None:
        return None
    if asked.by == "member" and table.own is not None:
        return table.own.entrant.streak
    streak = selectors.streak_of(asked.member, on=asked.on)
    return streak.value if streak.days else None
