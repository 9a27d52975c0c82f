"""How old a claim is, how risky a customer, and when who is reminded. Source: reference 7.5 and 11."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

CURRENT, THIRTY, SIXTY, NINETY = "current", "31_60", "61_90", "over_90"
BUCKETS: Final = (CURRENT, THIRTY, SIXTY, NINETY)
# The last day of each age; the last age is open.
ENDS: Final = (30, 60, 90)
HIGH, MEDIUM, LOW = "high", "medium", "low"

# Days after the due day on which a customer is reminded by the schedule, then every week.
STEPS: Final = (-3, 0, 7, 14, 30)
WEEKS_AFTER: Final = 6
# From this step on whoever looks after the customer gets a copy.
COPIED_FROM: Final = 14
ONCE_IN: Final = timedelta(hours=24)


def risk_of(buckets: Sequence[Decimal], used: Decimal | None) -> str:
    """How risky an account is, from its ages and the part of its limit that is used, in per cent."""
    total = sum(buckets, Decimal(0))
    used = used or Decimal(0)
    if total <= 0:
        return LOW
    over_thirty, over_sixty = sum(buckets[1:], Decimal(0)), sum(buckets[2:], Decimal(0))
    if over_sixty > total / 4 or used > 100:
        return HIGH
    if over_thirty > total / 10 or used > 80:
        return MEDIUM
    return LOW


def step_of(due: date, on: date) -> int | None:
    """The step whose reminder an invoice should have had by a day; None before the first."""
    days = (on - due).days
    weekly = [STEPS[-1] + 7 * week for week in range(1, WEEKS_AFTER + 1)]
    return max((step for step in (*STEPS, *weekly) if step <= days), default=None)


def tone_of(days: int) -> str:
    """In which words a customer is reminded who is so many days late."""
    if days < 1:
        return "friendly"
    return "firm" if days < STEPS[-1] else "last"


# What a reminder may name, in braces. What stands in other braces is a mistake.
PLACEHOLDERS: Final = ("customer", "number", "amount", "due", "late", "organization")
BRACES: Final = re.compile(r"\{([^{}]*)\}")


def unknown_in(text: str) -> list[str]:
    """What a text names in braces that nothing is known of, each once, in its order."""
    return list(dict.fromkeys(name for name in BRACES.findall(text) if name not in PLACEHOLDERS))


def missing_in(subject: str, body: str) -> list[str]:
    """What a reminder must name and doesn't: how much in its text, of which invoice anywhere."""
    amount = [] if "{amount}" in body else ["amount"]
    return amount if "{number}" in subject + body else [*amount, "number"]


def filled(text: str, words: Mapping[str, str]) -> str:
    """A text with what its placeholders stand for. What is filled in is not read again."""
    return BRACES.sub(lambda found: words.get(found[1], found[0]), text)
