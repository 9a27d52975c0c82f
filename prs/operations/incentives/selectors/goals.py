"""Reads of goals, paces and the working calendar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from prs.kernel.identity.models import Member, Team
from prs.kernel.tenancy.models import Organization
from prs.masterdata.places.selectors import colleagues
from prs.operations.incentives.models import Goal, GoalSkip, WorkCalendar
from prs.operations.incentives.permissions import VIEW_ALL, VIEW_OWN
from prs.operations.incentives.rules.days import (
    Calendar,
    Pace,
    Period,
    Target,
    asked_of,
    month_of,
    pace,
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
    """How a subject stands in a period; `pace` is None where no goals reach until today.

    `asked` are the days that goals ask for: of a year whose last month has no goal yet, those before.
    """

    period: Period
    achieved: Decimal
    pace: Pace | None = None
    asked: Period | None = None

    @property
    def target(self) -> Decimal | None:
        """What is to be achieved in the period."""
        return self.pace.target if self.pace else None

    @property
    def expected(self) -> Decimal | None:
        """What should be achieved by now at an even pace."""
        return self.pace.expected if self.pace else None

    @property
    def ends_early(self) -> bool:
        """Whether goals ask for a first part of the period only."""
        return self.asked is not None and self.asked.last < self.period.last


def touching(period: Period) -> QuerySet[Goal]:
    """The goals of which some days lie in a period."""
    rows = Goal.objects.filter(starts_on__lte=period.last, ends_on__gte=period.first)
    return rows.order_by("starts_on", "pk")


def goals_for(subject: Subject, period: Period) -> QuerySet[Goal]:
    """The goals of a subject that a period has days of."""
    rows = touching(period)
    if isinstance(subject, Member):
        return rows.filter(member=subject)
    if isinstance(subject, Team):
        return rows.filter(team=subject)
    return rows.filter(member__isnull=True, team__isnull=True)


def progress_of(
    subject: Subject,
    period: Period,
    *,
    on: date,
    organization: Organization,
    achieved: Decimal | None = None,
) -> Progress:
    """Target, verified money and pace of a member, a team or the organization, in a period to date.

    Whoever knows already what was achieved says so.
    """
    if achieved is None:
        achieved = verified_money(subject, period.until(on))
    goals = list(goals_for(subject, period))
    if not goals:
        return Progress(period, achieved)
    return measured(goals, achieved, period, on=on, calendar=calendar_of(organization))


def measured(
    goals: Sequence[Goal], achieved: Decimal, period: Period, *, on: date, calendar: Calendar
) -> Progress:
    """What was achieved in a period, held against the goals for its days."""
    targets = [Target(Period(goal.starts_on, goal.ends_on), goal.target) for goal in goals]
    asked = asked_of(period, targets, on=on, calendar=calendar)
    if asked is None:
        return Progress(period, achieved)
    stand = pace(asked.amount, achieved, period=asked.period, on=on, calendar=calendar)
    return Progress(period, achieved, stand, asked.period)


def progress_of_members(
    people: QuerySet[Member], period: Period, *, on: date, organization: Organization
) -> list[tuple[Member, Progress]]:
    """How each of these members stands, the most money first; three queries besides theirs."""
    rows = list(people)
    found, calendar = sums_by_member(period.until(on)), calendar_of(organization)
    goals: dict[UUID | None, list[Goal]] = defaultdict(list)
    for goal in touching(period).filter(member__in=rows):
        goals[goal.member_id].append(goal)
    stands = [
        measured(goals[row.pk], found.get(row.pk, (ZERO, 0))[0], period, on=on, calendar=calendar)
        for row in rows
    ]
    return furthest_first(list(zip(rows, stands, strict=True)))


def progress_of_teams(
    teams: Sequence[Team], period: Period, *, on: date, organization: Organization
) -> list[tuple[Team, Progress]]:
    """How each of these teams stands, the most money first; four queries."""
    found, calendar = sums_by_member(period.until(on)), calendar_of(organization)
    seats = seats_of(teams)
    goals: dict[UUID | None, list[Goal]] = defaultdict(list)
    for goal in touching(period).filter(team__in=teams):
        goals[goal.team_id].append(goal)
    stands = []
    for team in teams:
        achieved = sum((found.get(pk, (ZERO, 0))[0] for pk in seats[team.pk]), ZERO)
        stand = measured(goals[team.pk], achieved, period, on=on, calendar=calendar)
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
    if goals_for(member, Period(month.first, on)).exists():
        return None
    days = list(GoalSkip.objects.filter(member=member).values_list("skipped_on", flat=True))
    return None if on in days else Prompt(MOST_SKIPS - len(days))
