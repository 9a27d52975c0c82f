import re

from django.core import mail
from django.test import Client

from prs.kernel.identity.models import KnownDevice, Member, User
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from tests.cast import PASSWORD
from tests.web.account.doors import kinds, sign_in


def test_a_member_signs_in_and_it_is_written_down(client, people):
    response = sign_in(client, "sam@acme.test")

    assert response.status_code == 302
    assert response["Location"] == "/"
    sam = User.objects.get(email="sam@acme.test")
    assert sam.login_count == 1
    assert kinds(sam) == ["login.succeeded"]
    assert KnownDevice.objects.filter(user=sam).count() == 1


def test_the_address_is_not_case_sensitive(client, people):
    assert sign_in(client, "SAM@Acme.Test").status_code == 302


def test_a_wrong_password_says_the_same_as_an_unknown_address(client, people):
    wrong = sign_in(client, "sam@acme.test", "Wrong-Harbour-42!")
    unknown = sign_in(client, "nobody@acme.test", "Wrong-Harbour-42!")

    assert wrong.status_code == unknown.status_code == 200
    assert plain(wrong, "sam@acme.test") == plain(unknown, "nobody@acme.test")
    assert "don&#x27;t belong together" in wrong.content.decode()


def plain(response, email):
    text = response.content.decode().replace(email, "ADDRESS")
    return re.sub(r'(csrfmiddlewaretoken" value="|nonce-)[^"]+', "", text)


def test_five_failures_lock_the_right_password_out(client, people):
    for _attempt in range(5):
        sign_in(client, "sam@acme.test", "Wrong-Harbour-42!")

    refused = sign_in(client, "sam@acme.test")

    assert refused.status_code == 200
    assert "Too many failed attempts" in refused.content.decode()
    assert kinds(User.objects.get(email="sam@acme.test"))[-1] == "login.locked"


def test_an_unknown_address_is_locked_like_a_known_one(client, people):
    answers = []
    for email in ("sam@acme.test", "nobody@acme.test"):
        for _attempt in range(5):
            sign_in(client, email, "Wrong-Harbour-42!")
        answers.append(plain(sign_in(client, email, "Wrong-Harbour-42!"), email))

    assert answers[0] == answers[1]


def test_a_lock_of_one_address_leaves_others_alone(client, people):
    for _attempt in range(5):
        sign_in(client, "sam@acme.test", "Wrong-Harbour-42!")

    assert sign_in(client, "sara@acme.test").status_code == 302


def test_the_lock_holds_until_half_an_hour_after_the_fifth_failure(client, people, time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z")
    for minute in (0, 5, 10, 15, 20):
        time_machine.move_to(f"2026-11-20T12:{minute:02}:00Z")
        sign_in(client, "sam@acme.test", "Wrong-Harbour-42!")

    time_machine.move_to("2026-11-20T12:49:00Z")
    assert sign_in(client, "sam@acme.test").status_code == 200
    time_machine.move_to("2026-11-20T12:51:00Z")
    assert sign_in(client, "sam@acme.test").status_code == 302


def test_a_new_device_is_noted_and_mailed_but_the_first_is_not(people):
    first, second = Client(), Client()
    sign_in(first, "sam@acme.test")
    assert mail.outbox == []

    sign_in(second, "sam@acme.test", HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Firefox/150.0")

    assert [message.subject for message in mail.outbox] == ["New sign-in to PRS: Firefox on Linux"]
    assert "device.new" in kinds(User.objects.get(email="sam@acme.test"))


def test_a_device_that_is_known_is_not_mailed_again(client, people):
    sign_in(client, "sam@acme.test")
    client.post("/accounts/logout/")
    sign_in(client, "sam@acme.test")

    assert mail.outbox == []
    assert KnownDevice.objects.count() == 1


def test_a_member_of_a_suspended_organization_reads_why(client, people):
    with tenant_context(people.acme.pk):
        Organization.objects.filter(pk=people.acme.pk).update(status="suspended")
    client.force_login(people.sam.user)

    response = client.get("/account/")

    assert response.status_code == 403
    assert "closed" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_deactivated_member_is_out_at_the_next_request(client, people):
    client.force_login(people.sam.user)
    assert client.get("/account/").status_code == 200
    with tenant_context(people.acme.pk):
        Member.objects.filter(pk=people.sam.pk).update(
            active=False, deactivated_at=people.sam.created_at
        )

    assert client.get("/account/").status_code == 403


def test_signing_out_is_noted(client, people):
    sign_in(client, "sam@acme.test")
    client.post("/accounts/logout/")

    assert kinds(User.objects.get(email="sam@acme.test"))[-1] == "login.ended"


def test_a_next_page_elsewhere_is_not_followed(client, people):
    response = client.post(
        "/accounts/login/?next=https://evil.test/",
        {"login": "sam@acme.test", "password": PASSWORD, "next": "https://evil.test/"},
    )

    assert response["Location"] == "/"
