"""The ways to look at what happened at the tills."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from prs.kernel.identity.models import Member
from prs.operations.till import permissions

SEEING = (permissions.SELL, permissions.SHIFTS)


def tabs_of(current: str, member: Member) -> list[tuple[str, str, bool]]:
    """The tabs that a member may open, with the one that is."""
    ways = {
        "sales": (_("Sales"), SEEING),
        "returns": (_("Returns"), SEEING),
        "shifts": (_("Shifts"), (*SEEING, permissions.VERIFY_SHIFT)),
        "today": (_("Today"), SEEING),
        "settings": (_("Settings"), (permissions.SETTINGS,)),
    }
    return [
        (word, reverse(f"till:{name}"), name == current)
        for name, (word, rights) in ways.items()
        if any(map(member.may, rights))
    ]
