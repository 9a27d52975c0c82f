"""A branch-wide row scope."""

from __future__ import annotations

import pytest

from prs.kernel.identity.models import Role
from prs.masterdata.places.models import Branch, BranchMember
from prs.masterdata.places.selectors import branch_of, colleagues


@pytest.fixture
def harbour(cast):
    branch = Branch.objects.create(name="Harbour", code="HB")
    for member in (cast.sam, cast.sara):
        BranchMember.objects.create(branch=branch, member=member)
    return branch


def ids(reach):
    return {row["pk"] if isinstance(row, dict) else row for row in reach}


def test_a_branch_scope_reaches_the_people_posted_there(cast, harbour):
    cast.sam.role = Role.objects.get(key="branch_manager")

    assert ids(colleagues(cast.sam)) == {cast.sam.pk, cast.sara.pk}
    assert branch_of(cast.sam) == harbour


def test_a_branch_scope_without_a_posting_reaches_own_rows_only(cast, harbour):
    cast.bill.role = Role.objects.get(key="branch_manager")

    assert ids(colleagues(cast.bill)) == {cast.bill.pk}
    assert branch_of(cast.bill) is None


def test_other_scopes_are_answered_without_branches(cast, harbour):
    assert colleagues(cast.olga) is None
    assert ids(colleagues(cast.sam)) == {cast.sam.pk}
