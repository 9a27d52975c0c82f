"""What a basket comes to: ten thousand of them counted again in fractions, and published examples of tax."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any

import pytest

from prs.kernel import money
from prs.kernel.money import Money, TaxMode
from prs.operations.till import rules
from prs.operations.till.models import Sale, SaleLine, Tender
from prs.operations.till.receipts import Words, row_of, sums_of, taxes_of
from prs.operations.till.services import Handed, pricing, settlement
from prs.operations.till.services.baskets import write_price
from prs.operations.till.services.billing import invoice_lines
from prs.operations.till.services.posting import sale_sides
from prs.operations.till.services.pricing import Item, Rate

BASKETS, SEED = 10_000, 20_261_121
COINS = {"GHS": "0.05", "USD": "0", "JPY": "1", "KWD": "0.005"}
RATES = ("0", "5", "7.5", "9.975", "12.5", "15", "19", "20")
PERCENTS = ("0", "0", "2.5", "7", "10", "33", "33.3333", "100")


def nearest(value: Fraction, unit: Fraction) -> Fraction:
    """Half up at a unit: the rule in words of its own."""
    return floor(value / unit + Fraction(1, 2)) * unit


def unit_of(currency: str) -> Fraction:
    return Fraction(1, 10 ** money.minor_units(currency))


def items(dice: random.Random, currency: str) -> list[Item]:
    """Up to eight lines, priced as people price them."""
    places = money.minor_units(currency)
    return [
        Item(
            quantity=Decimal(dice.choice((1, 1, 2, 3, 7, 12)))
            + dice.choice((0, 0, Decimal("0.355"))),
            unit_price=Decimal(dice.randint(0, 99_999)).scaleb(-places),
            rates=tuple(
                Rate(f"T{at}", Decimal(dice.choice(RATES))) for at in range(dice.randint(0, 2))
            ),
            included=dice.random() < 0.7,
            percent=Decimal(dice.choice(PERCENTS)),
        )
        for _line in range(dice.randint(1, 8))
    ]


@cache
def baskets() -> Sequence[tuple[str, list[Item], Decimal, list[pricing.Priced]]]:
    """Baskets in four currencies with a discount on the whole, and what they are priced at."""
    dice, made = random.Random(SEED), []  # noqa: S311  (drawn by lot, no secret)
    for _basket in range(BASKETS):
        currency = dice.choice(tuple(COINS))
        lines, percent = items(dice, currency), Decimal(dice.choice(PERCENTS))
        made.append((currency, lines, percent, pricing.basket(lines, currency, percent=percent)))
    return made


def test_ten_thousand_baskets_are_what_fractions_say_they_are():
    for currency, lines, percent, priced in baskets():
        unit, left = unit_of(currency), Fraction(0)
        for item, found in zip(lines, priced, strict=True):
            gross = nearest(Fraction(item.quantity) * Fraction(item.unit_price), unit)
            own = nearest(gross * Fraction(item.percent) / 100, unit)
            assert (found.gross, found.discount) == (gross, own)
            left += gross - own
            taxes_are_right(item, found, unit)
        off = nearest(left * Fraction(percent) / 100, unit)
        assert sum(each.share for each in priced) == off
        for found in priced:
            part = Fraction(found.gross - found.discount)
            exact = off * part / left if left else Fraction(0)
            assert abs(Fraction(found.share) - exact) < unit
            assert 0 <= found.share <= part


def taxes_are_right(item: Item, found: pricing.Priced, unit: Fraction) -> None:
    """Included tax leaves the price alone, other tax comes on top; the taxes add up to the tax."""
    amount = Fraction(found.gross - found.discount - found.share)
    rates = [Fraction(each.rate) for each in item.rates]
    assert found.tax == sum((tax for _rate, tax in found.taxes), Decimal(0))
    if item.included:
        assert found.total == amount
        assert found.tax == nearest(amount * sum(rates) / (100 + sum(rates)), unit)
    else:
        assert found.net == amount
        assert [tax for _rate, tax in found.taxes] == [
            nearest(amount * rate / 100, unit) for rate in rates
        ]


def written(currency: str, lines: list[Item], priced: list[pricing.Priced]) -> tuple[Any, Any]:
    """A sale with its lines, as they would be stored."""
    sale = Sale(currency=currency, number="OSU-1", cost=Decimal(0), level=Sale.Level.RETAIL)
    rows = []
    for item, found in zip(lines, priced, strict=True):
        row = SaleLine(
            name="Soap",
            quantity=item.quantity,
            unit="pcs",
            unit_price=item.unit_price,
            tax_included=item.included,
            rates=[[each.code, str(each.rate)] for each in item.rates],
        )
        write_price(row, found)
        rows.append(row)
    sale.net_total = sum((each.net for each in priced), Decimal(0))
    sale.tax_total = sum((each.tax for each in priced), Decimal(0))
    sale.total = sale.net_total + sale.tax_total
    sale.discount = sum((each.discount + each.share for each in priced), Decimal(0))
    return sale, rows


def test_ten_thousand_baskets_are_settled_and_posted_to_the_cent():
    dice = random.Random(SEED)  # noqa: S311  (drawn by lot, no secret)
    for currency, lines, _percent, priced in baskets():
        sale, _rows = written(currency, lines, priced)
        step = Decimal(COINS[currency])
        cash = rules.in_coins(sale.total, step)
        card = money.rounded(sale.total * dice.choice((0, 0, Decimal("0.4"))), currency)
        handed = [Handed("card", card)] * bool(card) + [Handed("cash", cash)] * bool(cash)
        if not handed:
            continue

        paid = settlement(sale.total, handed, step=step, on_credit=False, currency=currency)

        assert paid.paid == sale.total + paid.rounding
        assert sum(each.amount for each in handed) - paid.change == paid.paid
        assert abs(paid.rounding) * 2 <= step
        sale.rounding = paid.rounding
        tenders = [Tender(method=part.handed.method, amount=part.amount) for part in paid.parts]
        assert sum(side.amount for side in sale_sides(sale, tenders, None)) == 0


def test_what_stays_owed_is_invoiced_to_the_cent():
    dice = random.Random(SEED)  # noqa: S311  (drawn by lot, no secret)
    for currency, lines, _percent, priced in baskets():
        sale, rows = written(currency, lines, priced)
        share = dice.choice((Decimal(1), Decimal("0.31"), Decimal("0.999")))
        owed = money.rounded(sale.total * share, currency)
        if not owed:
            continue

        found = invoice_lines(sale, rows, owed)

        assert sum(each.net + each.tax for each in found) == owed
        assert all(each.net >= 0 and each.tax >= 0 for each in found)
        if owed == sale.total:
            assert sum(each.tax for each in found) == sale.tax_total


def test_a_receipt_adds_up_as_it_is_printed():
    def read(text: str) -> Decimal:
        return Decimal(text.replace(",", ""))

    for at, (currency, lines, _percent, priced) in enumerate(baskets()):
        if at % 10:
            continue
        sale, rows = written(currency, lines, priced)
        words = Words(currency, "en")
        printed = [row_of(line, words) for line in rows]
        lines_say = sum((read(row.total) for row in printed), Decimal(0))
        lines_say += sum((read(row.discount) for row in printed if row.discount), Decimal(0))
        extra = [read(each.text) for each in sums_of(sale, rows, words) if each.label == "Tax"]

        assert lines_say + sum(extra) == sale.total
        taxes = sum((read(each.text) for each in taxes_of(rows, words)), Decimal(0))
        assert taxes == sale.tax_total


# --- published examples ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "mode", "inclusive", "net", "tax"),
    [
        ("100.00", TaxMode.PER_LINE, True, "420.15", "79.85"),
        ("100.00", TaxMode.PER_DOCUMENT, True, "420.17", "79.83"),
        ("84.03", TaxMode.PER_DOCUMENT, False, "420.15", "79.83"),
    ],
)
def test_five_tickets_of_a_hundred_at_nineteen_per_cent(amount, mode, inclusive, net, tax):
    lines = [(Money("EUR", amount), 19)] * 5

    (found,) = money.tax_summary(lines, mode, inclusive=inclusive)

    assert (found.net.amount, found.tax.amount) == (Decimal(net), Decimal(tax))


def test_five_tickets_at_the_till_are_rounded_on_each_line():
    priced = pricing.basket(
        [Item(Decimal(1), Decimal(100), (Rate("VAT", Decimal(19)),))] * 5, "EUR"
    )

    assert sum(each.net for each in priced) == Decimal("420.15")
    assert sum(each.tax for each in priced) == Decimal("79.85")
    assert sum(each.total for each in priced) == 500


@pytest.mark.parametrize(
    ("price", "federal", "provincial", "total"),
    [("140.00", "7.00", "13.97", "160.97"), ("1140.00", "57.00", "113.72", "1310.72")],
)
def test_two_taxes_stand_side_by_side_on_the_same_price(price, federal, provincial, total):
    rates = (Rate("GST", Decimal(5)), Rate("QST", Decimal("9.975")))

    (found,) = pricing.basket([Item(Decimal(1), Decimal(price), rates, included=False)], "CAD")

    assert [str(tax) for _rate, tax in found.taxes] == [federal, provincial]
    assert found.total == Decimal(total)


@pytest.mark.parametrize(
    ("prices", "percent", "shares"),
    [
        (["9.99", "9.99", "9.99"], "33", ["3.30", "3.30", "3.29"]),
        (["0.01", "0.01", "0.01"], "50", ["0.01", "0.01", "0.00"]),
        (["10.00", "0.05", "0.00"], "10", ["1.00", "0.01", "0.00"]),
        (["19.99", "5.01"], "100", ["19.99", "5.01"]),
    ],
)
def test_the_cent_that_is_left_of_a_discount_goes_to_the_largest_remainder(prices, percent, shares):
    lines = [Item(Decimal(1), Decimal(price)) for price in prices]

    found = pricing.basket(lines, "EUR", percent=Decimal(percent))

    assert [each.share for each in found] == [Decimal(share) for share in shares]
