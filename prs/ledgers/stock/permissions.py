"""Rights over stock."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Stock")
VIEW = Permission("stock.view", _("See stock and its movements"), GROUP)
COSTS = Permission("stock.costs", _("See what stock cost"), GROUP)
TRANSFER = Permission("stock.transfer", _("Ask for, send and receive transfers"), GROUP)
APPROVE_TRANSFERS = Permission("stock.approve_transfers", _("Approve transfers"), GROUP)
ADJUST = Permission("stock.adjust", _("Ask for adjustments, and count"), GROUP)
APPROVE_ADJUSTMENTS = Permission("stock.approve_adjustments", _("Approve adjustments"), GROUP)
