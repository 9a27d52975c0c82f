"""Drawers: opened with a float, counted blind, confirmed by another, and equal to the books."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from prs.ledgers.bookkeeping import selectors as books
from prs.operations.till import services as till
from prs.operations.till.models import Pin
from prs.operations.till.selectors import integrity, shifts
from tests.cast import NOON, make_member
from tests.operations.till.test_returns import bring_back
from tests.operations.till.test_selling import postings


def in_tills():
    return books.net_of("1005")


def test_a_day_at_the_drawer(cast, shop, check_now):
    sale = shop.sell((shop.tea, 3))
    bring_back(shop, sale, 1)
    till.move_cash(shop.shift, "expense", Decimal("4.50"), reason="Milk", by=shop.cashier, at=NOON)
    till.move_cash(shop.shift, "from_safe", Decimal(10), reason="Coins", by=shop.cashier, at=NOON)
    check_now()
    assert in_tills() == Decimal("125.50")

    closed = till.close_shift(shop.shift, {"100": 1, "20": 1, "1": 5}, by=shop.cashier, at=NOON)
    check_now()

    assert (closed.expected, closed.counted, closed.difference) == (
        Decimal("125.50"),
        125,
        Decimal("-0.50"),
    )
    assert postings(closed.pk) == {"1005": Decimal("-0.50"), "5110": Decimal("0.50")}
    assert in_tills() == 125
    assert list(integrity.findings()) == []
    with pytest.raises(till.OwnShift):
        till.confirm_shift(closed, by=shop.cashier, at=NOON)
    till.confirm_shift(closed, by=cast.olga, at=NOON)
    check_now()
    assert in_tills() == 0
    assert list(integrity.findings()) == []
    with pytest.raises(till.NotCounted):
        till.confirm_shift(closed, by=cast.anna, at=NOON)


def test_a_report_is_what_the_ledger_says(cast, shop, check_now):
    sale = shop.sell((shop.soap, 4), (shop.tea, 1))
    shop.sell((shop.tea, 1), handed=[till.Handed("mobile", Decimal(10), "MM-1")])
    bring_back(shop, sale, 2, 0)
    shop.shift.refresh_from_db()
    check_now()

    found = shifts.report(shop.shift, reader=cast.olga)

    assert (found.kind, found.blind) == ("X", False)
    assert {way.method: way.amount for way in found.ways} == {"cash": 15, "mobile": 10}
    assert (found.opening, found.cash_sales, found.cash_back) == (100, 20, -5)
    assert [(row.code, row.net, row.tax) for row in found.taxes] == [
        ("VAT", Decimal("8.70"), Decimal("1.30"))
    ]
    assert shop.shift.cash == found.opening + found.cash_sales + found.cash_back == in_tills()
    assert shifts.report(shop.shift, reader=shop.cashier).blind


def test_one_drawer_at_a_till_and_for_a_member(cast, shop):
    other = till.add_till(
        {"place": shop.place, "code": "OSU-2", "name": "Till 2"}, by=cast.olga, at=NOON
    )
    with pytest.raises(till.TillInUse):
        till.open_shift(shop.till, opening=Decimal(0), by=cast.olga, at=NOON)
    with pytest.raises(till.ShiftOpenElsewhere, match="Till 1"):
        till.open_shift(other, opening=Decimal(0), by=shop.cashier, at=NOON)


def test_a_counted_drawer_takes_nothing_more(shop):
    basket = shop.basket((shop.tea, 1))
    till.close_shift(shop.shift, {"100": 1}, by=shop.cashier, at=NOON)

    for work in (
        lambda: till.close_shift(shop.shift, {"100": 1}, by=shop.cashier, at=NOON),
        lambda: till.move_cash(
            shop.shift, "from_safe", Decimal(1), reason="x", by=shop.cashier, at=NOON
        ),
    ):
        with pytest.raises((till.AlreadyClosed, till.ShiftOver)):
            work()
    from tests.factories.till import sell

    with pytest.raises(till.ShiftOver):
        sell(basket, shop.shift, by=shop.cashier)


@pytest.mark.parametrize("digits", ["12", "1111", "123456789", "12a4", ""])
def test_a_pin_is_four_to_eight_digits(cast, digits):
    with pytest.raises(till.PinWrong):
        till.set_pin(cast.sam, digits, by=cast.sam, at=NOON)


def test_a_pin_that_is_guessed_is_locked(cast, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    member = make_member("Pia", "cashier")
    till.set_pin(member, "2580", by=member, at=NOON)
    assert till.pin_is_right(member, "2580", at=NOON)
    assert "2580" not in Pin.objects.get().digest

    assert not any(till.pin_is_right(member, "0001", at=NOON) for _time in range(5))

    assert not till.pin_is_right(member, "2580", at=NOON + timedelta(minutes=4))
    assert till.pin_is_right(member, "2580", at=NOON + timedelta(minutes=6))
