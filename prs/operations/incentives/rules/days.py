"""Working days, periods to date, and the pace towards a goal. Source: reference 6."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from functools import lru_cache

import holidays

DAY = timedelta(days=1)
MONDAY_TO_FRIDAY = frozenset(range(5))
KINDS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, order=True)
class Period:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> Iterator[date]:
        """Each day."""
        day = self.first
        while day <= self.last:
            yield day
            day += DAY

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last

    def until(self, on: date) -> Period:
        """The period to date."""
        return Period(self.first, min(self.last, max(on, self.first - DAY)))


def month_of(on: date) -> Period:
    """The calendar month of a day."""
    return Period(on.replace(day=1), on.replace(day=monthrange(on.year, on.month)[1]))


def period_of(kind: str, on: date) -> Period:
    """The day, week (from Monday), month, quarter or year that a day lies in."""
    match kind:
        case "day":
            return Period(on, on)
        case "week":
            first = on - timedelta(days=on.weekday())
            return Period(first, first + timedelta(days=6))
        case "quarter":
            first = on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)
            return Period(first, month_of(first.replace(month=first.month + 2)).last)
        case "year":
            return Period(date(on.year, 1, 1), date(on.year, 12, 31))
        case _:
            return month_of(on)


def period_before(kind: str, period: Period) -> Period:
    """The period of the same kind just before."""
    return period_of(kind, period.first - DAY)


def as_far_into(earlier: Period, period: Period, on: date) -> Period:
    """As many days of the earlier period as have passed of this one, to compare like with like."""
    passed = (period.until(on).last - period.first).days
    return Period(earlier.first, min(earlier.last, earlier.first + timedelta(days=passed)))


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """A country's public holidays; none for a country that the list doesn't know."""
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


@lru_cache(maxsize=256)
def usual_week(country: str) -> frozenset[int]:
    """The week days on which a country works; Monday is 0."""
    try:
        return frozenset(range(7)) - frozenset(holidays.country_holidays(country).weekend)
    except NotImplementedError:
        return MONDAY_TO_FRIDAY


@dataclass(frozen=True)
class Calendar:
    """On which days an organization works."""

    week: frozenset[int] = MONDAY_TO_FRIDAY
    country: str = ""
    extra: frozenset[date] = field(default_factory=frozenset)

    def works(self, on: date) -> bool:
        """Whether a day is a working day."""
        if on.weekday() not in self.week or on in self.extra:
            return False
        return not (self.country and on in public_holidays(self.country, on.year))

    def count(self, period: Period) -> int:
        """The working days in a period."""
        return sum(1 for day in period.days if self.works(day))


@dataclass(frozen=True)
class Pace:
    """How far somebody is, and how far they would be at an even pace."""

    target: Decimal
    achieved: Decimal
    expected: Decimal
    days_left: int

    @property
    def percent(self) -> int:
        """How much of the target is reached, in whole per cent."""
        return int(self.achieved * 100 / self.target) if self.target else 0

    @property
    def bar(self) -> int:
        """The same, as long as a bar can be."""
        return max(0, min(100, self.percent))

    @property
    def ahead(self) -> Decimal:
        """How much more than expected is reached; below zero when behind."""
        return self.achieved - self.expected

    @property
    def reached(self) -> bool:
        """Whether the target is reached."""
        return self.achieved >= self.target

    @property
    def per_day(self) -> Decimal:
        """What each working day that is left must bring."""
        missing = max(self.target - self.achieved, Decimal(0))
        share = missing / self.days_left if self.days_left else missing
        return share.quantize(Decimal("0.01"), rounding=ROUND_UP)


def pace(
    target: Decimal, achieved: Decimal, *, period: Period, on: date, calendar: Calendar
) -> Pace:
    """How somebody stands on a day: working days that are behind count as expected, today not yet."""
    whole = calendar.count(period)
    behind = calendar.count(Period(period.first, min(period.last, on - DAY)))
    expected = target * behind / whole if whole else target
    return Pace(target, achieved, expected.quantize(Decimal("0.01")), whole - behind)


@dataclass(frozen=True)
class Target:
    """A goal as arithmetic sees it: so much in these days."""

    period: Period
    amount: Decimal

    @property
    def length(self) -> int:
        """How many days it is for."""
        return (self.period.last - self.period.first).days


def asked_of(
    period: Period, targets: Iterable[Target], *, on: date, calendar: Calendar
) -> Target | None:
    """What goals together ask of a period: each working day counts with the shortest goal for it.

    A quarter is asked what its months are, a week its part of the month. Where no goal follows, the
    days asked for end; None when a working day until `on` has no goal.
    """
    shortest = sorted(targets, key=lambda each: each.length)
    falls: Counter[Target] = Counter()
    last = period.last
    for day in (day for day in period.days if calendar.works(day)):
        goal = next((each for each in shortest if each.period.holds(day)), None)
        if goal is None:
            last = day - DAY
            break
        falls[goal] += 1
    if not falls or last < min(on, period.last):
        return None
    amount = sum((share(goal, days, calendar) for goal, days in falls.items()), Decimal(0))
    return Target(Period(period.first, last), amount)


def share(goal: Target, days: int, calendar: Calendar) -> Decimal:
    """The part of a goal that falls on some of its working days."""
    return (goal.amount * days / calendar.count(goal.period)).quantize(Decimal("0.01"))
