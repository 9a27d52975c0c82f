"""Members: nobody climbs, nobody locks an organization, nothing of a leaver is lost."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.versions import Stale
from prs.kernel.identity.models import Department, Member, Role, Team
from prs.kernel.identity.services import members
from prs.kernel.tenancy.context import tenant_context
from prs.masterdata.parties.models import Customer
from tests.cast import NOON, STANDING, make_member
from tests.factories.walk import make_invoice


def role(key):
    return Role.objects.get(key=key)


def test_a_change_of_details_says_what_was_and_what_is(cast):
    sales = Department.objects.create(name="Sales")

    members.change(cast.sam, {"name": "Samuel", "department": sales}, by=cast.adam, at=NOON)

    event = AuditEvent.objects.get(code="member.changed")
    assert event.before == {"name": "Sam", "department": None}
    assert event.after == {"name": "Samuel", "department": "Sales"}


def test_a_change_to_what_somebody_else_saved_meanwhile_is_stale(cast):
    mine, theirs = (Member.objects.get(pk=cast.sam.pk) for _each in range(2))
    members.change(theirs, {"phone": "1"}, by=cast.adam, at=NOON)

    with pytest.raises(Stale):
        members.change(mine, {"phone": "2"}, by=cast.olga, at=NOON)

    assert Member.objects.get(pk=cast.sam.pk).phone == "1"


def test_a_role_is_no_detail(cast):
    with pytest.raises(ValueError, match="role"):
        members.change(cast.sam, {"role": role("owner")}, by=cast.sam, at=NOON)


def test_an_owner_gives_any_role(cast):
    members.give_role(cast.sam, role("verifier"), by=cast.olga, at=NOON)

    assert Member.objects.get(pk=cast.sam.pk).role.key == "verifier"


@pytest.mark.parametrize("key", ["owner", "verifier", "accountant"])
def test_nobody_gives_a_role_that_holds_more_than_theirs(cast, key):
    with pytest.raises(members.MoreThanOwn):
        members.give_role(cast.sam, role(key), by=cast.adam, at=NOON)


def test_nobody_takes_away_a_role_that_holds_more_than_theirs(cast):
    with pytest.raises(members.MoreThanOwn):
        members.give_role(cast.vera, role("viewer"), by=cast.adam, at=NOON)


def test_nobody_gives_a_wider_view_than_their_own(cast):
    lead = role("team_lead")
    cast.sam.role = role("branch_manager")
    wide = Role.objects.create(name="Wide", scope="all", permissions=[])

    assert members.may_give(cast.sam, lead)
    assert not members.may_give(cast.sam, wide)


def test_the_last_owner_keeps_the_role(cast):
    with pytest.raises(members.LastOwner):
        members.give_role(cast.olga, role("admin"), by=cast.olga, at=NOON)


def test_an_owner_may_step_down_once_there_is_another(cast):
    members.give_role(cast.adam, role("owner"), by=cast.olga, at=NOON)
    members.give_role(cast.olga, role("admin"), by=cast.adam, at=NOON)

    assert Member.objects.get(role__key="owner") == cast.adam


def test_the_database_itself_keeps_an_owner(cast):
    with pytest.raises(DatabaseError, match="needs an active owner"), transaction.atomic():
        Member.objects.filter(pk=cast.olga.pk).update(active=False, deactivated_at=NOON)
    with pytest.raises(DatabaseError, match="needs an active owner"), transaction.atomic():
        Member.objects.filter(pk=cast.olga.pk).update(role=role("viewer"))


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_step_down_at_once_one_stays():
    people = STANDING.cast()
    with tenant_context(people.acme.pk):
        second = make_member("Oscar", "owner")
    start, refused = threading.Barrier(2), []

    def step_down(pk):
        start.wait()
        try:
            with tenant_context(people.acme.pk):
                member = Member.objects.select_related("role").get(pk=pk)
                members.give_role(member, role("viewer"), by=member, at=NOON)
        except members.LastOwner:
            refused.append(pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=step_down, args=[m.pk]) for m in (people.olga, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    with tenant_context(people.acme.pk):
        assert Member.objects.filter(role__key="owner", active=True).count() == 1


def test_deactivating_closes_access_and_hands_over_led_teams(cast):
    north = Team.objects.create(name="North", lead=cast.sam)

    members.deactivate(cast.sam, successor=cast.sara, by=cast.adam, at=NOON)

    north.refresh_from_db()
    assert not Member.objects.get(pk=cast.sam.pk).active
    assert north.lead == cast.sara
    event = AuditEvent.objects.get(code="member.deactivated")
    assert event.after["successor_id"] == str(cast.sara.pk)
    assert event.words["successor"] == "Sara"


def test_the_customers_of_who_leaves_go_to_the_successor(cast):
    theirs = Customer.objects.create(code="A", name="A Ltd", salesperson=cast.sam)
    others = Customer.objects.create(code="B", name="B Ltd", salesperson=cast.vera)

    members.deactivate(cast.sam, successor=cast.sara, by=cast.adam, at=NOON)

    for customer in (theirs, others):
        customer.refresh_from_db()
    assert (theirs.salesperson, others.salesperson) == (cast.sara, cast.vera)
    assert AuditEvent.objects.get(code="customer.handed_over").words["count"] == 1


def test_open_invoices_of_who_leaves_go_to_the_successor_and_name_who_sold(cast):
    invoice = make_invoice(cast.sam)

    members.deactivate(cast.sam, successor=cast.sara, by=cast.adam, at=NOON)

    invoice.refresh_from_db()
    assert (invoice.salesperson, invoice.salesperson_name) == (cast.sara, "Sam")
    assert AuditEvent.objects.get(code="invoice.handed_over").words["count"] == 1


def test_without_a_successor_customers_stay_where_they_are(cast):
    theirs = Customer.objects.create(code="A", name="A Ltd", salesperson=cast.sam)

    members.deactivate(cast.sam, by=cast.adam, at=NOON)

    theirs.refresh_from_db()
    assert theirs.salesperson == cast.sam


def test_nobody_deactivates_themselves(cast):
    with pytest.raises(members.OwnSelf):
        members.deactivate(cast.adam, by=cast.adam, at=NOON)


def test_an_admin_cannot_deactivate_an_owner(cast):
    with pytest.raises(members.MoreThanOwn):
        members.deactivate(cast.olga, by=cast.adam, at=NOON)


def test_a_successor_must_be_somebody_else_who_is_there(cast):
    members.deactivate(cast.bill, by=cast.adam, at=NOON)

    for successor in (cast.sam, Member.objects.get(pk=cast.bill.pk)):
        with pytest.raises(members.BadSuccessor):
            members.deactivate(cast.sam, successor=successor, by=cast.adam, at=NOON)


def test_who_is_deactivated_already_is_not_deactivated_again(cast):
    members.deactivate(cast.bill, by=cast.adam, at=NOON)

    with pytest.raises(members.AlreadyInactive):
        members.deactivate(cast.bill, by=cast.adam, at=NOON)


def test_a_reactivated_member_is_as_before(cast):
    members.deactivate(cast.bill, by=cast.adam, at=NOON)
    members.reactivate(cast.bill, by=cast.adam, at=NOON)

    fresh = Member.objects.get(pk=cast.bill.pk)
    assert (fresh.active, fresh.deactivated_at, fresh.role.key) == (True, None, "viewer")
    with pytest.raises(members.AlreadyActive):
        members.reactivate(fresh, by=cast.adam, at=NOON)


def test_each_change_is_recorded_once(cast):
    members.change(cast.sam, {"phone": "1"}, by=cast.adam, at=NOON)
    members.give_role(cast.sam, role("viewer"), by=cast.adam, at=NOON)
    members.give_role(cast.sam, role("viewer"), by=cast.adam, at=NOON)
    members.deactivate(cast.sam, by=cast.adam, at=NOON)
    members.reactivate(cast.sam, by=cast.adam, at=NOON)

    codes = list(
        AuditEvent.objects.filter(subject_id=cast.sam.pk)
        .order_by("pk")
        .values_list("code", flat=True)
    )
    assert codes == [
        "member.changed",
        "member.role_given",
        "member.deactivated",
        "member.reactivated",
    ]
