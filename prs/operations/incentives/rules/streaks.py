"""The streak: half a star up for a working day with a sale, half a star down without. Decision 0014."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

STEP = Decimal("0.5")
LOWEST, HIGHEST = Decimal(0), Decimal(5)
START = HIGHEST
LEAST_VALUE = Decimal(101)
STARS = 5

SUCCESS, WAITING, FAILURE = "success", "waiting", "failure"
LEVELS: tuple[tuple[Decimal, str], ...] = (
    (Decimal(5), "legend"),
    (Decimal("4.5"), "master"),
    (Decimal(4), "pro"),
    (Decimal(3), "rising"),
    (Decimal(2), "started"),
    (Decimal(1), "beginner"),
)
NEWCOMER = "newcomer"


@dataclass(frozen=True)
class SoldOn:
    """What somebody sold on a day: proven deals, and whether a deal still waits for its proof."""

    deals: int = 0
    value: Decimal = Decimal(0)
    waiting: bool = False

    @property
    def outcome(self) -> str:
        """How the day went: what waits for a verifier is neither a success nor a failure."""
        if self.deals:
            return SUCCESS
        return WAITING if self.waiting else FAILURE


NOTHING = SoldOn()


@dataclass(frozen=True)
class Day:
    """A day of a streak, and the streak at its end."""

    on: date
    sold: SoldOn
    outcome: str
    streak: Decimal


def after(streak: Decimal, outcome: str) -> Decimal:
    """The streak after a day."""
    if outcome == SUCCESS:
        return min(streak + STEP, HIGHEST)
    return max(streak - STEP, LOWEST) if outcome == FAILURE else streak


def replayed(
    days: Iterable[date], sold: Mapping[date, SoldOn], *, start: Decimal, today: date
) -> Iterator[Day]:
    """The days of a streak, one after the other. Today does no harm before it is over."""
    streak = start
    for on in days:
        what = sold.get(on, NOTHING)
        outcome = WAITING if on >= today and what.outcome == FAILURE else what.outcome
        streak = after(streak, outcome)
        yield Day(on, what, outcome, streak)


def level(streak: Decimal) -> str:
    """The name of a streak's level."""
    return next((name for least, name in LEVELS if streak >= least), NEWCOMER)


def stars(streak: Decimal) -> list[str]:
    """Five stars from the left: full, half or empty."""
    halves = int(streak / STEP)
    return [
        "full" if halves >= 2 * place else "half" if halves == 2 * place - 1 else "empty"
        for place in range(1, STARS + 1)
    ]


def insight(streak: Decimal, today: str, yesterday: str) -> str:
    """What there is to say of a streak, as a word."""
    if today == SUCCESS:
        return "topped" if streak >= HIGHEST else "growing"
    if streak <= LOWEST:
        return "restart"
    if yesterday == FAILURE:
        return "at_risk"
    return "keep_going"
