"""Rights over receivables."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Receivables")
VIEW = Permission("receivables.view", _("See what customers owe by age"), GROUP)
COLLECT = Permission("receivables.collect", _("Remind customers and take claims in hand"), GROUP)
WRITE_OFF = Permission(
    "receivables.write_off", _("Ask for claims to be written off, and recover them"), GROUP
)
SETTINGS = Permission("receivables.settings", _("Change what reminders say"), GROUP)
APPROVE = Permission("receivables.approve", _("Approve what is written off"), GROUP)
