"""Goals, paces, prompts, streaks, standings and series."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from prs.kernel.db.versions import Stale
from prs.kernel.identity.services import structure
from prs.operations.incentives import selectors, tasks
from prs.operations.incentives import services as incentives
from prs.operations.incentives.models import Goal, StreakDay
from prs.operations.incentives.rules.days import Calendar, Period, month_of
from prs.operations.payments import services as payments
from tests.cast import NOON
from tests.factories.incentives import NOVEMBER, give_back, sell
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY

CALENDAR = Calendar()


def replay(*members, first=TODAY, last=TODAY, today=TODAY, calendar=CALENDAR):
    return incentives.replay(members, first=first, last=last, today=today, calendar=calendar)


def streaks_of(member):
    return {
        row.on: (row.outcome, row.streak)
        for row in StreakDay.objects.filter(member=member).order_by("on")
    }


def test_progress_counts_verified_money_only(cast):
    incentives.set_own_goal(Decimal(2100), NOVEMBER, by=cast.sam, at=NOON)
    sell(cast.sam, cast.vera)
    pay_deal(cast.sam, make_deal(cast.sam))

    stand = selectors.progress_of(cast.sam, NOVEMBER, on=TODAY, organization=cast.acme)

    assert (stand.target, stand.achieved, stand.expected) == (2100, 1000, 1400)
    assert stand.pace.ahead == -400


def test_a_refund_lowers_the_progress_on_its_own_day(cast):
    _deal, payment = sell(cast.sam, cast.vera)
    give_back(payment, "300.00", asks=cast.sam, grants=cast.viktor, at=NOON + timedelta(days=1))

    assert selectors.verified_money(cast.sam, Period(TODAY, TODAY)) == 1000
    assert selectors.verified_money(cast.sam, NOVEMBER) == 700
    assert selectors.verified_money(cast.acme, NOVEMBER) == 700


def test_a_longer_goal_counts_with_its_part(cast):
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    fields = {"starts_on": year.first, "ends_on": year.last, "target": Decimal(26100)}
    incentives.set_goal(fields, by=cast.olga, at=NOON)

    stand = selectors.progress_of(cast.acme, NOVEMBER, on=TODAY, organization=cast.acme)

    assert stand.target == 2100
    assert selectors.progress_of(cast.sam, NOVEMBER, on=TODAY, organization=cast.acme).pace is None


def test_a_quarter_is_asked_what_its_months_are(cast):
    for first, target in ((date(2026, 10, 1), 300), (date(2026, 11, 1), 500)):
        month = month_of(first)
        fields = {"starts_on": month.first, "ends_on": month.last, "target": Decimal(target)}
        incentives.set_goal(fields, by=cast.olga, at=NOON)
    quarter = Period(date(2026, 10, 1), date(2026, 12, 31))

    stand = selectors.progress_of(cast.acme, quarter, on=NOON.date(), organization=cast.acme)
    late = selectors.progress_of(cast.acme, quarter, on=date(2026, 12, 2), organization=cast.acme)

    assert stand.target == Decimal(800)
    assert stand.ends_early
    assert stand.asked.last == date(2026, 11, 30)
    assert late.pace is None, "nobody said what December should bring"


def test_there_is_one_goal_for_a_period(cast):
    fields = {"starts_on": NOVEMBER.first, "ends_on": NOVEMBER.last, "target": Decimal(10)}
    goal = incentives.set_goal(fields, by=cast.olga, at=NOON)

    with pytest.raises(incentives.GoalTaken):
        incentives.set_goal(fields, by=cast.olga, at=NOON)
    incentives.change_goal(Goal.objects.get(), {"target": Decimal(11)}, by=cast.olga, at=NOON)
    with pytest.raises(Stale):
        incentives.change_goal(goal, {"target": Decimal(12)}, by=cast.olga, at=NOON)


def test_a_goal_is_asked_for_twice_and_then_required(cast):
    day = [TODAY + timedelta(days=each) for each in range(3)]
    assert selectors.goal_prompt(cast.sam, on=day[0]).skips_left == 2

    incentives.skip_goal(on=day[0], by=cast.sam, at=NOON)
    incentives.skip_goal(on=day[0], by=cast.sam, at=NOON)
    assert selectors.goal_prompt(cast.sam, on=day[0]) is None
    assert selectors.goal_prompt(cast.sam, on=day[1]).skips_left == 1
    incentives.skip_goal(on=day[1], by=cast.sam, at=NOON)

    assert selectors.goal_prompt(cast.sam, on=day[2]).required
    with pytest.raises(incentives.NoMoreSkips):
        incentives.skip_goal(on=day[2], by=cast.sam, at=NOON)
    incentives.set_own_goal(Decimal(10), NOVEMBER, by=cast.sam, at=NOON)
    incentives.set_own_goal(Decimal(20), NOVEMBER, by=cast.sam, at=NOON)
    assert selectors.goal_prompt(cast.sam, on=day[2]) is None


def test_verifiers_and_overseers_are_not_asked(cast):
    for member in (cast.vera, cast.olga, cast.anna, cast.bill):
        assert selectors.goal_prompt(member, on=TODAY) is None


def test_a_streak_begins_at_the_top_and_holds_nothing_against_the_past(cast):
    replay(cast.sam, first=TODAY - timedelta(days=30))

    assert streaks_of(cast.sam) == {TODAY: ("waiting", 5)}


def test_replaying_gives_the_same_and_late_proof_is_made_good(cast):
    monday = date(2026, 11, 16)
    deal = make_deal(cast.sam, deal_date=date(2026, 11, 17))
    replay(cast.sam, first=monday, last=monday, today=monday)
    assert replay(cast.sam, first=monday) > 0
    assert replay(cast.sam, first=monday) == 0
    assert [value for _outcome, value in streaks_of(cast.sam).values()] == [
        Decimal("4.5"),
        Decimal(4),
        Decimal("3.5"),
        Decimal(3),
        Decimal(3),
    ]

    payment = pay_deal(cast.sam, deal, amount="400.00")
    replay(cast.sam, first=monday)
    assert streaks_of(cast.sam)[date(2026, 11, 17)] == ("waiting", Decimal("4.5"))

    payments.verify(payment, by=cast.vera, at=NOON)
    replay(cast.sam, first=monday)
    assert streaks_of(cast.sam)[date(2026, 11, 17)] == ("success", Decimal(5))
    assert streaks_of(cast.sam)[TODAY] == ("waiting", Decimal(4))


def test_a_small_deal_is_no_success_and_splitting_one_helps_nothing(cast):
    monday = date(2026, 11, 16)
    replay(cast.sam, first=monday, last=monday, today=monday)
    for _part in range(3):
        sell(cast.sam, cast.vera, value="100.00", deal_date=monday)

    replay(cast.sam, first=monday)

    assert streaks_of(cast.sam)[monday][0] == "failure"


def test_weekends_and_holidays_are_left_out(cast):
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    replay(cast.sam, first=friday, last=friday, today=friday)
    replay(cast.sam, first=friday, last=monday, today=monday)

    assert list(streaks_of(cast.sam)) == [friday, monday]


def test_days_to_come_are_skipped(cast):
    replay(cast.sam, last=TODAY + timedelta(days=5))

    assert max(streaks_of(cast.sam)) == TODAY


def test_the_command_and_the_schedule_replay_every_organization(committed_cast):
    call_command("calculate_streaks", stdout=StringIO())
    tasks.replay_streaks()


def test_the_streak_says_where_it_stands(cast):
    sell(cast.sam, cast.vera)
    replay(cast.sam)

    found = selectors.streak_of(cast.sam, on=TODAY)

    assert (found.value, found.level, found.insight) == (5, "legend", "topped")
    assert selectors.streak_of(cast.sara, on=TODAY).days == []


def test_standings_tell_one_their_own_rank_below_the_limit(cast):
    sell(cast.sara, cast.vera)

    table = selectors.standings(NOVEMBER, limit=1, member=cast.sam, on=TODAY)

    assert [row.entrant.name for row in table.rows] == ["Sara"]
    assert table.own_is_below
    assert (table.own.rank, table.own.entrant.amount) == (2, 0)


def test_teams_are_ranked_by_what_their_people_sold(cast):
    for name, people in (("North", [cast.sam]), ("South", [cast.sara])):
        structure.add_team({"name": name, "members": people}, by=cast.olga, at=NOON)
    sell(cast.sara, cast.vera)

    table = selectors.standings(NOVEMBER, by="team", member=cast.sam, on=TODAY)

    assert [(row.rank, row.entrant.name, row.entrant.people) for row in table.rows] == [
        (1, "South", 1),
        (2, "North", 1),
    ]
    assert table.own.entrant.name == "North"


def test_standings_take_the_same_few_queries_for_many(cast, django_assert_max_num_queries):
    sell(cast.sara, cast.vera)

    with django_assert_max_num_queries(5):
        selectors.standings(NOVEMBER, member=cast.sam, on=TODAY)


def test_a_series_lies_beside_the_time_before(cast):
    sell(cast.sam, cast.vera)
    sell(cast.sara, cast.vera, at=NOON - timedelta(days=5))

    series = selectors.sales_series(None, date(2026, 11, 16), TODAY, "day")

    assert [point.amount for point in series.points] == [0, 0, 0, 0, 1000]
    assert (series.total, series.before, series.growth) == (1000, 1000, 0)
    assert selectors.sales_series([cast.sara.pk], TODAY, TODAY, "month").growth == 0


def test_the_overview_says_what_is_on_its_way(cast):
    assert selectors.commission_overview(cast.sam, NOVEMBER).commission is None


def test_the_organization_says_when_it_works(cast):
    assert not selectors.calendar_of(cast.acme).works(date(2026, 11, 21))
    incentives.set_calendar([6, 0, 1, 2, 3], keep_holidays=False, by=cast.olga, at=NOON)
    row = incentives.set_calendar([5, 6], keep_holidays=True, by=cast.olga, at=NOON)

    assert row.week == [5, 6]
    assert selectors.calendar_of(cast.acme).works(date(2026, 11, 21))
