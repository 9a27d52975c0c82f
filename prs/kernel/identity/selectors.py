"""Reads about people: who holds a right, whose rows someone sees, what the sidebar shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from prs.kernel.identity.models import Member, MemberMenu, MenuItem, RoleMenu, Team, TeamMember
from prs.kernel.identity.rules import Place, Scope, shown
from prs.kernel.identity.seeds import menu_seeds
from prs.kernel.tenancy.context import platform_context, required_organization
from prs.kernel.tenancy.models import Organization

# The same as `menu_of`, written out: every page asks it.
SIDEBAR = """
    SELECT i.code, i.parent_code, i.label, i.icon, i.url_name, i.permission, i."order",
      EXISTS (SELECT FROM identity_rolemenu r WHERE r.organization_id = i.organization_id
              AND r.role_id = %(role)s AND r.item_id = i.id),
      (SELECT m.shown FROM identity_membermenu m WHERE m.organization_id = i.organization_id
       AND m.member_id = %(member)s AND m.item_id = i.id)
    FROM identity_menuitem i WHERE i.organization_id = %(org)s AND i.active
"""

# None means everyone; otherwise something that `field__in` takes.
Reach = Collection[UUID] | QuerySet[Any] | None


def organization_ids() -> list[UUID]:
    """Every organization on the server, for commands that visit each."""
    with platform_context():
        return list(Organization.objects.order_by("pk").values_list("pk", flat=True))


def holders_of(permission: object) -> QuerySet[Member]:
    """The active members whose role holds a permission."""
    return Member.objects.filter(
        active=True, role__permissions__contains=[str(permission)]
    ).order_by("name", "pk")


def member_ids_in_scope(member: Member) -> Reach:
    """The members whose rows this member's role reaches; None when it reaches everyone's.

    Branches are known one floor up, so a branch scope is answered there (`places.selectors.
    colleagues`, which is what rows should be filtered by); here it reaches the member's own rows.
    """
    match member.role.scope:
        case Scope.ALL:
            return None
        case Scope.TEAM:
            return team_mates(member)
        case Scope.DEPARTMENT if member.department_id:
            return Member.objects.filter(department=member.department_id).values("pk")
        case _:
            return (member.pk,)


def team_mates(member: Member) -> QuerySet[Any]:
    """The ids of everyone in the teams that a member belongs to or leads, and the member's own."""
    teams = teams_of_any([member.pk])
    return Member.objects.filter(
        Q(pk=member.pk) | Q(pk__in=people_in(teams)) | Q(pk__in=leads_of(teams))
    ).values("pk")


def onlookers(
    members: Collection[UUID], holders: Collection[UUID], *, also: Q | None = None
) -> set[UUID]:
    """Those of these members whose row scope reaches a row of one of the holders. One query.

    The same as `member_ids_in_scope`, asked the other way round; `also` is what a floor above knows.
    """
    teams = teams_of_any(holders)
    departments = Member.objects.filter(pk__in=holders, department__isnull=False)
    sees = (
        Q(pk__in=holders)
        | Q(role__scope=Scope.ALL)
        | Q(role__scope=Scope.TEAM) & (Q(pk__in=people_in(teams)) | Q(pk__in=leads_of(teams)))
        | Q(role__scope=Scope.DEPARTMENT, department__in=departments.values("department"))
    )
    found = Member.objects.filter(sees | also if also else sees, pk__in=members)
    return set(found.values_list("pk", flat=True))


def teams_of_any(members: Collection[UUID]) -> QuerySet[Any]:
    """The ids of the teams in use that any of these members belongs to or leads."""
    places = TeamMember.objects.filter(member__in=members).values("team")
    return Team.objects.filter(Q(lead__in=members) | Q(pk__in=places), active=True).values("pk")


def people_in(teams: QuerySet[Any]) -> QuerySet[Any]:
    """The ids of those who belong to teams."""
    return TeamMember.objects.filter(team__in=teams).values("member")


