"""Rights and row scopes, as plain data."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

SECURITY_EVENTS_KEPT: Final = timedelta(days=90)


class Scope(StrEnum):
    """Whose rows a role sees, from the narrowest to the widest."""

    OWN = "own"
    TEAM = "team"
    DEPARTMENT = "department"
    BRANCH = "branch"
    ALL = "all"


WIDTH = {scope: width for width, scope in enumerate(Scope)}

# Rights that one person should not hold together, for whoever holds both checks their own work.
KEPT_APART = (("payments.record", "payments.verify"), ("invoices.edit", "payments.verify"))


def within_reach(
    permissions: Collection[str], scope: str, *, own_permissions: Collection[str], own_scope: str
) -> bool:
    """Whether rights and a row scope are no more than someone's own."""
    return (
        set(permissions) <= set(own_permissions) and WIDTH[Scope(scope)] <= WIDTH[Scope(own_scope)]
    )


def clashes(permissions: Collection[str]) -> list[tuple[str, str]]:
    """The pairs among these rights that separation of duties would keep apart."""
    return [pair for pair in KEPT_APART if set(pair) <= set(permissions)]


@dataclass(frozen=True)
class Permission:
    """A named right. `group` is the heading under which the role editor shows it."""

    code: str
    label: Any
    group: Any

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True)
class RoleSeed:
    """A role that every new organization gets."""

    key: str
    name: Any
    scope: Scope
    permissions: tuple[str, ...]
    menus: tuple[str, ...] = ()
    needs_mfa: bool = False


@dataclass(frozen=True)
class MenuSeed:
    """A place in the sidebar: a group without an address, or an item with one.

    `always` shows the item to whoever holds its permission, assigned or not: administration can't be
    hidden from those who administer.
    """

    code: str
    label: Any
    icon: str
    url_name: str = ""
    permission: str = ""
    parent: str = ""
    order: int = 0
    platform: bool = False
    always: bool = False


@dataclass(frozen=True)
class KeyScope:
    """What an API key may be allowed to do."""

    code: str
    label: Any

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True)
class Place:
    """A menu item as one member meets it: assigned by the role, and the member's own choice."""

    code: str
    parent: str
    permission: str
    order: int
    by_role: bool = False
    own: bool | None = None
    always: bool = False

    @property
    def assigned(self) -> bool:
        """The member's own choice, or else what the role shows."""
        return self.always or (self.by_role if self.own is None else self.own)


def shown(places: Iterable[Place], held: Container[str]) -> list[tuple[str, list[str]]]:
    """The codes of groups and their items that a member sees: permitted and assigned, in order.

    A group is there when one of its items is; an item without a group stands in the group "".
    """
    ordered = sorted(places, key=lambda place: (place.order, place.code))
    parents = {place.parent for place in ordered}
    groups: dict[str, list[str]] = {"": []}
    groups |= {place.code: [] for place in ordered if place.code in parents}
    for place in ordered:
        if place.code in groups or not place.assigned:
            continue
        if not place.permission or place.permission in held:
            groups.setdefault(place.parent, []).append(place.code)
    return [(code, items) for code, items in groups.items() if items]
