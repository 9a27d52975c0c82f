import itertools
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client

from prs.kernel import clock
from prs.kernel.activity.models import AuditEvent, OutboxEvent
from prs.kernel.identity.models import Member, PasswordRecord, SecurityEvent, User
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from tests.cast import NOON, PASSWORD
from tests.web.account.doors import kinds, mailed_link, sign_in

OTHER = "Second-Harbour-43!"
PROFILE = {
    "name": "Samuel",
    "language": "de",
    "time_zone": "Africa/Nairobi",
    "theme": "dark",
    "density": "compact",
}


def change(client, old=PASSWORD, new=OTHER):
    return client.post("/accounts/password/change/", {"oldpassword": old, "password1": new})


@pytest.mark.parametrize(
    "path",
    [
        "/account/",
        "/account/security/",
        "/account/security/events/",
        "/account/sessions/",
        "/accounts/password/change/",
        "/accounts/email/",
        "/accounts/2fa/webauthn/",
        "/accounts/logout/",
    ],
)
def test_every_page_of_the_account_opens(client, people, path):
    sign_in(client, "sam@acme.test")

    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/account/", "/account/security/", "/account/security/events/", "/account/sessions/"]
)
def test_strangers_are_sent_to_the_door(client, db, path):
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_the_profile_is_the_users_and_the_members(client, people):
    client.force_login(people.sam.user)

    response = client.post("/account/", PROFILE)

    assert response.status_code == 302
    user = User.objects.get(pk=people.sam.user_id)
    assert (user.name, user.language, user.theme) == ("Samuel", "de", "dark")
    with tenant_context(people.acme.pk):
        assert Member.objects.get(pk=people.sam.pk).name == "Samuel"
        event = AuditEvent.objects.get(code="member.profile_changed")
        assert event.before["name"] == "Sam"
        assert event.after["name"] == "Samuel"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "  "), ("language", "xx"), ("time_zone", "Mars/Base"), ("theme", "pink")],
)
def test_a_profile_that_cannot_be_is_refused(client, people, field, value):
    client.force_login(people.sam.user)

    assert client.post("/account/", {**PROFILE, field: value}).status_code == 422
    assert User.objects.get(pk=people.sam.user_id).name == "Sam"


def test_the_profile_takes_no_other_field(client, people):
    client.force_login(people.sam.user)

    client.post("/account/", {**PROFILE, "platform_role": "owner", "role": "owner", "email": "x@y"})

    user = User.objects.get(pk=people.sam.user_id)
    assert (user.platform_role, user.email) == ("", "sam@acme.test")


def test_changing_the_password_keeps_this_session_and_ends_the_others(people):
    here, there = Client(), Client()
    sign_in(here, "sam@acme.test")
    sign_in(there, "sam@acme.test")

    assert change(here).status_code == 302

    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert "password.changed" in kinds(people.sam.user)
    assert "password was changed" in mail.outbox[-1].subject


def test_the_present_password_is_needed(client, people):
    client.force_login(people.sam.user)

    change(client, old="Wrong-Harbour-42!")

    assert User.objects.get(pk=people.sam.user_id).check_password(PASSWORD)


def test_the_last_five_passwords_are_refused(client, people):
    sign_in(client, "sam@acme.test")
    chosen = [PASSWORD, *(f"Harbour-Number-{n}!" for n in range(20, 26))]
    for old, new in itertools.pairwise(chosen):
        cache.clear()  # five changes a minute are allowed
        assert change(client, old, new).status_code == 302

    user = User.objects.get(pk=people.sam.user_id)
    assert PasswordRecord.objects.filter(user=user).count() == 5
    for earlier in chosen[-5:]:
        cache.clear()
        assert change(client, chosen[-1], earlier).status_code == 200
    cache.clear()
    assert change(client, chosen[-1], chosen[1]).status_code == 302


def test_a_password_that_must_be_changed_comes_before_everything(client, people):
    User.objects.filter(pk=people.sam.user_id).update(must_change_password=True)
    sign_in(client, "sam@acme.test")

    for path in ("/", "/account/", "/accounts/email/", "/accounts/2fa/"):
        assert client.get(path)["Location"] == "/accounts/password/change/"
    page = client.get("/accounts/password/change/")
    assert "before you go on" in page.content.decode()
    change(client)

    assert client.get("/account/").status_code == 200
    assert not User.objects.get(pk=people.sam.user_id).must_change_password


def test_an_expired_password_is_changed_first_and_warned_of_a_week_before(client, people):
    with tenant_context(people.acme.pk):
        Organization.objects.filter(pk=people.acme.pk).update(password_expiry_days=90)
    sam = User.objects.filter(pk=people.sam.user_id)
    client.force_login(people.sam.user)

    sam.update(password_changed_at=clock.now() - timedelta(days=80))
    assert "expires in" not in client.get("/account/").content.decode()
    sam.update(password_changed_at=clock.now() - timedelta(days=85))
    assert "expires in 4 days" in client.get("/account/").content.decode()
    assert "expires in 4 days" not in client.get("/account/").content.decode()
    sam.update(password_changed_at=clock.now() - timedelta(days=91))
    assert client.get("/account/")["Location"] == "/accounts/password/change/"


