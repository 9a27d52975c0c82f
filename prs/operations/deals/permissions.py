"""Rights over deals and projects."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Deals")
VIEW = Permission("deals.view", _("See deals and projects"), GROUP)
EDIT = Permission("deals.edit", _("Close and change deals"), GROUP)
PROJECTS = Permission("projects.edit", _("Set up and change projects"), GROUP)
OVERSEE = Permission("deals.oversee", _("Be told of every deal"), GROUP)
