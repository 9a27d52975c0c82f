"""Charts: bars over time and lines of a distribution, each leading to the rows that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

# The chart's box: as wide as its bars need, and so high.
STEP, WIDE, HIGH = 60, 36, 120
# Beside the bar of the time before both are narrower.
NARROW, GAP = 22, 4
# Under more bars than these there is no room for figures, nor for every label.
ROOMY = 12


def address(name: str, **query: Any) -> str:
    """The address of a list with its filters; what says nothing is left out."""
    said = {key: value for key, value in query.items() if value not in {None, ""}}
    return f"{reverse(name)}?{urlencode(said)}" if said else reverse(name)


@dataclass(frozen=True)
class Spot:
    """What a bar stands for. Without an address it is still to come.

    `full` says it where `label` is too short to be understood alone.
    """

    label: str
    amount: Decimal
    url: str = ""
    count: int | None = None
    before: Decimal | None = None
    full: str = ""


@dataclass(frozen=True)
class Box:
    """Where a bar stands."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Bar:
    """One bar of a chart, placed in its box, beside that of the time before if there is one."""

    spot: Spot
    box: Box
    earlier: Box | None
    named: bool


@dataclass(frozen=True)
class Chart:
    """Amounts over time in one currency."""

    bars: list[Bar]
    currency: str
    compared: bool

    @property
    def width(self) -> int:
        """How wide the box is in which the bars stand."""
        return len(self.bars) * STEP

    @property
    def roomy(self) -> bool:
        """Whether figures fit below the bars."""
        return len(self.bars) <= ROOMY

    @property
    def told(self) -> list[Spot]:
        """What the table beside the chart says: everything that has begun."""
        return [bar.spot for bar in self.bars if bar.spot.url]

    @property
    def counted(self) -> bool:
        """Whether it is known from how many rows each amount comes."""
        return any(bar.spot.count is not None for bar in self.bars)


def chart(spots: Sequence[Spot], currency: str) -> Chart:
    """Bars as high as their amounts, the highest as high as the chart."""
    compared = any(spot.before is not None for spot in spots)
    amounts = [amount for spot in spots for amount in (spot.amount, spot.before or Decimal(0))]
    most = max(amounts, default=Decimal(0))
    every = -(-len(spots) // ROOMY)
    bars = [
        placed(spot, at, most=most if most > 0 else Decimal(1), named=at % every == 0)
        for at, spot in enumerate(spots)
    ]
    return Chart(bars, currency, compared)


def placed(spot: Spot, at: int, *, most: Decimal, named: bool) -> Bar:
    """The bar of a spot."""
    if spot.before is None:
        left = at * STEP + (STEP - WIDE) // 2
        return Bar(spot, box(left, WIDE, spot.amount / most), None, named)
    left = at * STEP + (STEP - GAP) // 2 - NARROW
    return Bar(
        spot,
        box(left + NARROW + GAP, NARROW, spot.amount / most),
        box(left, NARROW, spot.before / most),
        named,
    )


def box(left: int, width: int, share: Decimal) -> Box:
    """A box that stands on the ground; what went back on balance has no height."""
    height = max(0, int(share * HIGH))
    return Box(left, HIGH - height, width, height)


@dataclass(frozen=True)
class Part:
    """One line of a distribution: how often, how much of the whole, and where its rows are."""

    label: str
    count: int
    percent: int
    url: str
    amount: Decimal | None = None


def parts(
    rows: Sequence[tuple[Any, int, str]], amounts: Sequence[Decimal] | None = None
) -> list[Part]:
    """Lines of a distribution from label, count and address, each with its share of the whole."""
    whole = sum(count for _label, count, _url in rows) or 1
    known: Sequence[Decimal | None] = [None] * len(rows) if amounts is None else amounts
    return [
        Part(str(label), count, round(count * 100 / whole), url, amount)
        for (label, count, url), amount in zip(rows, known, strict=True)
    ]
