"""Coins and the amounts that people hand over."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.operations.till import rules


@pytest.mark.parametrize(
    ("due", "offers"),
    [
        ("14.20", ["14.20", "15", "16", "20"]),
        ("20", ["20", "50", "100", "200"]),
        ("0", []),
        ("187.35", ["187.35", "188", "190", "200"]),
    ],
)
def test_what_people_are_likely_to_hand_over(due, offers):
    assert rules.quick_amounts(Decimal(due), "GHS") == [Decimal(each) for each in offers]


@pytest.mark.parametrize(
    ("amount", "step", "paid"),
    [
        ("1.02", "0.05", "1.00"),
        ("1.025", "0.05", "1.05"),
        ("1.03", "0.05", "1.05"),
        ("1.03", "0", "1.03"),
    ],
)
def test_an_amount_in_coins(amount, step, paid):
    assert rules.in_coins(Decimal(amount), Decimal(step)) == Decimal(paid)


def test_a_count_is_worth_its_pieces():
    assert rules.counted({"20": 2, "0.50": 3, "5": 0}) == Decimal("41.50")
