"""What happens to stock. Nobody is told of it before a page shows it; the history has all of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "stock.view"

BATCH_PRICED = Event(
    "stock.batch_priced",
    _("Batch priced"),
    _("{actor} changed the prices of batch {subject}."),
    sees=SEES,
    category="stock",
)


def transfer(code: str, title: Any, sentence: Any) -> Event:
    """An event of a transfer."""
    return Event(f"stock.transfer_{code}", title, sentence, sees=SEES, category="stock")


TRANSFER_DRAFTED = transfer(
    "drafted",
    _("Transfer drafted"),
    _("{actor} drafted transfer {subject} from {origin} to {destination}."),
)
TRANSFER_REQUESTED = transfer(
    "requested",
    _("Transfer requested"),
    _("{actor} asks for transfer {subject} from {origin} to {destination}."),
)
TRANSFER_APPROVED = transfer(
    "approved",
    _("Transfer approved"),
    _("{actor} approved transfer {subject} from {origin} to {destination}."),
)
TRANSFER_REJECTED = transfer(
    "rejected",
    _("Transfer rejected"),
    _("{actor} rejected transfer {subject} from {origin} to {destination}."),
)
TRANSFER_DISPATCHED = transfer(
    "dispatched",
    _("Transfer sent"),
    _("{actor} sent transfer {subject} from {origin} to {destination}."),
)
TRANSFER_RECEIVED = transfer(
    "received",
    _("Transfer received"),
    _("{actor} received transfer {subject} from {origin} at {destination}."),
)
TRANSFER_CANCELLED = transfer(
    "cancelled",
    _("Transfer cancelled"),
    _("{actor} cancelled transfer {subject} from {origin} to {destination}."),
)
ADJUSTMENT_ASKED = Event(
    "stock.adjustment_asked",
    _("Adjustment asked for"),
    _("{actor} asks to adjust {product} at {place} by {quantity}: {subject}."),
    sees=SEES,
    category="stock",
)
ADJUSTMENT_APPROVED = Event(
    "stock.adjustment_approved",
    _("Adjustment approved"),
    _("{actor} approved adjustment {subject}: {product} at {place} by {quantity}."),
    sees=SEES,
    category="stock",
)
ADJUSTMENT_REJECTED = Event(
    "stock.adjustment_rejected",
    _("Adjustment rejected"),
    _("{actor} rejected adjustment {subject}: {product} at {place} by {quantity}."),
    sees=SEES,
    category="stock",
)
COUNT_OPENED = Event(
    "stock.count_opened",
    _("Count begun"),
    _("{actor} began count {subject} of {place}."),
    sees=SEES,
    category="stock",
)
COUNT_CLOSED = Event(
    "stock.count_closed",
    _("Count ended"),
    _("{actor} ended count {subject} of {place} with {differences} differences."),
    sees=SEES,
    category="stock",
)
COUNT_CANCELLED = Event(
    "stock.count_cancelled",
    _("Count given up"),
    _("{actor} gave up count {subject} of {place}."),
    sees=SEES,
    category="stock",
)
