"""A real browser before the running product. One server, one browser, one window for each person."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from prs.kernel.db.roles import become
from prs.kernel.identity.models import Member, User
from prs.kernel.jobs.selectors import open_jobs
from prs.kernel.tenancy.context import platform_context
from prs.kernel.tenancy.models import Organization
from tests.browser.house import (
    House,
    answers,
    ended,
    environment,
    free_port,
    manage,
    proven_lately,
    started,
    until,
)
from tests.web.account.doors import give_codes, verified

# Playwright keeps an event loop in this thread, which Django would take for an asynchronous view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = {"width": 1440, "height": 900}
# A machine that does much else at the same time is slow, not wrong.
PATIENCE = 40_000

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the browser there is nothing to look at."""
    if CHROMIUM.exists():
        return
    missing = pytest.mark.skip(reason=f"There is no browser at {CHROMIUM}.")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium."""
    return {"executable_path": str(CHROMIUM), "args": list(QUIET)}


@pytest.fixture(scope="session")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """The product, running, with the demonstration in it. What the tests write here is committed."""
    # Each process of a run in parallel has a house of its own.
    name = os.environ.get("PYTEST_XDIST_WORKER", "one")
    folder, port = settings.VAR_DIR / "house" / name, free_port()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
        env = environment(folder, port)
        become("owner")
        call_command("createcachetable", "cache", verbosity=0)
        become("app")
        manage(env, "collectstatic", "--noinput", "-v0")
        manage(env, "seed_demo_data", "--small")
        log = folder / "serve.log"
        words = ("serve", "--host", "127.0.0.1", "--port", str(port), "--processes", "1")
        processes = [started(env, log, *words), started(env, folder / "worker.log", "worker")]
        try:
            address = f"http://localhost:{port}"
            until(lambda: answers(address), within=90, log=log)
            # A document that a test waits for stands behind those of the demonstration.
            until(lambda: not open_jobs().exists(), within=400, log=folder / "worker.log")
            yield moved_in(address, folder)
        finally:
            for process in processes:
                ended(process)


def moved_in(address: str, folder: Path) -> House:
    """The house with its people."""
    with platform_context():
        organization = Organization.objects.get(is_demo=True)
    made = House(address, organization.pk, folder)
    with made.inside():
        for member in Member.objects.select_related("user", "role").order_by("pk"):
            made.people[member.name.split()[0].lower()] = member
    return made


@pytest.fixture(scope="session")
def platform_user(house: House) -> User:
    """Somebody who works for the platform. The cast, which the next test makes anew, has a Pat too."""
    there = User.objects.filter(email="pia@platform.test").first()
    return there or User.objects.create_user(
        "pia@platform.test", house.password, name="Pat", platform_role="owner"
    )


def failures_of(page: Page) -> list[str]:
    """What the browser complains about on a page: errors, refused scripts, broken files."""
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # An answer of 4xx is told as an error too; whether it should be one is the test's business.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            said.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    return said


Open = Callable[..., Page]


@pytest.fixture(scope="session")
def windows(house: House, browser: Browser, platform_user: User) -> Iterator[Callable[..., Any]]:
    """A browser's profile for each person, kept for the whole run."""
    made: dict[str, BrowserContext] = {}

    def of(name: str) -> BrowserContext:
        if name not in made:
            made[name] = browser.new_context(viewport=DESK, base_url=house.address)
            made[name].set_default_timeout(PATIENCE)
            if name:
                made[name].add_cookies([cookie(house, name, platform_user)])
        return made[name]

    yield of
    for context in made.values():
        context.close()


def cookie(house: House, name: str, platform_user: User) -> Any:
    """The cookie of a person who is signed in."""
    if name == "pat":
        client = Client()
        verified(client, platform_user)
        give_codes(platform_user)
        key = proven_lately(client)
    else:
        key = house.key_of(house.people[name].user)
    return {"name": "sessionid", "value": key, "url": house.address}


@pytest.fixture
def sits(windows: Callable[..., Any]) -> Iterator[Open]:
    """`sits("kofi", "/billing/invoices/")`: a page of a person. Any complaint of it fails the test."""
    pages: list[Page] = []
    complaints: list[list[str]] = []

    def down(name: str, address: str = "/") -> Page:
        page: Page = windows(name).new_page()
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        complaints.append(failures_of(page))
        pages.append(page)
        page.goto(address)
        return page

    yield down
    for page in pages:
        page.close()
    assert [each for said in complaints for each in said] == []
