"""What happens at the till."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "till.sell"

SOLD = Event(
    "sale.completed",
    _("Sold"),
    _("{actor} sold {amount}, receipt {subject}."),
    sees=SEES,
    topics=("stock",),
)
VOIDED = Event(
    "sale.voided",
    _("Sale voided"),
    _("{actor} voided {subject}, {amount}: {reason}"),
    told=("till.verify_shift",),
    held_as=("seller_id",),
    sees=SEES,
    topics=("stock",),
)
RETURNED = Event(
    "sale.returned",
    _("Goods taken back"),
    _("{actor} took back goods for {amount}, {subject}: {reason}"),
    sees=SEES,
    topics=("stock",),
)
ABANDONED = Event(
    "sale.abandoned",
    _("Basket left"),
    _("{actor} left a basket of {amount}."),
    sees=SEES,
    topics=("stock",),
)
SHIFT_OPENED = Event(
    "shift.opened",
    _("Shift opened"),
    _("{actor} opened {subject} at {till} with {amount}."),
    sees=SEES,
)
CASH_MOVED = Event(
    "shift.cash_moved",
    _("Cash moved"),
    _("{actor} moved {amount} in {subject}: {reason}"),
    sees=SEES,
)
SHIFT_CLOSED = Event(
    "shift.closed",
    _("Shift waits to be confirmed"),
    _("{actor} closed {subject} at {till}: {amount} counted, difference {difference}."),
    told=("till.verify_shift",),
    held_as=("member_id",),
    sees=SEES,
)
SHIFT_CONFIRMED = Event(
    "shift.confirmed",
    _("Shift confirmed"),
    _("{actor} confirmed {subject}: {amount} went to the safe."),
    told_as=("member_id",),
    sees=SEES,
)
TILL_ADDED = Event("till.added", _("Till added"), _("{actor} added the till {subject}."), sees=SEES)
TILL_CHANGED = Event(
    "till.changed", _("Till changed"), _("{actor} changed the till {subject}."), sees=SEES
)
SETTING_CHANGED = Event(
    "till.setting_changed",
    _("Till rules changed"),
    _("{actor} changed the till's rules."),
    sees=SEES,
)
RULE_CHANGED = Event(
    "till.rule_changed",
    _("Discount limit changed"),
    _("{actor} changed how much {role} may take off."),
    sees=SEES,
)
PIN_CHANGED = Event(
    "till.pin_changed", _("PIN changed"), _("{actor} set the PIN of {subject}."), sees=SEES
)
