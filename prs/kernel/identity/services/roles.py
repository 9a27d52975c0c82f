"""Roles: added, copied, changed, and deleted while nobody has them.

The owner's role is fixed: it holds every right there is, and an organization always has an owner. So
nobody can lock an organization out of its own administration, whatever is ticked elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity import events
from prs.kernel.identity.models import Invitation, Member, Role, RoleMenu
from prs.kernel.identity.rules import within_reach
from prs.kernel.identity.seeds import permissions as declared_permissions
from prs.kernel.identity.services.members import MoreThanOwn, may_give

OWNER = "owner"


class RoleNameTaken(Refusal):
    sentence = _("Another role already has this name. Choose a different one.")


class OwnerRoleFixed(Refusal):
    """Whoever could change it could take the organization over, or lock everybody out."""

    sentence = _("The owner's role always holds every right and can't be changed.")


class RoleInUse(Refusal):
    sentence = _("{count} people have this role. Give them another one first.")


class RoleInvited(Refusal):
    sentence = _("Somebody is invited with this role. Wait for their answer, or take it back.")


class SeededRole(Refusal):
    sentence = _("This role comes with PRS and can't be deleted. You can leave it unused.")


class UnknownPermission(Invalid):
    sentence = _("There is no such right.")


class CantGive(Refusal):
    """The change adds a right that its author lacks."""

    sentence = _("You can only give rights that you hold yourself. You don't hold: {rights}.")
    status = 403


class TooWide(Refusal):
    """The change reaches further than its author sees."""

    sentence = _("You can't give a role a wider view than your own.")
    status = 403


NAME: Mapping[str, type[Refusal]] = {"role_name_unique": RoleNameTaken}


@dataclass(frozen=True)
class Grant:
    """What a role shall hold from now on."""

    role: Role
    permissions: frozenset[str]

    @property
    def added(self) -> list[str]:
        return sorted(self.permissions - set(self.role.permissions))

    @property
    def removed(self) -> list[str]:
        return sorted(set(self.role.permissions) - self.permissions)


@transaction.atomic
def add(
    *,
    name: str,
    scope: str,
    by: Member,
    at: datetime,
    permissions: Collection[str] = (),
    needs_mfa: bool = False,
) -> Role:
    """Add a role of the organization's own.

    Raises `RoleNameTaken`, `CantGive`, `TooWide` or `UnknownPermission`.
    """
    refuse_escalation(permissions, by=by)
    refuse_wider(scope, by=by)
    role = Role(name=name, scope=scope, permissions=sorted(set(permissions)), needs_mfa=needs_mfa)
    with refusing(dict(NAME)):
        role.save(force_insert=True)
    after = {"name": name, "scope": scope, "permissions": role.permissions, "needs_mfa": needs_mfa}
    record(events.ROLE_ADDED, role, by=by, at=at, after=after)
    return role


@transaction.atomic
def copy(role: Role, *, name: str, by: Member, at: datetime) -> Role:
    """Add a role that holds, reaches and shows what another one does.

    Raises what `add` raises.
    """
    fresh = add(
        name=name,
        scope=role.scope,
        permissions=role.permissions,
        needs_mfa=role.needs_mfa,
        by=by,
        at=at,
    )
    items = RoleMenu.objects.filter(role=role).values_list("item_id", flat=True)
    RoleMenu.objects.bulk_create(
        [
            RoleMenu(organization_id=fresh.organization_id, role=fresh, item_id=item)
            for item in items
        ]
    )
    return fresh


@transaction.atomic
def change(role: Role, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Role:
    """Change a role's name, row scope or need of a second factor.

    Raises `OwnerRoleFixed`, `MoreThanOwn`, `TooWide`, `RoleNameTaken` or `Stale`.
    """
    refuse_foreign(role, by=by)
    refuse_wider(fields.get("scope", role.scope), by=by)
    with refusing(dict(NAME)):
        before = write_version(role, fields)
    record(events.ROLE_CHANGED, role, by=by, at=at, before=before, after=fields)
    return role


@transaction.atomic
def regrant(grants: Sequence[Grant], *, by: Member, at: datetime) -> list[Role]:
    """Let roles hold exactly these rights: all of them, or none when one is refused.

    Raises `OwnerRoleFixed`, `MoreThanOwn`, `CantGive`, `UnknownPermission` or `Stale`.
    """
    changed = [grant for grant in grants if grant.added or grant.removed]
    for grant in sorted(changed, key=lambda grant: grant.role.pk):
        refuse_foreign(grant.role, by=by)
        refuse_escalation(grant.added, by=by)
        after = {"permissions": sorted(grant.permissions)}
        before = write_version(grant.role, after)
        record(events.ROLE_CHANGED, grant.role, by=by, at=at, before=before, after=after)
    return [grant.role for grant in changed]


@transaction.atomic
def remove(role: Role, *, by: Member, at: datetime) -> None:
    """Delete a role that nobody has. Its menus go with it.

    Raises `SeededRole`, `RoleInUse`, `RoleInvited` or `MoreThanOwn`.
    """
    refuse_foreign(role, by=by)
    if role.key:
        raise SeededRole
    # Whoever gives the role in this moment waits for this row, and then finds it gone.
    Role.objects.select_for_update().get(pk=role.pk)
    holders = Member.objects.filter(role=role).count()
    if holders:
        raise RoleInUse(count=holders)
    if Invitation.objects.filter(role=role, state=Invitation.State.PENDING).exists():
        raise RoleInvited
    before = {"name": role.name, "permissions": role.permissions}
    record(events.ROLE_REMOVED, role, by=by, at=at, before=before, after=dict.fromkeys(before))
    Invitation.objects.filter(role=role).delete()
    role.delete()


def refuse_foreign(role: Role, *, by: Member) -> None:
    """Raise unless a member may touch a role: not the owner's, and none that holds more than theirs."""
    if role.key == OWNER:
        raise OwnerRoleFixed
    if not may_give(by, role):
        raise MoreThanOwn


def refuse_escalation(permissions: Collection[str], *, by: Member) -> None:
    """Raise when somebody would give what they don't hold, or what doesn't exist."""
    declared = declared_permissions()
    if not set(permissions) <= set(declared):
        raise UnknownPermission
    lacking = sorted(set(permissions) - set(by.role.permissions))
    if lacking:
        raise CantGive(rights=", ".join(str(declared[code].label) for code in lacking))


def refuse_wider(scope: str, *, by: Member) -> None:
    """Raise when a row scope is wider than the giver's own."""
    if not within_reach((), scope, own_permissions=(), own_scope=by.role.scope):
        raise TooWide


@transaction.atomic
def complete(*, roles: Mapping[str, Collection[str]], at: datetime, by: Any) -> list[Role]:
    """Give seeded roles the rights of their seed that they lack, and the owner every right there is.

    `roles` maps a role's key to the rights of its seed. What an organization took away comes back, so
    this is for operators who ask for it.
    """
    changed = []
    for role in Role.objects.filter(key__in=roles).order_by("pk"):
        wanted = set(role.permissions) | set(roles[role.key])
        if role.key == OWNER:
            wanted |= set(declared_permissions())
        if wanted != set(role.permissions):
            after = {"permissions": sorted(wanted)}
            before = write_version(role, after)
            record(events.ROLE_CHANGED, role, by=by, at=at, before=before, after=after)
            changed.append(role)
    return changed
