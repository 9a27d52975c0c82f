"""Rights over places."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.permissions import GROUP
from prs.kernel.identity.rules import Permission

EDIT = Permission("branches.edit", _("Change branches and who works there"), GROUP)
EDIT_PLACES = Permission("places.edit", _("Add and change warehouses and storefronts"), GROUP)
