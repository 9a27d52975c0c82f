"""Open pages hear of every event they may see, at once, and of nothing else."""

from __future__ import annotations

import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import psutil
import pytest
from django.contrib.sessions.models import Session
from django.db import connection, connections

from prs.kernel.activity.services import announce
from prs.kernel.clock import now
from prs.kernel.identity.models import Member, Role
from prs.kernel.tenancy.context import platform_context, tenant_context
from prs.kernel.tenancy.models import Organization
from tests.cast import STANDING, Cast
from tests.processes.conftest import Site, cookie_of, until

QUICK = {"LIVE_TICK": "1", "WEB_MAX_BODY": "100000"}
# No tick falls into a test: what is heard was told.
CALM = {"LIVE_TICK": "600"}
AT_ONCE = 20


@dataclass
class Ear:
    """A page that listens: what it heard, and whether it still does."""

    site: Site
    cookie: str
    since: str = ""
    heard: list[tuple[str, str]] = field(default_factory=list)
    last_id: str = ""
    open: bool = False
    ended: bool = False
    status: int = 0

    def __post_init__(self) -> None:
        self.client = httpx.Client(timeout=httpx.Timeout(5, read=60), trust_env=False)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self) -> None:
        headers = {"Cookie": self.cookie, **({"Last-Event-ID": self.since} if self.since else {})}
        try:
            with self.client.stream("GET", f"{self.site.address}/live", headers=headers) as answer:
                self.status = answer.status_code
                self.read(answer)
        except (httpx.TransportError, httpx.StreamError):
            pass
        finally:
            self.ended = True

    def read(self, answer: httpx.Response) -> None:
        topic = ""
        for line in answer.iter_lines():
            name, _colon, value = line.partition(": ")
            if name == "id":
                self.last_id, self.open = value, True
            elif name == "event":
                topic = value
            elif name == "data" and topic != MADE:
                self.heard.append((topic, value))

    @property
    def topics(self) -> list[str]:
        return [topic for topic, _data in self.heard]

    def hears(self, topic: str, *, within: float = 30) -> None:
        until(lambda: topic in self.topics, within=within, pause=0.01)

    def close(self) -> None:
        self.client.close()


# The cast was made a moment ago, and a stream that opens so soon may still be told.
MADE = "organization"
Listen = Callable[..., Ear]


