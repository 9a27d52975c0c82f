"""Rights over the books."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Books")
VIEW = Permission("books.view", _("Read the books"), GROUP)
EDIT = Permission("books.edit", _("Write entries for approval"), GROUP)
APPROVE = Permission("books.approve", _("Approve and reverse entries of others"), GROUP)
PERIODS = Permission("books.periods", _("Close months and years, and open them again"), GROUP)
SETTINGS = Permission(
    "books.settings", _("Change the chart of accounts, posting rules and rates"), GROUP
)
