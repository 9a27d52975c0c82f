"""Branches and postings."""

from __future__ import annotations

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.versions import Stale
from prs.masterdata.places import services as places
from prs.masterdata.places.models import Branch, BranchMember
from tests.cast import NOON


@pytest.fixture
def harbour(cast):
    return places.add({"name": "Harbour", "code": "HB"}, by=cast.adam, at=NOON)


def test_a_branch_has_a_name_and_a_code_of_its_own(cast, harbour):
    with pytest.raises(places.BranchNameTaken):
        places.add({"name": "Harbour", "code": "H2"}, by=cast.adam, at=NOON)
    with pytest.raises(places.BranchCodeTaken):
        places.add({"name": "Harbour 2", "code": "HB"}, by=cast.adam, at=NOON)


def test_a_branch_is_changed_against_the_version_read(cast, harbour):
    mine = Branch.objects.get(pk=harbour.pk)
    places.change(harbour, {"phone": "1"}, by=cast.adam, at=NOON)

    with pytest.raises(Stale):
        places.change(mine, {"phone": "2"}, by=cast.adam, at=NOON)


def test_who_is_posted_to_a_second_branch_has_left_the_first(cast, harbour):
    hill = places.add({"name": "Hill", "code": "HL"}, by=cast.adam, at=NOON)
    places.change(harbour, {"members": [cast.sam, cast.sara]}, by=cast.adam, at=NOON)

    places.change(hill, {"members": [cast.sam]}, by=cast.adam, at=NOON)

    posted = BranchMember.objects.values_list("branch__code", "member__name")
    assert set(posted) == {("HB", "Sara"), ("HL", "Sam")}


def test_a_posting_says_who_was_there_and_who_is(cast, harbour):
    places.change(harbour, {"members": [cast.sam]}, by=cast.adam, at=NOON)

    event = AuditEvent.objects.get(code="branch.changed")
    assert (event.before["members"], event.after["members"]) == ([], ["Sam"])
