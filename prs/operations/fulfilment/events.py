"""What happens in the warehouse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "fulfilment.view"

OPENED = Event(
    "fulfilment.opened", _("To be picked"), _("{subject} waits to be picked."), sees=SEES
)
PICKING = Event("fulfilment.picking", _("Picking begun"), _("{actor} picks {subject}."), sees=SEES)
SCANNED = Event(
    "fulfilment.scanned",
    _("Picked from the shelf"),
    _("{actor} scanned {quantity} of {product} for {subject}."),
    sees=SEES,
)
UNSCANNED = Event(
    "fulfilment.unscanned",
    _("Scan undone"),
    _("{actor} took {quantity} of {product} off {subject}."),
    sees=SEES,
)
SHORT = Event(
    "fulfilment.short",
    _("Less picked"),
    _("{actor} left {quantity} of {product} out of {subject}: {reason}"),
    sees=SEES,
)
SUBSTITUTED = Event(
    "fulfilment.substituted",
    _("Replaced"),
    _("{actor} replaced {quantity} of {product} in {subject} with {instead}."),
    sees=SEES,
)
PICKED = Event(
    "fulfilment.picked",
    _("Picked"),
    _("{actor} picked {subject}."),
    sees=SEES,
    topics=("stock",),
)
CANCELLED = Event(
    "fulfilment.cancelled",
    _("Work cancelled"),
    _("{actor} cancelled the work of {member} on {subject}: {reason}"),
    sees=SEES,
)
HANDED_OVER = Event(
    "fulfilment.handed_over",
    _("Work handed over"),
    _("{actor} handed {subject} over from {member} to {successor}."),
    sees=SEES,
)
RETURNED = Event(
    "fulfilment.returned",
    _("Back to billing"),
    _("{actor} sent {subject} back to billing: {reason}"),
    sees=SEES,
    topics=("stock",),
)
RESUMED = Event(
    "fulfilment.resumed",
    _("Back from billing"),
    _("{subject} came back from billing and goes on."),
    sees=SEES,
)
REORDERED = Event(
    "fulfilment.reordered",
    _("Put in another order"),
    _("{actor} changed when and where {subject} is picked."),
    sees=SEES,
)
