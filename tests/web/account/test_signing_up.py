import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from prs.kernel.identity.models import Member, User
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.web.kit.middleware import membership_of
from tests.cast import PASSWORD
from tests.web.account.doors import mailed_code, sign_in

NEW = {
    "organization": "Nova Trading",
    "name": "Nora",
    "email": "nora@nova.test",
    "password1": PASSWORD,
    "currency": "KES",
}
CODE_PAGE = "/accounts/confirm-email/"


def sign_up(client, **changes):
    return client.post("/accounts/signup/", {**NEW, **changes})


def test_the_organization_is_opened_once_the_address_is_proven(client, db):
    response = sign_up(client)

    assert response.status_code == 302
    assert response["Location"] == CODE_PAGE
    nora = User.objects.get(email="nora@nova.test")
    assert not belongs(nora)

    response = client.post(CODE_PAGE, {"code": mailed_code()})

    assert response.status_code == 302
    assert response["Location"] == "/"
    assert belongs(nora)
    organization = belongs(nora)
    with tenant_context(organization):
        row = Organization.objects.get()
        assert (row.name, row.currency, row.mfa_required) == ("Nova Trading", "KES", True)
        assert Member.objects.get().role.key == "owner"


def belongs(user):
    membership = membership_of(user.pk)
    return membership.organization_id if membership else None


def test_a_wrong_code_opens_nothing_and_the_third_ends_it(client, db):
    sign_up(client)
    nora = User.objects.get(email="nora@nova.test")

    for _attempt in range(3):
        client.post(CODE_PAGE, {"code": "WRONGCOD"})
    client.post(CODE_PAGE, {"code": mailed_code()})

    assert belongs(nora) is None
    assert "_auth_user_id" not in client.session


def test_a_known_address_gets_the_answer_of_a_new_one(people):
    known, new = Client(), Client()

    first = sign_up(known, email="sam@acme.test")
    second = sign_up(new)

    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"] == CODE_PAGE
    first_page, second_page = known.get(CODE_PAGE), new.get(CODE_PAGE)
    assert first_page.status_code == second_page.status_code == 200
    assert shape(first_page, "sam@acme.test") == shape(second_page, "nora@nova.test")
    assert User.objects.filter(email="sam@acme.test").count() == 1
    assert mail.outbox[0].to == ["sam@acme.test"]
    assert "login already" in mail.outbox[0].subject


def shape(response, email):
    text = response.content.decode().replace(email, "ADDRESS")
    return re.sub(r'csrfmiddlewaretoken" value="[^"]+', "", text)


def test_a_known_address_costs_as_much_hashing_as_a_new_one(people, monkeypatch):
    hashed, hashing = [], User.set_password
    monkeypatch.setattr(
        User, "set_password", lambda self, raw: (hashed.append(raw), hashing(self, raw))
    )

    sign_up(Client(), email="sam@acme.test")
    known = len(hashed)
    sign_up(Client())

    assert known == len(hashed) - known == 1


def test_of_two_who_sign_up_with_one_address_the_second_gets_the_answer_of_a_known_one(
    db, monkeypatch
):
    monkeypatch.setattr(
        "allauth.account.forms.flows.manage_email.email_already_exists",
        lambda email: (email, False),
    )
    sign_up(Client())
    cache.clear()  # a second code within ten seconds is refused

    second = sign_up(Client())

    assert second["Location"] == CODE_PAGE
    assert User.objects.filter(email="nora@nova.test").count() == 1


def test_whoever_lost_the_page_gets_another_code_and_opens_the_organization_then(client, db):
    sign_up(client)
    nora = User.objects.get(email="nora@nova.test")
    elsewhere = Client()
    cache.clear()  # a second code within ten seconds is refused

    response = sign_in(elsewhere, "nora@nova.test")
    assert response["Location"] == CODE_PAGE
    response = elsewhere.post(CODE_PAGE, {"code": mailed_code()})
    assert response.status_code == 302
    assert elsewhere.get("/")["Location"] == "/account/open/"

    response = elsewhere.post("/account/open/", {"organization": "Nova", "currency": "USD"})

    assert response.status_code == 302
    assert belongs(nora)


def test_somebody_without_an_organization_reaches_nothing_else(client, db):
    user = User.objects.create_user("lone@nova.test", PASSWORD, name="Lone")
    client.force_login(user)

    assert client.get("/")["Location"] == "/account/open/"
    assert client.get("/account/open/").status_code == 200
    assert client.get("/account/security/").status_code == 200


def test_a_member_is_not_offered_a_second_organization(client, people):
    client.force_login(people.sam.user)

    assert client.get("/account/open/")["Location"] == "/"


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Short-1!", None),
        ("Sh-1!", "8 to 128 characters"),
        ("quiet-harbour-42!", "upper-case"),
        ("Quiet-Harbour-!!", "digit"),
        ("QuietHarbour42", "sign"),
        ("Welcome-Harbour-42!", "easily guessed"),
        ("Nora-Quiet-42!", "e-mail name"),
        ("Quiiiiet-Harbour-42!", "three times"),
    ],
)
def test_the_policy_says_what_a_password_lacks(client, db, password, sentence):
    response = sign_up(client, email="nora@nova.test", password1=password)

    if sentence is None:
        assert response.status_code == 302
    else:
        assert response.status_code == 200
        assert sentence in response.content.decode()


def test_sign_up_can_be_closed(client, db, settings):
    settings.SIGN_UP_OPEN = False

    assert "closed" in client.get("/accounts/signup/").content.decode()
    sign_up(client)
    assert not User.objects.filter(email="nora@nova.test").exists()


def test_the_strength_meter_tells_what_is_met(client, db):
    weak = client.post("/account/password/strength/", {"password1": "nora", "email": "nora@x.test"})
    strong = client.post("/account/password/strength/", {"password1": PASSWORD})

    assert weak.content.decode().count("is-met") < strong.content.decode().count("is-met") == 5
    assert "Too weak" in weak.content.decode()


def test_the_strength_meter_is_limited(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "password_strength": "2/m/ip"}
    for _attempt in range(2):
        assert client.post("/account/password/strength/", {}).status_code == 200

    response = client.post("/account/password/strength/", {})

    assert response.status_code == 429
    assert response["Retry-After"]
