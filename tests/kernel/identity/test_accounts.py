from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.models import AccountMail, SecurityEvent, User
from prs.kernel.identity.services import accounts
from prs.kernel.identity.services import mail as account_mail
from tests.cast import NOON, PASSWORD


def role_of(email):
    return User.objects.get(email=email).platform_role


def test_new_passwords_are_demanded_of_everybody_else(cast):
    count = accounts.demand_new_passwords(cast.acme, by=cast.adam, at=NOON)

    owing = set(User.objects.filter(must_change_password=True).values_list("email", flat=True))
    assert count == len(owing) == 7
    assert "adam@acme.test" not in owing
    assert "zoe@zenith.test" not in owing
    assert len(mail.outbox) == 7
    assert AuditEvent.objects.get(code="organization.passwords_demanded").actor_id == cast.adam.pk
    assert SecurityEvent.objects.filter(kind="password.forced").count() == 7


def test_passwords_expire_only_where_the_organization_says_so(cast):
    user = cast.sam.user
    user.password_changed_at = NOON

    assert accounts.password_expires_at(user, cast.acme) is None
    cast.acme.password_expiry_days = 90
    assert accounts.password_expires_at(user, cast.acme) == NOON + timedelta(days=90)
    assert accounts.days_left(user, cast.acme, at=NOON) is None
    assert accounts.days_left(user, cast.acme, at=NOON + timedelta(days=84)) == 6
    assert not accounts.needs_new_password(user, cast.acme, at=NOON + timedelta(days=89))
    assert accounts.needs_new_password(user, cast.acme, at=NOON + timedelta(days=90))


def test_a_profile_takes_only_its_own_fields(cast):
    with pytest.raises(TypeError):
        accounts.change_profile(cast.sam.user, cast.sam, at=NOON, platform_role="owner")


def test_a_welcome_link_works_until_a_password_is_chosen(db):
    user = accounts.open_login("new@x.test", name="New", at=NOON)
    token = accounts.welcome_token(user)

    assert accounts.welcomed(token) == user
    accounts.set_password(user, PASSWORD, at=NOON)
    with pytest.raises(accounts.WelcomeUsed):
        accounts.welcomed(token)


def test_a_welcome_link_grows_old(db, time_machine):
    time_machine.move_to(NOON)
    user = accounts.open_login("new@x.test", name="New", at=NOON)
    token = accounts.welcome_token(user)

    time_machine.move_to(NOON + timedelta(days=7, minutes=1))

    with pytest.raises(accounts.WelcomeUsed):
        accounts.welcomed(token)


def test_a_changed_welcome_link_is_refused(db):
    user = accounts.open_login("new@x.test", name="New", at=NOON)

    with pytest.raises(accounts.WelcomeUsed):
        accounts.welcomed(accounts.welcome_token(user)[:-2] + "xx")


def test_a_login_that_was_opened_has_no_password_to_guess(db):
    user = accounts.open_login("new@x.test", name="New", at=NOON)

    assert not user.has_usable_password()
    assert user.must_change_password


# Platform people


def test_staff_is_added_by_mail_with_a_security_event(cast):
    user = accounts.add_staff("Fay@Platform.Test", name="Fay", role="staff", by=cast.pat, at=NOON)

    assert (user.email, user.platform_role) == ("fay@platform.test", "staff")
    assert mail.outbox[-1].to == ["fay@platform.test"]
    assert SecurityEvent.objects.get(user=user, kind="platform.role").severity == "critical"


def test_a_member_of_an_organization_cannot_be_staff(cast):
    with pytest.raises(accounts.BelongsToOrganization):
        accounts.add_staff("sam@acme.test", name="Sam", role="admin", by=cast.pat, at=NOON)
    assert role_of("sam@acme.test") == ""


def test_staff_is_not_added_twice(cast):
    with pytest.raises(accounts.AlreadyStaff):
        accounts.add_staff("pat@platform.test", name="Pat", role="staff", by=cast.pat, at=NOON)


