"""Jobs are done once each, whatever the worker is told: nothing lost, nothing twice, nothing for ever."""

from __future__ import annotations

import os
import signal

import pytest
from django.conf import settings
from django.db import OperationalError, transaction
from django_q.models import OrmQ

from prs.kernel.jobs import services as jobs
from prs.kernel.jobs.models import Job
from tests.processes.conftest import WORK, Running, all_done, until

pytestmark = pytest.mark.usefixtures("queued")


def test_jobs_are_done_once_each(worker, shared_cache):
    for number in range(20):
        jobs.enqueue(f"{WORK}.count", key=f"job-{number}")

    until(all_done)

    assert [shared_cache.get(f"job-{number}") for number in range(20)] == [1] * 20


def test_a_job_that_takes_too_long_is_ended_and_tried_again_later(worker, shared_cache):
    jobs.enqueue(f"{WORK}.count_slowly", key="slow", seconds=60)

    until(lambda: Job.objects.filter(error="TimeoutException").exists(), within=30)

    assert shared_cache.get("slow:begun") == 1
    assert shared_cache.get("slow") is None


def test_a_worker_that_is_asked_to_stop_ends_its_job_and_leaves_nobody(worker, shared_cache):
    jobs.enqueue(f"{WORK}.count_slowly", key="last", seconds=2)
    until(lambda: shared_cache.get("last:begun"))

    left = worker.stop()

    assert left == []
    assert shared_cache.get("last") == 1


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
