"""Rights in the warehouse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import Permission

GROUP = _("Fulfilment")
VIEW = Permission("fulfilment.view", _("See what has to be picked, packed and delivered"), GROUP)
PICK = Permission("fulfilment.pick", _("Pick"), GROUP)
PACK = Permission("fulfilment.pack", _("Check and pack"), GROUP)
DELIVER = Permission("fulfilment.deliver", _("Hand over and deliver"), GROUP)
EXPRESS = Permission("fulfilment.express", _("Bill and pack in one go"), GROUP)
LEAD = Permission("fulfilment.lead", _("Reassign, cancel and complete others' work"), GROUP)
SETTINGS = Permission("fulfilment.settings", _("Set up couriers and trays"), GROUP)
