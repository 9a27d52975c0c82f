"""When to order again, and how fast goods turn."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from prs.ledgers.stock import rules

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("stock", "sold", "level"),
    [
        (4, 0, "critical"),
        (20, 150, "critical"),
        (60, 150, "warning"),
        (100, 150, "watch"),
        (200, 150, "fine"),
        (50, 0, "fine"),
    ],
)
def test_how_urgent_an_order_is(stock, sold, level):
    found = rules.outlook(Decimal(stock), Decimal(sold), over_days=30, today=TODAY)
    assert found.level == level


def test_an_order_covers_forty_days_and_comes_before_the_last_is_gone():
    found = rules.outlook(Decimal(60), Decimal(150), over_days=30, today=TODAY)
    assert (found.days_left, found.order, found.order_by) == (12, 140, date(2026, 11, 25))


def test_without_a_sale_the_order_is_fifty_and_a_small_one_ten():
    assert rules.outlook(Decimal(3), Decimal(0), over_days=30, today=TODAY).order == 50
    assert rules.outlook(Decimal(39), Decimal(30), over_days=30, today=TODAY).order == 10


@pytest.mark.parametrize(
    ("sold", "stock", "name"),
    [
        (70, 10, "fast"),
        (60, 10, "medium"),
        (20, 10, "medium"),
        (10, 10, "slow"),
        (1, 10, "dead"),
        (0, 0, "dead"),
    ],
)
def test_how_fast_goods_turn(sold, stock, name):
    assert rules.velocity(Decimal(sold), Decimal(stock)) == name
