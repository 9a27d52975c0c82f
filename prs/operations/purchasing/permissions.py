"""Rights over buying."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Buying")
VIEW = Permission("purchasing.view", _("See orders, receipts and suppliers' bills"), GROUP)
ORDER = Permission("purchasing.order", _("Write and send purchase orders"), GROUP)
RECEIVE = Permission("purchasing.receive", _("Take in goods"), GROUP)
BILL = Permission("purchasing.bill", _("Record suppliers' bills"), GROUP)
PAY = Permission("purchasing.pay", _("Pay suppliers' bills"), GROUP)
VOID = Permission("purchasing.void", _("Void suppliers' bills that were recorded wrongly"), GROUP)
