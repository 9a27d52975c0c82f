"""Writes of places: branches with who is posted there, and where goods lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import required_organization
from prs.masterdata.places import events
from prs.masterdata.places.models import Branch, BranchMember, Place


class BranchNameTaken(Refusal):
    sentence = _("Another branch already has this name. Choose a different one.")


class BranchCodeTaken(Refusal):
    sentence = _("Another branch already has this code. Choose a different one.")


class PlaceNameTaken(Refusal):
    sentence = _("Another place already has this name. Choose a different one.")


class PlaceCodeTaken(Refusal):
    sentence = _("Another place already has this code. Choose a different one.")


class OneTransit(Refusal):
    sentence = _("Goods on their way have one place already.")


TAKEN: Mapping[str, type[Refusal]] = {
    "branch_name_unique": BranchNameTaken,
    "branch_code_unique": BranchCodeTaken,
}
PLACE: Mapping[str, type[Refusal]] = {
    "place_name_unique": PlaceNameTaken,
    "place_code_unique": PlaceCodeTaken,
    "place_one_transit": OneTransit,
}
# What a new organization gets: where goods lie, where they are sold, and the way between.
FIRST_PLACES: Final = (
    (Place.Kind.WAREHOUSE, _("Main warehouse"), "WH1"),
    (Place.Kind.STOREFRONT, _("Main shop"), "SH1"),
    (Place.Kind.TRANSIT, _("In transit"), "TRANSIT"),
)


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


@transaction.atomic
def add_place(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Place:
    """Add a warehouse or a storefront.

    Raises `PlaceNameTaken` or `PlaceCodeTaken`.
    """
    place = Place(**fields)
    with refusing(dict(PLACE)):
        place.save(force_insert=True)
    record(events.PLACE_ADDED, place, by=by, at=at, after=model_to_dict(place))
    return place


@transaction.atomic
def change_place(place: Place, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Place:
    """Change a place of goods.

    Raises `PlaceNameTaken`, `PlaceCodeTaken` or `Stale`.
    """
    with refusing(dict(PLACE)):
        before = write_version(place, fields)
    record(events.PLACE_CHANGED, place, by=by, at=at, before=before, after=fields)
    return place


def seed_places() -> None:
    """Give the current organization a warehouse, a shop and a place for goods on their way.

    Each only while it has none of that kind.
    """
    organization_id = required_organization()
    present = set(Place.objects.values_list("kind", flat=True))
    Place.objects.bulk_create(
        [
            Place(organization_id=organization_id, kind=kind, name=str(name), code=code)
            for kind, name, code in FIRST_PLACES
            if kind not in present
        ],
        ignore_conflicts=True,
    )
