"""Rights at the till."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Till")
SELL = Permission("till.sell", _("Sell at a till"), GROUP)
DISCOUNT = Permission("till.discount", _("Give and approve any discount"), GROUP)
REFUND = Permission("till.refund", _("Approve returns"), GROUP)
VOID = Permission("till.void", _("Void sales"), GROUP)
SHIFTS = Permission("till.shifts", _("See all shifts and sales"), GROUP)
VERIFY_SHIFT = Permission("till.verify_shift", _("Confirm what a drawer held"), GROUP)
SETTINGS = Permission("till.settings", _("Set up tills and their rules"), GROUP)
