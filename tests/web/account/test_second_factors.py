import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from prs.kernel.identity.models import User
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from tests.cast import PASSWORD
from tests.web.account.doors import code_of, give_app, give_codes, kinds, sign_in, verified

CODE_PAGE = "/accounts/2fa/authenticate/"
SHOWN = "/accounts/2fa/recovery-codes/"


@pytest.fixture
def strict(people):
    """Acme asks for a second factor."""
    with tenant_context(people.acme.pk):
        Organization.objects.filter(pk=people.acme.pk).update(mfa_required=True)
    return people


def test_the_app_is_asked_for_after_the_password(client, people):
    secret = give_app(people.sam.user)

    response = sign_in(client, "sam@acme.test")
    assert response["Location"] == CODE_PAGE
    assert client.get("/account/").status_code == 302
    response = client.post(CODE_PAGE, {"code": code_of(secret)})

    assert response["Location"] == "/"
    assert client.get("/account/").status_code == 200


def test_a_wrong_code_lets_nobody_in_and_is_noted(client, people):
    give_app(people.sam.user)
    sign_in(client, "sam@acme.test")

    response = client.post(CODE_PAGE, {"code": "000000"})

    assert response.status_code == 200
    assert "isn&#x27;t right" in response.content.decode()
    assert kinds(people.sam.user)[-1] == "factor.failed"


def test_a_code_is_taken_once(people):
    secret = give_app(people.sam.user)
    code = code_of(secret)
    for place, answer in ((Client(), 302), (Client(), 200)):
        sign_in(place, "sam@acme.test")
        assert place.post(CODE_PAGE, {"code": code}).status_code == answer


def test_a_code_is_not_taken_again_in_its_last_minute(people, time_machine):
    time_machine.move_to("2026-11-20T12:00:05Z", tick=False)
    secret = give_app(people.sam.user)
    code = code_of(secret)
    first, second = Client(), Client()
    sign_in(first, "sam@acme.test")
    assert first.post(CODE_PAGE, {"code": code}).status_code == 302

    time_machine.move_to("2026-11-20T12:00:45Z", tick=False)
    sign_in(second, "sam@acme.test")

    assert second.post(CODE_PAGE, {"code": code}).status_code == 200


def test_five_wrong_codes_refuse_the_right_one(client, people):
    secret = give_app(people.sam.user)
    sign_in(client, "sam@acme.test")
    for _attempt in range(5):
        client.post(CODE_PAGE, {"code": "000000"})

    assert client.post(CODE_PAGE, {"code": code_of(secret)}).status_code == 200


def test_a_recovery_code_lets_in_once(people):
    give_app(people.sam.user)
    code = give_codes(people.sam.user)[0]
    for place, answer in ((Client(), 302), (Client(), 200)):
        sign_in(place, "sam@acme.test")
        assert place.post(CODE_PAGE, {"code": code}).status_code == answer
    assert "factor.code_used" in kinds(people.sam.user)


def test_secrets_are_sealed_at_rest(people):
    secret = give_app(people.sam.user)
    give_codes(people.sam.user)

    stored = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in stored
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_of(secret))


def test_secrets_open_with_an_earlier_secret_key(people, settings):
    secret = give_app(people.sam.user)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-that-is-long-enough-to-be-taken-for-one"

    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_of(secret))


def test_a_role_that_needs_it_is_sent_to_set_one_up(client, strict):
    client.force_login(strict.vera.user)

    assert client.get("/account/")["Location"] == "/account/second-factor/"
    page = client.get("/account/second-factor/")
    assert page.status_code == 200
    assert "Set up an authenticator app" in page.content.decode()


def test_a_role_that_does_not_need_it_walks_in(client, strict):
    client.force_login(strict.sam.user)

    assert client.get("/account/").status_code == 200


