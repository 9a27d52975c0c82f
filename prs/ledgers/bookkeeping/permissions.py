"""Rights over the books."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Books")
VIEW = Permission("books.view", _("Read the books"), GROUP)
EDIT = Permission("books.edit", _("Close periods and change the chart of accounts"), GROUP)
