"""Rights over commissions, goals and standings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Commissions and goals")
VIEW_OWN = Permission("commissions.view_own", _("Earn commissions and see one's own"), GROUP)
VIEW_ALL = Permission("commissions.view_all", _("See everyone's commissions"), GROUP)
EDIT = Permission("commissions.edit", _("Set commission rules and change drafts"), GROUP)
APPROVE = Permission("commissions.approve", _("Approve commissions and decide disputes"), GROUP)
PAY = Permission("commissions.pay", _("Pay commissions out"), GROUP)
GOALS = Permission("goals.edit", _("Set goals of teams and of the organization"), GROUP)
STANDINGS = Permission("standings.view", _("See standings and streaks"), GROUP)