def test_the_last_platform_owner_stays(cast):
    for role in ("", "staff"):
        with pytest.raises(accounts.LastPlatformOwner):
            accounts.set_staff_role(cast.pat, role, by=cast.pat, at=NOON)

    accounts.add_staff("fay@platform.test", name="Fay", role="owner", by=cast.pat, at=NOON)
    accounts.set_staff_role(cast.pat, "staff", by=cast.pat, at=NOON)
    assert role_of("pat@platform.test") == "staff"


# Commands


def test_a_super_admin_needs_a_password_that_the_policy_accepts(db, monkeypatch):
    for password in ("", "admin123", "short"):
        monkeypatch.setenv("PRS_SUPER_ADMIN_PASSWORD", password)
        with pytest.raises(CommandError):
            call_command("create_super_admin", email="root@x.test", noinput=True)
    assert not User.objects.filter(email="root@x.test").exists()

    monkeypatch.setenv("PRS_SUPER_ADMIN_PASSWORD", PASSWORD)
    call_command("create_super_admin", email="Root@x.test", noinput=True, stdout=StringIO())

    user = User.objects.get(email="root@x.test")
    assert user.platform_role == "owner"
    assert user.check_password(PASSWORD)


def test_a_super_admin_is_not_made_of_an_existing_login(cast, monkeypatch):
    monkeypatch.setenv("PRS_SUPER_ADMIN_PASSWORD", PASSWORD)
    with pytest.raises(CommandError):
        call_command("create_super_admin", email="sam@acme.test", noinput=True)


def test_a_super_admin_needs_an_address(db):
    with pytest.raises(CommandError):
        call_command("create_super_admin", noinput=True)
    with pytest.raises(ValidationError):
        accounts.make_super_admin("root@x.test", "weak", at=NOON)


def test_the_platform_owner_is_promoted_at_release_and_only_once(db, settings):
    settings.PLATFORM_OWNER_EMAIL = "Boss@x.test"
    call_command("promote_platform_owner", stdout=StringIO())
    User.objects.create_user("boss@x.test", PASSWORD)

    for _release in range(2):
        call_command("promote_platform_owner", stdout=StringIO())

    assert role_of("boss@x.test") == "owner"
    assert SecurityEvent.objects.filter(kind="platform.role").count() == 1


def test_a_member_is_not_promoted_to_platform_owner(cast, settings):
    settings.PLATFORM_OWNER_EMAIL = "sam@acme.test"
    with pytest.raises(CommandError):
        call_command("promote_platform_owner", stdout=StringIO())
    assert role_of("sam@acme.test") == ""


# Mail


def test_a_sent_mail_keeps_no_body(db):
    account_mail.queue("someone@x.test", "Your code", "SECRET", at=NOON)

    row = AccountMail.objects.get()
    assert (row.state, row.body) == ("sent", "")
    assert mail.outbox[0].body == "SECRET"


def test_a_mail_that_fails_is_tried_again_later_and_given_up_in_the_end(db, settings):
    settings.EMAIL_BACKEND = "tests.kernel.identity.broken_mail.Backend"
    account_mail.queue("someone@x.test", "Your code", "SECRET", at=NOON)
    row = AccountMail.objects.get()
    assert (row.state, row.attempts, row.body) == ("queued", 1, "SECRET")
    assert row.error == "ConnectionRefusedError"

    for _attempt in range(20):
        row.refresh_from_db()
        account_mail.send_due(at=row.next_attempt_at)

    row.refresh_from_db()
    assert (row.state, row.attempts, row.body) == ("failed", account_mail.ATTEMPTS, "")


def test_a_mail_is_sent_once_however_often_its_job_runs(db):
    row = account_mail.queue("someone@x.test", "Your code", "SECRET", at=NOON)

    assert not account_mail.send(row.pk, at=NOON + timedelta(hours=1))
    assert len(mail.outbox) == 1


def test_a_mail_waits_for_its_next_attempt(db, settings):
    settings.EMAIL_BACKEND = "tests.kernel.identity.broken_mail.Backend"
    row = account_mail.queue("someone@x.test", "Your code", "SECRET", at=NOON)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row.refresh_from_db()

    assert account_mail.send_due(at=row.next_attempt_at - timedelta(seconds=1)) == 0
    assert account_mail.send_due(at=row.next_attempt_at) == 1
