"""The matrix: shown before it is saved, refused when it climbs, compared anew when it is stale."""

from __future__ import annotations

import pytest
from django.urls import reverse

from prs.kernel.identity.models import Role
from prs.kernel.identity.services import members, roles
from tests.cast import NOON

MATRIX = reverse("office:matrix")


def role(key):
    return Role.objects.get(key=key)


def ticks(row, *codes, step="preview"):
    return {
        "role": [str(row.pk)],
        f"version-{row.pk}": row.version,
        "grant": [f"{row.pk}:{code}" for code in codes],
        "step": step,
    }


def test_a_preview_says_what_changes_and_saves_nothing(olga, cast):
    viewer = role("viewer")

    response = olga.post(MATRIX, ticks(viewer, "invoices.view", "payments.view", "books.view"))

    (change,) = response.context["changes"]
    assert (change.added, change.removed, change.people) == (
        ["Read the books"],
        [
            "See the catalogue",
            "See customers",
            "See deals and projects",
            "See standings and streaks",
        ],
        1,
    )
    assert role("viewer").permissions == viewer.permissions


def test_what_was_previewed_is_saved(olga, cast):
    viewer = role("viewer")

    response = olga.post(MATRIX, ticks(viewer, "invoices.view", step="save"))

    assert response.status_code == 302
    assert role("viewer").permissions == ["invoices.view"]


def test_back_to_the_ticks_keeps_them(olga, cast):
    viewer = role("viewer")

    response = olga.post(MATRIX, ticks(viewer, "books.view", step="edit"))

    cells = [
        cell for _g, lines in response.context["groups"] for line in lines for cell in line.cells
    ]
    assert [cell.value for cell in cells if cell.ticked] == [f"{viewer.pk}:books.view"]
    assert {cell.value.split(":")[1] for cell in cells if cell.changed} == {
        "books.view",
        *viewer.permissions,
    }


def test_saving_over_somebody_elses_save_compares_anew(olga, cast):
    sent = ticks(role("viewer"), "invoices.view", "payments.view", step="save")
    fresh = role("viewer")
    roles.regrant([roles.Grant(fresh, frozenset({"books.view"}))], by=cast.olga, at=NOON)

    response = olga.post(MATRIX, sent)

    assert response.status_code == 409
    (change,) = response.context["changes"]
    assert change.removed == ["Read the books"]
    assert role("viewer").permissions == ["books.view"]

    (grant,) = response.context["grants"]
    again = ticks(grant.role, *grant.permissions, step="save")
    assert olga.post(MATRIX, again).status_code == 302
    assert role("viewer").permissions == ["invoices.view", "payments.view"]


def test_recording_and_verifying_in_one_role_is_warned_of(olga, cast):
    row = role("salesperson")

    response = olga.post(MATRIX, ticks(row, *row.permissions, "payments.verify"))

    assert "check their own work" in response.content.decode()


def test_giving_up_ones_own_right_over_roles_is_warned_of(adam, cast):
    row = role("admin")
    kept = [code for code in row.permissions if code != "roles.edit"]

    response = adam.post(MATRIX, ticks(row, *kept))

    assert "you can no longer change roles" in response.content.decode()


def test_a_right_that_one_lacks_cannot_be_smuggled_in(adam, cast):
    row = role("viewer")

    response = adam.post(MATRIX, ticks(row, *row.permissions, "payments.verify", step="save"))

    assert response.status_code == 403
    assert role("viewer").permissions == row.permissions


@pytest.mark.parametrize("key", ["owner", "verifier"])
def test_a_role_that_holds_more_cannot_be_touched(adam, cast, key):
    before = role(key)

    adam.post(MATRIX, ticks(before, step="save"))

    assert role(key).permissions == before.permissions


def test_an_unknown_right_changes_nothing(olga, cast):
    row = role("viewer")

    assert olga.post(MATRIX, ticks(row, "moon.view", step="save")).status_code == 422
    assert role("viewer").permissions == row.permissions


@pytest.mark.parametrize("version", ["", "x", "99999999999999999999", "-1", "٣"])
def test_a_version_that_is_none_counts_as_stale(olga, cast, version):
    row = role("viewer")
    sent = {**ticks(row, "invoices.view", step="save"), f"version-{row.pk}": version}

    assert olga.post(MATRIX, sent).status_code == 409


def test_a_role_is_added_and_its_rights_are_next(olga, cast):
    response = olga.post(reverse("office:add_role"), {"name": "Helper", "scope": "team"})

    made = Role.objects.get(name="Helper")
    assert response["Location"] == f"{MATRIX}?role={made.pk}"
    assert (made.scope, made.permissions) == ("team", [])


def test_a_name_that_is_taken_is_said_at_its_field(olga, cast):
    for address in (
        reverse("office:add_role"),
        reverse("office:copy_role", args=[role("viewer").pk]),
    ):
        response = olga.post(address, {"name": "Viewer", "scope": "own"})

        assert response.status_code == 422
        assert "name" in response.context["form"].errors


def test_a_role_is_copied(olga, cast):
    olga.post(reverse("office:copy_role", args=[role("viewer").pk]), {"name": "Auditor"})

    assert Role.objects.get(name="Auditor").permissions == role("viewer").permissions


def test_a_role_is_renamed_and_reaches_further(olga, cast):
    row = role("viewer")
    sent = {"version": row.version, "name": "Reader", "scope": "team", "initial-scope": "all"}

    assert olga.post(reverse("office:edit_role", args=[row.pk]), sent).status_code == 302

    assert (role("viewer").name, role("viewer").scope) == ("Reader", "team")


def test_a_role_of_ones_own_is_deleted_while_unused(olga, cast):
    made = roles.add(name="Helper", scope="own", by=cast.olga, at=NOON)
    members.give_role(cast.bill, made, by=cast.olga, at=NOON)
    address = reverse("office:remove_role", args=[made.pk])

    assert olga.post(address).status_code == 409
    members.give_role(cast.bill, role("viewer"), by=cast.olga, at=NOON)
    assert olga.post(address).status_code == 302
    assert not Role.objects.filter(name="Helper").exists()


def test_the_owners_role_says_why_it_is_fixed(olga, cast):
    text = olga.get(reverse("office:role", args=[role("owner").pk])).content.decode()

    assert "always holds every right" in text
    assert "Change rights" not in text
