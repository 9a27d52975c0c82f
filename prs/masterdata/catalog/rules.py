"""Numbers of trade: check digits, packs, and which price and tax count. Source: GS1 General Specifications."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

GTIN_LENGTHS = frozenset({8, 12, 13, 14})
WIDTH = 14
# GS1 leaves numbers that begin with 2 to each shop for its own use.
OWN_PREFIX = "20"
OWN_DIGITS = 10
NOTHING = Decimal(0)
# GS1 General Specifications 7.11: the signs that a lot may have, and at most twenty of them.
LOT = re.compile(r"[A-Za-z0-9!\"%&'()*+,\-./:;<=>?_]{1,20}")
# What scanners send before an element string: which symbology it was, or that fields follow.
SENT_BEFORE = ("]C1", "]d2", "]Q3", "\x1d")


def check_digit(digits: str) -> str:
    """The last digit of a GTIN whose other digits are these, by the modulo-10 rule of GS1 7.9."""
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def is_gtin(code: str) -> bool:
    """Whether a code has the length and the check digit of a GTIN-8, -12, -13 or -14."""
    return (
        code.isascii()
        and code.isdigit()
        and len(code) in GTIN_LENGTHS
        and check_digit(code[:-1]) == code[-1]
    )


def is_lot(text: str) -> bool:
    """Whether a lot can stand in an element string of GS1."""
    return LOT.fullmatch(text) is not None


def product_in(code: str) -> str:
    """The GTIN in an element string of GS1, as a scanner reads it off a label; empty without one."""
    plain = code.strip()
    for before in SENT_BEFORE:
        plain = plain.removeprefix(before)
    gtin = plain.replace("(01)", "01", 1)[2:16] if plain.startswith(("01", "(01)")) else ""
    return gtin if len(gtin) == WIDTH and is_gtin(gtin) else ""


def looked_up(code: str) -> str:
    """A code as it is kept and found: a GTIN with fourteen digits, because scanners leave out or
    add zeros at its front; any other code as it stands.
    """
    plain = code.strip()
    return plain.rjust(WIDTH, "0") if is_gtin(plain) else plain


def expected_digit(code: str) -> str:
    """The check digit that a code of a GTIN's length should end in; empty for any other code."""
    numeric = code.isascii() and code.isdigit() and len(code) in GTIN_LENGTHS
    return check_digit(code[:-1]) if numeric else ""


def shown(code: str) -> str:
    """A kept code as it is printed: a GTIN without the zeros that only fill it up to fourteen."""
    if len(code) != WIDTH or not is_gtin(code):
        return code
    for zeros, length in (("000000", 8), ("00", 12), ("0", 13)):
        if code.startswith(zeros):
            return code[-length:]
    return code


def own_code(number: int) -> str:
    """An EAN-13 of the shop's own with this number."""
    digits = f"{OWN_PREFIX}{number:0{OWN_DIGITS}d}"
    return digits + check_digit(digits)


@dataclass(frozen=True)
class Tax:
    """A rate of tax in per cent, in force from a day until a day, both included."""

    code: str
    rate: Decimal
    starts_on: date
    ends_on: date | None = None

    def counts(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


def in_force(taxes: Iterable[Tax], on: date) -> list[Tax]:
    """The taxes of a day: of each code the one that began last."""
    latest: dict[str, Tax] = {}
    for tax in sorted(taxes, key=lambda each: each.starts_on):
        if tax.counts(on):
            latest[tax.code] = tax
    return sorted(latest.values(), key=lambda each: each.code)


@dataclass(frozen=True)
class Offer:
    """A price of a list: of one unit, from a quantity on."""

    amount: Decimal
    from_quantity: Decimal
    starts_on: date | None = None
    ends_on: date | None = None

    def counts(self, quantity: Decimal, on: date) -> bool:
        """Whether so many may be bought for it on a day."""
        begun = self.starts_on is None or self.starts_on <= on
        ended = self.ends_on is not None and self.ends_on < on
        return quantity >= self.from_quantity and begun and not ended


def best(offers: Iterable[Offer], quantity: Decimal, on: date) -> Decimal | None:
    """The price of a unit among offers: that of the largest step reached, and there the lowest."""
    counting = [offer for offer in offers if offer.counts(quantity, on)]
    if not counting:
        return None
    step = max(offer.from_quantity for offer in counting)
    return min(offer.amount for offer in counting if offer.from_quantity == step)