def test_a_password_is_reset_by_the_link_of_a_mail(client, people):
    client.post("/accounts/password/reset/", {"email": "sam@acme.test"})
    link = mailed_link("/accounts/password/reset/key/")
    form = client.get(link)["Location"]

    response = client.post(form, {"password1": OTHER})

    assert response.status_code == 302
    assert User.objects.get(pk=people.sam.user_id).check_password(OTHER)
    assert "password.reset" in kinds(people.sam.user)
    assert "no longer works" in Client().get(link).content.decode()


def test_a_reset_says_the_same_for_unknown_addresses(people):
    known = Client().post("/accounts/password/reset/", {"email": "sam@acme.test"})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@acme.test"})

    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert [message.to for message in mail.outbox] == [["sam@acme.test"], ["nobody@acme.test"]]


def test_a_reset_ends_a_lock(client, people):
    for _attempt in range(5):
        sign_in(client, "sam@acme.test", "Wrong-Harbour-42!")
    client.post("/accounts/password/reset/", {"email": "sam@acme.test"})
    form = client.get(mailed_link("/accounts/password/reset/key/"))["Location"]
    client.post(form, {"password1": OTHER})

    assert sign_in(Client(), "sam@acme.test", OTHER).status_code == 302


def test_one_other_session_is_ended(people):
    here, there = Client(), Client()
    sign_in(here, "sam@acme.test")
    sign_in(there, "sam@acme.test", HTTP_USER_AGENT="Mozilla (Windows) Chrome/150")
    page = here.get("/account/sessions/").content.decode()
    assert "Chrome on Windows" in page
    row = UserSession.objects.get(session_key=there.session.session_key)

    here.post(f"/account/sessions/{row.pk}/end/")

    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert "Chrome on Windows" not in here.get("/account/sessions/").content.decode()
    assert "session.ended" in kinds(people.sam.user)
    with tenant_context(people.acme.pk):
        assert OutboxEvent.objects.filter(topic="access").exists()


def test_every_other_session_is_ended(people):
    here, there, far = Client(), Client(), Client()
    for place in (here, there, far):
        sign_in(place, "sam@acme.test")

    here.post("/account/sessions/end-others/")

    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == far.get("/account/").status_code == 302


def test_the_sixth_session_ends_the_one_used_least_lately(people, time_machine):
    places = [Client() for _place in range(6)]
    for minute, place in enumerate(places):
        time_machine.move_to(f"2026-11-20T12:{minute:02}:00Z", tick=False)
        sign_in(place, "sam@acme.test")

    assert [place.get("/account/").status_code for place in places] == [302, *[200] * 5]


def test_a_strangers_session_is_not_there(client, people):
    other = Client()
    sign_in(other, "sara@acme.test")
    sign_in(client, "sam@acme.test")
    row = UserSession.objects.get(session_key=other.session.session_key)

    assert client.post(f"/account/sessions/{row.pk}/end/").status_code == 404
    assert other.get("/account/").status_code == 200


def test_ending_a_session_needs_a_post(client, people):
    sign_in(client, "sam@acme.test")

    assert client.get("/account/sessions/end-others/").status_code == 405


def test_a_session_is_touched_at_most_every_five_minutes(client, people, time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)
    sign_in(client, "sam@acme.test")
    client.get("/account/")
    row = UserSession.objects.get()

    for minute, touched in ((4, False), (6, True), (7, False)):
        before = UserSession.objects.get(pk=row.pk).last_seen_at
        time_machine.move_to(f"2026-11-20T12:{minute:02}:00Z", tick=False)
        client.get("/account/")
        assert (UserSession.objects.get(pk=row.pk).last_seen_at > before) is touched


def test_only_ones_own_security_events_are_shown(client, people):
    for user, kind in ((people.sam.user, "login.locked"), (people.sara.user, "password.reset")):
        SecurityEvent.objects.create(user=user, kind=kind, severity="high", at=NOON)
    client.force_login(people.sam.user)

    page = client.get("/account/security/events/").content.decode()

    assert "Locked after repeated failures" in page
    assert "Password reset by mail" not in page
    assert "Locked" not in client.get("/account/security/events/?severity=low").content.decode()


def test_a_missing_right_is_noted_once_a_minute(client, people):
    client.force_login(people.sam.user)
    for _attempt in range(3):
        assert client.get("/platform/").status_code == 403

    assert kinds(people.sam.user).count("permission.denied") == 1


def test_the_pages_ask_little_of_the_database(client, people, django_assert_max_num_queries):
    sign_in(client, "sam@acme.test")
    client.get("/account/security/")
    with django_assert_max_num_queries(16):
        client.get("/account/security/")
    with django_assert_max_num_queries(14):
        client.get("/account/sessions/")
