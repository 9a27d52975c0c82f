"""What happens in the books."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

PERIOD_CLOSED = Event(
    "books.period_closed", _("Period closed"), _("{actor} closed {subject}."), sees="books.view"
)
PERIOD_OPENED = Event(
    "books.period_opened",
    _("Period opened"),
    _("{actor} opened {subject} again."),
    sees="books.view",
)
