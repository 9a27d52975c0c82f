"""Inviting, changing, deactivating and handing over."""

from __future__ import annotations

import pytest
from django.urls import reverse

from prs.kernel.identity.models import Department, Invitation, JobTitle, Member, Role
from prs.masterdata.parties.models import Customer


def url(name, row):
    return reverse(f"office:{name}", args=[row.pk])


def role(key):
    return Role.objects.get(key=key)


def test_a_colleague_is_invited(olga, cast):
    sent = {"email": "New@Acme.test", "name": "Nina", "role": role("viewer").pk}

    assert olga.post(reverse("office:invite"), sent).status_code == 302

    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role.key) == ("new@acme.test", "viewer")
    assert "new@acme.test" in olga.get(reverse("office:invitations")).content.decode()


def test_an_address_that_is_invited_already_is_said_at_its_field(olga, cast):
    sent = {"email": "new@acme.test", "role": role("viewer").pk}
    olga.post(reverse("office:invite"), sent)

    response = olga.post(reverse("office:invite"), sent)

    assert response.status_code == 422
    assert "email" in response.context["form"].errors


def test_an_admin_cannot_invite_with_a_role_that_holds_more_than_theirs(adam, cast):
    listed = adam.get(reverse("office:invite")).context["form"].fields["role"].queryset
    assert {"owner", "verifier"}.isdisjoint(each.key for each in listed)
    assert "salesperson" in {each.key for each in listed}

    sent = {"email": "new@acme.test", "role": role("owner").pk}
    assert adam.post(reverse("office:invite"), sent).status_code == 422
    assert not Invitation.objects.exists()


def test_an_invitation_is_sent_again_or_taken_back(olga, cast):
    olga.post(reverse("office:invite"), {"email": "new@acme.test", "role": role("viewer").pk})
    invitation = Invitation.objects.get()

    olga.post(url("resend_invitation", invitation))
    assert Invitation.objects.get().digest != invitation.digest

    olga.post(url("revoke_invitation", invitation))
    assert Invitation.objects.get().state == "revoked"
    assert "Taken back" in olga.get(url("invitation", invitation)).content.decode() or (
        "Revoked" in olga.get(url("invitation", invitation)).content.decode()
    )


def test_details_are_changed(olga, cast):
    sales = Department.objects.create(name="Sales")
    sent = {"version": cast.sam.version, "name": "Samuel", "department": sales.pk}

    assert olga.post(url("edit_member", cast.sam), sent).status_code == 302

    fresh = Member.objects.get(pk=cast.sam.pk)
    assert (fresh.name, fresh.department) == ("Samuel", sales)


def test_a_title_belongs_to_its_department(olga, cast):
    title = JobTitle.objects.create(
        title="Clerk", department=Department.objects.create(name="Sales")
    )
    sent = {"version": cast.sam.version, "name": "Sam", "job_title": title.pk}

    response = olga.post(url("edit_member", cast.sam), sent)

    assert response.status_code == 422
    assert "Sales" in str(response.context["form"].errors["job_title"])


def test_two_who_change_the_same_detail_see_both_versions(olga, cast):
    Member.objects.filter(pk=cast.sam.pk).update(name="Sammy", version=2)
    sent = {"version": 1, "name": "Samuel", "initial-name": "Sam"}

    response = olga.post(url("edit_member", cast.sam), sent)

    assert response.status_code == 409
    text = response.content.decode()
    assert "Sammy" in text
    assert "Samuel" in text


def test_another_role_is_given(olga, cast):
    sent = {"version": cast.sam.version, "role": role("verifier").pk}

    assert olga.post(url("give_role", cast.sam), sent).status_code == 302

    assert Member.objects.get(pk=cast.sam.pk).role.key == "verifier"


def test_the_last_owner_is_told_why_the_role_stays(olga, cast):
    sent = {"version": cast.olga.version, "role": role("admin").pk}

    response = olga.post(url("give_role", cast.olga), sent)

    assert response.status_code == 409
    assert "needs an active owner" in response.content.decode()
    assert Member.objects.get(pk=cast.olga.pk).role.key == "owner"


def test_who_has_customers_leaves_only_with_a_successor(olga, cast):
    customer = Customer.objects.create(code="A", name="A Ltd", salesperson=cast.sam)

    refused = olga.post(url("deactivate", cast.sam), {})
    assert refused.status_code == 422
    assert Member.objects.get(pk=cast.sam.pk).active

    olga.post(url("deactivate", cast.sam), {"successor": cast.sara.pk})
    customer.refresh_from_db()
    assert customer.salesperson == cast.sara
    assert not Member.objects.get(pk=cast.sam.pk).active


def test_who_is_deactivated_is_out_with_the_next_click(olga, client, cast):
    olga.post(url("deactivate", cast.bill), {})

    client.force_login(cast.bill.user)
    assert client.get("/").status_code == 403


def test_who_is_let_in_again_is_in(olga, cast):
    olga.post(url("deactivate", cast.bill), {})
    olga.post(url("reactivate", cast.bill))

    assert Member.objects.get(pk=cast.bill.pk).active


def test_nobody_is_offered_to_deactivate_themselves(olga, cast):
    assert "Deactivate and hand over" not in olga.get(url("member", cast.olga)).content.decode()
    assert olga.post(url("deactivate", cast.olga), {}).status_code == 409


@pytest.mark.parametrize("name", ["deactivate", "give_role"])
def test_an_admin_cannot_touch_the_owner(adam, cast, name):
    sent = {"version": cast.olga.version, "role": role("viewer").pk}

    assert adam.post(url(name, cast.olga), sent).status_code == 403
    assert Member.objects.get(pk=cast.olga.pk).active


def test_the_list_says_how_many_and_filters(olga, cast):
    text = olga.get(reverse("office:members")).content.decode()
    assert "sam@acme.test" in text

    filtered = olga.get(reverse("office:members"), {"role": role("verifier").pk}).content.decode()
    assert "vera@acme.test" in filtered
    assert "sam@acme.test" not in filtered
