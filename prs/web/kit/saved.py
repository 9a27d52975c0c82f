"""Saved views of lists: a name for an address, and the choice of columns. Personal, so not audited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Invalid
from prs.kernel.identity.models import Member
from prs.web.models import SavedView

MOST = 30


class NamelessView(Invalid):
    """A view was saved without a name."""

    sentence = _("Give the view a name, so that you find it again.")


class TooManyViews(Invalid):
    """A member keeps more views of a list than anybody could tell apart."""

    sentence = _("You have 30 views of this list. Remove one before you save another.")


def views_of(member: Member, list_name: str) -> list[SavedView]:
    """A member's views of a list, by name; the nameless one keeps the columns."""
    found = SavedView.objects.filter(member=member, list_name=list_name)
    return list(found.order_by("name", "pk"))


def choose_columns(member: Member, list_name: str, columns: list[str]) -> None:
    """Keep which columns a member wants to see; an empty choice goes back to the list's own."""
    SavedView.objects.update_or_create(
        member=member, list_name=list_name, name="", defaults={"columns": columns}
    )


def save_view(member: Member, list_name: str, *, name: str, query: str, opens: bool) -> None:
    """Keep an address of a list under a name; the same name again replaces it."""
    name = " ".join(name.replace("\x00", "").split())[:60]
    if not name:
        raise NamelessView
    own = SavedView.objects.filter(member=member, list_name=list_name)
    if own.exclude(name__in=["", name]).count() >= MOST:
        raise TooManyViews
    if opens:
        own.filter(is_default=True).update(is_default=False)
    SavedView.objects.update_or_create(
        member=member,
        list_name=list_name,
        name=name,
        defaults={"query": query[:1000], "is_default": opens},
    )


def forget_view(member: Member, list_name: str, *, pk: str) -> None:
    """Remove a view. One that is gone already, or another's, is no matter."""
    try:
        wanted = UUID(pk)
    except ValueError as error:
        raise Invalid from error
    SavedView.objects.filter(member=member, list_name=list_name, pk=wanted).delete()


@transaction.atomic
def changed(*, member: Member, list_name: str, act: str, data: Any, known: tuple[str, ...]) -> str:
    """Carry out what a list's own menu asked for. Returns the query to come back to."""
    acts: Mapping[str, Callable[[], None]] = {
        "columns": lambda: choose_columns(
            member, list_name, [name for name in known if name in data.getlist("columns")]
        ),
        "save": lambda: save_view(
            member,
            list_name,
            name=data.get("name", ""),
            query=data.get("query", ""),
            opens=bool(data.get("opens")),
        ),
        "forget": lambda: forget_view(member, list_name, pk=data.get("view", "")),
    }
    if act not in acts:
        raise Invalid
    acts[act]()
    return str(data.get("query", ""))[:1000]
