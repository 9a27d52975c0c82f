from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from prs.config.schedules import SCHEDULES
from prs.kernel import clock
from prs.kernel.db.roles import become
from prs.kernel.identity import security_kinds as kinds
from prs.kernel.identity import tasks
from prs.kernel.identity.models import KnownDevice, SecurityEvent
from prs.kernel.identity.services import security
from tests.cast import NOON


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


def test_a_note_carries_kind_severity_and_details(cast):
    security.note(kinds.LOCKED_OUT, cast.sam.user, at=NOON, address="10.0.0.1", path="/x")

    row = SecurityEvent.objects.get(user=cast.sam.user)
    assert (row.kind, row.severity, row.address) == ("login.locked", "high", "10.0.0.1")
    assert row.details == {"path": "/x"}


def test_there_are_kinds_enough_and_each_has_its_own_code():
    assert len(kinds.KINDS) >= 15
    assert {kind.severity for kind in kinds.KINDS.values()} <= set(SecurityEvent.Severity.values)


def test_notes_are_never_changed(cast):
    row = security.note(kinds.SIGNED_IN, cast.sam.user, at=NOON)

    with pytest.raises(Exception, match=r"security_event|permission denied"), transaction.atomic():
        SecurityEvent.objects.filter(pk=row.pk).update(kind="x")


def test_notes_are_forgotten_after_ninety_days_and_no_earlier(cast):
    now = clock.now()
    old = security.note(kinds.SIGNED_IN, cast.sam.user, at=now - timedelta(days=91))
    young = security.note(kinds.SIGNED_IN, cast.sam.user, at=now - timedelta(days=89))

    tasks.forget_security_events()

    left = set(SecurityEvent.objects.filter(user=cast.sam.user).values_list("pk", flat=True))
    assert young.pk in left
    assert old.pk not in left


def test_a_young_note_cannot_be_deleted_even_by_the_sweep(cast):
    security.note(kinds.SIGNED_IN, cast.sam.user, at=clock.now())

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        security.forget_old(at=clock.now() + timedelta(days=100))


def test_the_sweep_is_scheduled():
    paths = {schedule.path for schedule in SCHEDULES}
    assert "prs.kernel.identity.tasks.forget_security_events" in paths
    assert "prs.kernel.identity.tasks.send_digests" in paths


def test_a_lock_is_of_the_address_whatever_its_case():
    security.lock("Sam@acme.test")

    assert security.locked("sam@ACME.test")
    assert not security.locked("sara@acme.test")
    security.unlock("sam@acme.test")
    assert not security.locked("sam@acme.test")


@pytest.fixture
def shared_table(transactional_db):
    """The database's cache, which a release makes and the tests otherwise do without."""
    become("owner")
    call_command("createcachetable", "cache_of_a_test", database="default")
    become("app")
    yield "cache_of_a_test"
    become("owner")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cache_of_a_test")
    become("app")


@pytest.mark.django_db(transaction=True, databases=["default", "cache"])
def test_a_lock_holds_in_every_process(shared_table, monkeypatch):
    here, there = (DatabaseCache(shared_table, {}) for _process in range(2))
    monkeypatch.setattr(security, "cache", here)
    security.lock("sam@acme.test")
    monkeypatch.setattr(security, "cache", there)

    assert security.locked("sam@acme.test")
    assert not security.locked("sara@acme.test")


def test_a_device_is_recognised_by_its_token(cast):
    token, news = security.recognise(cast.sam.user, "", description="Firefox", at=NOON)
    assert not news

    assert security.recognise(cast.sam.user, token, description="Firefox", at=NOON) == (
        token,
        False,
    )
    _other, news = security.recognise(cast.sam.user, "", description="Chrome", at=NOON)
    assert news
    assert KnownDevice.objects.filter(user=cast.sam.user).count() == 2


def test_a_shared_device_is_news_to_each_user(cast):
    token, _news = security.recognise(cast.sam.user, "", description="Till", at=NOON)
    security.recognise(cast.sara.user, "", description="Phone", at=NOON)

    assert security.recognise(cast.sara.user, token, description="Till", at=NOON) == (token, True)


def test_the_token_itself_is_not_kept(cast):
    token, _news = security.recognise(cast.sam.user, "", description="Till", at=NOON)

    assert KnownDevice.objects.get(user=cast.sam.user).fingerprint != token


def test_a_device_stands_once_for_a_user(cast):
    security.recognise(cast.sam.user, "t", description="Till", at=NOON)
    row = KnownDevice.objects.get()

    with pytest.raises(IntegrityError, match="known_device_unique"), transaction.atomic():
        KnownDevice.objects.create(
            user=row.user,
            fingerprint=row.fingerprint,
            description="x",
            first_seen_at=NOON,
            last_seen_at=NOON,
        )


def test_a_denial_is_noted_once_a_minute_and_page(cast):
    for path in ("/a", "/a", "/b"):
        security.note_denial(cast.sam.user, at=NOON, address="", agent="", path=path)

    assert SecurityEvent.objects.filter(kind="permission.denied").count() == 2
