"""Coins, limits and shares: how cash is rounded, what a role may take off, what a part of a line is worth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
HUNDRED = Decimal(100)
# Who may approve discounts gives any; everybody else as much as this until a rule says otherwise.
USUAL_LINE_DISCOUNT, USUAL_BASKET_DISCOUNT = Decimal(10), Decimal(5)
PIN_LENGTHS = range(4, 9)
PIN_TRIES = 5
PIN_PAUSE_MINUTES = 5
# Banknotes and coins, the largest first.
MONEY: Mapping[str, tuple[str, ...]] = {
    "USD": ("100", "50", "20", "10", "5", "2", "1", "0.50", "0.25", "0.10", "0.05", "0.01"),
    "EUR": (
        *("500", "200", "100", "50", "20", "10", "5", "2", "1"),
        *("0.50", "0.20", "0.10", "0.05", "0.02", "0.01"),
    ),
    "GBP": ("50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10", "0.05", "0.02", "0.01"),
    "GHS": ("200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10", "0.05", "0.01"),
    "KES": ("1000", "500", "200", "100", "50", "40", "20", "10", "5", "1"),
    "NGN": ("1000", "500", "200", "100", "50", "20", "10", "5", "2", "1", "0.50"),
    "ZAR": ("200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10"),
    "CHF": ("1000", "200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10", "0.05"),
    "JPY": ("10000", "5000", "2000", "1000", "500", "100", "50", "10", "5", "1"),
}
USUAL_MONEY = ("1000", "500", "200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.10", "0.01")


def denominations(currency: str) -> tuple[Decimal, ...]:
    """The banknotes and coins of a currency, the largest first."""
    return tuple(Decimal(each) for each in MONEY.get(currency, USUAL_MONEY))


def counted(pieces: Mapping[str, int]) -> Decimal:
    """What a count of banknotes and coins comes to."""
    return sum((Decimal(value) * pieces[value] for value in pieces), ZERO)


def in_coins(amount: Decimal, step: Decimal) -> Decimal:
    """An amount as it can be paid in cash: the nearest multiple of the smallest coin, half up."""
    if step <= 0:
        return amount
    return (amount / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def quick_amounts(due: Decimal, currency: str, *, most: int = 4) -> list[Decimal]:
    """What somebody is likely to hand over: exactly what is due, and the next banknotes above it."""
    if due <= 0:
        return []
    offers = [due]
    for note in reversed(denominations(currency)):
        if note >= 1:
            above = (due / note).to_integral_value(rounding=ROUND_CEILING) * note
            if above not in offers:
                offers.append(above)
    return sorted(offers)[:most]


def share(total: Decimal, part: Decimal, whole: Decimal, unit: Decimal) -> Decimal:
    """What a part of a line is worth, in whole minor units; the whole is worth exactly the line."""
    if part == whole:
        return total
    return (total * part / whole).quantize(unit, rounding=ROUND_HALF_UP)


def next_share(
    total: Decimal,
    whole: Decimal,
    *,
    before: Decimal,
    given: Decimal,
    part: Decimal,
    unit: Decimal,
) -> Decimal:
    """What the next part of a line is worth when `before` of it came back for `given` already.

    Counted from the beginning, so that all parts together come to the line whatever their order.
    """
    return share(total, before + part, whole, unit) - given


def net_within(wanted: Decimal, part: Decimal, *, net_left: Decimal, tax_left: Decimal) -> Decimal:
    """The net amount in a part of a line: what it should be, within what is left of net and tax."""
    return max(min(wanted, part, net_left), part - tax_left, ZERO)


def percent_of(discount: Decimal, gross: Decimal) -> Decimal:
    """How many per cent of a price were taken off."""
    return discount * HUNDRED / gross if gross else ZERO
