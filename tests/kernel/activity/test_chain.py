"""The chain of audit rows shows any change, and what was published can't be rewritten."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from prs.kernel.activity import chain
from prs.kernel.activity.models import AuditChain, AuditEvent, Mail
from prs.kernel.activity.rules import Event
from prs.kernel.activity.services import record
from prs.kernel.db.roles import become
from prs.kernel.identity import notices
from prs.kernel.tenancy.context import tenant_context
from tests.cast import NOON, Cast, make_organization

HAPPENED = Event("test.happened", "It happened", "{actor} did it.")


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def history(cast: Cast, check_now: Any) -> list[AuditEvent]:
    rows = [record(HAPPENED, cast.sam, by=cast.olga, at=NOON) for _ in range(5)]
    check_now()
    return rows


def test_an_untouched_chain_is_whole(history: Any) -> None:
    assert list(chain.findings()) == []


def test_the_application_cannot_touch_the_chain(history: Any) -> None:
    for statement in (
        "UPDATE activity_auditevent SET code = 'x'",
        "DELETE FROM activity_auditevent",
        (
            "INSERT INTO activity_auditchain (id, organization_id, seq, event_id, hash) "
            "SELECT gen_random_uuid(), organization_id, 99, event_id, hash FROM activity_auditchain"
        ),
        "UPDATE activity_audithead SET seq = 1",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_seal_is_published_once_outside_and_mailed_to_the_owner(
    history: Any, cast: Cast, tmp_path: Any
) -> None:
    assert notices.publish_head(cast.acme.pk, at=NOON)
    assert not notices.publish_head(cast.acme.pk, at=NOON)

    (line,) = (tmp_path / "chain" / f"{cast.acme.pk}.jsonl").read_text().splitlines()
    last = AuditChain.objects.order_by("-seq").first()
    assert json.loads(line) == {
        "seq": last.seq,
        "hash": last.hash,
        "at": "2026-11-20T12:00:00+00:00",
    }
    assert Mail.objects.get(recipient=cast.olga.user.email).body.count(last.hash) == 1


def test_a_chain_that_lost_what_was_published_is_found(
    history: Any, cast: Cast, tmp_path: Any
) -> None:
    chain.publish(cast.acme.pk, at=NOON)
    path = tmp_path / "chain" / f"{cast.acme.pk}.jsonl"
    path.write_text(path.read_text().replace('"hash": "', '"hash": "0'))

    (finding,) = chain.findings()

    assert "published" in finding


def test_the_command_says_that_all_is_well(history: Any, capsys: Any) -> None:
    call_command("verify_integrity")

    assert "checks hold in 2 organizations" in capsys.readouterr().out


def test_the_command_fails_and_names_the_organization(
    history: Any, cast: Cast, capsys: Any
) -> None:
    chain.publish(cast.acme.pk, at=NOON)
    path = chain.file_of(cast.acme.pk)
    path.write_text(path.read_text().replace('"hash": "', '"hash": "0'))

    with pytest.raises(CommandError, match="1 findings"):
        call_command("verify_integrity")

    assert capsys.readouterr().out.startswith("Acme Supplies: audit chain: ")


TAMPERING = {
    "UPDATE activity_auditevent SET actor_label = 'Nobody' WHERE id = '{second}'": "was changed",
    "DELETE FROM activity_auditevent WHERE id = '{second}'": "of link 3 is gone",
    "DELETE FROM activity_auditchain WHERE event_id = '{second}'": "A link before 4 is gone",
    "DELETE FROM activity_auditchain WHERE event_id = '{last}'": "its last rows are gone",
    "UPDATE activity_auditchain SET hash = 'x' WHERE event_id = '{last}'": "was changed",
}
GUARDED = ("activity_auditevent", "activity_auditchain")


def as_owner(statement: str) -> None:
    """What somebody could do who may do everything in the database."""
    become("owner")
    try:
        with connection.cursor() as cursor:
            for table in GUARDED:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(statement)
            for table in GUARDED:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    finally:
        become("app")


@pytest.mark.django_db(transaction=True)
def test_tampering_behind_the_applications_back_is_found() -> None:
    for number, (statement, found) in enumerate(TAMPERING.items()):
        acme, olga = make_organization(f"Acme {number}", owner="Olga", domain=f"a{number}.test")
        rows = []
        for _ in range(4):
            with tenant_context(acme.pk):
                rows.append(record(HAPPENED, olga, by=olga, at=NOON))
        as_owner(statement.format(second=rows[1].pk, last=rows[-1].pk))

        with tenant_context(acme.pk):
            findings = list(chain.findings())

        assert any(found in sentence for sentence in findings), (statement, findings)
