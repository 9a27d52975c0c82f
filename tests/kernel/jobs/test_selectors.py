"""A worker is stuck when there is work for it and it neither works nor answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_q.models import OrmQ

from prs.kernel import clock
from prs.kernel.jobs import selectors
from prs.kernel.jobs import services as jobs
from prs.kernel.jobs.models import Heartbeat, Job

ME = "vm:1:0"


@pytest.fixture
def at():
    return clock.now()


@pytest.fixture
def message(queued, at):
    """A message that has been waiting for two minutes."""
    jobs.enqueue("tests.kernel.jobs.work.remember", n=1)
    OrmQ.objects.update(lock=at - timedelta(minutes=2))


def is_stuck(at, *, started: int = 600) -> bool:
    return selectors.is_stuck(ME, started_at=at - timedelta(seconds=started), at=at)


def beat(at, *, seconds_ago: int) -> None:
    Heartbeat.objects.create(worker=ME, at=at - timedelta(seconds=seconds_ago))


def test_a_worker_without_a_beat_for_long_is_stuck(queued, at):
    beat(at, seconds_ago=200)

    assert is_stuck(at)


def test_a_quiet_queue_is_no_sign_of_anything(queued, at):
    beat(at, seconds_ago=100)

    assert not is_stuck(at)


def test_waiting_messages_and_no_sign_of_life_mean_stuck(message, at):
    beat(at, seconds_ago=100)

    assert is_stuck(at)


def test_a_worker_that_just_started_is_given_time(message, at):
    assert not is_stuck(at, started=100)


def test_a_worker_that_never_gets_going_is_stuck(queued, at):
    assert is_stuck(at, started=130)


def test_a_worker_that_beats_is_not_stuck_however_long_the_queue(message, at):
    beat(at, seconds_ago=10)

    assert not is_stuck(at)


def test_a_worker_that_is_at_a_long_job_is_not_stuck(message, at):
    beat(at, seconds_ago=100)
    Job.objects.update(
        leased_by=ME, leased_at=at - timedelta(seconds=50), leased_until=at + timedelta(seconds=20)
    )

    assert not is_stuck(at)


def test_how_long_the_longest_waiting_job_waits(queued, at):
    assert selectors.oldest_wait(at) == timedelta()

    jobs.enqueue("tests.kernel.jobs.work.remember", n=1)
    Job.objects.update(next_attempt_at=at - timedelta(minutes=3))

    assert selectors.oldest_wait(at) == timedelta(minutes=3)
