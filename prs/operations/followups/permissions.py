"""Rights over follow-ups."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Follow-up")
VIEW = Permission("followups.view", _("See what is followed up"), GROUP)
LOG = Permission("followups.log", _("Log contacts, promises and visits"), GROUP)
