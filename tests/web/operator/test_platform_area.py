import pytest
from django.core import mail
from django.test import Client

from prs.kernel.activity.models import AuditEvent, OutboxEvent
from prs.kernel.identity.models import Member, User
from prs.kernel.tenancy.context import NoOrganization, platform_context, tenant_context
from prs.kernel.tenancy.models import Organization
from prs.web.kit.middleware import membership_of
from tests.cast import PASSWORD
from tests.web.account.doors import mailed_link, sign_in, verified

NEW = {
    "name": "Nova Trading",
    "currency": "KES",
    "owner_name": "Nora",
    "owner_email": "Nora@Nova.test",
}
PAGES = ("/platform/", "/platform/organizations/new/", "/platform/people/", "/platform/people/add/")


@pytest.fixture
def pat(people):
    """The platform's owner, signed in with a second factor."""
    client = Client()
    verified(client, people.pat)
    return client


def status_of(organization):
    with platform_context():
        return Organization.objects.get(pk=organization.pk).status


def events_of(organization, code):
    with tenant_context(organization.pk):
        return list(AuditEvent.objects.filter(code=code))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_the_platforms_owner(pat, path):
    assert pat.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("name", ["olga", "sam", "zoe"])
def test_members_are_refused(client, people, path, name):
    client.force_login(getattr(people, name).user)

    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_strangers_are_sent_to_the_door(client, db, path):
    assert client.get(path)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["/platform/organizations/new/", "/platform/people/add/"])
def test_staff_looks_and_changes_nothing(people, path):
    client = Client()
    fay = User.objects.create_user("fay@platform.test", PASSWORD, platform_role="staff")
    verified(client, fay)

    assert client.get("/platform/").status_code == 200
    assert client.get(path).status_code == 403
    suspending = f"/platform/organizations/{people.acme.pk}/suspend/"
    assert client.post(suspending, {"reason": "No"}).status_code == 403
    assert status_of(people.acme) == "active"


def test_the_list_counts_people_and_is_searched(pat, people):
    page = pat.get("/platform/").content.decode()
    assert "Acme Supplies" in page
    assert "Zenith Trading" in page

    found = pat.get("/platform/?q=zen").content.decode()
    assert "Zenith Trading" in found
    assert "Acme Supplies" not in found
    assert "No organization here" in pat.get("/platform/?status=suspended").content.decode()
    acme = pat.get(f"/platform/organizations/{people.acme.pk}/")
    assert acme.context["head"].members == 8


def test_the_list_takes_few_queries(pat, people, django_assert_max_num_queries):
    with django_assert_max_num_queries(18):
        pat.get("/platform/")


def test_nobody_is_counted_outside_the_platform_area(people):
    from prs.kernel.identity.oversight import headcounts

    with tenant_context(people.acme.pk):
        assert headcounts([people.acme.pk]) == {}
    with platform_context(), pytest.raises(NoOrganization):
        list(Member.objects.all())


def test_an_organization_is_opened_for_somebody_who_gets_a_link(pat, people):
    response = pat.post("/platform/organizations/new/", NEW)

    assert response.status_code == 302
    nora = User.objects.get(email="nora@nova.test")
    assert nora.must_change_password
    assert not nora.has_usable_password()
    link = mailed_link("/account/welcome/")
    guest = Client()
    page = guest.get(link)
    assert page.status_code == 200
    assert "Welcome, Nora" in page.content.decode()
    assert guest.post(link, {"password1": "weak"}).status_code == 422

    response = guest.post(link, {"password1": PASSWORD})

    assert response["Location"] == "/"
    assert guest.get("/account/")["Location"] == "/account/second-factor/"
    assert Client().get(link).status_code == 409
    with tenant_context(membership_of(nora.pk).organization_id):
        event = AuditEvent.objects.get(code="organization.opened")
        assert event.actor_label.startswith("Platform: ")


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("owner_email", "nobody"), ("currency", "XXXX")]
)
def test_an_organization_that_cannot_be_is_refused(pat, field, value):
    assert pat.post("/platform/organizations/new/", {**NEW, field: value}).status_code == 422


def test_an_owner_with_a_login_is_refused(pat, people):
    response = pat.post("/platform/organizations/new/", {**NEW, "owner_email": "sam@acme.test"})

    assert response.status_code == 409
    assert "has a login already" in response.content.decode()
    with platform_context():
        assert Organization.objects.count() == 2


