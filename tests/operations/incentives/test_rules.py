"""Commissions are a function of the money, not of its order; tiers, pace, streaks and ranks."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prs.operations.incentives.rules import commissions as rules
from prs.operations.incentives.rules import days, standings, streaks
from prs.operations.incentives.rules.commissions import Basis, Claim, Mode, MoneyEvent, Terms, Tier
from prs.operations.incentives.rules.days import Calendar, Period
from prs.operations.incentives.rules.standings import Entrant
from prs.operations.incentives.rules.streaks import SoldOn

CENT = Decimal("0.01")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
SAM, SARA = UUID(int=1), UUID(int=2)
TIERED = Terms(
    rate=Decimal(5),
    tiers=(Tier(Decimal(1000), Decimal(7)), Tier(Decimal(5000), Decimal(10))),
)


def claim(number: int, value: str, **fields) -> Claim:
    return Claim(UUID(int=1000 + number), Decimal(value), Decimal(value), **fields)


def event(number: int, of: Claim, amount: str, *, day: int = 10, payment: int = 0, **fields):
    value = Decimal(amount)
    fields = {"member": SAM, "kind": "verified" if value > 0 else "refund", **fields}
    return MoneyEvent(
        key=UUID(int=5000 + number),
        claim=of.id,
        payment=UUID(int=9000 + (payment or number)),
        on=date(2026, 10, 31) + timedelta(days=day),
        amount=value,
        home=value,
        **fields,
    )


def earned(events, claims, *, terms=TIERED, member=SAM, basis=None, period=NOVEMBER):
    things = rules.counted(
        events,
        {each.id: each for each in claims},
        member=member,
        basis=basis or terms.basis,
        first=period.first,
        last=period.last,
    )
    return rules.commission(terms, things, CENT)


@st.composite
def sales(draw):
    """Some claims, money that came in for them, and some of it that went back."""
    claims, events = [], []
    for number in range(draw(st.integers(1, 4))):
        value = draw(st.integers(1, 4000))
        claims.append(claim(number, str(value)))
        for _ in range(draw(st.integers(0, 3))):
            amount, day = draw(st.integers(1, 4000)), draw(st.integers(-5, 40))
            seller = draw(st.sampled_from([SAM, SARA]))
            first = event(len(events), claims[-1], str(amount), day=day, member=seller)
            events.append(first)
            back = draw(st.integers(0, amount))
            if back:
                events.append(
                    event(
                        len(events),
                        claims[-1],
                        str(-back),
                        day=day,
                        payment=first.payment.int - 9000,
                        member=seller,
                    )
                )
    return claims, events


@given(sales(), st.sampled_from(list(Basis)), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_any_order_of_the_same_events_gives_the_same_commission(sold, basis, random):
    claims, events = sold
    mixed = list(events)
    random.shuffle(mixed)

    assert earned(events, claims, basis=basis) == earned(mixed, claims, basis=basis)


@given(sales(), st.sampled_from(list(Basis)))
@settings(max_examples=100, deadline=None)
def test_the_lines_add_up_to_the_commission(sold, basis):
    claims, events = sold

    total, lines = earned(events, claims, basis=basis)

    assert sum((line.amount for line in lines), Decimal(0)) == total


@given(sales(), st.sampled_from(list(Basis)))
@settings(max_examples=100, deadline=None)
def test_money_that_goes_back_entirely_leaves_nothing(sold, basis):
    claims, events = sold
    standing: dict = {}
    for each in events:
        key = (each.claim, each.payment, each.on, each.member)
        standing[key] = standing.get(key, Decimal(0)) + each.amount
    back = [
        MoneyEvent(UUID(int=70000 + i), key[0], key[1], key[3], key[2], -left, -left, "refund")
        for i, (key, left) in enumerate(standing.items())
        if left
    ]

    total, lines = earned([*events, *back], claims, basis=basis)

    assert total == 0
    assert sum((line.counted.base for line in lines), Decimal(0)) == 0


@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=6),
    st.sampled_from(list(Basis)),
    st.sampled_from(list(Mode)),
)
@settings(max_examples=200, deadline=None)
def test_splitting_a_deal_on_the_same_day_gains_nothing(parts, basis, mode):
    terms = Terms(basis=basis, rate=TIERED.rate, tiers=TIERED.tiers, mode=mode)
    whole = claim(0, str(sum(parts)))
    pieces = [claim(number + 1, str(part)) for number, part in enumerate(parts)]

    one, _lines = earned([event(0, whole, str(sum(parts)))], [whole], terms=terms)
    many, _lines = earned(
        [event(number, each, str(each.value)) for number, each in enumerate(pieces)],
        pieces,
        terms=terms,
    )

    assert many == one


def test_value_counts_with_the_first_money_and_cash_counts_as_it_comes():
    deal = claim(0, "1000")
    part = event(0, deal, "100")

    assert earned([part], [deal], basis=Basis.VALUE)[0] == Decimal("50.00")
    assert earned([part], [deal], basis=Basis.CASH)[0] == Decimal("5.00")
    assert earned([part], [deal], basis=Basis.PAID)[0] == 0
    rest = event(1, deal, "900", day=20)
    assert earned([part, rest], [deal], basis=Basis.PAID)[0] == Decimal("50.00")


def test_a_deal_paid_off_in_the_next_period_counts_there():
    deal = claim(0, "1000")
    events = [event(0, deal, "400", day=29), event(1, deal, "600", day=31)]

    assert earned(events, [deal], basis=Basis.PAID)[0] == 0
    december = Period(date(2026, 12, 1), date(2026, 12, 31))
    assert earned(events, [deal], basis=Basis.PAID, period=december)[0] == Decimal("50.00")


def test_tiers_are_marginal_or_a_cliff_as_declared():
    cliff = Terms(rate=TIERED.rate, tiers=TIERED.tiers, mode=Mode.CLIFF)

    assert rules.earning(TIERED, Decimal(6000)) == 50 + 280 + 100
    assert rules.earning(cliff, Decimal(6000)) == 600
    assert rules.earning(cliff, Decimal(1000)) == 50
    assert [step.base for step in rules.ladder(TIERED, Decimal(6000))] == [1000, 4000, 1000]


def test_a_cap_holds():
    assert rules.earning(Terms(cap=Decimal(40)), Decimal(1000)) == 40


def test_a_split_gives_each_their_share():
    deal = claim(0, "1000", shares={SAM: Decimal(70), SARA: Decimal(30)})
    money = [event(0, deal, "1000")]

    assert earned(money, [deal])[0] == Decimal("35.00")
    assert earned(money, [deal], member=SARA)[0] == Decimal("15.00")


def test_the_sums_of_reference_5():
    found = rules.sums(
        sales=Decimal("1000.00"),
        earned=Decimal("50.00"),
        exchange_rate=Decimal("130.5"),
        bonus=Decimal(100),
        penalty=Decimal(7000),
        unit=CENT,
        home_unit=CENT,
    )

    assert found.payable == Decimal("6525.00")
    assert (found.total, found.receivable) == (Decimal("6625.00"), Decimal("-375.00"))
    assert found.converted == Decimal("130500.00")
    assert rules.suspicious(found.receivable, found.converted, Decimal(5))
    assert not rules.suspicious(found.payable, found.converted, Decimal(5))


def test_the_pace_counts_working_days_that_are_behind():
    stand = days.pace(
        Decimal(2100), Decimal(500), period=NOVEMBER, on=date(2026, 11, 9), calendar=Calendar()
    )

    assert stand.expected == Decimal("500.00")
    assert (stand.ahead, stand.percent, stand.days_left) == (0, 23, 16)
    assert stand.per_day == 100


def test_holidays_and_weekends_are_no_working_days():
    kenya = Calendar(days.usual_week("KE"), "KE")

    assert not kenya.works(date(2026, 12, 25))
    assert not kenya.works(date(2026, 11, 21))
    assert kenya.works(date(2026, 11, 20))
    assert days.usual_week("XX") == days.MONDAY_TO_FRIDAY


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("day", "2026-11-21", "2026-11-21"),
        ("week", "2026-11-16", "2026-11-22"),
        ("month", "2026-11-01", "2026-11-30"),
        ("quarter", "2026-10-01", "2026-12-31"),
        ("year", "2026-01-01", "2026-12-31"),
    ],
)
def test_periods(kind, first, last):
    found = days.period_of(kind, date(2026, 11, 21))

    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


def test_a_streak_moves_by_half_a_star_between_none_and_five():
    sold = {date(2026, 11, 2): SoldOn(1, Decimal(200)), date(2026, 11, 3): SoldOn(waiting=True)}
    span = [date(2026, 11, day) for day in (2, 3, 4, 5)]

    found = list(streaks.replayed(span, sold, start=Decimal(5), today=date(2026, 11, 5)))

    assert [day.streak for day in found] == [5, 5, Decimal("4.5"), Decimal("4.5")]
    assert streaks.after(Decimal(0), streaks.FAILURE) == 0


@given(st.lists(st.booleans(), max_size=60))
def test_a_streak_stays_within_its_stars(went):
    span = [date(2026, 1, 1) + timedelta(days=each) for each in range(len(went))]
    sold = {on: SoldOn(1, Decimal(101)) for on, good in zip(span, went, strict=True) if good}

    found = list(streaks.replayed(span, sold, start=streaks.START, today=date(2027, 1, 1)))

    assert all(0 <= day.streak <= 5 and day.streak % streaks.STEP == 0 for day in found)


def test_stars_are_filled_from_the_left():
    assert streaks.stars(Decimal("2.5")) == ["full", "full", "half", "empty", "empty"]
    assert streaks.stars(Decimal(0)) == ["empty"] * 5
    assert [streaks.level(Decimal(each)) for each in ("0.5", "1", "4", "4.5", "5")] == [
        "newcomer",
        "beginner",
        "pro",
        "master",
        "legend",
    ]


@pytest.mark.parametrize(
    ("streak", "today", "yesterday", "word"),
    [
        ("5", "success", "success", "topped"),
        ("3", "success", "failure", "growing"),
        ("0", "waiting", "failure", "restart"),
        ("3", "waiting", "failure", "at_risk"),
        ("3", "waiting", "success", "keep_going"),
    ],
)
def test_there_is_something_to_say_of_each_streak(streak, today, yesterday, word):
    assert streaks.insight(Decimal(streak), today, yesterday) == word


def test_equal_amounts_share_a_rank():
    rows = standings.ranked(
        Entrant(UUID(int=n), name, Decimal(amount))
        for n, name, amount in [(1, "B", 5), (2, "A", 5), (3, "C", 9), (4, "D", 1)]
    )

    assert [(row.rank, row.entrant.name) for row in rows] == [
        (1, "C"),
        (2, "A"),
        (2, "B"),
        (4, "D"),
    ]
    assert [row.tied for row in rows] == [False, True, True, False]
