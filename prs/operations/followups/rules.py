"""How much at risk money is, and when a follow-up is due. Source: reference 18."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

NONE, LOW, MEDIUM, HIGH = "none", "low", "medium", "high"
HIGH_ABOVE, MEDIUM_ABOVE = Decimal(50_000), Decimal(10_000)
HIGH_DAYS, MEDIUM_DAYS = 60, 30
SOON = timedelta(days=7)


def risk(owed: Decimal, days_since_contact: int | None) -> str:
    """How much at risk what a customer owes is. `owed` is in the home currency; no contact is None."""
    if owed <= 0:
        return NONE
    if owed > HIGH_ABOVE or days_since_contact is None or days_since_contact > HIGH_DAYS:
        return HIGH
    if owed > MEDIUM_ABOVE or days_since_contact > MEDIUM_DAYS:
        return MEDIUM
    return LOW


@dataclass(frozen=True)
class Due:
    """An alert that should stand: its kind and how grave it is."""

    kind: str
    severity: str


def alerts_due(
    owed: Decimal, days_since_contact: int | None, next_on: date | None, today: date
) -> list[Due]:
    """The alerts a customer's account calls for today."""
    if owed <= 0:
        return []
    found = []
    if days_since_contact is None:
        found.append(Due("no_followup", HIGH if owed > MEDIUM_ABOVE else MEDIUM))
    if next_on is not None and next_on < today:
        found.append(Due("overdue", HIGH))
    elif next_on is not None and next_on <= today + SOON:
        found.append(Due("due_soon", HIGH if next_on == today else MEDIUM))
    if days_since_contact is not None and risk(owed, days_since_contact) == HIGH:
        found.append(Due("high_risk", HIGH))
    return found


def promise(promised: Decimal, paid: Decimal, by: date, today: date) -> str:
    """What became of a promise: kept, broken, or open until its day has passed."""
    if paid >= promised:
        return "kept"
    return "broken" if by < today else "open"
