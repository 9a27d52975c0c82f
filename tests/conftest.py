"""The database of the tests: made by the owner, used by the application role, as in production.

Three guards hold for every test: pages that are read issue no write, templates name no variable that
nobody gave them, and what a committed test leaves behind is cleared by the owner.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.commands import flush
from django.db import OperationalError, connection, connections, transaction
from django.test.client import ClientHandler
from pytest_django.plugin import blocking_manager_key

from prs.kernel import documents
from prs.kernel.activity.services import reactions
from prs.kernel.db.roles import become
from prs.kernel.documents import RenderedDocument
from prs.kernel.tenancy.context import tenant_context
from tests.cast import STANDING, Cast
from tests.factories.world import Worlds, make_worlds
from tests.guards import only_reads

MODEL = "test_prs_model"
TRIGGERS_ON_TRUNCATE = """
    SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
    WHERE NOT tgisinternal AND tgtype & 32 <> 0 ORDER BY 1
"""


@contextmanager
def one_after_the_other() -> Iterator[None]:
    """Let the processes of a run make their databases in turn, so that the later ones can copy."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copy_database(source: str, target: str) -> None:
    """Make a database as another one is; nobody may be at work in that."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{target}"')
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def model_of_this_run() -> Path | None:
    """The note that the model is of this run; None when a process works alone and needs none."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    return Path(settings.VAR_DIR) / f"model-{run}" if run else None


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_modify_db_settings: None,
    flush_as_owner: None,
) -> Iterator[None]:
    """Create and migrate as the owner; everything after runs as the application."""
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock(), one_after_the_other():
        become("owner")
        keep = django_db_keepdb and not django_db_createdb
        model, own = model_of_this_run(), connection.creation._get_test_db_name()
        # Migrating takes half a minute, copying what another process migrated a moment.
        copied = not keep and model is not None and model.exists()
        if copied:
            copy_database(MODEL, own)
        made = setup_databases(
            verbosity=0, interactive=False, keepdb=keep or copied, serialized_aliases=[]
        )
        if model is not None and not keep and not copied:
            copy_database(own, MODEL)
            for older in model.parent.glob("model-*"):
                older.unlink()
            model.touch()
        if keep:
            call_command("flush", verbosity=0, interactive=False)
        become("app")
        STANDING.make()
    yield
    if django_db_keepdb:
        return
    with django_db_blocker.unblock():
        connections.close_all()
        become("owner")
        # A process that was told to end may still hold a session; the next run makes the database
        # anew, whatever is left of this one.
        with suppress(OperationalError):
            teardown_databases(made, verbosity=0)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Make the cast again after a committed test was cleared away, before the next one begins."""
    if STANDING.gone:
        with item.config.stash[blocking_manager_key].unblock():
            STANDING.make()


def switch_truncate_triggers(word: str) -> None:
    """Let the owner clear append-only tables, which refuse even the owner otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS_ON_TRUNCATE)
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} {word} TRIGGER USER")


@pytest.fixture(scope="session")
def flush_as_owner() -> Iterator[None]:
    """Truncating is no right of the application: the cleaning after a committed test borrows one."""
    handle = flush.Command.handle

    def as_owner(self: Any, **options: Any) -> None:
        become("owner")
        try:
            switch_truncate_triggers("DISABLE")
            handle(self, **options)
            switch_truncate_triggers("ENABLE")
        finally:
            become("app")
            STANDING.forget()

    flush.Command.handle = as_owner
    yield
    flush.Command.handle = handle


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The standing people: two organizations and everyone in them, inside the first one."""
    people = STANDING.cast()
    with tenant_context(people.acme.pk):
        yield people


@pytest.fixture
def committed_cast(transactional_db: None) -> Cast:
    """The standing people for tests that commit; each of their steps enters a tenant itself."""
    return STANDING.cast()


@pytest.fixture
def quick_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of a few bytes, for tests that are about something else."""
    small = RenderedDocument(bytes=b"%PDF-1.7 small", sha256="a" * 64, pages=1)
    monkeypatch.setattr(documents, "receipt", lambda *_sheet, **_words: small)
    monkeypatch.setattr(documents, "reversal", lambda *_sheet, **_words: small)
    monkeypatch.setattr(documents, "render", lambda *_sheet, **_words: small)


@pytest.fixture
def worlds(cast: Cast, quick_documents: None) -> Worlds:
    """Both organizations with one row of everything, inside Acme."""
    return make_worlds(cast)


@pytest.fixture(scope="module")
def standing_worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[Worlds]:
    """Both organizations, made once for a module whose tests undo whatever they do (savepoints)."""
    small = RenderedDocument(bytes=b"%PDF-1.7 small", sha256="a" * 64, pages=1)
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
    ):
        patch.setattr(documents, "receipt", lambda *_sheet, **_words: small)
        patch.setattr(documents, "reversal", lambda *_sheet, **_words: small)
        patch.setattr(documents, "render", lambda *_sheet, **_words: small)
        people = STANDING.cast()
        with tenant_context(people.acme.pk):
            both = make_worlds(people)
            connection.check_constraints()
            yield both
        transaction.set_rollback(True)


@pytest.fixture
def committed_worlds(committed_cast: Cast, quick_documents: None) -> Worlds:
    """Both organizations with one row of everything, committed."""
    return make_worlds(committed_cast)


@pytest.fixture
def check_now() -> Callable[[], None]:
    """Run the constraints that wait for the commit."""
    return connection.check_constraints


@pytest.fixture(autouse=True, scope="session")
def _reads_issue_no_write() -> Iterator[None]:
    """A GET of the test client fails when it writes, as PostgreSQL makes it fail in production.

    Inside a test's own transaction the middleware cannot make the database refuse it.
    """
    answer = ClientHandler.get_response

    def guarded(self: Any, request: Any) -> Any:
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            return answer(self, request)
        with connection.execute_wrapper(only_reads):
            return answer(self, request)

    ClientHandler.get_response = guarded  # type: ignore[method-assign]
    yield
    ClientHandler.get_response = answer  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _fresh_tables() -> Iterator[None]:
    """What a process keeps outlasts a test's transaction; the cast is the same for every test."""
    yield
    reactions.cache_clear()
    cache.clear()
