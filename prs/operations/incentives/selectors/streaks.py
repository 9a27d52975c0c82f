"""Reads of streaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from prs.kernel.identity.models import Member
from prs.operations.incentives.models import StreakDay
from prs.operations.incentives.rules import streaks as rules

SHOWN_DAYS = 14


@dataclass(frozen=True)
class Streak:
    """Where somebody's streak stands. `level` and `insight` are words that screens translate."""

    value: Decimal
    stars: list[str]
    level: str
    insight: str
    days: list[StreakDay]


def streak_of(member: Member, *, on: date) -> Streak:
    """A member's streak on a day, with the days before it, oldest first."""
    rows = StreakDay.objects.filter(member=member, on__lte=on).order_by("-on", "-pk")
    days = list(reversed(rows[:SHOWN_DAYS]))
    value = days[-1].streak if days else rules.START
    today = days[-1].outcome if days and days[-1].on == on else rules.WAITING
    behind = [day.outcome for day in days if day.on < on]
    yesterday = behind[-1] if behind else rules.SUCCESS
    return Streak(
        value, rules.stars(value), rules.level(value), rules.insight(value, today, yesterday), days
    )


def streaks_of(members: Iterable[Any], *, on: date) -> dict[UUID, Decimal]:
    """The streak on a day of those of these members who have begun one."""
    rows = (
        StreakDay.objects.filter(member__in=list(members), on__lte=on)
        .order_by("member", "-on", "-pk")
        .distinct("member")
        .values_list("member", "streak")
    )
    return dict(rows)
