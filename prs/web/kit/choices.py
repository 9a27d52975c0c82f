"""What filters let a reader choose from: asked anew for each request."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from prs.kernel.identity.models import Member, Team
from prs.masterdata.parties import selectors as parties


def members(request: Any) -> QuerySet[Any]:
    """Everyone in the organization, by name."""
    return Member.objects.order_by("name", "pk")


def teams(request: Any) -> QuerySet[Any]:
    """Every team that works, by name."""
    return Team.objects.filter(active=True).order_by("name", "pk")


def customers(request: Any) -> QuerySet[Any]:
    """The customers that the reader may see, by name."""
    return parties.visible_to(request.member).order_by("name", "pk")
