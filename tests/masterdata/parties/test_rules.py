"""Phones, tax numbers and names, without a database."""

from __future__ import annotations

import pytest

from prs.masterdata.parties import rules
from prs.masterdata.parties.rules import UnknownNumber


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("024 123 4567", "GH", "+233241234567"),
        ("+44 20 7946 0018", "GH", "+442079460018"),
        ("0171 1234567", "DE", "+491711234567"),
        ("555", "", "555"),
        ("", "GH", ""),
    ],
)
def test_a_phone_is_kept_with_its_country(typed, country, kept):
    assert rules.phone_number(typed, country) == kept


@pytest.mark.parametrize("typed", ["12", "call Rosa", "+233 24"])
def test_what_is_no_phone_is_refused(typed):
    with pytest.raises(UnknownNumber):
        rules.phone_number(typed, "GH")


def test_a_phone_is_shown_in_groups():
    assert rules.shown_phone("+233241234567") == "+233 24 123 4567"
    assert rules.shown_phone("call Rosa") == "call Rosa"


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("de 136,695 976", "DE", "136695976"),
        ("P051365947m", "KE", "P051365947M"),
        ("any thing", "NG", "any thing"),
        ("any thing", "", "any thing"),
    ],
)
def test_a_tax_number_is_compact_where_the_country_is_known(typed, country, kept):
    assert rules.tax_number(typed, country) == kept


def test_a_tax_number_with_a_wrong_digit_is_refused():
    with pytest.raises(UnknownNumber):
        rules.tax_number("136695977", "DE")


def test_names_are_nearly_the_same_across_forms_marks_and_order():
    names = [
        (1, "Harbour Pharmacy Ltd"),
        (2, "Harbor Pharmacy"),
        (3, "Kofi Boateng"),
        (4, "Boateng, Kofi"),
        (5, "Café Élan"),
        (6, "Cafe Elan GmbH"),
        (7, "North Star"),
    ]

    assert {frozenset(pair) for pair in rules.alike_pairs(names)} == {
        frozenset((1, 2)),
        frozenset((3, 4)),
        frozenset((5, 6)),
    }


def test_a_name_of_forms_alone_is_still_a_name():
    assert rules.plain_name("The Company Ltd") == "the company ltd"
