"""Menus: a full sync, a preview that tells the truth, and no right by way of a menu."""

from __future__ import annotations

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity import selectors
from prs.kernel.identity.models import MemberMenu, MenuItem, Role
from prs.kernel.identity.services import menus
from tests.cast import NOON


def codes(member):
    return {item.code for group in selectors.sidebar(member) for item in group.items}


def test_what_is_submitted_is_what_a_role_shows(cast):
    menus.assign_role(cast.sam.role, ["home", "invoices"], by=cast.adam, at=NOON)

    assert codes(cast.sam) == codes(cast.sara) == {"home", "invoices"}


def test_the_same_again_is_no_event(cast):
    for _each in range(2):
        menus.assign_role(cast.sam.role, ["home"], by=cast.adam, at=NOON)
        menus.assign_member(cast.sam, {"home": False}, by=cast.adam, at=NOON)

    assert AuditEvent.objects.filter(code__startswith="menu.").count() == 2


def test_a_member_differs_by_exactly_the_submitted_choices(cast):
    menus.assign_member(cast.sam, {"invoices": False}, by=cast.adam, at=NOON)
    menus.assign_member(cast.sam, {"customers": False}, by=cast.adam, at=NOON)

    assert "invoices" in codes(cast.sam)
    assert "customers" not in codes(cast.sam)


def test_a_menu_grants_nothing(cast):
    menus.assign_member(cast.sam, {"verify": True}, by=cast.adam, at=NOON)

    assert "verify" not in codes(cast.sam)
    assert not cast.sam.may("payments.verify")


@pytest.mark.parametrize("unknown", ["moon", ""])
def test_an_unknown_place_is_refused(cast, unknown):
    with pytest.raises(menus.UnknownMenu):
        menus.assign_role(cast.sam.role, ["home", unknown], by=cast.adam, at=NOON)
    with pytest.raises(menus.UnknownMenu):
        menus.assign_member(cast.sam, {unknown: True}, by=cast.adam, at=NOON)


def test_a_preview_says_who_gains_and_loses_what_and_changes_nothing(cast):
    plan = menus.Plan(show=frozenset({"verify"}), hide=frozenset({"invoices"}))
    before = {member: codes(member) for member in (cast.sam, cast.vera)}

    sam, vera = menus.preview_members([cast.sam, cast.vera], plan)

    assert (sam.gained, sam.lost, sam.idle) == ((), ("Invoices",), ("Verify payments",))
    assert (vera.gained, vera.lost, vera.idle) == ((), ("Invoices",), ())
    assert {member: codes(member) for member in before} == before
    assert not MemberMenu.objects.exists()


def test_a_bulk_assignment_does_what_its_preview_said(cast):
    plan = menus.Plan(show=frozenset({"home"}), hide=frozenset({"invoices"}))
    people = [cast.sam, cast.bill]
    foretold = menus.preview_members(people, plan)

    assert menus.assign_members(people, plan, by=cast.adam, at=NOON) == foretold
    for member in people:
        assert "invoices" not in codes(member)


def test_leaving_a_place_to_the_role_forgets_the_choice(cast):
    menus.assign_member(cast.sam, {"invoices": False, "home": False}, by=cast.adam, at=NOON)

    menus.assign_members(
        [cast.sam], menus.Plan(as_role=frozenset({"invoices"})), by=cast.adam, at=NOON
    )

    assert menus.member_choices(cast.sam) == {"home": False}


def test_a_role_preview_tells_what_stays_idle_for_want_of_a_right(cast):
    wanted = menus.role_codes(cast.sam.role) - {"home"} | {"verify", "books"}

    difference = menus.preview_role(cast.sam.role, wanted)

    assert difference.gained == ()
    assert difference.lost == ("Home",)
    assert set(difference.idle) == {"Verify payments", "Trial balance"}


def test_a_reset_brings_the_seeded_menus_back(cast):
    before = codes(cast.sam)
    menus.assign_role(cast.sam.role, [], by=cast.adam, at=NOON)
    menus.assign_member(cast.sam, {"home": False}, by=cast.adam, at=NOON)

    menus.reset(by=cast.adam, at=NOON)

    assert codes(cast.sam) == before
    assert not MemberMenu.objects.exists()


def test_a_reset_switches_off_what_is_no_longer_seeded(cast):
    MenuItem.objects.create(code="old", url_name="shell:home")

    menus.reset(by=cast.adam, at=NOON)

    assert not MenuItem.objects.get(code="old").active


def test_menus_of_a_role_are_not_shared_with_another(cast):
    menus.assign_role(Role.objects.get(key="viewer"), [], by=cast.adam, at=NOON)

    assert codes(cast.bill) == set()
    assert "invoices" in codes(cast.sam)
