"""A worker is killed, and its jobs are done by another: nothing lost, nothing twice, nothing for ever."""

from __future__ import annotations

import signal

import psutil
import pytest

from prs.kernel.jobs import services as jobs
from prs.kernel.jobs.models import Job
from tests.processes.conftest import QUICK, WORK, Running, all_done, until

pytestmark = pytest.mark.usefixtures("queued")


def workers_of(running: Running) -> list[psutil.Process]:
    """The processes of the cluster that take work: idle ones wait in the queue's lock."""
    (cluster,) = psutil.Process(running.pid).children()
    (sentinel,) = cluster.children()
    return sorted(sentinel.children(), key=lambda process: process.pid)[:2]


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


def test_idle_workers_killed_one_after_the_other_do_not_stop_the_work(worker, shared_cache):
    for round_ in range(3):
        for process in workers_of(worker):
            process.send_signal(signal.SIGKILL)
            break
        jobs.enqueue(f"{WORK}.count", key=f"after-{round_}")
        until(lambda: shared_cache.get(f"after-{round_}"), within=60)  # noqa: B023

    until(all_done)
    assert [shared_cache.get(f"after-{n}") for n in range(3)] == [1, 1, 1]


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