def test_the_owners_link_is_sent_again_until_it_is_used(pat, people):
    pat.post("/platform/organizations/new/", NEW)
    nora = User.objects.get(email="nora@nova.test")
    organization = membership_of(nora.pk).organization_id
    again = f"/platform/organizations/{organization}/welcome/"

    pat.post(again)
    assert len(mail.outbox) == 2
    Client().post(mailed_link("/account/welcome/"), {"password1": PASSWORD})
    pat.post(again)

    assert len(mail.outbox) == 2


def test_suspending_locks_people_out_at_their_next_request(pat, people):
    sam = Client()
    sam.force_login(people.sam.user)
    assert sam.get("/account/").status_code == 200

    pat.post(f"/platform/organizations/{people.acme.pk}/suspend/", {"reason": "Unpaid since May"})

    answer = sam.get("/account/")
    assert answer.status_code == 403
    assert "closed" in answer.content.decode()
    (event,) = events_of(people.acme, "organization.suspended")
    assert event.words["reason"] == "Unpaid since May"
    assert event.actor_id == people.pat.pk
    with tenant_context(people.acme.pk):
        assert OutboxEvent.objects.filter(topic="access").exists()
    assert sam.get("/account/")["Location"].startswith("/accounts/login/")


def test_a_suspended_organizations_people_read_why_they_cannot_sign_in(pat, people):
    pat.post(f"/platform/organizations/{people.acme.pk}/suspend/", {"reason": "Unpaid"})
    sam = Client()

    sign_in(sam, "sam@acme.test")

    assert "closed" in sam.get("/").content.decode()


def test_a_reactivated_organizations_people_come_back(pat, people):
    pat.post(f"/platform/organizations/{people.acme.pk}/suspend/", {"reason": "Unpaid"})
    pat.post(f"/platform/organizations/{people.acme.pk}/reactivate/", {"reason": "Paid"})

    sam = Client()
    sam.force_login(people.sam.user)
    assert sam.get("/account/").status_code == 200
    page = pat.get(f"/platform/organizations/{people.acme.pk}/").content.decode()
    assert "let Acme Supplies in again: Paid" in page


def test_it_takes_a_reason(pat, people):
    response = pat.post(f"/platform/organizations/{people.acme.pk}/suspend/", {"reason": ""})

    assert response.status_code == 422
    assert status_of(people.acme) == "active"


def test_what_was_done_is_not_done_again(pat, people):
    path = f"/platform/organizations/{people.acme.pk}"
    pat.post(f"{path}/suspend/", {"reason": "Unpaid"})

    assert pat.post(f"{path}/suspend/", {"reason": "Unpaid"}).status_code == 409
    pat.post(f"{path}/reactivate/", {"reason": "Paid"})
    assert pat.post(f"{path}/reactivate/", {"reason": "Paid"}).status_code == 409
    assert len(events_of(people.acme, "organization.suspended")) == 1


def test_the_platforms_own_organization_is_not_suspended(pat, people):
    with platform_context():
        Organization.objects.filter(pk=people.zenith.pk).update(is_platform=True)

    response = pat.post(f"/platform/organizations/{people.zenith.pk}/suspend/", {"reason": "Oops"})

    assert response.status_code == 409
    assert status_of(people.zenith) == "active"


def test_an_unknown_organization_is_not_there(pat):
    unknown = "01890000-0000-7000-8000-000000000000"

    assert pat.get(f"/platform/organizations/{unknown}/").status_code == 404


def test_a_person_is_added_and_taken_off(pat, people):
    pat.post(
        "/platform/people/add/", {"name": "Fay", "email": "fay@platform.test", "role": "admin"}
    )
    fay = User.objects.get(email="fay@platform.test")
    assert fay.platform_role == "admin"

    pat.post(f"/platform/people/{fay.pk}/role/", {"role": ""})

    fay.refresh_from_db()
    assert fay.platform_role == ""


def test_a_members_login_is_no_platform_person(pat, people):
    response = pat.post(
        "/platform/people/add/", {"name": "Sam", "email": "sam@acme.test", "role": "admin"}
    )

    assert response.status_code == 409
    assert (
        pat.post(f"/platform/people/{people.sam.user_id}/role/", {"role": "owner"}).status_code
        == 404
    )
    assert User.objects.get(pk=people.sam.user_id).platform_role == ""


def test_an_invented_role_is_refused(pat, people):
    pat.post(f"/platform/people/{people.pat.pk}/role/", {"role": "emperor"})

    assert User.objects.get(pk=people.pat.pk).platform_role == "owner"
