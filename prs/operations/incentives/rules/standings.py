"""Ranks: equal amounts share one, and whoever asks is told their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

LEAST, MOST, USUAL = 1, 50, 20


@dataclass(frozen=True)
class Entrant:
    """Somebody, or a team, with what they are ranked by."""

    id: UUID
    name: str
    amount: Decimal
    deals: int = 0
    streak: Decimal | None = None
    people: int = 0


@dataclass(frozen=True)
class Ranked:
    """An entrant and their rank."""

    rank: int
    entrant: Entrant
    tied: bool = False


def ranked(entrants: Iterable[Entrant]) -> list[Ranked]:
    """Everyone by amount. Equal amounts share a rank, and the next one is as far down as they are many."""
    rows = sorted(entrants, key=lambda each: (-each.amount, each.name.casefold(), each.id))
    amounts = [each.amount for each in rows]
    first = {amount: place for place, amount in reversed(list(enumerate(amounts, start=1)))}
    return [Ranked(first[each.amount], each, amounts.count(each.amount) > 1) for each in rows]


def clipped(limit: int) -> int:
    """A limit that a page can show."""
    return max(LEAST, min(MOST, limit))
