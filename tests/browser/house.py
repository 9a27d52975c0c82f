"""What the browser tests stand in: the product as it is deployed, on a database of its own.

A web server and a worker run as processes, as the application's role; the demonstration is in it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import psutil
from django.conf import settings
from django.db import connections
from django.test import Client

from prs.kernel.tenancy.context import tenant_context

# Where allauth keeps how a session proved itself.
PROOFS = "account_authentication_methods"
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class House:
    """The running product. `people` are the demonstration's members by their first names."""

    address: str
    organization_id: UUID
    folder: Path
    people: dict[str, Any] = field(default_factory=dict)

    def inside(self) -> Any:
        """Rows of the demonstration's organization."""
        return tenant_context(self.organization_id)

    def key_of(self, user: Any) -> str:
        """A session of a user who is signed in."""
        client = Client()
        client.force_login(user)
        return proven_lately(client)

    @property
    def password(self) -> str:
        """The password of every demonstration login."""
        return (self.folder / "demo_password").read_text().strip()


def proven_lately(client: Client) -> str:
    """The key of a session whose password was entered just now, as pages about one's safety ask."""
    session = client.session
    session[PROOFS] = [{"method": "password", "at": time.time()}]
    session[f"{PROOFS}_user"] = session["_auth_user_id"]
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def database_url(role: str) -> str:
    """The address of the test database for the owner or the application."""
    login = settings.DATABASE_LOGINS[role]
    host = quote(login["HOST"], safe="")
    place = f"{host}:{login['PORT']}" if login["PORT"] else host
    return f"postgres://{login['USER']}@{place}/{connections['default'].settings_dict['NAME']}"


def environment(folder: Path, port: int) -> dict[str, str]:
    """What the processes are told. The secret is ours, so that our sessions are good there."""
    return {
        **os.environ,
        "DATABASE_URL": database_url("app"),
        "DATABASE_OWNER_URL": database_url("owner"),
        "LISTEN_DATABASE_URL": "",
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": f"http://localhost:{port}",
        "VAR_DIR": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "WORKERS": "1",
        "DEBUG": "0",
        "PYTHONUNBUFFERED": "1",
    }


def manage(env: dict[str, str], *words: str) -> None:
    """Run one of Django's commands to its end."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"


def started(env: dict[str, str], log: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start one of Django's commands."""
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything below it."""
    family: list[Any] = []
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    process.kill()
    process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], Any], *, within: float, log: Path) -> None:
    """Wait until a condition holds; fail with the log when it does not."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.1)


def answers(address: str) -> bool:
    """Whether a site answers."""
    try:
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
