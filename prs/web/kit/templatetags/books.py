"""Template tags of the books: what a document posted, and what lines of an entry say besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import template

from prs.ledgers.bookkeeping import permissions, selectors

register = template.Library()


@register.inclusion_tag("books/_entries_of.html", takes_context=True)
def entries_of(context: Any, source_id: UUID) -> dict[str, Any]:
    """The entries that a document posted: `{% load books %}{% entries_of invoice.pk %}`."""
    request = context["request"]
    may = request.member is not None and request.member.may(permissions.VIEW)
    return {
        "entries": list(selectors.entries_of(source_id)) if may else [],
        "currency": request.organization.currency,
    }


@register.filter
def line_words(line: Any, names: Mapping[UUID | None, tuple[str, str]]) -> str:
    """The customer or supplier of a line."""
    return names.get(line.party_id, ("", ""))[1]


@register.filter
def place_words(line: Any, places: Mapping[UUID, str]) -> str:
    """The branch, the project and the person of a line."""
    found = [places.get(pk, "") for pk in (line.branch_id, line.project_id, line.member_id) if pk]
    return " · ".join(word for word in found if word)
