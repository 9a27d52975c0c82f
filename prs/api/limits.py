"""How often somebody may ask, counted in one row that all processes share.

The row holds the moment at which the allowance is whole again. A request moves it on by one step of
`window / limit`, as long as it stays within the window: `limit` at once, then one a step, and never
twice the limit around the turn of a minute.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connections

from prs.kernel.errors import TooMany

WINDOW = timedelta(minutes=1)
TAKE = """
    INSERT INTO api_allowance AS a (subject, whole_at)
    VALUES (%(subject)s, clock_timestamp() + make_interval(secs => %(step)s))
    ON CONFLICT (subject) DO UPDATE SET whole_at = greatest(a.whole_at, clock_timestamp()) + make_interval(secs => %(step)s)
    WHERE greatest(a.whole_at, clock_timestamp()) + make_interval(secs => %(step)s) <= clock_timestamp() + make_interval(secs => %(window)s)
    RETURNING extract(epoch FROM whole_at - clock_timestamp())::float8
"""
LEFT = """
    SELECT extract(epoch FROM whole_at - clock_timestamp())::float8
    FROM api_allowance WHERE subject = %s
"""


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit; `reset` is in seconds until it is whole again."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class UsedUp(TooMany):
    """The allowance is used up."""

    def __init__(self, allowance: Allowance, *, retry_after: int) -> None:
        self.allowance = allowance
        super().__init__(retry_after=retry_after)


def take(subject: str, *, limit: int) -> Allowance:
    """Count one request of a subject, at once and whatever becomes of it.

    :raises UsedUp: `limit` requests a minute were made.
    """
    window = WINDOW.total_seconds()
    seconds = window / limit
    connection = connections[settings.API_LIMITS_DATABASE]
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"subject": subject, "step": seconds, "window": window})
        row = cursor.fetchone()
        if row is None:
            cursor.execute(LEFT, (subject,))
            used = (cursor.fetchone() or (0.0,))[0]
            wait = math.ceil(used + seconds - window)
            raise UsedUp(Allowance(limit, 0, math.ceil(used)), retry_after=max(1, wait))
    left = (window - row[0]) / seconds
    return Allowance(limit, max(0, math.floor(left + 1e-6)), math.ceil(row[0]))
