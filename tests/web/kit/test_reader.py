"""How values read in different languages and time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from prs.kernel.money import Money, figure
from prs.web.kit.reader import Reader

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def reading(language: str = "en", zone: str = "UTC") -> Reader:
    return Reader(language, zone, NOON)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar", "de-CH", "hi", "xx"])
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
@pytest.mark.parametrize("amount", ["0", "5", "-1234567.5", "999.999", "1200.1234", "100000000000"])
def test_the_quick_figure_is_the_locales_own(language: str, currency: str, amount: str) -> None:
    value = Decimal(amount)

    quick, own = reading(language).figure(value, currency), figure(Money(currency, value), language)

    assert quick == own


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=4), "4 min"),
        (timedelta(hours=3, minutes=59), "3 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_an_age_is_said_in_one_unit(ago: timedelta, text: str) -> None:
    with translation.override("en"):
        assert reading().age(NOON - ago) == text


def test_a_day_and_a_moment_are_the_readers_own() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

    assert reading("de", "Asia/Tokyo").moment(late) == "21.11.2026, 08:30"
    assert reading("en").day(date(2026, 11, 20)) == "Nov 20, 2026"
    assert Reader("en", "Asia/Tokyo", late).today == date(2026, 11, 21)