@pytest.fixture
def people(environment: dict[str, str]) -> Cast:
    """The cast, committed."""
    return STANDING.cast()


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Open streams; all are closed with the test."""
    ears: list[Ear] = []

    def begin(site: Site, member: Any, *, since: str = "", wait: bool = True) -> Ear:
        ears.append(Ear(site, cookie_of(member), since))
        if wait:
            until(lambda: ears[-1].open or ears[-1].ended)
        return ears[-1]

    yield begin
    for ear in ears:
        ear.close()


def say(organization: Organization, topic: str, **words: Any) -> UUID:
    """Commit an event."""
    with tenant_context(organization.pk):
        announce(topic, organization, at=now(), **words)
    return organization.pk


def newest_transaction(organization: Organization) -> int:
    """The transaction that wrote the last event: a watermark beyond it has delivered it."""
    with tenant_context(organization.pk), connection.cursor() as cursor:
        cursor.execute("SELECT max(txid::text::bigint) FROM activity_outboxevent")
        found: int = cursor.fetchone()[0]
        return found


def test_an_event_is_heard_at_once_by_pages_of_every_process(standing, people, listen):
    served = standing(**CALM)
    ears = [listen(served, people.sam) for _ in range(8)]

    say(people.acme, "payment")

    for ear in ears:
        ear.hears("payment", within=AT_ONCE)
    assert f'"id": "{people.acme.pk}"' in ears[0].heard[0][1]


def test_a_stranger_hears_nothing_of_another_organization(standing, people, listen):
    served = standing(**QUICK)
    inside, outside = listen(served, people.sam), listen(served, people.zoe)

    say(people.acme, "payment")
    inside.hears("payment")
    say(people.zenith, "deal")
    outside.hears("deal")

    assert outside.topics == ["deal"]
    assert inside.topics == ["payment"]


def test_an_event_is_for_those_who_hold_its_permission_or_whom_it_names(standing, people, listen):
    served = standing(**QUICK)
    permission = min(set(people.vera.role.permissions) - set(people.bill.role.permissions))
    vera, bill = listen(served, people.vera), listen(served, people.bill)

    say(people.acme, "queue", permission=permission)
    say(people.acme, "notification", member_id=people.bill.pk)
    say(people.acme, "end")
    vera.hears("end")
    bill.hears("end")

    assert vera.topics == ["queue", "end"]
    assert bill.topics == ["notification", "end"]


def test_nobody_listens_without_signing_in(standing, people):
    served = standing(**QUICK)

    answer = httpx.get(f"{served.address}/live", follow_redirects=False)

    assert answer.status_code == 302
    assert "login" in answer.headers["location"]


def test_a_page_that_comes_back_hears_what_it_missed_and_only_that(standing, people, listen):
    served = standing(**QUICK)
    first = listen(served, people.sam)
    say(people.acme, "before")
    first.hears("before")
    until(lambda: first.last_id)
    written = newest_transaction(people.acme)
    until(lambda: int(first.last_id.partition(".")[0]) > written)
    first.close()
    until(lambda: first.ended)

    say(people.acme, "missed")
    second = listen(served, people.sam, since=first.last_id)
    second.hears("missed")

    assert second.topics == ["missed"]


@pytest.mark.parametrize("since", ["nonsense", "12.9", "99999999999.{now}", "1.{old}"])
def test_a_page_whose_past_is_unknown_is_told_to_fetch_everything(standing, people, listen, since):
    served = standing(**QUICK)
    mark = since.format(now=int(time.time()), old=int(time.time()) - 7200)

    ear = listen(served, people.sam, since=mark)

    ear.hears("resync")


def test_nothing_is_lost_while_commits_overtake_each_other_and_pages_reconnect(
    standing, people, listen
):
    served = standing(**QUICK)
    cookie = cookie_of(people.sam)
    written: set[str] = set()
    done = threading.Event()

    def write(worker: int) -> None:
        for number in range(25):
            topic = f"e{worker}x{number}"
            with tenant_context(people.acme.pk):
                announce(topic, people.acme, at=now())
                time.sleep(secrets.randbelow(60) / 1000)
            written.add(topic)
        connections.close_all()

    def come_and_go() -> set[str]:
        heard: set[str] = set()
        ear = Ear(served, cookie)
        until(lambda: ear.open)
        while not (done.is_set() and written <= heard | set(ear.topics)):
            time.sleep(0.05 + secrets.randbelow(150) / 1000)
            ear.close()
            until(lambda: ear.ended)  # noqa: B023
            heard |= set(ear.topics)
            ear = Ear(served, cookie, since=ear.last_id)
            until(lambda: ear.open)  # noqa: B023
            if time.monotonic() > deadline:
                break
        ear.close()
        return heard | set(ear.topics)

    deadline = time.monotonic() + 60
    with ThreadPoolExecutor(8) as pool:
        pages = [pool.submit(come_and_go) for _ in range(3)]
        time.sleep(1)
        for each in [pool.submit(write, n) for n in range(4)]:
            each.result()
        done.set()
        for page in pages:
            assert written - page.result() == set()
    assert len(written) == 100


@pytest.mark.parametrize("how", ["session", "member", "role", "organization"])
def test_a_stream_ends_when_its_member_may_no_longer_have_it(standing, people, listen, how):
    served = standing(**QUICK)
    ear, other = listen(served, people.sam), listen(served, people.zoe)

    revoke(how, people)

    until(lambda: ear.ended)
    assert not other.ended


def revoke(how: str, people: Cast) -> None:
    """Take away what a stream stands on."""
    if how == "session":
        Session.objects.filter(pk=cookie_key(people)).delete()
    elif how == "organization":
        with platform_context():
            Organization.objects.filter(pk=people.acme.pk).update(
                status=Organization.Status.SUSPENDED
            )
    else:
        with tenant_context(people.acme.pk):
            if how == "member":
                Member.objects.filter(pk=people.sam.pk).update(active=False, deactivated_at=now())
            else:
                Role.objects.filter(pk=people.sam.role_id).update(permissions=[])


def cookie_key(people: Cast) -> list[str]:
    """The keys of all of sam's sessions."""
    mine = str(people.sam.user_id)
    (key,) = [s.pk for s in Session.objects.all() if s.get_decoded().get("_auth_user_id") == mine]
    return key


