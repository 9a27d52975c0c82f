"""Rights over the catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Catalogue")
VIEW = Permission("catalog.view", _("See the catalogue"), GROUP)
EDIT = Permission("catalog.edit", _("Add and change products"), GROUP)
PRICES = Permission("catalog.prices", _("Set prices and taxes"), GROUP)
