"""The one place that reads the clock. Below the edge, time is an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(tz=UTC)


def local_date(at: datetime, time_zone: str) -> date:
    """The calendar day of a moment in a time zone (an IANA name)."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def local_time(at: datetime, time_zone: str) -> datetime:
    """A moment on the clock of a time zone (an IANA name)."""
    return at.astimezone(ZoneInfo(time_zone))
