"""Reads of the sales dashboard: whose figures somebody sees, and those that no other screen needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from prs.kernel.identity.models import Member, Team, TeamMember
from prs.kernel.identity.rules import Scope
from prs.kernel.identity.selectors import Reach, members_of_team
from prs.kernel.tenancy.models import Organization
from prs.masterdata.places.selectors import colleagues
from prs.operations.incentives.models import Commission, SalesMoney
from prs.operations.incentives.rules.days import DAY, Period, month_of, period_of
from prs.operations.incentives.selectors.sales import (
    ZERO,
    Point,
    Series,
    contenders,
    in_home,
    rows_in,
    steps_of,
)

TOP = 5
CHUNK = 7
# What the bars of a period stand for; those of a quarter are weeks counted from its first day, so
# that two quarters are cut alike.
STEPS = {"week": "day", "month": "day", "year": "month"}


# --- whose figures ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Whose:
    """Whose figures are shown: a member's, a team's, several people's, or the organization's."""

    people: Reach
    team: Team | None = None
    member: Member | None = None

    @property
    def everyone(self) -> bool:
        """Whether it is the whole organization."""
        return self.people is None

    def subject(self, organization: Organization) -> Organization | Team | Member | None:
        """Whom a goal can be for; several people without a team have none together."""
        return self.member or self.team or (organization if self.everyone else None)


def first_seen(member: Member, teams: Sequence[Team]) -> Whose:
    """What a member sees without asking: as much as their row scope reaches.

    `teams` are those that the member may look at.
    """
    reach = colleagues(member)
    if isinstance(reach, tuple):
        return Whose(reach, member=member)
    if member.role.scope == Scope.TEAM and len(teams) == 1:
        return one_team(teams, teams[0].pk) or Whose(reach)
    return Whose(reach)


def one_member(member: Member, wanted: UUID) -> Whose | None:
    """A member within another's reach."""
    found = within(Member.objects.all(), colleagues(member)).filter(pk=wanted).first()
    return Whose((found.pk,), member=found) if found else None


def one_team(teams: Sequence[Team], wanted: UUID) -> Whose | None:
    """One of some teams."""
    team = next((each for each in teams if each.pk == wanted), None)
    return Whose(members_of_team(team), team=team) if team else None


def within(members: QuerySet[Member], people: Reach) -> QuerySet[Member]:
    """Those of the members who are among these people."""
    return members if people is None else members.filter(pk__in=people)


def teams_to_see(member: Member) -> QuerySet[Team]:
    """The teams whose figures a member may look at: all of them, or those they lead or belong to."""
    teams = Team.objects.filter(active=True).order_by("name", "pk")
    if member.role.scope == Scope.ALL:
        return teams
    if member.role.scope != Scope.TEAM:
        return teams.none()
    seats = TeamMember.objects.filter(member=member).values("team")
    return teams.filter(Q(lead=member) | Q(pk__in=seats))


def sellers_among(people: Reach) -> QuerySet[Member]:
    """Those of these people who live of selling, by name."""
    return within(contenders(), people)


# --- money --------------------------------------------------------------------------------------------


def money_visible_to(member: Member) -> QuerySet[SalesMoney]:
    """Verified money of the sales that a member's row scope reaches."""
    rows = SalesMoney.objects.all()
    reach = colleagues(member)
    return rows if reach is None else rows.filter(member__in=reach)


def money_of(people: Reach, period: Period) -> QuerySet[SalesMoney]:
    """The money of these people's sales in a period."""
    rows = rows_in(period)
    return rows if people is None else rows.filter(member__in=people)


def steps_in(kind: str, period: Period) -> list[Period]:
    """The bars that a period of a kind is cut into."""
    if kind != "quarter":
        return steps_of(period.first, period.last, STEPS[kind])
    found, day = [], period.first
    while day <= period.last:
        end = min(day + DAY * (CHUNK - 1), period.last)
        found.append(Period(day, end))
        day = end + DAY
    return found


def by_day(money: QuerySet[SalesMoney]) -> dict[date, Decimal]:
    """The sum of each day."""
    return dict(money.order_by().values_list("happened_on").annotate(total=Sum("home")))


def compared(people: Reach, kind: str, period: Period, before: Period) -> Series:
    """Money of a period to date, step by step, beside the same stretch of the period before."""
    known = by_day(money_of(people, Period(before.first, period.last)))

    def total(part: Period) -> Decimal:
        return in_home(sum((known.get(day, ZERO) for day in part.days), ZERO))

    parts = steps_in(kind, period)
    earlier = [total(part) for part in steps_in(kind, before)]
    # Months are not equally long: what has no step of its own beside it counts to the last one.
    earlier[len(parts) - 1 :] = [sum(earlier[len(parts) - 1 :], ZERO)]
    earlier += [ZERO] * (len(parts) - len(earlier))
    points = [
        Point(part.first, part.last, total(part), amount)
        for part, amount in zip(parts, earlier, strict=True)
    ]
    return Series(points, total(period), total(before))


@dataclass(frozen=True)
class Buyer:
    """A customer and the verified money of a period."""

    id: UUID
    name: str
    amount: Decimal
    percent: int


def top_customers(money: QuerySet[SalesMoney], *, whole: Decimal, limit: int = TOP) -> list[Buyer]:
    """The customers who brought in most of some money, each with the share of the whole."""
    rows = (
        money.order_by()
        .values_list("invoice__customer", "invoice__customer__name")
        .annotate(total=Sum("home"))
        .filter(total__gt=0)
        .order_by("-total", "invoice__customer__name", "invoice__customer")[:limit]
    )
    return [
        Buyer(
            pk, name, in_home(total), max(0, min(100, round(total * 100 / whole))) if whole else 0
        )
        for pk, name, total in rows
    ]


# --- commissions --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Earnings:
    """What commissions come to: how many, how many of them were paid out, and what was earned."""

    count: int
    paid: int
    earned: Decimal


def months_around(period: Period) -> Period:
    """The whole months that a period touches: commissions are worked out by month."""
    return Period(month_of(period.first).first, period_of("month", period.last).last)


def earnings(commissions: QuerySet[Commission], months: Period) -> Earnings:
    """What was earned in these months, as far as it was worked out."""
    rows = commissions.filter(starts_on__gte=months.first, ends_on__lte=months.last)
    sums = rows.order_by().aggregate(
        count=Count("pk"),
        paid=Count("pk", filter=Q(state=Commission.State.PAID)),
        earned=Sum("earned", default=ZERO),
    )
    return Earnings(sums["count"], sums["paid"], in_home(sums["earned"]))
