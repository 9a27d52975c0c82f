"""Every check and test, one after the other, with a summary that counts them.

``check.py`` runs all; ``check.py --only lint`` (or ``tests``, ``server``) runs a group. A step that
fails fails the whole, but the steps after it still run, so that one run tells everything.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import psutil
import psycopg

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
VAR = ROOT / "var" / "test"
SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
SERVER_DATABASE = "prs_check"
# Enough to be taken for production's: nothing below uses it.
PRODUCTION = {
    "SITE_URL": "https://prs.example.com",
    "ALLOWED_HOSTS": "prs.example.com",
    "SECRET_KEY": "check-only-" + "0123456789abcdef" * 4,
    "TRUSTED_PROXY_COUNT": "1",
}
# The databases that the first run in two made serve the runs after it. Where tests share what one of
# them started, a file's tests stay together.
IN_TWO = ("-n2", "--reuse-db", "-p", "no:playwright")
TOGETHER = "--dist=loadfile"
# What the database itself keeps.
SERVER_TESTS = [
    "tests/architecture/test_catalog.py",
    "tests/kernel/db/test_constraints.py",
    "tests/kernel/tenancy",
    "tests/races",
]


@dataclass
class Step:
    """One thing to run: it passes when its command ends with 0."""

    name: str
    group: str
    command: list[str] | Callable[[], int]
    env: dict[str, str] = field(default_factory=dict)
    report: Path | None = None


@dataclass
class Outcome:
    """What a step came to."""

    step: Step
    passed: int
    failed: int
    skipped: int
    seconds: float


def tool(name: str, *words: str) -> list[str]:
    """A program of the virtual environment."""
    return [str(BIN / name), *words]


def manage(*words: str) -> list[str]:
    """One of Django's commands."""
    return [sys.executable, "manage.py", *words]


def pytest(name: str, *words: str, group: str = "tests", env: dict[str, str] | None = None) -> Step:
    """A pytest run in a process of its own, with its counts in a file."""
    report = VAR / f"{name.replace(' ', '-')}.xml"
    command = tool("pytest", "-q", f"--junitxml={report}", *words)
    return Step(f"pytest: {name}", group, command, env or {}, report)


def templates() -> list[str]:
    """Every page template."""
    return sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))


def translations() -> int:
    """Whether every catalogue compiles."""
    faults = 0
    for path in sorted((ROOT / "locale").rglob("*.po")):
        checked = ["msgfmt", "--check-format", "--check-domain", "-o", os.devnull, str(path)]
        faults += subprocess.run(checked, check=False).returncode != 0
    return faults


def steps() -> list[Step]:
    """Everything, in the order of what is quickest to fail."""
    return [
        Step("ruff check", "lint", tool("ruff", "check", "-q", ".")),
        Step("ruff format", "lint", tool("ruff", "format", "-q", "--check", ".")),
        Step("djlint", "lint", tool("djlint", "--lint", "--quiet", "templates")),
        Step("djade", "lint", tool("djade", "--check", "--target-version", "5.2", *templates())),
        Step("import contracts", "lint", tool("lint-imports", "--no-logo")),
        Step("mypy", "lint", tool("mypy", "prs", "scripts")),
        Step("vendored files", "lint", [sys.executable, "scripts/vendor.py", "--check"]),
        Step("translations", "lint", translations),
        Step("migrations", "lint", manage("makemigrations", "--check", "--dry-run", "-v0")),
        Step(
            "production settings",
            "lint",
            manage("check", "--deploy", "--fail-level", "WARNING"),
            PRODUCTION,
        ),
        pytest(
            "main",
            "-n2",
            "--create-db",
            "--reuse-db",
            "--ignore=tests/browser",
            "--ignore=tests/processes",
            "--ignore=tests/races",
            "--ignore=tests/crash",
            "--ignore=tests/benchmarks",
            "-p",
            "no:playwright",
        ),
        pytest("races and crashes", *IN_TWO, "tests/races", "tests/crash"),
        pytest("processes", *IN_TWO, TOGETHER, "tests/processes"),
        pytest(
            "browser",
            "-n2",
            "--reuse-db",
            "tests/browser",
            env={"DJANGO_ALLOW_ASYNC_UNSAFE": "true"},
        ),
    ]