def test_an_organization_without_the_policy_asks_nobody(client, people):
    client.force_login(people.vera.user)

    assert client.get("/account/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_setting_one_up_verifies_the_session(client, strict):
    sign_in(client, "vera@acme.test")
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200

    response = client.post(
        "/accounts/2fa/totp/activate/", {"code": code_of(page.context["form"].secret)}
    )

    assert response.status_code == 302
    assert client.get("/account/").status_code == 200
    assert "factor.added" in kinds(strict.vera.user)
    assert "authenticator app was added" in mail.outbox[-1].subject


def test_the_code_that_set_the_app_up_does_not_sign_in(client, strict):
    sign_in(client, "vera@acme.test")
    page = client.get("/accounts/2fa/totp/activate/")
    code = code_of(page.context["form"].secret)
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    elsewhere = Client()
    sign_in(elsewhere, "vera@acme.test")

    assert elsewhere.post(CODE_PAGE, {"code": code}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_recovery_codes_are_shown_once_after_the_first_factor(client, strict):
    sign_in(client, "vera@acme.test")
    page = client.get("/accounts/2fa/totp/activate/")
    response = client.post(
        "/accounts/2fa/totp/activate/",
        {"code": code_of(page.context["form"].secret)},
    )
    assert response["Location"] == SHOWN

    codes = Authenticator.objects.get(user=strict.vera.user, type="recovery_codes")
    code = codes.wrap().get_unused_codes()[0]
    assert code not in client.get(SHOWN).content.decode()
    assert code in client.post(SHOWN).content.decode()
    assert code not in client.post(SHOWN).content.decode()


def test_whoever_has_one_but_has_not_proven_it_is_asked_for_it(client, strict):
    secret = give_app(strict.vera.user)
    client.force_login(strict.vera.user)

    assert client.get("/account/")["Location"] == "/account/second-factor/"
    door = client.get("/account/second-factor/")["Location"]
    assert door == "/accounts/2fa/reauthenticate/?next=/"
    response = client.post(door, {"code": code_of(secret), "next": "/"})

    assert response["Location"] == "/"
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "totp/activate/",
        "totp/deactivate/",
        "webauthn/add/",
        "recovery-codes/",
        "recovery-codes/generate/",
    ],
)
@pytest.mark.parametrize("name", ["vera", "sam"])
def test_a_session_without_the_factor_neither_adds_nor_removes_one(strict, path, name):
    """A session from before the factor was set up, whose password somebody else may know."""
    client, user = Client(), getattr(strict, name).user
    client.force_login(user)
    give_app(user)

    assert client.get(f"/accounts/2fa/{path}")["Location"] == "/account/second-factor/"
    assert client.post(f"/accounts/2fa/{path}")["Location"] == "/account/second-factor/"
    assert Authenticator.objects.filter(user=user).count() == 1


def test_whoever_has_none_sets_one_up_of_their_own_will(client, people):
    sign_in(client, "sam@acme.test")

    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_a_verified_session_removes_its_factor(client, strict):
    verified(client, strict.sam.user)

    assert client.get("/accounts/2fa/totp/deactivate/").status_code in {200, 302}
    assert "second-factor" not in client.get("/accounts/2fa/totp/deactivate/").get("Location", "")


def test_removing_the_factor_unverifies_live_sessions(client, strict):
    verified(client, strict.vera.user)
    assert client.get("/account/").status_code == 200

    Authenticator.objects.filter(user=strict.vera.user).delete()

    assert client.get("/account/")["Location"] == "/account/second-factor/"


def test_platform_people_need_one_whatever_the_policy(client, people):
    client.force_login(people.pat)

    assert client.get("/platform/")["Location"] == "/account/second-factor/"


def test_a_part_is_answered_with_the_whole_door(client, strict):
    client.force_login(strict.vera.user)

    response = client.get("/account/", headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert response["HX-Redirect"] == "/account/second-factor/"


def test_a_live_stream_behind_the_door_is_refused(client, strict):
    client.force_login(strict.vera.user)

    assert client.get("/live").status_code == 401


def test_a_wrong_password_asks_for_no_code(client, people):
    give_app(people.sam.user)

    assert sign_in(client, "sam@acme.test", "Wrong-Harbour-42!").status_code == 200
    assert client.get(CODE_PAGE)["Location"] == "/accounts/login/"
    assert User.objects.get(email="sam@acme.test").check_password(PASSWORD)
