"""The stretches of time that the verifiers' dashboard shows, and the bars they are cut into."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.web.kit.moments import Bucket
from prs.web.kit.reader import reader

PERIODS: dict[str, Any] = {
    "day": _("7 days"),
    "week": _("4 weeks"),
    "month": _("12 months"),
}


def buckets(period: str, today: date) -> list[Bucket]:
    """The last seven days, four weeks (from Monday) or twelve months, today included."""
    if period == "day":
        return [one_day(today - timedelta(days=back)) for back in range(6, -1, -1)]
    if period == "week":
        monday = today - timedelta(days=today.weekday())
        return [week(monday - timedelta(weeks=back), today) for back in range(3, -1, -1)]
    months = today.year * 12 + today.month - 1
    return [month(months - back, today) for back in range(11, -1, -1)]


def one_day(day: date) -> Bucket:
    """A bar of one day."""
    return Bucket(day, day, reader().day(day))


def week(monday: date, today: date) -> Bucket:
    """A bar of a week; the running one ends today."""
    return Bucket(monday, min(monday + timedelta(days=6), today), reader().day(monday))


def month(number: int, today: date) -> Bucket:
    """A bar of a month, counted from the year 0; the running one ends today."""
    first = date(number // 12, number % 12 + 1, 1)
    after = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
    return Bucket(first, min(after - timedelta(days=1), today), f"{first:%Y-%m}")
