"""Reads of verified money: sums, series and standings. All amounts are in the home currency."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from prs.kernel import money
from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member, Team, TeamMember
from prs.kernel.identity.selectors import holders_of
from prs.kernel.tenancy.models import Organization
from prs.operations.incentives.models import SalesMoney
from prs.operations.incentives.permissions import VIEW_ALL, VIEW_OWN
from prs.operations.incentives.rules.days import DAY, Period, period_of
from prs.operations.incentives.rules.standings import USUAL, Entrant, Ranked, clipped, ranked
from prs.operations.incentives.selectors.streaks import streaks_of

ZERO = Decimal(0)
NOBODY: tuple[Any, ...] = ()


def today_of(organization: Organization, at: datetime) -> date:
    """The organization's calendar day at a moment."""
    return local_date(at, organization.time_zone)


def rows_in(period: Period) -> QuerySet[SalesMoney]:
    """The money of the days of a period, what went back on them included."""
    return SalesMoney.objects.filter(happened_on__range=(period.first, period.last))


def verified_money(subject: Organization | Team | Member, period: Period) -> Decimal:
    """What came in, less what went back, in a period: of the organization, a team or a member."""
    rows = rows_in(period)
    if isinstance(subject, Member):
        rows = rows.filter(member=subject)
    elif isinstance(subject, Team):
        rows = rows.filter(member__in=people_of(subject))
    return in_home(rows.aggregate(total=Sum("home", default=ZERO))["total"])


def in_home(amount: Decimal) -> Decimal:
    """An exact sum as a person reads it."""
    return amount.quantize(Decimal("0.01"))


def people_of(team: Team) -> set[UUID]:
    """Who belongs to a team, its lead included."""
    return seats_of([team])[team.pk]


@dataclass(frozen=True)
class Table:
    """Ranks, and the caller's own row also when it lies below the limit."""

    rows: list[Ranked]
    own: Ranked | None
    period: Period
    count: int

    @property
    def own_is_below(self) -> bool:
        """Whether the caller's row is not among those shown."""
        return self.own is not None and self.own not in self.rows


def standings(
    period: Period, *, by: str = "member", limit: int = USUAL, member: Member, on: date
) -> Table:
    """Members or teams by verified money in a period to date; equal amounts share a rank."""
    until = period.until(on)
    entrants = members_in(until, on) if by == "member" else teams_in(until, on)
    own = {member.pk} if by == "member" else set(teams_of(member))
    everyone = ranked(entrants)
    mine = next((row for row in everyone if row.entrant.id in own), None)
    return Table(everyone[: clipped(limit)], mine, until, len(everyone))


def sums_by_member(period: Period) -> dict[UUID, tuple[Decimal, int]]:
    """Verified money and the number of deals with money, by member."""
    rows = (
        rows_in(period)
        .filter(member__isnull=False)
        .order_by()
        .values("member")
        .annotate(total=Sum("home"), deals=Count("deal", distinct=True, filter=Q(amount__gt=0)))
    )
    return {row["member"]: (in_home(row["total"]), row["deals"]) for row in rows}


def contenders() -> QuerySet[Member]:
    """The active members who live of selling: they earn, and don't oversee what others earn."""
    return holders_of(VIEW_OWN).exclude(role__permissions__contains=[str(VIEW_ALL)])


def members_in(period: Period, on: date) -> list[Entrant]:
    """Everyone who sells, and everyone else with money in the period."""
    found = sums_by_member(period)
    people = dict(contenders().values_list("pk", "name"))
    others = set(found) - set(people)
    if others:
        people |= dict(Member.objects.filter(pk__in=others).values_list("pk", "name"))
    streaks = streaks_of(people, on=on)
    return [
        Entrant(pk, name, *found.get(pk, (ZERO, 0)), streak=streaks.get(pk))
        for pk, name in people.items()
    ]


def teams_of(member: Member) -> list[UUID]:
    """The teams that a member belongs to or leads."""
    seats = TeamMember.objects.filter(member=member).values("team")
    return list(Team.objects.filter(Q(lead=member) | Q(pk__in=seats)).values_list("pk", flat=True))


def seats_of(teams: Collection[Team]) -> dict[UUID, set[UUID]]:
    """Who belongs to each of these teams, their leads included."""
    seats = {each.pk: {each.lead_id} if each.lead_id else set() for each in teams}
    for team, seat in TeamMember.objects.filter(team__in=teams).values_list("team", "member"):
        seats[team].add(seat)
    return seats


def teams_in(period: Period, on: date) -> list[Entrant]:
    """Every team with the money of its people, their number and their average streak."""
    teams = list(Team.objects.filter(active=True).order_by("name", "pk"))
    seats = seats_of(teams)
    found = sums_by_member(period)
    streaks = streaks_of(set().union(*seats.values()) if seats else NOBODY, on=on)
    return [team_entrant(each, seats[each.pk], found, streaks) for each in teams]


def team_entrant(
    team: Team,
    people: set[UUID],
    found: dict[UUID, tuple[Decimal, int]],
    streaks: dict[UUID, Decimal],
) -> Entrant:
    """A team as standings show it."""
    sums = [found.get(pk, (ZERO, 0)) for pk in people]
    begun = [streaks[pk] for pk in people if pk in streaks]
    average = (sum(begun, ZERO) / len(begun)).quantize(Decimal("0.1")) if begun else None
    return Entrant(
        team.pk,
        team.name,
        sum((amount for amount, _deals in sums), ZERO),
        sum(deals for _amount, deals in sums),
        average,
        len(people),
    )


@dataclass(frozen=True)
class Point:
    """Money of one step of a series, and of the same step of the time before."""

    first: date
    last: date
    amount: Decimal
    before: Decimal


@dataclass(frozen=True)
class Series:
    """Money over time, beside the equally long time before it."""

    points: list[Point]
    total: Decimal
    before: Decimal

    @property
    def growth(self) -> int:
        """The change in whole per cent; a hundred when there was nothing before (reference 6)."""
        if not self.before:
            return 100 if self.total else 0
        return int((self.total - self.before) * 100 / abs(self.before))


def steps_of(first: date, last: date, step: str) -> list[Period]:
    """The days, weeks or months that a stretch of time is made of, cut at its ends."""
    found, day = [], first
    while day <= last:
        end = min(period_of(step, day).last, last)
        found.append(Period(day, end))
        day = end + DAY
    return found


def sales_series(
    members: Iterable[Any] | None, first: date, last: date, step: str = "day"
) -> Series:
    """Verified money of these members (None: everyone's) by day, week or month, and of the time before."""
    length = (last - first).days + 1
    start = first - timedelta(days=length)
    rows = rows_in(Period(start, last))
    if members is not None:
        rows = rows.filter(member__in=members)
    by_day = dict(
        rows.order_by()
        .values_list("happened_on")
        .annotate(total=Sum("home"))
        .values_list("happened_on", "total")
    )

    def total(period: Period, shift: int) -> Decimal:
        days = (day - timedelta(days=shift) for day in period.days)
        return in_home(sum((by_day.get(day, ZERO) for day in days), ZERO))

    points = [
        Point(part.first, part.last, total(part, 0), total(part, length))
        for part in steps_of(first, last, step)
    ]
    whole = Period(first, last)
    return Series(points, total(whole, 0), total(whole, length))


def unit_of(currency: str) -> Decimal:
    """The smallest unit of a currency."""
    return Decimal(1).scaleb(-money.minor_units(currency))
