"""What can happen to the safety of a login. Plain data: a code, a sentence, how grave it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """A kind of security event."""

    code: str
    label: Any
    severity: str


SIGNED_IN = Kind("login.succeeded", _("Signed in"), "low")
SIGN_IN_FAILED = Kind("login.failed", _("Sign-in failed"), "medium")
SIGNED_OUT = Kind("login.ended", _("Signed out"), "low")
LOCKED_OUT = Kind("login.locked", _("Locked after repeated failures"), "high")
NEW_DEVICE = Kind("device.new", _("Signed in from a new device"), "medium")
PASSWORD_CHANGED = Kind("password.changed", _("Password changed"), "medium")
PASSWORD_RESET_ASKED = Kind("password.reset_asked", _("Password reset asked for"), "medium")
PASSWORD_RESET = Kind("password.reset", _("Password reset by mail"), "high")
PASSWORD_FORCED = Kind("password.forced", _("New password demanded by the organization"), "medium")
PASSWORD_EXPIRED = Kind("password.expired", _("Password expired"), "low")
FACTOR_ADDED = Kind("factor.added", _("Second factor added"), "medium")
FACTOR_REMOVED = Kind("factor.removed", _("Second factor removed"), "high")
FACTOR_FAILED = Kind("factor.failed", _("Second factor refused"), "high")
CODES_MADE = Kind("factor.codes", _("Recovery codes made anew"), "medium")
CODE_USED = Kind("factor.code_used", _("Recovery code used"), "high")
SESSION_ENDED = Kind("session.ended", _("Session ended from another one"), "medium")
ADDRESS_CHANGED = Kind("address.changed", _("E-mail address changed"), "high")
RATE_LIMITED = Kind("limit.reached", _("Too many requests"), "medium")
DENIED = Kind("permission.denied", _("Opened something without the right to"), "low")
PLATFORM_ROLE = Kind("platform.role", _("Platform role changed"), "critical")
INVITATION_ACCEPTED = Kind("invitation.accepted", _("Joined by invitation"), "low")

KINDS = {kind.code: kind for kind in list(vars().values()) if isinstance(kind, Kind)}
