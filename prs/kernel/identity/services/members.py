"""Members: their details, their role, and their leaving and coming back.

Two rules hold whoever asks. An organization keeps at least one active owner: the database says so.
And nobody hands out, or takes away, more than they hold themselves, so that no right can be climbed to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import Stale, write_version
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity import events
from prs.kernel.identity.models import Member, Role, Team, User
from prs.kernel.identity.rules import within_reach


class LastOwner(Refusal):
    """Without an owner nobody could change anything that only an owner may."""

    sentence = _("An organization needs an active owner. Make somebody else owner first.")


class MoreThanOwn(Refusal):
    """Rights are handed on, not created."""

    sentence = _("This role holds more than yours. Ask someone who holds it to do this.")
    status = 403


class OwnSelf(Refusal):
    """A slip that would lock the person out on the spot."""

    sentence = _("You can't do this to yourself. Ask a colleague.")


class BadSuccessor(Invalid):
    """What somebody leaves behind needs a person who is there."""

    sentence = _("Choose an active colleague to take over.")


class AlreadyActive(Refusal):
    sentence = _("This member is active already.")


class AlreadyInactive(Refusal):
    sentence = _("This member is deactivated already.")


OWNER_KEPT: Mapping[str, type[Refusal]] = {"member_organization_keeps_an_owner": LastOwner}
DETAILS = frozenset({"name", "phone", "department", "job_title"})


def may_give(giver: Member, role: Role) -> bool:
    """Whether a member may hand out a role: it holds no more, and reaches no further, than theirs."""
    own = giver.role
    return within_reach(
        role.permissions, role.scope, own_permissions=own.permissions, own_scope=own.scope
    )


class BelongsAlready(Refusal):
    """One login belongs to one organization, and the database holds to it."""

    sentence = _("This login belongs to an organization already.")


@transaction.atomic
def admit(user: User, *, role: Role, by: Actor, at: datetime) -> Member:
    """Let a login into the current organization without an invitation, as operators do.

    :raises BelongsAlready: the login is a member somewhere.
    """
    with refusing({"member_one_organization_per_user": BelongsAlready}):
        member = Member.objects.create(user=user, name=user.name or user.email, role=role)
    record(events.MEMBER_JOINED, member, by=by, at=at, words={"role": role.name})
    return member


@transaction.atomic
def change(member: Member, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Member:
    """Change a member's details (name, phone, department, job title).

    :raises Stale: somebody saved in between.
    """
    unknown = set(fields) - DETAILS
    if unknown:
        raise ValueError(f"Not a member's details: {sorted(unknown)}")
    before = write_version(member, fields)
    record(events.MEMBER_CHANGED, member, by=by, at=at, before=before, after=fields)
    return member


@transaction.atomic
def give_role(member: Member, role: Role, *, by: Member, at: datetime) -> Member:
    """Give a member another role.

    Raises `MoreThanOwn`, `LastOwner` or `Stale`.
    """
    if role.pk == member.role_id:
        return member
    if not (may_give(by, role) and may_give(by, member.role)):
        raise MoreThanOwn
    with refusing(dict(OWNER_KEPT)):
        before = write_version(member, {"role": role})
    words = {"role": str(role)}
    record(
        events.ROLE_GIVEN, member, by=by, at=at, before=before, after={"role": role}, words=words
    )
    return member


@transaction.atomic
def deactivate(
    member: Member, *, by: Member, at: datetime, successor: Member | None = None
) -> Member:
    """Close a member's access at once, and hand over what is theirs.

    Teams they lead go to the successor here; other floors follow the event, whose `after` holds
    `successor_id`. Raises `OwnSelf`, `MoreThanOwn`, `LastOwner`, `BadSuccessor` or `AlreadyInactive`.
    """
    if member.pk == by.pk:
        raise OwnSelf
    if not may_give(by, member.role):
        raise MoreThanOwn
    if successor is not None and (successor.pk == member.pk or not successor.active):
        raise BadSuccessor
    with refusing(dict(OWNER_KEPT)):
        switch(member, active=False, at=at)
    Team.objects.filter(lead=member).update(lead=successor)
    record(
        events.MEMBER_DEACTIVATED,
        member,
        by=by,
        at=at,
        before={"active": True, "successor_id": None},
        after={"active": False, "successor_id": successor.pk if successor else None},
        words={"successor": str(successor or _("nobody"))},
    )
    return member


@transaction.atomic
def reactivate(member: Member, *, by: Member, at: datetime) -> Member:
    """Let a member in again, with the role they had.

    Raises `MoreThanOwn` or `AlreadyActive`.
    """
    if not may_give(by, member.role):
        raise MoreThanOwn
    switch(member, active=True, at=at)
    after = {"active": True}
    record(events.MEMBER_REACTIVATED, member, by=by, at=at, before={"active": False}, after=after)
    return member


def switch(member: Member, *, active: bool, at: datetime) -> None:
    """Turn access on or off; the row decides who came first."""
    fields = {"active": active, "deactivated_at": None if active else at}
    version = member.version + 1
    won = Member.objects.filter(pk=member.pk, active=not active, version=member.version).update(
        version=version, **fields
    )
    if not won:
        fresh = Member.objects.filter(pk=member.pk, active=not active).exists()
        raise Stale if fresh else AlreadyActive if active else AlreadyInactive
    left = fields["deactivated_at"]
    member.active, member.deactivated_at, member.version = active, left, version  # type: ignore[assignment]
