"""Retries of one request, the last two owners, and a chain that many write at once."""

from __future__ import annotations

import pytest
from django.db import connection

from prs.kernel.db.ids import new_id
from prs.kernel.identity.models import Member, Role
from prs.kernel.identity.services import members
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import IdempotencyKey
from prs.kernel.tenancy.services import Answer, claim_key, keep_answer
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from tests.cast import NOON
from tests.factories.walk import make_customer
from tests.races.together import kinds, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_retry_that_arrives_meanwhile_gets_the_first_answer(committed_cast):
    def request():
        answer = claim_key(route="r", key="k", content=b"same", at=NOON)
        if answer is not None:
            return answer.body
        make_customer(committed_cast.sam, name=f"Customer {new_id().hex[-6:]}")
        keep_answer(route="r", key="k", answer=Answer(201, body="done"))
        return "done"

    answers = together(committed_cast.acme.pk, *[request] * 8)

    assert answers == ["done"] * 8
    with tenant_context(committed_cast.acme.pk):
        assert Customer.objects.count() == 1
        assert IdempotencyKey.objects.count() == 1


def test_a_retry_with_other_content_is_refused(committed_cast):
    def request(content):
        return lambda: claim_key(route="r", key="k", content=content, at=NOON)

    answers = together(committed_cast.acme.pk, request(b"one"), request(b"two"))

    assert kinds(answers) == ["NoneType", "OtherContent"]


def test_two_organizations_use_one_key_without_meeting(committed_cast):
    for organization in (committed_cast.acme, committed_cast.zenith):
        with tenant_context(organization.pk):
            assert claim_key(route="r", key="k", content=b"x", at=NOON) is None


def test_the_last_two_owners_cannot_both_leave(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        Member.objects.filter(pk=committed_cast.adam.pk).update(role=Role.objects.get(key="owner"))
        olga, adam = (
            Member.objects.select_related("role").get(pk=each.pk)
            for each in (committed_cast.olga, committed_cast.adam)
        )

    answers = together(
        committed_cast.acme.pk,
        lambda: members.deactivate(olga, by=adam, at=NOON),
        lambda: members.deactivate(adam, by=olga, at=NOON),
    )

    assert kinds(answers) == ["LastOwner", "Member"]
    with tenant_context(committed_cast.acme.pk):
        assert Member.objects.filter(role__key="owner", active=True).count() == 1


def test_customers_handed_over_twice_go_to_one(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        for _each in range(3):
            make_customer(committed_cast.sam)

    def give(to):
        return lambda: parties.hand_over(committed_cast.sam, to, by=committed_cast.olga, at=NOON)

    answers = together(committed_cast.acme.pk, give(committed_cast.sara), give(committed_cast.olga))

    assert sorted(answers) == [0, 3]


def test_many_writers_make_one_unbroken_chain(committed_cast):
    sam = committed_cast.sam
    together(committed_cast.acme.pk, *[lambda: [make_customer(sam) for _each in range(3)]] * 4)

    with tenant_context(committed_cast.acme.pk), connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM activity_auditchain ORDER BY seq")
        seals = [seq for (seq,) in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM activity_auditevent")
        (events,) = cursor.fetchone()
        cursor.execute("SELECT seq FROM activity_audithead")
        (head,) = cursor.fetchone()
    assert seals == list(range(1, events + 1))
    assert head == events
