"""What the sales dashboard compares, and whose figures it shows to whom."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from prs.kernel.identity.models import Member, Team, TeamMember
from prs.operations.incentives import selectors
from prs.operations.incentives.rules.days import Period, as_far_into, period_before, period_of
from tests.cast import NOON, make_member
from tests.factories.incentives import sell


@pytest.mark.parametrize(
    ("kind", "on", "count"),
    [
        ("week", date(2026, 11, 20), 7),
        ("month", date(2026, 2, 3), 28),
        ("quarter", date(2026, 11, 20), 14),
        ("year", date(2028, 2, 29), 12),
    ],
)
def test_the_bars_of_a_period_cover_each_day_once(kind, on, count):
    period = period_of(kind, on)
    parts = selectors.steps_in(kind, period)

    assert len(parts) == count
    assert [day for part in parts for day in part.days] == list(period.days)


@pytest.mark.parametrize("kind", ["week", "month", "quarter", "year"])
@pytest.mark.parametrize(
    "on", [date(2026, 3, 31), date(2028, 2, 29), date(2029, 12, 31), date(2028, 3, 1)]
)
def test_periods_of_uneven_length_are_compared_to_the_cent(cast, monkeypatch, kind, on):
    period = period_of(kind, on)
    before = as_far_into(period_before(kind, period), period, on)
    to_date = period.until(on)
    each_day = {day: Decimal("1.25") for span in (before, to_date) for day in span.days}
    monkeypatch.setattr(
        "prs.operations.incentives.selectors.boards.by_day", lambda *_money: each_day
    )

    series = selectors.compared(None, kind, to_date, before)

    assert sum(point.amount for point in series.points) == series.total
    assert sum(point.before for point in series.points) == series.before
    assert series.before == Decimal("1.25") * len(list(before.days))


def test_a_member_sees_first_as_much_as_their_scope_reaches(cast):
    lena = make_member("Lena", "team_lead")
    first = Team.objects.create(name="Coast", lead=lena)
    second = Team.objects.create(name="Inland")
    TeamMember.objects.create(team=first, member=cast.sam)
    TeamMember.objects.create(team=second, member=cast.sara)

    def seen(member):
        return selectors.first_seen(member, list(selectors.teams_to_see(member)))

    assert seen(cast.sam).member == cast.sam
    assert seen(cast.olga).everyone
    assert seen(lena).team == first
    TeamMember.objects.create(team=second, member=lena)
    both = seen(lena)
    assert (both.team, both.member, both.everyone) == (None, None, False)
    assert both.subject(cast.acme) is None
    people = selectors.sellers_among(both.people)
    assert {row.name for row in people} == {"Lena", "Sam", "Sara"}


def test_progress_of_many_is_what_it_is_of_each(cast):
    lena = make_member("Lena", "team_lead")
    team = Team.objects.create(name="Coast", lead=lena)
    TeamMember.objects.create(team=team, member=cast.sam)
    sell(cast.sam, cast.vera, value="300.00")
    sell(lena, cast.vera, value="20.00", at=NOON - timedelta(days=2))
    on, month = NOON.date(), period_of("month", NOON.date())
    who = {"on": on, "organization": cast.acme}

    people = Member.objects.filter(name__in=["Lena", "Sam"])
    many = selectors.progress_of_members(people, month, **who)
    assert [(row.name, stand) for row, stand in many] == [
        (row.name, selectors.progress_of(row, month, **who)) for row in (cast.sam, lena)
    ]
    teams = selectors.progress_of_teams([team], month, **who)
    assert teams == [(team, selectors.progress_of(team, month, **who))]
    assert teams[0][1].achieved == 320


def test_commissions_are_counted_by_the_months_that_a_period_touches():
    week = Period(date(2026, 9, 28), date(2026, 10, 4))

    assert selectors.months_around(week) == Period(date(2026, 9, 1), date(2026, 10, 31))
