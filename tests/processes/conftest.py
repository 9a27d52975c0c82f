"""Real processes of the product, started on the database of the tests.

Starting one costs more than most tests: those that leave a site as it was share one (`standing`).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django_q.conf import Conf

from prs.kernel.db.roles import become
from prs.kernel.jobs import selectors

ROOT = Path(__file__).resolve().parents[2]
WORKING = """
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""
DATABASE_CACHE = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
WORK = "tests.kernel.jobs.work"
QUICK = {
    "JOB_TIMEOUT": "4",
    "JOB_LEASE": "6",
    "JOB_RESEND": "2",
    "WORKER_BEAT": "1",
    "WORKER_STALL": "3",
    "WORKER_SILENCE": "6",
    "WORKER_GRACE": "5",
}


def database_url(role: str) -> str:
    """The address of the test database for the owner or the application."""
    login = settings.DATABASE_LOGINS[role]
    host = quote(login["HOST"], safe="")
    place = f"{host}:{login['PORT']}" if login["PORT"] else host
    return f"postgres://{login['USER']}@{place}/{connections['default'].settings_dict['NAME']}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What these tests write is committed, because other processes read it."""
    committed = pytest.mark.django_db(transaction=True, databases=["default", "cache"])
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(committed)


@pytest.fixture(scope="session")
def environment(django_db_setup: None, django_db_blocker: Any) -> dict[str, str]:
    """What a process needs to work on the database of the tests, with a cache it shares."""
    with django_db_blocker.unblock():
        become("owner")
        call_command("createcachetable", "cache", verbosity=0)
        become("app")
    return {
        **os.environ,
        "DATABASE_URL": database_url("app"),
        "DATABASE_OWNER_URL": database_url("owner"),
        "LISTEN_DATABASE_URL": "",
        "SITE_URL": "http://localhost:8000",
        "LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def shared_cache(db: None, environment: dict[str, str], settings: Any) -> Iterator[Any]:
    """The cache that the processes use, here as well."""
    settings.CACHES = {**settings.CACHES, "default": DATABASE_CACHE}
    caches["default"].clear()
    yield caches["default"]
    caches["default"].clear()


class Running:
    """A process of ours with everything below it."""

    def __init__(self, words: list[str], env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *words],
                cwd=ROOT,
                env=env,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self.process.pid

    def below(self) -> list[psutil.Process]:
        """Every process below."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.pid).children(recursive=True)
        return []

    def stop(self, number: int = signal.SIGTERM, *, within: float = 20) -> list[psutil.Process]:
        """Ask it to end; return what is left of it."""
        family = self.below()
        self.process.send_signal(number)
        self.process.wait(within)
        _gone, left = psutil.wait_procs(family, timeout=5)
        return left

    def destroy(self) -> None:
        """End it and everything below, whatever it takes."""
        family = self.below()
        self.process.kill()
        self.process.wait()
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=5)


Start = Callable[..., Running]


@pytest.fixture
def start(environment: dict[str, str], shared_cache: Any, tmp_path: Path) -> Iterator[Start]:
    """Start commands of `manage.py`; all are ended with the test."""
    started: list[Running] = []

    def begin(*words: str, **env: str) -> Running:
        log = tmp_path / f"{len(started)}-{words[0]}.log"
        started.append(Running(list(words), {**environment, **env}, log))
        return started[-1]

    yield begin
    for running in started:
        running.destroy()


def until(
    condition: Callable[[], Any],
    *,
    within: float = 40.0,
    pause: float = 0.1,
    otherwise: Path | None = None,
) -> Any:
    """Wait until a condition holds and return what it said; fail, with a log, when it does not."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(pause)
    told = otherwise.read_text()[-4000:] if otherwise else ""
    pytest.fail(f"Not within {within} seconds: {condition}\n{told}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Site:
    """A web server under test."""

    def __init__(self, running: Running, port: int) -> None:
        self.running, self.port = running, port
        self.address = f"http://localhost:{port}"

    def answers(self) -> bool:
        """Whether the site answers; fail at once when its processes end instead."""
        told = self.running.log.read_text()
        assert "web.process_ended" not in told, told[-4000:]
        try:
            return httpx.get(f"{self.address}/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


def served(run: Start, processes: int, env: dict[str, str]) -> Site:
    """A web server of so many processes, all of which answer."""
    port = free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--processes", str(processes)]
    begun = Site(run("serve", *words, **env), port)
    log = begun.running.log
    until(lambda: log.read_text().count("web.started") == processes, within=90, otherwise=log)
    until(begun.answers, within=30, otherwise=log)
    return begun


@pytest.fixture
def site(start: Start) -> Callable[..., Site]:
    """Start a web server of one's own, to kill it or to tell it something."""
    return lambda processes=1, **env: served(start, processes, env)


@pytest.fixture(scope="session")
def sites(environment: dict[str, str], tmp_path_factory: Any) -> Iterator[Callable[..., Site]]:
    """Web servers of two processes that stand for the whole run, one for each set of words."""
    made: dict[tuple[tuple[str, str], ...], Site] = {}

    def run(*words: str, **env: str) -> Running:
        log = tmp_path_factory.mktemp("standing") / "serve.log"
        return Running(list(words), {**environment, **env}, log)

    def of(**env: str) -> Site:
        key = tuple(sorted(env.items()))
        if key not in made:
            made[key] = served(run, 2, env)
        return made[key]

    yield of
    for each in made.values():
        each.running.destroy()


@pytest.fixture
def standing(sites: Callable[..., Site], shared_cache: Any) -> Iterator[Callable[..., Site]]:
    """A web server that other tests use as well: leave it as it was.

    The rows of a test are cleared when nothing of it is under way in the server any more.
    """
    yield sites
    until(nobody_works, within=30)


def nobody_works() -> bool:
    """Whether no other session is in a transaction of this database."""
    with connections["default"].cursor() as cursor:
        cursor.execute(WORKING)
        return cursor.fetchone() is None


def cookie_of(member: Any) -> str:
    """The Cookie header of a browser that this member has signed in with."""
    client = Client()
    client.force_login(member.user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def queued(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let jobs wait in the queue, as they do outside tests."""
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "sync": False}
    monkeypatch.setattr(Conf, "SYNC", False)


@pytest.fixture
def worker(start: Start) -> Running:
    """A worker that works already."""
    running = start("worker", **QUICK)
    until(selectors.last_beat, within=90, otherwise=running.log)
    return running


def all_done() -> bool:
    return not selectors.open_jobs().exists()
