"""Rows that are read by a kept statement are what the ORM would have read."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from prs.kernel.db.rows import Rows
from prs.kernel.identity.models import Member, Role
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.web.account.backend import MemberBackend
from prs.web.kit.middleware import member_of, membership_brought, membership_of
from tests.cast import Cast

READ = Rows(
    "FROM identity_member m JOIN tenancy_organization o ON o.id = m.organization_id WHERE m.id = %s",
    extra=("41 + 1",),
    m=Member,
    o=Organization,
)


def values(instance: object) -> dict[str, object]:
    return {
        field.attname: getattr(instance, field.attname)
        for field in type(instance)._meta.concrete_fields
    }


def test_every_field_of_every_model_is_as_the_orm_reads_it(cast: Cast) -> None:
    member, organization, extra = READ.first((cast.sam.pk,))

    assert values(member) == values(Member.objects.get(pk=cast.sam.pk))
    assert values(organization) == values(Organization.objects.get(pk=cast.acme.pk))
    assert extra == 42


def test_what_was_read_can_be_changed_and_saved(cast: Cast) -> None:
    member, *_rest = READ.first((cast.sam.pk,))
    member.name = "Sam the second"
    member.save(update_fields=["name"])

    assert Member.objects.get(pk=cast.sam.pk).name == "Sam the second"


def test_no_row_is_none_and_another_organizations_row_is_none(cast: Cast) -> None:
    assert READ.first((cast.acme.pk,)) is None
    assert READ.first((cast.zoe.pk,)) is None


def test_a_sessions_user_brings_their_membership_along(cast: Cast) -> None:
    user = MemberBackend().get_user(str(cast.sam.user_id))

    assert user is not None
    assert values(user) == values(cast.sam.user)
    assert membership_brought(user) == membership_of(user.pk)
    member = member_of(membership_brought(user), user)
    assert member.role == Role.objects.get(pk=cast.sam.role_id)
    assert (member.organization, member.user) == (cast.acme, user)
    assert member.horizon > 0


@pytest.mark.parametrize("pk", ["nonsense", "01a1fe97-0705-70a0-baf0-40a3fec1601f"])
def test_an_unknown_user_is_nobody(cast: Cast, pk: str) -> None:
    assert MemberBackend().get_user(pk) is None


def test_a_user_whose_login_is_closed_is_nobody(cast: Cast) -> None:
    cast.sam.user.is_active = False
    cast.sam.user.save(update_fields=["is_active"])

    assert MemberBackend().get_user(cast.sam.user_id) is None


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_noticed_without_a_question() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    assert connection.is_usable()

    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    other.close()

    try:
        assert not connection.is_usable()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_prepared_statement_follows_the_organization(committed_cast: Cast) -> None:
    seen = []
    for _ in range(10):
        for organization in (committed_cast.acme, committed_cast.zenith):
            with tenant_context(organization.pk), connection.cursor() as cursor:
                cursor.execute("SELECT DISTINCT organization_id FROM identity_member")
                seen.append(cursor.fetchall() == [(organization.pk,)])

    assert all(seen)
