"""The audit log: filtered, exported, and honest about its seal."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from prs.kernel import clock
from prs.kernel.activity import chain
from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.models import Department
from prs.kernel.identity.services import members, organizations, structure
from tests.cast import NOON

AUDIT = reverse("office:audit")


@pytest.fixture(autouse=True)
def _history(cast):
    structure.add(Department, {"name": "Sales"}, by=cast.adam, at=NOON)
    members.change(cast.sam, {"phone": "123"}, by=cast.olga, at=clock.now())


def test_sentences_say_who_did_what(olga, cast):
    text = olga.get(AUDIT).content.decode()

    assert "Adam added the department Sales." in text
    assert "Olga changed the details of Sam." in text


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ({"code": "department.added"}, "department Sales", "details of Sam"),
        ({"q": "Sales"}, "department Sales", "details of Sam"),
        ({"until": "2026-11-20"}, "department Sales", "details of Sam"),
    ],
)
def test_history_is_narrowed(olga, cast, query, seen, unseen):
    AuditEvent.objects.count()
    text = olga.get(AUDIT, query).content.decode()

    assert seen in text
    assert unseen not in text


def test_history_is_narrowed_to_a_person_and_to_a_subject(olga, cast):
    by_adam = olga.get(AUDIT, {"who": cast.adam.pk}).content.decode()
    assert "department Sales" in by_adam
    assert "details of Sam" not in by_adam

    about_sam = olga.get(AUDIT, {"subject": cast.sam.pk}).content.decode()
    assert "details of Sam" in about_sam
    assert "department Sales" not in about_sam


def test_an_event_shows_every_field_before_and_after_and_its_seal(olga, cast):
    connection.check_constraints()
    row = AuditEvent.objects.get(code="member.changed")

    response = olga.get(reverse("office:audit_event", args=[row.pk]))

    assert response.context["changes"] == [("phone", "—", "123")]
    assert response.context["seal"].event_id == row.pk


def test_the_newest_seal_and_its_publication_are_told(olga, cast, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    connection.check_constraints()
    assert "No seal was published yet" in olga.get(AUDIT).content.decode()

    published = chain.publish(cast.acme.pk, at=NOON)

    response = olga.get(AUDIT)
    assert response.context["head"].hash == published.hash
    assert f"row {published.seq} was published" in response.content.decode()


def test_an_export_holds_the_sentences_and_is_itself_recorded(olga, cast):
    response = olga.post(AUDIT, {"act": "export", "format": "csv"})

    assert "Adam added the department Sales." in response.content.decode("utf-8-sig")
    assert AuditEvent.objects.filter(code__contains="export").exists()


def test_a_secret_is_never_in_history(olga, cast):
    organizations.change_profile(cast.acme, {"tax_id": "123"}, by=cast.olga, at=NOON)

    for row in AuditEvent.objects.all():
        assert "argon2" not in str(row.after)
        assert "md5$" not in str(row.after)
