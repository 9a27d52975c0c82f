"""Check digits, and which tax and price count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from prs.masterdata.catalog import rules
from prs.masterdata.catalog.rules import Offer, Tax

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "code", ["4006381333931", "036000291452", "96385074", "10614141000415"], ids=len
)
def test_a_gtin_of_every_length_is_known_by_its_check_digit(code):
    assert rules.is_gtin(code)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert not rules.is_gtin(wrong)


@pytest.mark.parametrize("code", ["", "12345", "40063813339A1", "\uff14006381333931"])
def test_what_is_no_number_of_such_a_length_is_no_gtin(code):
    assert not rules.is_gtin(code)


def test_a_gtin_is_found_with_and_without_zeros_at_its_front():
    assert rules.looked_up("036000291452") == rules.looked_up("0036000291452") == "00036000291452"
    assert rules.looked_up(" SHELF-7 ") == "SHELF-7"


def test_the_rate_that_began_last_counts_until_it_ends():
    old = Tax("VAT", Decimal(12), date(2020, 1, 1))
    new = Tax("VAT", Decimal(15), date(2026, 11, 20))
    levy = Tax("LEVY", Decimal(1), date(2020, 1, 1), date(2026, 11, 19))

    assert rules.in_force([new, old, levy], TODAY) == [new]
    assert rules.in_force([new, old, levy], date(2026, 11, 19)) == [levy, old]


def test_the_largest_step_reached_decides_and_there_the_lowest_price():
    one, ten = Offer(Decimal(5), Decimal(1)), Offer(Decimal(4), Decimal(10))
    fair = Offer(Decimal("3.5"), Decimal(10), TODAY, TODAY)

    assert rules.best([one, ten, fair], Decimal(9), TODAY) == 5
    assert rules.best([one, ten, fair], Decimal(10), TODAY) == Decimal("3.5")
    assert rules.best([one, ten, fair], Decimal(10), date(2026, 11, 21)) == 4
    assert rules.best([ten], Decimal(1), TODAY) is None
