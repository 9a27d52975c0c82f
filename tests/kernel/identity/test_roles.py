"""Roles: no right is created by handing it on, and none can be locked away."""

from __future__ import annotations

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.versions import Stale
from prs.kernel.identity.models import Invitation, Role, RoleMenu
from prs.kernel.identity.rules import Scope, clashes, within_reach
from prs.kernel.identity.seeds import permissions
from prs.kernel.identity.services import members, roles
from tests.cast import NOON


def role(key):
    return Role.objects.get(key=key)


def granted(target, *codes):
    return roles.Grant(target, frozenset(codes))


def test_a_role_of_ones_own_holds_what_it_was_given(cast):
    made = roles.add(
        name="Helper", scope="own", permissions=["invoices.view"], by=cast.adam, at=NOON
    )

    assert Role.objects.get(name="Helper").permissions == ["invoices.view"]
    assert made.key == ""


def test_a_role_cannot_be_given_a_right_that_its_maker_lacks(cast):
    with pytest.raises(roles.CantGive) as refusal:
        roles.add(
            name="Helper", scope="own", permissions=["payments.verify"], by=cast.adam, at=NOON
        )

    assert str(permissions()["payments.verify"].label) in str(refusal.value)


def test_a_role_cannot_reach_further_than_its_maker(cast):
    cast.adam.role.scope = Scope.TEAM

    with pytest.raises(roles.TooWide):
        roles.add(name="Helper", scope="all", by=cast.adam, at=NOON)


def test_a_right_that_nothing_declares_is_refused(cast):
    with pytest.raises(roles.UnknownPermission):
        roles.add(name="Helper", scope="own", permissions=["moon.view"], by=cast.olga, at=NOON)


def test_two_roles_do_not_share_a_name(cast):
    with pytest.raises(roles.RoleNameTaken):
        roles.add(name="Viewer", scope="own", by=cast.adam, at=NOON)


def test_a_copy_holds_reaches_and_shows_the_same(cast):
    made = roles.copy(role("salesperson"), name="Trainee", by=cast.adam, at=NOON)

    source = role("salesperson")
    assert (made.permissions, made.scope) == (source.permissions, source.scope)

    def shown(role):
        return set(RoleMenu.objects.filter(role=role).values_list("item__code", flat=True))

    assert shown(made) == shown(source)
    assert made.key == ""


def test_a_matrix_is_saved_whole(cast):
    viewer, driver = role("viewer"), role("driver")

    roles.regrant(
        [granted(viewer, "invoices.view"), granted(driver, "invoices.view", "customers.view")],
        by=cast.adam,
        at=NOON,
    )

    assert role("viewer").permissions == ["invoices.view"]
    assert role("driver").permissions == ["customers.view", "invoices.view"]
    assert AuditEvent.objects.filter(code="role.changed").count() == 2


def test_a_matrix_is_refused_whole_when_one_role_is_stale(cast):
    viewer, driver = role("viewer"), role("driver")
    roles.regrant([granted(role("driver"))], by=cast.olga, at=NOON)

    with pytest.raises(Stale):
        roles.regrant(
            [granted(viewer), granted(driver, "invoices.view", "customers.view")],
            by=cast.adam,
            at=NOON,
        )

    assert role("viewer").permissions != []
    assert role("driver").permissions == []


def test_an_untouched_role_is_neither_written_nor_recorded(cast):
    viewer = role("viewer")

    assert roles.regrant([granted(viewer, *viewer.permissions)], by=cast.adam, at=NOON) == []
    assert not AuditEvent.objects.filter(code="role.changed").exists()


def test_nobody_adds_a_right_they_lack_to_a_role(cast):
    with pytest.raises(roles.CantGive):
        roles.regrant([granted(role("viewer"), "books.edit")], by=cast.adam, at=NOON)


def test_nobody_strips_a_role_that_holds_more_than_theirs(cast):
    with pytest.raises(members.MoreThanOwn):
        roles.regrant([granted(role("verifier"))], by=cast.adam, at=NOON)


def test_the_owners_role_is_fixed_even_for_owners(cast):
    owner = role("owner")

    for act in (
        lambda: roles.regrant([granted(owner)], by=cast.olga, at=NOON),
        lambda: roles.change(owner, {"scope": "own"}, by=cast.olga, at=NOON),
        lambda: roles.remove(owner, by=cast.olga, at=NOON),
    ):
        with pytest.raises(roles.OwnerRoleFixed):
            act()


def test_the_owners_role_holds_every_right_there_is(cast):
    assert set(role("owner").permissions) == set(permissions())


def test_a_role_that_somebody_has_is_not_deleted(cast):
    made = roles.add(name="Helper", scope="own", by=cast.adam, at=NOON)
    members.give_role(cast.bill, made, by=cast.adam, at=NOON)

    with pytest.raises(roles.RoleInUse) as refusal:
        roles.remove(made, by=cast.adam, at=NOON)
    assert "1" in str(refusal.value)

    members.give_role(cast.bill, role("viewer"), by=cast.adam, at=NOON)
    roles.remove(made, by=cast.adam, at=NOON)
    assert not Role.objects.filter(name="Helper").exists()


def test_a_role_that_somebody_is_invited_with_is_not_deleted(cast):
    made = roles.add(name="Helper", scope="own", by=cast.adam, at=NOON)
    Invitation.objects.create(
        email="new@acme.test", role=made, invited_by=cast.adam, digest="0", expires_at=NOON
    )

    with pytest.raises(roles.RoleInvited):
        roles.remove(made, by=cast.adam, at=NOON)


def test_a_role_that_comes_with_prs_is_not_deleted(cast):
    with pytest.raises(roles.SeededRole):
        roles.remove(role("cashier"), by=cast.olga, at=NOON)


def test_missing_rights_of_the_seed_come_back_when_asked_for(cast):
    roles.regrant([granted(role("viewer"))], by=cast.olga, at=NOON)

    changed = roles.complete(roles={"viewer": ("invoices.view",)}, by=cast.olga, at=NOON)

    assert [each.key for each in changed] == ["viewer"]
    assert roles.complete(roles={"viewer": ("invoices.view",)}, by=cast.olga, at=NOON) == []


def test_recording_and_verifying_clash():
    assert clashes(["payments.record", "payments.verify"]) == [
        ("payments.record", "payments.verify")
    ]
    assert clashes(["payments.record", "invoices.edit"]) == []


def test_reach_is_rights_and_view_together():
    own = {"own_permissions": ["a", "b"], "own_scope": "team"}

    assert within_reach(["a"], "own", **own)
    assert not within_reach(["a", "c"], "own", **own)
    assert not within_reach(["a"], "all", **own)