def server_steps() -> list[Step]:
    """The tests that concern the database itself, on a real server, when one answers."""
    try:
        with psycopg.connect(SERVER, autocommit=True, connect_timeout=3) as connection:
            version = connection.info.parameter_status("server_version")
            prepare_server(connection)
    except psycopg.OperationalError:
        print("\nNo PostgreSQL answers on 127.0.0.1:5432: skipped the tests on a real server.")
        return []
    place = f"127.0.0.1:5432/{SERVER_DATABASE}"
    env = {
        "DATABASE_URL": f"postgres://prs_app@{place}",
        "DATABASE_OWNER_URL": f"postgres://prs_owner@{place}",
    }
    paths = [path for path in SERVER_TESTS if (ROOT / path).exists()]
    words = ["-n2", "-p", "no:playwright", *paths]
    return [pytest(f"PostgreSQL {version}", *words, group="server", env=env)]


def prepare_server(connection: psycopg.Connection) -> None:
    """The two roles and a database on a server that lets its superuser in."""
    connection.execute((ROOT / "scripts" / "roles.sql").read_text())
    found = connection.execute(
        "SELECT FROM pg_database WHERE datname = %s", (SERVER_DATABASE,)
    ).fetchone()
    if found is None:
        connection.execute(f"CREATE DATABASE {SERVER_DATABASE} OWNER prs_owner")


def carried_out(step: Step) -> Outcome:
    """Run a step and count what it came to."""
    print(f"\n--- {step.name}", flush=True)
    began = time.monotonic()
    if step.report is not None:
        step.report.unlink(missing_ok=True)
    if callable(step.command):
        code = step.command()
    else:
        env = {**os.environ, "VAR_DIR": str(VAR), **step.env}
        code = subprocess.run(step.command, check=False, cwd=ROOT, env=env).returncode
    seconds = time.monotonic() - began
    if step.report is None or not step.report.exists():
        return Outcome(step, int(code == 0), int(code != 0), 0, seconds)
    return counted(step, code, seconds)


def counted(step: Step, code: int, seconds: float) -> Outcome:
    """The counts of a pytest run; one that failed without a failed test counts as one failure."""
    total = failed = skipped = 0
    for suite in ElementTree.parse(str(step.report)).iter("testsuite"):  # noqa: S314  (our own file)
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    failed = max(failed, int(code != 0))
    return Outcome(step, max(total - failed - skipped, 0), failed, skipped, seconds)


def stop_database() -> None:
    """Stop the database of the tests."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        text = (VAR / "postgres" / "postmaster.pid").read_text()
        server = psutil.Process(int(text.split()[0]))
        server.send_signal(signal.SIGINT)
        server.wait(15)


def main() -> int:
    """Run what was asked for, and say what it came to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=["lint", "tests", "server"])
    only = parser.parse_args().only
    VAR.mkdir(parents=True, exist_ok=True)
    if shutil.which("msgfmt") is None:
        sys.exit("The checks need gettext. Run: sudo apt-get install gettext")
    chosen = [step for step in steps() if only in (None, step.group)]
    chosen += server_steps() if only in (None, "server") else []
    try:
        outcomes = [carried_out(step) for step in chosen]
    finally:
        stop_database()
    print("\n" + "-" * 60)
    for each in outcomes:
        verdict = f"{each.failed} failed" if each.failed else "ok"
        print(f"{each.step.name:<28} {each.seconds:7.1f} s  {verdict}")
    passed, failed, skipped = (
        sum(getattr(each, name) for each in outcomes) for name in ("passed", "failed", "skipped")
    )
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