def test_an_access_event_ends_streams_at_once_not_at_the_next_check(standing, people, listen):
    served = standing(**CALM)
    ear = listen(served, people.sam)

    with tenant_context(people.acme.pk):
        Member.objects.filter(pk=people.sam.pk).update(active=False, deactivated_at=now())
        announce("access", people.acme, at=now())

    until(lambda: ear.ended, within=AT_ONCE)


def test_open_streams_hold_no_database_connection(standing, people, listen):
    served = standing(**QUICK)
    listen(served, people.sam)

    def connected() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname=current_database()")
            count: int = cursor.fetchone()[0]
            return count

    before = connected()
    ears = [listen(served, people.sam) for _ in range(40)]
    say(people.acme, "payment")
    for ear in ears:
        ear.hears("payment")

    # At most the other page threads, each with the connections it keeps.
    assert connected() - before <= 16
    threads = [p.num_threads() for p in served.running.below()]
    assert max(threads) < 30


def test_a_lost_listener_comes_back_and_brings_what_happened_meanwhile(standing, people, listen):
    served = standing(**CALM)
    ear = listen(served, people.sam)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE query LIKE 'LISTEN%%' AND datname = current_database()"
        )
        assert set(cursor.fetchall()) == {(True,)}
    say(people.acme, "payment")

    ear.hears("payment")


def test_a_killed_web_process_is_replaced_and_the_site_goes_on(site, people, listen):
    served = site(2, **QUICK)
    victim = served.running.below()[0]

    victim.kill()

    until(lambda: served.running.log.read_text().count("web.started") == 3, within=90)
    assert len(served.running.below()) == 2
    assert httpx.get(f"{served.address}/healthz").status_code == 200


def test_a_server_that_is_asked_to_stop_ends_streams_and_leaves_nobody(site, people, listen):
    served = site(2, **QUICK)
    ear = listen(served, people.sam)

    began = time.monotonic()
    left = served.running.stop(signal.SIGTERM)

    assert left == []
    assert time.monotonic() - began < 20
    until(lambda: ear.ended)


def test_a_killed_supervisor_takes_its_processes_with_it(site):
    served = site(2)
    family = served.running.below()

    served.running.process.kill()

    _gone, left = psutil.wait_procs(family, timeout=30)
    assert left == []


def test_a_second_server_on_the_port_is_refused_with_a_sentence(standing, start):
    served = standing(**QUICK)

    second = start("serve", "--host", "127.0.0.1", "--port", str(served.port))

    assert second.process.wait(60) != 0
    assert f"Port {served.port} is in use." in second.log.read_text()


def test_a_web_process_refuses_a_role_that_bypasses_row_security(start, environment):
    running = start("serve", "--port", "0", DATABASE_URL=environment["DATABASE_OWNER_URL"])

    assert running.process.wait(60) != 0
    assert "step around row security" in running.log.read_text()


def test_a_body_beyond_the_bound_is_refused_and_the_site_goes_on(standing):
    served = standing(**QUICK)

    answer = httpx.post(f"{served.address}/healthz", content=b"x" * 300_000)

    assert answer.status_code == 413
    assert served.answers()
