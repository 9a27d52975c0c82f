"""What waits, what runs, and whether the worker lives."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Min, Q, QuerySet
from django_q.models import OrmQ

from prs.kernel.jobs.models import Heartbeat, Job


def open_jobs() -> QuerySet[Job]:
    """Jobs that are neither done nor given up."""
    return Job.objects.filter(done_at__isnull=True, failed_at__isnull=True)


def ready(at: datetime) -> QuerySet[Job]:
    """Open jobs whose time has come and that nobody runs."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    return open_jobs().filter(free, next_attempt_at__lte=at)


def oldest_wait(at: datetime) -> timedelta:
    """How long the longest-waiting ready job has been waiting; zero when none is."""
    since = ready(at).aggregate(since=Min("next_attempt_at"))["since"]
    return at - since if since else timedelta()


def last_beat(worker: str = "") -> datetime | None:
    """The last sign of life of one worker, or of any."""
    beats = Heartbeat.objects.filter(worker=worker) if worker else Heartbeat.objects.all()
    newest: datetime | None = beats.aggregate(newest=Max("at"))["newest"]
    return newest


def messages_wait_since(moment: datetime) -> bool:
    """Whether a queue message has been waiting for a worker since before a moment."""
    waits: bool = OrmQ.objects.filter(lock__lt=moment).exists()
    return waits


def is_stuck(worker: str, *, started_at: datetime, at: datetime) -> bool:
    """Whether a worker neither works nor answers although there is work for it.

    A process that dies while it holds the queue's lock leaves the others waiting for ever, and
    nothing but silence tells. One that only starts is given the time that a slow machine needs.
    """
    beat_at = last_beat(worker)
    if beat_at is None:
        return at - started_at > timedelta(seconds=settings.WORKER_START)
    alive_at = max(beat_at, started_at)
    if alive_at < at - timedelta(seconds=settings.WORKER_SILENCE):
        return True
    moment = at - timedelta(seconds=settings.WORKER_STALL)
    if alive_at > moment or not messages_wait_since(moment):
        return False
    running = Q(leased_until__gt=at, done_at__isnull=True, failed_at__isnull=True)
    return not Job.objects.filter(
        running | Q(leased_at__gt=moment), leased_by=worker, leased_at__isnull=False
    ).exists()
