"""Workers die and jobs are still done: nothing lost, nothing twice, nothing for ever."""

from __future__ import annotations

import os
import signal
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.db import OperationalError, transaction
from django_q.conf import Conf
from django_q.models import OrmQ

from prs.kernel.jobs import selectors
from prs.kernel.jobs import services as jobs
from prs.kernel.jobs.models import Job
from tests.processes.conftest import Running, Start, until

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


@pytest.fixture(autouse=True)
def _queued(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "sync": False}
    monkeypatch.setattr(Conf, "SYNC", False)


@pytest.fixture
def worker(start: Start) -> Running:
    """A worker that works already."""
    running = start("worker", **QUICK)
    until(selectors.last_beat)
    return running


def workers_of(running: Running) -> list[psutil.Process]:
    """The processes of the cluster that take work: idle ones wait in the queue's lock."""
    (cluster,) = psutil.Process(running.pid).children()
    (sentinel,) = cluster.children()
    return sorted(sentinel.children(), key=lambda process: process.pid)[:2]


def all_done() -> bool:
    return not selectors.open_jobs().exists()


def test_jobs_are_done_once_each(worker, shared_cache):
    for number in range(20):
        jobs.enqueue(f"{WORK}.count", key=f"job-{number}")

    until(all_done)

    assert [shared_cache.get(f"job-{number}") for number in range(20)] == [1] * 20


def test_a_job_whose_worker_was_killed_is_done_by_another(worker, shared_cache):
    jobs.enqueue(f"{WORK}.die_once", key="phoenix")

    until(lambda: shared_cache.get("phoenix"), within=40)
    until(all_done)

    assert shared_cache.get("phoenix") == 1
    assert Job.objects.get().attempts == 2


def test_a_job_that_always_kills_its_worker_ends(start, shared_cache):
    start("worker", **{**QUICK, "JOB_ATTEMPTS": "2", "JOB_TIMEOUT": "1", "JOB_LEASE": "3"})
    jobs.enqueue(f"{WORK}.die_always", key="poison")
    jobs.enqueue(f"{WORK}.count", key="healthy")

    until(all_done, within=90)

    assert shared_cache.get("poison") == 2
    assert shared_cache.get("healthy") == 1
    assert Job.objects.get(path__endswith="die_always").failed_at is not None


def test_a_job_that_takes_too_long_is_ended_and_tried_again_later(worker, shared_cache):
    jobs.enqueue(f"{WORK}.count_slowly", key="slow", seconds=60)

    until(lambda: Job.objects.filter(error="TimeoutException").exists(), within=30)

    assert shared_cache.get("slow:begun") == 1
    assert shared_cache.get("slow") is None


def test_idle_workers_killed_one_after_the_other_do_not_stop_the_work(worker, shared_cache):
    for round_ in range(3):
        for process in workers_of(worker):
            process.send_signal(signal.SIGKILL)
            break
        jobs.enqueue(f"{WORK}.count", key=f"after-{round_}")
        until(lambda: shared_cache.get(f"after-{round_}"), within=60)  # noqa: B023

    until(all_done)
    assert [shared_cache.get(f"after-{n}") for n in range(3)] == [1, 1, 1]


def test_a_worker_that_is_asked_to_stop_ends_its_job_and_leaves_nobody(worker, shared_cache):
    jobs.enqueue(f"{WORK}.count_slowly", key="last", seconds=2)
    until(lambda: shared_cache.get("last:begun"))

    left = worker.stop()

    assert left == []
    assert shared_cache.get("last") == 1


def test_a_killed_watchdog_takes_its_cluster_with_it_and_the_next_one_goes_on(
    worker, start, shared_cache
):
    jobs.enqueue(f"{WORK}.count_slowly", key="torn", seconds=3)
    until(lambda: shared_cache.get("torn:begun"))

    left = worker.stop(signal.SIGKILL)
    assert left == []
    start("worker", **QUICK)

    until(lambda: shared_cache.get("torn"), within=40)
    assert shared_cache.get("torn") == 1
    assert shared_cache.get("torn:begun") == 2


def test_a_worker_refuses_a_role_that_bypasses_row_security(start, environment):
    running = start("worker", DATABASE_URL=environment["DATABASE_OWNER_URL"])

    assert running.process.wait(60) != 0
    assert "step around row security" in running.log.read_text()


def lost_unheard(worker: Running) -> bool:
    """Ask for a job and lose its message before the cluster, which stands still, hears of it.

    A process that stands still in the middle of a transaction holds its rows: then it goes on for a
    moment, and nothing was asked.
    """
    stopped = worker.below()
    try:
        for process in stopped:
            process.suspend()
        with transaction.atomic():
            list(OrmQ.objects.select_for_update(nowait=True))
        jobs.enqueue(f"{WORK}.count", key="unheard")
        OrmQ.objects.all().delete()
    except OperationalError:
        return False
    finally:
        for process in stopped:
            process.resume()
    return True


def test_a_job_is_not_lost_with_the_queues_messages(worker, shared_cache):
    os.kill(worker.pid, signal.SIGSTOP)
    try:
        until(lambda: lost_unheard(worker))
    finally:
        os.kill(worker.pid, signal.SIGCONT)

    until(lambda: shared_cache.get("unheard"), within=20)
    assert settings.JOB_RESEND > 0
