import re
import threading
from datetime import timedelta

import pytest
from django.core import mail, signing
from django.db import IntegrityError, connection, transaction

from prs.kernel import clock
from prs.kernel.activity.models import AuditEvent
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Department, Invitation, Member, Role, User
from prs.kernel.identity.services import invitations
from prs.kernel.identity.services.members import MoreThanOwn
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from tests.cast import NOON, PASSWORD, STANDING


def invite(cast, email="ivy@acme.test", role="salesperson", **more):
    role = Role.objects.get(key=role)
    return invitations.invite(email=email, role=role, by=more.pop("by", cast.adam), at=NOON, **more)


def token():
    return re.search(r"/account/invitation/(\S+)/", mail.outbox[-1].body).group(1)


def accept(secret, at=NOON):
    return invitations.accept(secret, name="Ivy", password=PASSWORD, at=at)


def test_an_invitation_lets_one_person_in(cast):
    department = Department.objects.create(name="Sales")
    invite(cast, email=" Ivy@Acme.test ", department=department)

    member = accept(token())

    assert (member.user.email, member.role.key) == ("ivy@acme.test", "salesperson")
    assert member.department_id == department.pk
    assert member.organization_id == cast.acme.pk
    assert member.user.check_password(PASSWORD)
    assert Invitation.objects.get().state == "accepted"
    assert AuditEvent.objects.filter(code="member.joined").count() == 1


def test_the_mail_names_who_what_and_where_and_the_row_keeps_no_secret(cast):
    invite(cast)

    body = mail.outbox[-1].body
    assert mail.outbox[-1].subject == "Join Acme Supplies on PRS"
    assert "Adam" in body
    assert "Salesperson" in body
    _organization, secret = invitations.read(token())
    stored = str(Invitation.objects.values().get())
    assert secret not in stored


@pytest.mark.parametrize("email", ["sam@acme.test", "SAM@acme.test"])
def test_a_member_is_not_invited_again(cast, email):
    with pytest.raises(invitations.AlreadyMember):
        invite(cast, email=email)


def test_one_invitation_at_a_time(cast):
    invite(cast)

    with pytest.raises(invitations.AlreadyInvited):
        invite(cast, email="IVY@acme.test")
    assert len(mail.outbox) == 1


def test_an_expired_invitation_makes_room_for_a_new_one(cast):
    invite(cast)
    Invitation.objects.update(expires_at=NOON)

    invite(cast)

    assert sorted(Invitation.objects.values_list("state", flat=True)) == ["pending", "revoked"]


def test_only_owners_invite_owners(cast):
    with pytest.raises(MoreThanOwn):
        invite(cast, role="owner")
    assert invite(cast, role="owner", by=cast.olga).role.key == "owner"


def test_nobody_invites_into_a_role_that_holds_more_than_theirs(cast):
    with pytest.raises(MoreThanOwn):
        invite(cast, role="admin", by=cast.sam)
    assert not Invitation.objects.exists()


def test_an_invitation_is_used_once(cast):
    invite(cast)
    secret = token()
    accept(secret)

    with pytest.raises(invitations.Used):
        accept(secret)


def test_an_invitation_ends_after_seven_days(cast):
    invite(cast)

    with pytest.raises(invitations.Expired):
        accept(token(), at=NOON + timedelta(days=7))
    assert accept(token(), at=NOON + timedelta(days=7, seconds=-1))


def test_a_revoked_invitation_lets_nobody_in(cast):
    invitations.revoke(invite(cast), by=cast.adam, at=NOON)

    with pytest.raises(invitations.Revoked):
        accept(token())


def test_sending_again_ends_the_earlier_link(cast):
    invitation = invite(cast)
    earlier = token()

    invitations.resend(invitation, by=cast.adam, at=NOON + timedelta(hours=6))

    with pytest.raises(invitations.UnknownInvitation):
        accept(earlier)
    assert accept(token(), at=NOON + timedelta(days=7, hours=1))


def test_what_is_settled_is_neither_revoked_nor_sent_again(cast):
    invitation = invite(cast)
    accept(token())

    with pytest.raises(invitations.NotPending):
        invitations.revoke(invitation, by=cast.adam, at=NOON)
    with pytest.raises(invitations.NotPending):
        invitations.resend(invitation, by=cast.adam, at=NOON)


@pytest.mark.parametrize("text", ["", "x", "a:b:c", "é"])
def test_a_link_that_is_not_ours_is_refused(cast, text):
    with pytest.raises(invitations.UnknownInvitation):
        accept(text)


def test_a_link_cannot_be_turned_to_another_organization(cast):
    invite(cast)
    _organization, secret = invitations.read(token())
    foreign = signing.dumps([cast.zenith.pk.hex, secret], salt=invitations.SALT)

    with pytest.raises(invitations.UnknownInvitation):
        accept(foreign)


def test_whoever_has_a_login_is_told_so_and_the_inviter_is_not(cast):
    invite(cast, email="zoe@zenith.test")

    with pytest.raises(invitations.AddressTaken):
        accept(token())
    assert Invitation.objects.get().state == "pending"


def test_nobody_joins_a_suspended_organization(cast):
    invite(cast)
    Organization.objects.filter(pk=cast.acme.pk).update(status="suspended")

    with pytest.raises(invitations.OrganizationClosed):
        accept(token())


def test_the_database_holds_one_user_to_one_organization(cast):
    with tenant_context(cast.zenith.pk):
        role = Role.objects.get(key="viewer")
        one = "member_one_organization_per_user|identity_member_user_id_key"
        with pytest.raises(IntegrityError, match=one), transaction.atomic():
            Member.objects.create(user=cast.sam.user, name="Sam", role=role)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"email": "Ivy@acme.test"}, "invitation_email_lower_case"),
        ({"email": "ivy@acme.test"}, "invitation_one_pending_per_address"),
    ],
)
def test_the_database_keeps_invitations_apart(cast, fields, constraint):
    first = invite(cast)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Invitation.objects.create(
            role=first.role, invited_by=cast.adam, digest="x", expires_at=NOON, **fields
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_wins():
    people = STANDING.cast()
    with tenant_context(people.acme.pk):
        role = Role.objects.get(key="viewer")
        invitations.invite(email="ivy@acme.test", role=role, by=people.adam, at=clock.now())
    secret, answers, start = token(), [], threading.Barrier(2)

    def run():
        start.wait()
        try:
            accept(secret, at=clock.now())
            answers.append("in")
        except Refusal as refusal:
            answers.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers.count("in") == 1
    assert {"AddressTaken", "Used"} & set(answers)
    assert User.objects.filter(email="ivy@acme.test").count() == 1
