"""The one door to the background: enqueue, run once, try again, give up, recur."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ
from django_q.models import Schedule as StoredSchedule
from django_q.tasks import async_task

from prs.kernel import clock
from prs.kernel.jobs import selectors
from prs.kernel.jobs.models import Heartbeat, Job
from prs.kernel.jobs.rules import Schedule, backoff

log = structlog.get_logger(__name__)

WORKER_VARIABLE = "PRS_WORKER"
RUN = "prs.kernel.jobs.services.run"
BEAT = "prs.kernel.jobs.services.beat"
RECUR = "prs.kernel.jobs.services.recur"
PLAIN = (str, int, bool, UUID, type(None))


def enqueue(path: str, *, organization_id: UUID | None = None, **ids: Any) -> UUID:
    """Promise that `path` (a dotted function) is called with these ids after the commit.

    The promise is part of the running transaction and rolls back with it. The function receives
    `organization_id` when one is given, and must bear being called twice.

    :raises ImportError: there is no such function.
    :raises TypeError: an argument is not a plain id.
    """
    import_string(path)
    at = clock.now()
    job = Job.objects.create(
        path=path,
        organization_id=organization_id,
        ids=_plain(ids),
        created_at=at,
        next_attempt_at=at,
        sent_at=at,
    )
    _wake([job])
    return job.pk


def _plain(ids: dict[str, Any]) -> dict[str, Any]:
    for name, value in ids.items():
        if not isinstance(value, PLAIN):
            raise TypeError(f"{name} must be a plain id, not {type(value).__name__}.")
    return {name: str(v) if isinstance(v, UUID) else v for name, v in ids.items()}


def _wake(jobs: Iterable[Job]) -> None:
    for job in jobs:
        if settings.Q_CLUSTER["sync"]:
            run(str(job.pk))
        else:
            async_task(RUN, str(job.pk), task_name=job.path[-100:], save=False)


def run(job_id: str) -> None:
    """Do a job if it is due and nobody else does it: the worker's entry point."""
    job = _lease(UUID(job_id), at=clock.now())
    if job is None:
        return
    with structlog.contextvars.bound_contextvars(
        job=str(job.pk), path=job.path, organization=str(job.organization_id or "")
    ):
        try:
            _call(job)
        except TimeoutException as error:
            # The queue ends this process next, so this is the last chance to write it down.
            _put_off(job, error, at=clock.now())
            raise
        except Exception as error:
            if settings.Q_CLUSTER["sync"]:
                raise
            _put_off(job, error, at=clock.now())
        else:
            Job.objects.filter(pk=job.pk).update(done_at=clock.now(), error="")


def _call(job: Job) -> None:
    scope = {} if job.organization_id is None else {"organization_id": job.organization_id}
    import_string(job.path)(**scope, **job.ids)


def _lease(job_id: UUID, *, at: datetime) -> Job | None:
    # Counted before the work starts: a job that takes its worker down with it still ends.
    taken = selectors.ready(at).filter(pk=job_id, attempts__lt=settings.JOB_ATTEMPTS)
    won = taken.update(
        attempts=F("attempts") + 1,
        leased_by=os.environ.get(WORKER_VARIABLE, ""),
        leased_at=at,
        leased_until=at + timedelta(seconds=settings.JOB_LEASE),
    )
    if won:
        return Job.objects.get(pk=job_id)
    if selectors.ready(at).filter(pk=job_id).update(failed_at=at):
        log.error("job.given_up", job=str(job_id))
    return None


def _put_off(job: Job, error: BaseException, *, at: datetime) -> None:
    ended = job.attempts >= settings.JOB_ATTEMPTS
    log.error("job.failed", attempt=job.attempts, given_up=ended, exc_info=error)
    Job.objects.filter(pk=job.pk).update(
        error=type(error).__name__,
        leased_at=None,
        leased_until=None,
        sent_at=None,
        next_attempt_at=at + backoff(job.attempts),
        failed_at=at if ended else None,
    )


@transaction.atomic
def wake_due(*, at: datetime, limit: int = 100) -> int:
    """Send a message for due jobs that have none under way, and say for how many.

    These are jobs that failed earlier, and jobs whose message or worker was lost.
    """
    forgotten = Q(sent_at__lte=at - timedelta(seconds=settings.JOB_RESEND))
    if OrmQ.objects.filter(lock__lte=at).exists():
        # Messages wait for a free worker, and a forgotten job's may be among them.
        forgotten = Q(pk__in=[])
    due = selectors.ready(at).filter(Q(sent_at__isnull=True) | forgotten)
    jobs = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:limit])
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(sent_at=at)
    _wake(jobs)
    return len(jobs)


def release(worker: str) -> int:
    """Give back the jobs that a dead worker was running, and say how many they were."""
    return (
        selectors.open_jobs()
        .filter(leased_by=worker, leased_at__isnull=False)
        .update(leased_at=None, leased_until=None, sent_at=None)
    )


@transaction.atomic
def drop(organization_id: UUID, paths: Iterable[str]) -> int:
    """Take back what an organization's open jobs of these functions promised; say how many they were."""
    dropped = selectors.open_jobs().filter(organization_id=organization_id, path__in=list(paths))
    gone = {str(pk) for pk in dropped.values_list("pk", flat=True)}
    messages = [row.pk for row in OrmQ.objects.iterator() if gone & set(row.task.get("args", ()))]
    OrmQ.objects.filter(pk__in=messages).delete()
    dropped.delete()
    return len(gone)


def send_beat() -> None:
    """Send the message whose handling proves that the worker works."""
    async_task(BEAT, task_name="heartbeat", save=False)


def beat() -> None:
    """Write down that this worker handled a message just now."""
    Heartbeat.objects.update_or_create(
        worker=os.environ.get(WORKER_VARIABLE, "unnamed"), defaults={"at": clock.now()}
    )


def recur(path: str) -> None:
    """Turn a schedule's turn into a job, so that it is retried and given up like any other."""
    enqueue(path)


@transaction.atomic
def sync_schedules(schedules: Iterable[Schedule]) -> tuple[int, int]:
    """Make the stored schedules equal to the declared ones; return how many are kept and removed."""
    declared = {schedule.name: schedule for schedule in schedules}
    removed, _by_model = StoredSchedule.objects.exclude(name__in=declared).delete()
    for name, schedule in declared.items():
        import_string(schedule.path)
        values = {
            "func": RECUR,
            "args": repr((schedule.path,)),
            "schedule_type": StoredSchedule.CRON if schedule.cron else StoredSchedule.MINUTES,
            "cron": schedule.cron or None,
            "minutes": schedule.minutes,
            "repeats": -1,
        }
        if not StoredSchedule.objects.filter(name=name).update(**values):
            fresh = StoredSchedule(name=name, **values)
            if schedule.cron:
                fresh.next_run = fresh.calculate_next_run()
            fresh.save()
    return len(declared), removed


def purge() -> None:
    """Forget what ended long ago: done jobs after a week, given-up ones after 90 days."""
    at = clock.now()
    Job.objects.filter(done_at__lt=at - timedelta(days=7)).delete()
    Job.objects.filter(failed_at__lt=at - timedelta(days=90)).delete()
    Heartbeat.objects.filter(at__lt=at - timedelta(days=1)).delete()
