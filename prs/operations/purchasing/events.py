"""What happens while buying."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "purchasing.view"

ORDER_DRAFTED = Event(
    "purchasing.order_drafted",
    _("Order drafted"),
    _("{actor} drafted order {subject} to {supplier}."),
    sees=SEES,
    category="stock",
)
ORDER_CHANGED = Event(
    "purchasing.order_changed",
    _("Order changed"),
    _("{actor} changed order {subject} to {supplier}."),
    sees=SEES,
    category="stock",
)
ORDER_SENT = Event(
    "purchasing.order_sent",
    _("Order sent"),
    _("{actor} sent order {subject} to {supplier}."),
    sees=SEES,
    category="stock",
)
ORDER_CLOSED = Event(
    "purchasing.order_closed",
    _("Order closed"),
    _("{actor} closed order {subject} to {supplier}: {reason}"),
    told_as=("created_by_id",),
    sees=SEES,
    category="stock",
)
ORDER_CANCELLED = Event(
    "purchasing.order_cancelled",
    _("Order cancelled"),
    _("{actor} cancelled order {subject} to {supplier}: {reason}"),
    told_as=("created_by_id",),
    sees=SEES,
    category="stock",
)
RECEIVED = Event(
    "purchasing.received",
    _("Goods received"),
    _("{actor} took in {subject} from {supplier} at {place}."),
    told_as=("order.created_by_id",),
    sees=SEES,
    category="stock",
    topics=("stock",),
)
OPENED = Event(
    "purchasing.opened",
    _("Opening stock taken in"),
    _("{actor} took in opening stock {subject} at {place}."),
    sees=SEES,
    category="stock",
    topics=("stock",),
)
BILLED = Event(
    "purchasing.billed",
    _("Supplier's bill recorded"),
    _("{actor} recorded bill {subject} of {supplier}: {amount}."),
    sees=SEES,
    category="stock",
)
PAID = Event(
    "purchasing.paid",
    _("Supplier's bill paid"),
    _("{actor} paid {amount} of bill {subject} to {supplier}."),
    told_as=("recorded_by_id",),
    sees=SEES,
    category="stock",
)
VOIDED = Event(
    "purchasing.voided",
    _("Supplier's bill voided"),
    _("{actor} voided bill {subject} of {supplier}, {amount}: {reason}"),
    told_as=("recorded_by_id",),
    sees=SEES,
    category="stock",
)
