"""When a job is tried again, and when work recurs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)


def backoff(attempt: int) -> timedelta:
    """The pause after a failed attempt (counted from 1): 30 s, 1, 2, 4 minutes ... 6 hours."""
    doublings = min(max(attempt, 1) - 1, 16)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


@dataclass(frozen=True)
class Schedule:
    """Recurring work: `every` (whole minutes) or `cron` (five fields, UTC), not both.

    :raises ValueError: neither or both are given, or `every` is not whole minutes.
    """

    name: str
    path: str
    every: timedelta | None = None
    cron: str = ""

    def __post_init__(self) -> None:
        if (self.every is None) == (not self.cron):
            raise ValueError(f"Schedule {self.name!r} needs either `every` or `cron`.")
        if self.every is not None and (not self.minutes or self.every.total_seconds() % 60):
            raise ValueError(f"Schedule {self.name!r} must recur in whole minutes.")

    @property
    def minutes(self) -> int | None:
        """The pause in minutes, or None when `cron` says when."""
        return None if self.every is None else int(self.every.total_seconds() // 60)
