"""Where goods lie: what is there from the beginning, and who works where."""

from __future__ import annotations

import pytest

from prs.kernel.identity.models import Role
from prs.masterdata.places import selectors
from prs.masterdata.places import services as places
from prs.masterdata.places.models import Branch, BranchMember, Place
from tests.cast import NOON
from tests.factories.goods import make_place


def test_a_new_organization_has_a_warehouse_a_shop_and_one_way_between(cast):
    kinds = sorted(Place.objects.values_list("kind", flat=True))
    assert kinds == ["storefront", "transit", "warehouse"]

    places.seed_places()

    assert Place.objects.count() == 3
    assert selectors.transit().kind == "transit"
    assert selectors.transit() not in selectors.places()


def test_places_share_neither_name_nor_code_and_there_is_one_way(cast):
    by = {"by": cast.olga, "at": NOON}
    row = places.add_place({"name": "Tema", "code": "TM", "kind": "warehouse"}, **by)

    with pytest.raises(places.PlaceNameTaken):
        places.add_place({"name": "Tema", "code": "T2"}, **by)
    with pytest.raises(places.PlaceCodeTaken):
        places.add_place({"name": "Kumasi", "code": "TM"}, **by)
    with pytest.raises(places.OneTransit):
        places.change_place(row, {"kind": "transit"}, **by)


def test_who_belongs_to_a_branch_works_with_its_places_and_those_of_none(cast):
    here, there = (Branch.objects.create(name=name, code=name) for name in ("Here", "There"))
    own, other = make_place("Own", branch=here), make_place("Other", branch=there)
    BranchMember.objects.create(branch=here, member=cast.bill)
    cast.bill.role = Role.objects.get(key="warehouse")

    assert own in selectors.places_of(cast.bill)
    assert other not in selectors.places_of(cast.bill)
    assert other in selectors.places_of(cast.olga)
    assert Place.objects.get(code="WH1") in selectors.places_of(cast.bill)
