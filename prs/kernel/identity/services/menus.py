"""Menus: what the sidebar shows to a role, and a member's own difference from it.

A menu grants nothing: the sidebar shows an item only to those who hold its permission too.
An assignment is a full sync: what is submitted is what there is afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.versions import Stale
from prs.kernel.errors import Invalid
from prs.kernel.identity import events
from prs.kernel.identity.models import Member, MemberMenu, MenuItem, Role, RoleMenu
from prs.kernel.identity.seeds import menu_seeds, role_seeds
from prs.kernel.identity.selectors import MemberMenus, labels


class UnknownMenu(Invalid):
    sentence = _("There is no such place in the sidebar.")


@dataclass(frozen=True)
class Difference:
    """What a subject of an assignment would see more and less of; labels, in order."""

    subject: Role | Member
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    # Shown from now on, though the permission behind it is missing.
    idle: tuple[str, ...] = ()


@transaction.atomic
def assign_role(
    role: Role,
    codes: Collection[str],
    *,
    by: Actor,
    at: datetime,
    seen: Collection[str] | None = None,
) -> None:
    """Let a role show exactly these items. `seen` is what its editor was shown.

    :raises UnknownMenu: one of the codes is none.
    :raises Stale: the role shows something else by now than what was seen.
    """
    items = items_of(codes)
    Role.objects.select_for_update(no_key=True).get(pk=role.pk)
    before = role_codes(role)
    if seen is not None and before != set(seen):
        raise Stale
    if before == set(items):
        return
    RoleMenu.objects.filter(role=role).exclude(item__code__in=items).delete()
    RoleMenu.objects.bulk_create(
        [
            RoleMenu(organization_id=role.organization_id, role=role, item=item)
            for code, item in items.items()
            if code not in before
        ]
    )
    shown = {"menus": sorted(before)}, {"menus": sorted(items)}
    record(events.ROLE_MENU_ASSIGNED, role, by=by, at=at, before=shown[0], after=shown[1])


@transaction.atomic
def assign_member(
    member: Member,
    choices: Mapping[str, bool],
    *,
    by: Actor,
    at: datetime,
    seen: Mapping[str, bool] | None = None,
) -> None:
    """Let a member differ from the role by exactly these choices: shown or hidden, by code.

    A choice that says what the role says anyway is kept too: it then holds when the role changes.
    `seen` is what the editor was shown.
    :raises UnknownMenu: one of the codes is none.
    :raises Stale: the member's choices are others by now than those seen.
    """
    items = items_of(choices)
    Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member.pk)
    before = member_choices(member)
    if seen is not None and before != dict(seen):
        raise Stale
    if before == dict(choices):
        return
    MemberMenu.objects.filter(member=member).delete()
    MemberMenu.objects.bulk_create(
        [
            MemberMenu(
                organization_id=member.organization_id,
                member=member,
                item=items[code],
                shown=shown,
            )
            for code, shown in choices.items()
        ]
    )
    record(
        events.MEMBER_MENU_ASSIGNED,
        member,
        by=by,
        at=at,
        before={"menus": before},
        after={"menus": dict(choices)},
    )


@dataclass(frozen=True)
class Plan:
    """What a bulk assignment does to each member: places to add, to hide, to leave to the role."""

    show: frozenset[str] = frozenset()
    hide: frozenset[str] = frozenset()
    as_role: frozenset[str] = frozenset()

    def choices(self, before: Mapping[str, bool]) -> dict[str, bool]:
        """A member's choices afterwards."""
        kept = {code: shown for code, shown in before.items() if code not in self.as_role}
        return kept | dict.fromkeys(self.show, True) | dict.fromkeys(self.hide, False)


@transaction.atomic
def assign_members(
    members: Sequence[Member], plan: Plan, *, by: Actor, at: datetime
) -> list[Difference]:
    """Change what several members see at once, and return what each gained and lost.

    :raises UnknownMenu: one of the codes is none.
    """
    differences = preview_members(members, plan)
    for member in members:
        assign_member(member, plan.choices(member_choices(member)), by=by, at=at)
    return differences


def preview_members(members: Sequence[Member], plan: Plan) -> list[Difference]:
    """What `assign_members` would change, without changing it.

    :raises UnknownMenu: one of the codes is none.
    """
    items_of(plan.show | plan.hide | plan.as_role)
    known = labels()
    differences = []
    for member in members:
        menus = MemberMenus.of(member)
        choices = plan.choices(menus.choices)
        before, after = menus.visible(menus.choices), menus.visible(choices)
        idle = {code for code in plan.show if code not in after}
        differences.append(
            Difference(
                member,
                tuple(known[code] for code in sorted(after - before)),
                tuple(known[code] for code in sorted(before - after)),
                tuple(known[code] for code in sorted(idle)),
            )
        )
    return differences


def preview_role(role: Role, codes: Collection[str]) -> Difference:
    """What `assign_role` would change for the people of a role, without changing it.

    :raises UnknownMenu: one of the codes is none.
    """
    wanted, before, known = set(items_of(codes)), role_codes(role), labels()
    needs = {item.code: item.permission for item in MenuItem.objects.all()}
    held = set(role.permissions)
    idle = {code for code in wanted if needs[code] and needs[code] not in held}
    return Difference(
        role,
        tuple(known[code] for code in sorted(wanted - before - idle)),
        tuple(known[code] for code in sorted(before - wanted)),
        tuple(known[code] for code in sorted(idle)),
    )


def items_of(codes: Collection[str]) -> dict[str, MenuItem]:
    """The active items of these codes.

    :raises UnknownMenu: one of the codes is none.
    """
    items = {item.code: item for item in MenuItem.objects.filter(code__in=codes, active=True)}
    if set(items) != set(codes):
        raise UnknownMenu
    return items


def role_codes(role: Role) -> set[str]:
    """The codes of what a role shows."""
    return set(RoleMenu.objects.filter(role=role).values_list("item__code", flat=True))


def member_choices(member: Member) -> dict[str, bool]:
    """A member's own choices by code."""
    return dict(MemberMenu.objects.filter(member=member).values_list("item__code", "shown"))


@transaction.atomic
def reset(*, by: Actor, at: datetime) -> None:
    """Let the seeded roles show what they are seeded with, and drop what members chose."""
    known = {seed.code for seed in menu_seeds()}
    MenuItem.objects.exclude(code__in=known).update(active=False)
    MemberMenu.objects.all().delete()
    assign_seeded(by=by, at=at)


@transaction.atomic
def assign_seeded(*, by: Actor, at: datetime) -> None:
    """Let every seeded role show what it is seeded with."""
    roles = {role.key: role for role in Role.objects.exclude(key="")}
    for seed in role_seeds():
        if seed.key in roles:
            assign_role(roles[seed.key], seed.menus, by=by, at=at)
