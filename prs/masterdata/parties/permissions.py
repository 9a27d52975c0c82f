"""Rights over customers and suppliers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Customers")
VIEW = Permission("customers.view", _("See customers"), GROUP)
EDIT = Permission("customers.edit", _("Add and change customers"), GROUP)
CREDIT = Permission("customers.credit", _("Set credit limits and stop credit"), GROUP)
MERGE = Permission("customers.merge", _("Merge customers"), GROUP)
IMPORT = Permission("customers.import", _("Import customers from files"), GROUP)

SUPPLIERS = _("Suppliers")
VIEW_SUPPLIERS = Permission("suppliers.view", _("See suppliers"), SUPPLIERS)
EDIT_SUPPLIERS = Permission("suppliers.edit", _("Add and change suppliers"), SUPPLIERS)
