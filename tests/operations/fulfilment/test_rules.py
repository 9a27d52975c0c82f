"""Steps, labels and parts of batches."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prs.operations.fulfilment import rules

TODAY = date(2026, 11, 20)
GTIN = "04006381333931"


@pytest.mark.parametrize(
    ("text", "lot", "day"),
    [
        (f"01{GTIN}17281231" + "10L-7", "L-7", date(2028, 12, 31)),
        (f"]C101{GTIN}10L-7\x1d17281231", "L-7", date(2028, 12, 31)),
        (f"]d2\x1d01{GTIN}17280200" + "10X", "X", date(2028, 2, 29)),
        (f"(01){GTIN}(10)L-7(17)281231", "L-7", date(2028, 12, 31)),
        (f"01{GTIN}17991231", "", date(1999, 12, 31)),
        (f"01{GTIN}", "", None),
    ],
)
def test_a_label_of_gs1_says_product_lot_and_expiry(text, lot, day):
    assert rules.read_label(text, today=TODAY) == rules.Label(GTIN, lot, day)


@pytest.mark.parametrize("text", ["SOAP-1", GTIN, "0100", "01abc", "9912345", "", "17281231"])
def test_any_other_code_stands_as_it_is(text):
    assert rules.read_label(f" {text} ", today=TODAY) == rules.Label(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text):
    rules.read_label(text, today=TODAY)


def test_every_state_can_be_left_but_the_last():
    assert {state for state, ways in rules.MOVES.items() if not ways} == {"delivered"}
    assert set(rules.SECTIONS) == {s for s, ways in rules.MOVES.items() if "review" in ways}


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=4),
    st.integers(0, 60),
    st.data(),
)
def test_splitting_parts_loses_neither_goods_nor_worth(quantities, wanted, data):
    parts = [
        (f"b{place}", Decimal(many), Decimal(data.draw(st.integers(0, 999))) / 100)
        for place, many in enumerate(quantities)
    ]
    going, staying = rules.split_off(parts, Decimal(wanted), Decimal("0.01"))

    for at in (1, 2):
        whole = sum(part[at] for part in parts)
        assert sum(part[at] for part in [*going, *staying]) == whole
    assert sum(part[1] for part in going) == min(wanted, sum(quantities))
    assert all(part[2] >= 0 for part in [*going, *staying])
