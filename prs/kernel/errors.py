"""Refusals: what the system says no to, each with a sentence a person can act on."""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """An answer of no, with the reason as a sentence.

    Subclasses set `sentence`, which may hold `{named}` places that the keyword details fill.
    `status` is the HTTP answer that the edge gives: 409 unless the subclass says otherwise.
    """

    sentence: ClassVar[str | Promise] = _("This can't be done now.")
    status: ClassVar[int] = 409

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(type(self).__name__)

    def __str__(self) -> str:
        text = str(self.sentence)
        return text.format(**self.details) if self.details else text


class Invalid(Refusal):
    """What was sent can't be read as what was asked for."""

    sentence = _("Some of what you entered can't be used.")
    status = 422


class TooMany(Refusal):
    """The limit for this kind of request is used up; `retry_after` is in seconds."""

    sentence = _("Too many requests. Wait a moment and try again.")
    status = 429

    def __init__(self, *, retry_after: int = 60, **details: object) -> None:
        self.retry_after = retry_after
        super().__init__(**details)


class Forbidden(Refusal):
    """The caller is known and lacks the right."""

    sentence = _("You don't have the right to do this. Ask an administrator of your organization.")
    status = 403