def leads_of(teams: QuerySet[Any]) -> QuerySet[Any]:
    """The ids of those who lead teams."""
    return Team.objects.filter(pk__in=teams, lead__isnull=False).values("lead")


def members_of_team(team: Team) -> QuerySet[Any]:
    """The ids of everyone in a team, its lead included."""
    seats = TeamMember.objects.filter(team=team).values("member")
    return Member.objects.filter(Q(pk__in=seats) | Q(pk=team.lead_id)).values("pk")


@dataclass(frozen=True)
class MenuEntry:
    """A place in the sidebar; `url_name` is for the edge to resolve."""

    code: str
    label: str
    icon: str
    url_name: str


@dataclass(frozen=True)
class MenuGroup:
    """A heading of the sidebar with its places."""

    code: str
    label: str
    icon: str
    items: tuple[MenuEntry, ...]


class MenuRow(NamedTuple):
    """A menu item as the sidebar needs it: what the role shows and the member's own choice."""

    code: str
    parent_code: str
    label: str
    icon: str
    url_name: str
    permission: str
    order: int
    by_role: bool
    own: bool | None


def sidebar(member: Member) -> tuple[MenuGroup, ...]:
    """What a member's sidebar shows: what is permitted and assigned. One query, on every page."""
    with connection.cursor() as cursor:
        cursor.execute(
            SIDEBAR,
            {"org": required_organization(), "role": member.role_id, "member": member.pk},
        )
        rows = {row[0]: MenuRow(*row) for row in cursor.fetchall()}
    groups = shown(places(rows.values()), frozenset(member.role.permissions))
    words = labels(rows.values())

    return tuple(
        MenuGroup(
            code,
            words.get(code, ""),
            rows[code].icon if code in rows else "",
            tuple(
                MenuEntry(item, words[item], rows[item].icon, rows[item].url_name) for item in items
            ),
        )
        for code, items in groups
    )


def labels(items: Iterable[MenuItem | MenuRow] | None = None) -> dict[str, str]:
    """What the places of the sidebar are called, by code: the organization's word or the seeded one."""
    rows = MenuItem.objects.filter(active=True) if items is None else items
    seeded = {seed.code: str(seed.label) for seed in menu_seeds()}
    return {item.code: item.label or seeded.get(item.code, item.code) for item in rows}


@dataclass(frozen=True)
class MemberMenus:
    """A member's places with the choices made, to see what other choices would show."""

    places: tuple[Place, ...]
    held: frozenset[str]

    @classmethod
    def of(cls, member: Member) -> MemberMenus:
        """The places of a member as they are now. One query."""
        return cls(tuple(places(menu_of(member))), frozenset(member.role.permissions))

    @property
    def choices(self) -> dict[str, bool]:
        """The member's own choices by code."""
        return {place.code: place.own for place in self.places if place.own is not None}

    def visible(self, choices: Mapping[str, bool]) -> set[str]:
        """The items that would show with these choices."""
        chosen = [replace(place, own=choices.get(place.code)) for place in self.places]
        return {code for _group, codes in shown(chosen, self.held) for code in codes}


def menu_of(member: Member) -> QuerySet[MenuItem]:
    """The active menu items with what the role shows (`by_role`) and the member's choice (`own`)."""
    by_role = RoleMenu.objects.filter(role=member.role_id, item=OuterRef("pk"))
    own = MemberMenu.objects.filter(member=member, item=OuterRef("pk")).values("shown")[:1]
    return MenuItem.objects.filter(active=True).annotate(by_role=Exists(by_role), own=Subquery(own))


def places(items: Iterable[Any]) -> list[Place]:
    """Menu items, annotated as `menu_of` does, as the rules judge them."""
    always = {seed.code for seed in menu_seeds() if seed.always}
    return [
        Place(
            code=item.code,
            parent=item.parent_code,
            permission=item.permission,
            order=item.order,
            by_role=item.by_role,
            own=item.own,
            always=item.code in always,
        )
        for item in items
    ]
