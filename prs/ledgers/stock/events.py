"""What happens to stock. Nobody is told of it before a page shows it; the history has all of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "stock.view"


def event(code: str, title: Any, sentence: Any) -> Event:
    """An event of stock."""
    return Event(f"stock.{code}", title, sentence, sees=SEES, category="stock")


TRANSFER_DRAFTED = event(
    "transfer_drafted",
    _("Transfer drafted"),
    _("{actor} drafted transfer {subject} from {origin} to {destination}."),
)
TRANSFER_REQUESTED = event(
    "transfer_requested",
    _("Transfer requested"),
    _("{actor} asks for transfer {subject} from {origin} to {destination}."),
)
TRANSFER_APPROVED = event(
    "transfer_approved",
    _("Transfer approved"),
    _("{actor} approved transfer {subject} from {origin} to {destination}."),
)
TRANSFER_REJECTED = event(
    "transfer_rejected",
    _("Transfer rejected"),
    _("{actor} rejected transfer {subject} from {origin} to {destination}."),
)
TRANSFER_DISPATCHED = event(
    "transfer_dispatched",
    _("Transfer sent"),
    _("{actor} sent transfer {subject} from {origin} to {destination}."),
)
TRANSFER_RECEIVED = event(
    "transfer_received",
    _("Transfer received"),
    _("{actor} received transfer {subject} from {origin} at {destination}."),
)
TRANSFER_CANCELLED = event(
    "transfer_cancelled",
    _("Transfer cancelled"),
    _("{actor} cancelled transfer {subject} from {origin} to {destination}."),
)
ADJUSTMENT_ASKED = event(
    "adjustment_asked",
    _("Adjustment asked for"),
    _("{actor} asks to adjust {product} at {place} by {quantity}: {subject}."),
)
ADJUSTMENT_APPROVED = event(
    "adjustment_approved",
    _("Adjustment approved"),
    _("{actor} approved adjustment {subject}: {product} at {place} by {quantity}."),
)
ADJUSTMENT_REJECTED = event(
    "adjustment_rejected",
    _("Adjustment rejected"),
    _("{actor} rejected adjustment {subject}: {product} at {place} by {quantity}."),
)
COUNT_OPENED = event(
    "count_opened",
    _("Count begun"),
    _("{actor} began count {subject} of {place}."),
)
COUNT_CLOSED = event(
    "count_closed",
    _("Count ended"),
    _("{actor} ended count {subject} of {place} with {differences} differences."),
)
COUNT_CANCELLED = event(
    "count_cancelled",
    _("Count given up"),
    _("{actor} gave up count {subject} of {place}."),
)
