"""What happens to the way people are told."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

TEXT_CHANGED = Event(
    "text.changed",
    _("Notification text changed"),
    _("{actor} changed the words of “{kind}”."),
    sees="organization.edit",
    category="office",
)
TEXT_RESET = Event(
    "text.reset",
    _("Notification text reset"),
    _("{actor} went back to our words for “{kind}”."),
    sees="organization.edit",
    category="office",
)
