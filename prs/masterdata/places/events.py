"""What happens to places."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event
from prs.kernel.identity.permissions import VIEW_MEMBERS

BRANCH_ADDED = Event(
    "branch.added",
    _("Branch added"),
    _("{actor} added the branch {subject}."),
    sees=VIEW_MEMBERS.code,
    category="office",
)
BRANCH_CHANGED = Event(
    "branch.changed",
    _("Branch changed"),
    _("{actor} changed the branch {subject}."),
    sees=VIEW_MEMBERS.code,
    category="office",
)
PLACE_ADDED = Event(
    "place.added",
    _("Place added"),
    _("{actor} added the place {subject}."),
    sees="catalog.view",
    category="office",
)
PLACE_CHANGED = Event(
    "place.changed",
    _("Place changed"),
    _("{actor} changed the place {subject}."),
    sees="catalog.view",
    category="office",
)
