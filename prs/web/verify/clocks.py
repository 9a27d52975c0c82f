"""The clock of a waiting payment: how long until it should be verified, in a word, an icon and a colour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from prs.web.kit.columns import status
from prs.web.kit.reader import reader

NEAR = 0.75


@dataclass(frozen=True)
class Clock:
    """How a waiting payment stands to the organization's hours."""

    meaning: str
    word: str
    icon: str

    @property
    def drawn(self) -> Any:
        return status(self.meaning, self.word, self.icon)


def clock_of(since: datetime, hours: int, now: datetime) -> Clock:
    """The clock of a payment that waits since a moment."""
    due = since + timedelta(hours=hours)
    if now > due:
        late = reader().age(due)
        return Clock("stopped", _("%(time)s late") % {"time": late}, "alert-triangle")
    # `age` says how long ago something was; the time that is left is as long ago from its end.
    left = reader().age(reader().now - (due - now))
    word = _("%(time)s left") % {"time": left}
    if now - since > timedelta(hours=hours) * NEAR:
        return Clock("attention", word, "hourglass")
    return Clock("waiting", word, "clock")
