import pytest
from django.core import mail
from django.test import Client

from prs.kernel import clock
from prs.kernel.identity.models import Role, User
from prs.kernel.identity.services import invitations
from prs.kernel.tenancy.context import tenant_context
from prs.web.kit.middleware import membership_of
from tests.cast import PASSWORD
from tests.web.account.doors import kinds, mailed_link

FORM = {"name": "Ivy", "password1": PASSWORD}


@pytest.fixture
def link(people):
    """The link of an invitation into Acme."""
    with tenant_context(people.acme.pk):
        role = Role.objects.get(key="salesperson")
        invitations.invite(
            email="ivy@acme.test", name="Ivy", role=role, by=people.adam, at=clock.now()
        )
    return mailed_link("/account/invitation/")


def test_the_page_says_who_invites_whom_to_what(client, link):
    page = client.get(link).content.decode()

    for word in ("Join Acme Supplies", "Adam invites you as Salesperson", "ivy@acme.test"):
        assert word in page


def test_joining_signs_in(client, people, link):
    response = client.post(link, FORM)

    assert response["Location"] == "/"
    assert client.get("/account/").status_code == 200
    ivy = User.objects.get(email="ivy@acme.test")
    assert membership_of(ivy.pk).organization_id == people.acme.pk
    assert kinds(ivy) == ["invitation.accepted", "login.succeeded"]


def test_the_address_of_the_form_does_not_count(client, link):
    client.post(link, {**FORM, "email": "else@acme.test", "role": "owner"})

    assert not User.objects.filter(email="else@acme.test").exists()
    ivy = User.objects.get(email="ivy@acme.test")
    assert ivy.platform_role == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "required"),
        ({"password1": ""}, "required"),
        ({"password1": "weak"}, "8 to 128"),
        ({"password1": "Xivy-Quiet-42!"}, "e-mail name"),
    ],
)
def test_a_form_that_is_not_right_joins_nobody(client, link, changes, sentence):
    response = client.post(link, {**FORM, **changes})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not User.objects.filter(email="ivy@acme.test").exists()


def test_a_used_link_says_so(client, link):
    client.post(link, FORM)

    answer = Client().get(link)

    assert answer.status_code == 409
    assert "used already" in answer.content.decode()


def test_a_broken_link_is_not_found(client, db):
    assert client.get("/account/invitation/nonsense/").status_code == 404


def test_somebody_who_is_signed_in_is_asked_to_sign_out_first(client, people, link):
    client.force_login(people.sam.user)

    answer = client.post(link, FORM)

    assert answer.status_code == 409
    assert "signed in as somebody else" in answer.content.decode()
    assert not User.objects.filter(email="ivy@acme.test").exists()


def test_too_many_tries_are_refused(client, link, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "invitation": "2/m/ip"}
    for _attempt in range(2):
        client.post(link, {**FORM, "password1": "weak"})

    assert client.post(link, FORM).status_code == 429


def test_the_mail_goes_to_the_invited_alone(link):
    assert mail.outbox[-1].to == ["ivy@acme.test"]
