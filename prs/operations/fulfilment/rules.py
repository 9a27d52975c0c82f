"""What follows upon what in the warehouse, and what a scanner's code says. No tables."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice

ZERO = Decimal(0)
# Source: reference 17.3. What leads to review leads back by what was found there.
MOVES: Mapping[str, frozenset[str]] = {
    "invoiced": frozenset({"picking", "review"}),
    "picking": frozenset({"picked", "invoiced", "review"}),
    "picked": frozenset({"packing", "review"}),
    "packing": frozenset({"boxing", "packed", "picked", "review"}),
    "boxing": frozenset({"packed", "picked", "review"}),
    "packed": frozenset({"dispatched", "delivered", "review"}),
    "dispatched": frozenset({"delivered", "packed", "review"}),
    "review": frozenset({"invoiced", "picked", "packed"}),
    "delivered": frozenset(),
}
# From where an invoice goes back to billing, and what that part of the warehouse is called.
SECTIONS: Mapping[str, str] = {
    "invoiced": "picking",
    "picking": "picking",
    "picked": "picking",
    "packing": "packing",
    "boxing": "packing",
    "packed": "delivery",
    "dispatched": "delivery",
}
# GS1 General Specifications 3.2: application identifiers of a fixed length that labels of goods carry.
FIXED = {
    "00": 18,
    "01": 14,
    "02": 14,
    "11": 6,
    "12": 6,
    "13": 6,
    "15": 6,
    "16": 6,
    "17": 6,
    "20": 2,
}
FREE = frozenset({"10", "21", "22", "30", "37"})
GROUP_END = "\x1d"
SENT_BEFORE = ("]C1", "]d2", "]Q3", GROUP_END)
# A two-digit year more than this far ahead is one of the last century.
CENTURY_AHEAD = 50

Part = tuple[str, Decimal, Decimal]


def pairs() -> list[tuple[str, str]]:
    """Every step that may be taken, from and to."""
    return [(before, after) for before, ways in MOVES.items() for after in sorted(ways)]


def back_from_review(section: str, *, whole: bool, changed: bool) -> str:
    """Where work goes on after a correction: with what is missing first, else where it stopped."""
    if not whole:
        return "invoiced"
    return "packed" if section == "delivery" and not changed else "picked"


# --- what a scanner reads -------------------------------------------------------------------------


@dataclass(frozen=True)
class Label:
    """What the code on goods says: the product's number, and lot and expiry where it knows them."""

    code: str
    lot: str = ""
    expires_on: date | None = None


def read_label(text: str, *, today: date) -> Label:
    """A code as a scanner sends it: an element string of GS1, or any other code as it stands."""
    plain = text.strip()
    for before in SENT_BEFORE:
        plain = plain.removeprefix(before)
    if plain.startswith("("):  # as people read it, below the bars
        plain = plain.replace("(", GROUP_END).replace(")", "").removeprefix(GROUP_END)
    fields = elements(plain)
    if "01" not in fields:
        return Label(text.strip())
    return Label(fields["01"], fields.get("10", ""), day_of(fields.get("17", ""), today=today))


def elements(text: str) -> dict[str, str]:
    """The fields of an element string by their identifiers; none when it isn't one."""
    found: dict[str, str] = {}
    rest = text
    while rest:
        name, rest = rest[:2], rest[2:]
        if name in FIXED:
            value, rest = rest[: FIXED[name]], rest[FIXED[name] :].removeprefix(GROUP_END)
            if len(value) != FIXED[name] or not value.isdigit():
                return {}
        elif name in FREE:
            value, _end, rest = rest.partition(GROUP_END)
        else:
            return {}
        found[name] = value
    return found


def day_of(digits: str, *, today: date) -> date | None:
    """A day that GS1 writes with six digits; day 00 is the last of its month."""
    if len(digits) != 6 or not digits.isdigit():
        return None
    year = today.year - today.year % 100 + int(digits[:2])
    year -= 100 if year - today.year > CENTURY_AHEAD else 0
    month, day = int(digits[2:4]), int(digits[4:])
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None


# --- goods that were taken ------------------------------------------------------------------------


def together(parts: Iterable[Part]) -> list[Part]:
    """Quantities of batches, one for each batch, in the order in which they came."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for batch, quantity, value in parts:
        had = found.get(batch, (ZERO, ZERO))
        found[batch] = (had[0] + quantity, had[1] + value)
    return [(batch, *sums) for batch, sums in found.items() if sums[0]]


def split_off(
    parts: Sequence[Part], quantity: Decimal, unit: Decimal, *, batch: str = ""
) -> tuple[list[Part], list[Part]]:
    """Give a quantity back, what was taken last first: what goes, and what stays.

    The last of a batch carries whatever it is worth still, so that nothing is lost to rounding.
    """
    going: list[Part] = []
    staying: list[Part] = []
    wanted = quantity
    for name, there, worth in reversed(parts):
        used = min(there, wanted) if batch in {"", name} else ZERO
        wanted -= used
        value = worth if used == there else (worth * used / there).quantize(unit, ROUND_HALF_UP)
        if used:
            going.append((name, used, value))
        if used < there:
            staying.append((name, there - used, worth - value))
    return going, staying[::-1]


def written(parts: Iterable[Part]) -> list[list[str]]:
    """Parts as they are kept."""
    return [[batch, str(quantity), str(value)] for batch, quantity, value in parts]


def read(kept: Iterable[Sequence[str]]) -> list[Part]:
    """Parts as they were kept."""
    return [(batch, Decimal(quantity), Decimal(value)) for batch, quantity, value in kept]


# --- numbers --------------------------------------------------------------------------------------

SIGNS = {"#": "[0-9]", "@": "[A-Za-z]", "*": "[0-9A-Za-z]"}


def follows(number: str, pattern: str) -> bool:
    """Whether a tracking number looks like a courier's; without a pattern any does."""
    if not pattern:
        return True
    return (
        re.fullmatch("".join(SIGNS.get(sign, re.escape(sign)) for sign in pattern), number)
        is not None
    )


def missing_numbers(numbers: Iterable[str], prefix: str, *, most: int = 500) -> list[str]:
    """The numbers of a series that are nowhere between its first and its last, written like the others."""
    found = [each.removeprefix(prefix) for each in numbers if each.startswith(prefix)]
    there = {int(tail): len(tail) for tail in found if tail.isascii() and tail.isdigit()}
    if not there:
        return []
    width = there[min(there)] if len(set(there.values())) == 1 else 0
    gaps = (at for at in range(min(there), max(there) + 1) if at not in there)
    return [f"{prefix}{at:0{width}d}" for at in islice(gaps, most)]
