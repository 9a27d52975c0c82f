"""Commands of operators: may be run again, write nothing when dry, and make no default password."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.models import Member, Role, RoleMenu, User
from prs.kernel.identity.seeds import permissions
from prs.kernel.tenancy.context import tenant_context


def run(command, /, **options):
    out = io.StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def stripped(key, codes=()):
    Role.objects.filter(key=key).update(permissions=list(codes))


@pytest.mark.parametrize("dry", [True, False])
def test_owners_get_every_right_there_is(cast, dry):
    stripped("owner", ["home.view"])

    run("setup_permissions", dry_run=dry)

    held = set(Role.objects.get(key="owner").permissions)
    assert (set(permissions()) <= held) is not dry


def test_other_roles_stay_as_the_organization_made_them(cast):
    stripped("viewer")

    run("setup_permissions")

    assert Role.objects.get(key="viewer").permissions == []


@pytest.mark.parametrize("dry", [True, False])
def test_one_role_gets_back_the_rights_of_its_seed(cast, dry):
    stripped("viewer")
    stripped("verifier")

    run("assign_role_permissions", role="viewer", dry_run=dry)

    assert bool(Role.objects.get(key="viewer").permissions) is not dry
    assert Role.objects.get(key="verifier").permissions == []


def test_a_role_that_does_not_exist_is_refused(cast):
    with pytest.raises(CommandError, match="viewer"):
        run("assign_role_permissions", role="pirate")


@pytest.mark.parametrize("dry", [True, False])
def test_missing_roles_are_added(cast, dry):
    Role.objects.get(key="driver").delete()

    run("create_default_roles", dry_run=dry)

    assert Role.objects.filter(key="driver").exists() is not dry


def test_everything_at_once_may_be_run_again(cast):
    for _each in range(2):
        run("init_system")

    assert not AuditEvent.objects.filter(code="role.changed").exists()


@pytest.mark.parametrize("dry", [True, False])
def test_menus_are_assigned_again_when_asked_for(cast, dry):
    RoleMenu.objects.filter(role=cast.sam.role).delete()

    run("seed_menus", assign=True, dry_run=dry)

    assert RoleMenu.objects.filter(role=cast.sam.role).exists() is not dry


NEW = {"organization": "acme supplies", "email": "New@Acme.test", "name": "Nina", "noinput": True}


def test_a_store_user_is_made_without_a_password(cast):
    run("createstoreuser", role="salesperson", **NEW)

    user = User.objects.get(email="new@acme.test")
    assert not user.has_usable_password()
    assert Member.objects.get(user=user).role.key == "salesperson"
    with tenant_context(cast.zenith.pk):
        assert not Member.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "pirate"},
        {"role": "salesperson", "email": "nobody"},
        {"role": "salesperson", "name": ""},
        {"role": "salesperson", "email": "sam@acme.test"},
        {"role": "salesperson", "organization": "Nowhere"},
    ],
)
def test_a_store_user_that_cannot_be_is_refused_and_nothing_stays(cast, changes):
    before = User.objects.count()

    with pytest.raises(CommandError):
        run("createstoreuser", **{**NEW, **changes})

    assert User.objects.count() == before
