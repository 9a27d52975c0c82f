"""Reads of places, and the whole answer to "whose rows does this member see"."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from prs.kernel.identity import selectors as people
from prs.kernel.identity.models import Member
from prs.kernel.identity.rules import Scope
from prs.kernel.identity.selectors import Reach, member_ids_in_scope
from prs.masterdata.places.models import Branch, BranchMember, Place


def colleagues(member: Member) -> Reach:
    """The members whose rows this member sees; None when everyone's.

    Filter rows by it: `rows if reach is None else rows.filter(salesperson__in=reach)`. A member is
    always among them. A branch scope without a posting reaches the member's own rows only.
    """
    if member.role.scope != Scope.BRANCH:
        return member_ids_in_scope(member)
    own = BranchMember.objects.filter(member=member).values("branch")
    posted = BranchMember.objects.filter(branch__in=own).values("member")
    return Member.objects.filter(Q(pk=member.pk) | Q(pk__in=posted)).values("pk")


def onlookers(members: Collection[UUID], holders: Collection[UUID]) -> set[UUID]:
    """Those of these members who see the rows of one of the holders. One query.

    The same as `colleagues`, asked the other way round.
    """
    branches = BranchMember.objects.filter(member__in=holders).values("branch")
    posted = BranchMember.objects.filter(branch__in=branches).values("member")
    return people.onlookers(members, holders, also=Q(role__scope=Scope.BRANCH, pk__in=posted))


def branch_of(member: Member) -> Branch | None:
    """Where a member is posted, or None."""
    return Branch.objects.filter(
        pk__in=BranchMember.objects.filter(member=member).values("branch")
    ).first()


# --- where goods lie ----------------------------------------------------------------------------


def places() -> QuerySet[Place]:
    """Every warehouse and storefront, by name; not the way between them."""
    rows: QuerySet[Place] = Place.objects.exclude(kind=Place.Kind.TRANSIT)
    return rows.select_related("branch").order_by("name", "pk")


def places_of(member: Member) -> QuerySet[Place]:
    """The warehouses and storefronts in use that a member works with.

    Who sees a branch's rows works with the places of that branch and with those of none.
    """
    rows = places().filter(active=True)
    if member.role.scope != Scope.BRANCH:
        return rows
    own = BranchMember.objects.filter(member=member).values("branch")
    return rows.filter(Q(branch__isnull=True) | Q(branch__in=own))


def transit() -> Place:
    """Where goods are between two places. Each organization has one."""
    found: Place = Place.objects.get(kind=Place.Kind.TRANSIT)
    return found
