"""Rights over people and the organization itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import KeyScope, Permission

GROUP = _("Organization")
EDIT_ORGANIZATION = Permission(
    "organization.edit", _("Change the organization's profile and settings"), GROUP
)
VIEW_MEMBERS = Permission("members.view", _("See members"), GROUP)
EDIT_MEMBERS = Permission("members.edit", _("Invite, change and deactivate members"), GROUP)
EDIT_ROLES = Permission("roles.edit", _("Change roles and their permissions"), GROUP)
EDIT_MENUS = Permission("menus.edit", _("Assign menus"), GROUP)
EDIT_KEYS = Permission("api_keys.edit", _("Create and revoke API keys"), GROUP)
VIEW_AUDIT = Permission("audit.view", _("Read the audit log"), GROUP)
EXPORT = Permission("lists.export", _("Export lists"), GROUP)

IMPORT_INVOICES = KeyScope("invoices.import", _("Import invoices"))
CORRECT_INVOICES = KeyScope("invoices.correct", _("Correct imported invoices"))
