"""Writes of places: branches, and who is posted there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.masterdata.places import events
from prs.masterdata.places.models import Branch, BranchMember


class BranchNameTaken(Refusal):
    sentence = _("Another branch already has this name. Choose a different one.")


class BranchCodeTaken(Refusal):
    sentence = _("Another branch already has this code. Choose a different one.")


TAKEN: Mapping[str, type[Refusal]] = {
    "branch_name_unique": BranchNameTaken,
    "branch_code_unique": BranchCodeTaken,
}


@transaction.atomic
def add(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Branch:
    """Add a branch; `members` among the fields are the people posted there.

    Raises `BranchNameTaken` or `BranchCodeTaken`.
    """
    rest, members = apart(fields)
    branch = Branch(**rest)
    with refusing(dict(TAKEN)):
        branch.save(force_insert=True)
    _before, names = post(branch, members or ())
    record(events.BRANCH_ADDED, branch, by=by, at=at, after={**rest, "members": names})
    return branch


@transaction.atomic
def change(branch: Branch, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Branch:
    """Change a branch; with `members` exactly these are posted there, and leave where they were.

    Raises `BranchNameTaken`, `BranchCodeTaken` or `Stale`.
    """
    rest, members = apart(fields)
    with refusing(dict(TAKEN)):
        before = write_version(branch, rest)
    if members is not None:
        before["members"], rest["members"] = post(branch, members)
    record(events.BRANCH_CHANGED, branch, by=by, at=at, before=before, after=rest)
    return branch


def apart(fields: Mapping[str, Any]) -> tuple[dict[str, Any], Collection[Member] | None]:
    """A branch's own fields, and its people when they are among them."""
    return {name: value for name, value in fields.items() if name != "members"}, fields.get(
        "members"
    )


def post(branch: Branch, members: Collection[Member]) -> tuple[list[str], list[str]]:
    """Post exactly these people to a branch; the names of those before, and of these."""
    wanted = {member.pk: member for member in members}
    rows = BranchMember.objects.filter(branch=branch).select_related("member")
    present = {row.member_id: row.member for row in rows}
    rows.exclude(member__in=wanted).delete()
    BranchMember.objects.filter(member__in=wanted).exclude(branch=branch).delete()
    BranchMember.objects.bulk_create(
        [
            BranchMember(organization_id=branch.organization_id, branch=branch, member=member)
            for pk, member in wanted.items()
            if pk not in present
        ]
    )
    return sorted(map(str, present.values())), sorted(map(str, wanted.values()))
