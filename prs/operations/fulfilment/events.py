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
PACKING = Event("fulfilment.packing", _("Packing begun"), _("{actor} packs {subject}."), sees=SEES)
TO_BOX = Event(
    "fulfilment.to_box",
    _("To be boxed"),
    _("{actor} checked {subject}; it waits for boxes."),
    sees=SEES,
)
PACKED = Event(
    "fulfilment.packed",
    _("Packed"),
    _("{actor} packed {subject} into {count} boxes."),
    sees=SEES,
)
ASSIGNED = Event(
    "fulfilment.assigned",
    _("Delivery assigned"),
    _("{actor} gave {subject} to {carrier}."),
    sees=SEES,
)
COURIER_CHANGED = Event(
    "fulfilment.courier_changed",
    _("Courier changed"),
    _("{actor} gave {subject} to {carrier} in place of {before}: {reason}"),
    sees=SEES,
)
DISPATCHED = Event(
    "fulfilment.dispatched",
    _("On the way"),
    _("{subject} left with {carrier}."),
    sees=SEES,
)
DELIVERED = Event(
    "fulfilment.delivered", _("Delivered"), _("{subject} was delivered to {person}."), sees=SEES
)
DELIVERY_CANCELLED = Event(
    "fulfilment.delivery_cancelled",
    _("Delivery cancelled"),
    _("{actor} cancelled the delivery of {subject}: {reason}"),
    sees=SEES,
)
DECIDED = Event(
    "fulfilment.decided",
    _("Completed by decision"),
    _("{actor} completed {subject} without the usual steps: {reason}"),
    sees=SEES,
)
COURIER_ADDED = Event(
    "courier.added", _("Courier added"), _("{actor} added the courier {subject}."), sees=SEES
)
COURIER_SET = Event(
    "courier.changed", _("Courier changed"), _("{actor} changed the courier {subject}."), sees=SEES
)
TRAY_ADDED = Event("tray.added", _("Tray added"), _("{actor} added the tray {subject}."), sees=SEES)
TRAY_CHANGED = Event(
    "tray.changed", _("Tray changed"), _("{actor} changed the tray {subject}."), sees=SEES
)
