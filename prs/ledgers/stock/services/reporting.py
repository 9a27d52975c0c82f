"""Reporting on a week of movements: told once, however often the worker tries."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from prs.kernel.activity.rules import SYSTEM
from prs.kernel.activity.services import record
from prs.ledgers.stock import events, selectors
from prs.ledgers.stock.models import StockWeek

WEEK = timedelta(days=6)
NAMED = 5


def last_week(today: date) -> date:
    """The Monday of the last week that is over."""
    return today - timedelta(days=today.weekday() + 7)


@transaction.atomic
def report_week(*, today: date, at: datetime) -> StockWeek | None:
    """Tell of the last whole week, if goods moved in it and nobody was told yet.

    The week and the message are written together, and the week only once: a worker that dies in
    between leaves neither, and of two that run at once the second finds it told.
    """
    first = last_week(today)
    last = first + WEEK
    if StockWeek.objects.filter(starts_on=first).exists():
        return None
    told = selectors.week_of(first, last)
    if not told.moves:
        return None
    week, new = StockWeek.objects.get_or_create(
        starts_on=first, defaults={"ends_on": last, "made_at": at}
    )
    if not new:
        return None
    words = {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "moves": str(told.moves),
        "came": str(told.of(*selectors.CAME)),
        "sold": str(told.of(*selectors.SOLD)),
        "adjusted": str(told.of(selectors.KINDS.ADJUSTMENT)),
        "most": ", ".join(each.name for each in told.most_sold[:NAMED]) or "–",
    }
    record(events.WEEK_MOVED, week, by=SYSTEM, at=at, words=words)
    return week
