"""Reads of goals, paces and the working calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from prs.kernel.identity.models import Member, Team
from prs.kernel.tenancy.models import Organization
from prs.masterdata.places.selectors import colleagues
from prs.operations.incentives.models import Goal, GoalSkip, WorkCalendar
from prs.operations.incentives.permissions import VIEW_ALL, VIEW_OWN
from prs.operations.incentives.rules.days import (
    Calendar,
    Pace,
    Period,
    month_of,
    pace,
    prorated,
    usual_week,
)
from prs.operations.incentives.selectors.sales import (
    ZERO,
    seats_of,
    sums_by_member,
    teams_of,
    verified_money,
)

MOST_SKIPS = 2
Subject = Organization | Team | Member


def calendar_row() -> WorkCalendar | None:
    """What the organization said about its working days."""
    return WorkCalendar.objects.first()


def calendar_of(organization: Organization) -> Calendar:
    """On which days the organization works: as it said, else as its country does."""
    row = calendar_row()
    if row is None:
        return Calendar(usual_week(organization.country), organization.country)
    return Calendar(frozenset(row.week), organization.country if row.keep_holidays else "")


def every_goal() -> QuerySet[Goal]:
    """Every goal with whom it is for."""
    return Goal.objects.select_related("team", "member")


def goals_visible_to(member: Member) -> QuerySet[Goal]:
    """The organization's goals, those of the member's teams, and of the people in their row scope."""
    reach = colleagues(member)
    if reach is None:
        return every_goal()
    return every_goal().filter(
        Q(team__isnull=True, member__isnull=True)
        | Q(member__in=reach)
        | Q(team__in=teams_of(member))
    )


@dataclass(frozen=True)
class Progress:
    """How a subject stands in a period; `goal` and `pace` are None without a goal that covers it."""

    period: Period
    achieved: Decimal
    goal: Goal | None = None
    pace: Pace | None = None

    @property
    def target(self) -> Decimal | None:
        """What is to be achieved in the period."""
        return self.pace.target if self.pace else None

    @property
    def expected(self) -> Decimal | None:
        """What should be achieved by now at an even pace."""
        return self.pace.expected if self.pace else None


def covering(period: Period) -> QuerySet[Goal]:
    """The goals that cover a period, the shortest first."""
    rows = Goal.objects.filter(starts_on__lte=period.first, ends_on__gte=period.last)
    return rows.order_by(F("ends_on") - F("starts_on"), "pk")


def goal_for(subject: Subject, period: Period) -> Goal | None:
    """The shortest goal of a subject that covers a period."""
    rows = covering(period)
    if isinstance(subject, Member):
        rows = rows.filter(member=subject)
    elif isinstance(subject, Team):
        rows = rows.filter(team=subject)
    else:
        rows = rows.filter(member__isnull=True, team__isnull=True)
    return rows.first()


def progress_of(
    subject: Subject,
    period: Period,
    *,
    on: date,
    organization: Organization,
    achieved: Decimal | None = None,
) -> Progress:
    """Target, verified money and pace of a member, a team or the organization, in a period to date.

    A goal for a longer time counts with the part that falls on the period's working days. Whoever
    knows already what was achieved says so.
    """
    if achieved is None:
        achieved = verified_money(subject, period.until(on))
    goal = goal_for(subject, period)
    if goal is None:
        return Progress(period, achieved)
    return measured(goal, achieved, period, on=on, calendar=calendar_of(organization))


def measured(
    goal: Goal | None, achieved: Decimal, period: Period, *, on: date, calendar: Calendar
) -> Progress:
    """What was achieved in a period, held against a goal that covers it."""
    if goal is None:
        return Progress(period, achieved)
    whole = Period(goal.starts_on, goal.ends_on)
    target = goal.target
    if whole != period:
        target = prorated(target, goal=whole, part=period, calendar=calendar)
    stand = pace(target, achieved, period=period, on=on, calendar=calendar)
    return Progress(period, achieved, goal, stand)


def progress_of_members(
    people: QuerySet[Member], period: Period, *, on: date, organization: Organization
) -> list[tuple[Member, Progress]]:
    """How each of these members stands, the most money first; three queries besides theirs."""
    rows = list(people)
    found, calendar = sums_by_member(period.until(on)), calendar_of(organization)
    goals: dict[UUID | None, Goal] = {}
    for goal in covering(period).filter(member__in=rows):
        goals.setdefault(goal.member_id, goal)
    stands = [
        measured(
            goals.get(row.pk), found.get(row.pk, (ZERO, 0))[0], period, on=on, calendar=calendar
        )
        for row in rows
    ]
    return furthest_first(list(zip(rows, stands, strict=True)))


def progress_of_teams(
    teams: Sequence[Team], period: Period, *, on: date, organization: Organization
) -> list[tuple[Team, Progress]]:
    """How each of these teams stands, the most money first; four queries."""
    found, calendar = sums_by_member(period.until(on)), calendar_of(organization)
    seats = seats_of(teams)
    goals: dict[UUID | None, Goal] = {}
    for goal in covering(period).filter(team__in=teams):
        goals.setdefault(goal.team_id, goal)
    stands = []
    for team in teams:
        achieved = sum((found.get(pk, (ZERO, 0))[0] for pk in seats[team.pk]), ZERO)
        stand = measured(goals.get(team.pk), achieved, period, on=on, calendar=calendar)
        stands.append((team, stand))
    return furthest_first(stands)


def furthest_first(rows: list[tuple[Any, Progress]]) -> list[tuple[Any, Progress]]:
    """Whoever brought in most first, then by name."""
    return sorted(rows, key=lambda row: (-row[1].achieved, row[0].name.casefold()))


@dataclass(frozen=True)
class Prompt:
    """That somebody who sells has no own goal yet, and whether it may be put off once more."""

    skips_left: int

    @property
    def required(self) -> bool:
        """Whether it can't be put off any more."""
        return self.skips_left == 0


def goal_prompt(member: Member, *, on: date) -> Prompt | None:
    """Whether a member is to be asked for an own goal now: once a day, and only those who earn."""
    if not member.may(VIEW_OWN) or member.may(VIEW_ALL):
        return None
    month = month_of(on)
    covering = Goal.objects.filter(member=member, starts_on__lte=on, ends_on__gte=month.first)
    if covering.exists():
        return None
    days = list(GoalSkip.objects.filter(member=member).values_list("skipped_on", flat=True))
    return None if on in days else Prompt(MOST_SKIPS - len(days))
