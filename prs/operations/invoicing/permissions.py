"""Rights over invoices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Invoices")
VIEW = Permission("invoices.view", _("See invoices"), GROUP)
EDIT = Permission("invoices.edit", _("Write and issue invoices"), GROUP)
REVIEW = Permission("invoices.review", _("Return invoices for correction"), GROUP)
OVERRIDE = Permission(
    "invoices.override_credit", _("Sell on credit against the rules, with a reason"), GROUP
)
