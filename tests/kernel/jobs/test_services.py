"""A job is promised with the transaction, done once, tried again with pauses, and given up at last."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django_q.models import OrmQ
from django_q.models import Schedule as StoredSchedule

from prs.config.schedules import SCHEDULES
from prs.kernel import clock
from prs.kernel.jobs import selectors
from prs.kernel.jobs import services as jobs
from prs.kernel.jobs.models import Heartbeat, Job
from prs.kernel.jobs.rules import Schedule, backoff

WORK = "tests.kernel.jobs.work"


def later(**span: float):
    return clock.now() + timedelta(**span)


def test_a_job_calls_its_function_with_the_ids_it_was_given(queued, calls):
    organization, subject = uuid4(), uuid4()
    job = jobs.enqueue(f"{WORK}.remember", organization_id=organization, subject_id=subject)

    assert calls == []
    jobs.run(str(job))

    assert calls == [{"organization_id": organization, "subject_id": str(subject)}]


def test_a_promise_rolls_back_with_its_transaction(queued):
    with transaction.atomic():
        jobs.enqueue(f"{WORK}.remember", n=1)
        transaction.set_rollback(True)

    assert not Job.objects.exists()
    assert not OrmQ.objects.exists()


def test_only_plain_ids_are_taken_along(queued):
    with pytest.raises(TypeError, match="rows"):
        jobs.enqueue(f"{WORK}.remember", rows=[1, 2])
    with pytest.raises(ImportError):
        jobs.enqueue(f"{WORK}.no_such_function")


def test_a_second_delivery_does_nothing(queued, calls):
    job = jobs.enqueue(f"{WORK}.remember", n=1)

    jobs.run(str(job))
    jobs.run(str(job))

    assert len(calls) == 1
    assert Job.objects.get().done_at is not None


def test_a_delivery_while_another_worker_is_at_it_does_nothing(queued, calls):
    job = jobs.enqueue(f"{WORK}.remember", n=1)
    now = clock.now()
    Job.objects.update(leased_at=now, leased_until=now + timedelta(minutes=1))

    jobs.run(str(job))

    assert calls == []
    assert not selectors.ready(now).exists()
    assert selectors.ready(later(minutes=2)).exists()


def test_a_failed_job_waits_longer_each_time_and_names_the_error_without_its_text(queued, calls):
    job = jobs.enqueue(f"{WORK}.fail", n=1)

    jobs.run(str(job))

    row = Job.objects.get(pk=job)
    pause = row.next_attempt_at - clock.now()
    assert row.error == "ValueError"
    assert backoff(1) - timedelta(seconds=5) < pause <= backoff(1)
    jobs.run(str(job))
    assert len(calls) == 1


def test_a_job_that_never_works_is_given_up(queued, calls, settings):
    job = jobs.enqueue(f"{WORK}.fail", n=1)

    for _ in range(settings.JOB_ATTEMPTS + 2):
        Job.objects.update(next_attempt_at=clock.now())
        jobs.run(str(job))

    assert len(calls) == settings.JOB_ATTEMPTS
    assert Job.objects.get().failed_at is not None
    assert not selectors.open_jobs().exists()


def test_a_job_that_kills_its_worker_every_time_is_given_up_too(queued, calls, settings):
    job = jobs.enqueue(f"{WORK}.remember", n=1)
    long_ago = clock.now() - timedelta(minutes=5)
    Job.objects.update(attempts=settings.JOB_ATTEMPTS, leased_at=long_ago, leased_until=long_ago)

    jobs.run(str(job))

    assert calls == []
    assert Job.objects.get().failed_at is not None


def test_a_due_job_whose_message_was_lost_gets_another(queued, calls):
    jobs.enqueue(f"{WORK}.remember", n=1)
    OrmQ.objects.all().delete()

    assert jobs.wake_due(at=clock.now()) == 0
    assert jobs.wake_due(at=later(minutes=1)) == 1

    assert OrmQ.objects.count() == 1
    assert jobs.wake_due(at=later(minutes=1)) == 0


def test_a_failed_job_is_woken_when_its_pause_is_over(queued, calls):
    job = jobs.enqueue(f"{WORK}.fail", n=1)
    OrmQ.objects.all().delete()
    jobs.run(str(job))

    assert jobs.wake_due(at=clock.now()) == 0
    assert jobs.wake_due(at=later(seconds=31)) == 1


def test_messages_that_wait_for_a_free_worker_are_not_sent_again(queued):
    jobs.enqueue(f"{WORK}.remember", n=1)

    assert jobs.wake_due(at=later(minutes=10)) == 0
    assert OrmQ.objects.count() == 1


def test_a_dead_workers_jobs_are_given_back(queued, calls, monkeypatch):
    job = jobs.enqueue(f"{WORK}.remember", n=1)
    Job.objects.update(leased_by="dead", leased_at=clock.now(), leased_until=later(minutes=1))
    OrmQ.objects.all().delete()

    assert jobs.release("another") == 0
    assert jobs.release("dead") == 1

    assert jobs.wake_due(at=clock.now()) == 1
    jobs.run(str(job))
    assert len(calls) == 1


def test_where_nothing_waits_jobs_run_at_once_and_raise(db, calls):
    jobs.enqueue(f"{WORK}.remember", n=1)
    with pytest.raises(ValueError, match="no mail"):
        jobs.enqueue(f"{WORK}.fail", n=2)

    assert calls == [{"n": 1}, {"n": 2}]


def test_schedules_are_stored_as_declared_and_again_without_a_change(db):
    first = Schedule("one", f"{WORK}.remember", every=timedelta(minutes=5))
    second = Schedule("two", f"{WORK}.remember", cron="0 3 * * *")
    jobs.sync_schedules([first, second])
    before = list(StoredSchedule.objects.order_by("pk").values())

    assert jobs.sync_schedules([first, second]) == (2, 0)
    assert list(StoredSchedule.objects.order_by("pk").values()) == before
    assert StoredSchedule.objects.get(name="two").next_run > clock.now()


def test_a_schedule_that_is_no_longer_declared_is_removed_and_a_changed_one_changed(db):
    jobs.sync_schedules([Schedule("one", f"{WORK}.remember", every=timedelta(minutes=5))])

    kept, removed = jobs.sync_schedules([Schedule("two", f"{WORK}.fail", cron="0 3 * * *")])
    jobs.sync_schedules([Schedule("two", f"{WORK}.fail", every=timedelta(minutes=9))])

    assert (kept, removed) == (1, 1)
    (stored,) = StoredSchedule.objects.all()
    assert (stored.name, stored.minutes, stored.cron) == ("two", 9, None)


def test_a_schedules_turn_becomes_a_job(db, calls):
    jobs.recur(f"{WORK}.remember")

    assert calls == [{}]
    assert Job.objects.get().done_at is not None


def test_every_declared_schedule_names_a_function(db):
    kept, _removed = jobs.sync_schedules(SCHEDULES)

    assert kept == len({schedule.name for schedule in SCHEDULES})


def test_what_ended_long_ago_is_forgotten(queued):
    for path in ("remember", "remember", "fail"):
        jobs.enqueue(f"{WORK}.{path}", n=1)
    old, fresh, failed = Job.objects.order_by("pk")
    Job.objects.filter(pk=old.pk).update(done_at=later(days=-8))
    Job.objects.filter(pk=fresh.pk).update(done_at=later(days=-6))
    Job.objects.filter(pk=failed.pk).update(failed_at=later(days=-8))
    Heartbeat.objects.create(worker="old", at=later(days=-2))

    jobs.purge()

    assert set(Job.objects.values_list("pk", flat=True)) == {fresh.pk, failed.pk}
    assert not Heartbeat.objects.exists()


def test_what_nobody_needs_any_more_is_taken_back_with_its_messages(queued, calls):
    one, other = uuid4(), uuid4()
    for organization, path in ((one, "remember"), (one, "fail"), (other, "remember")):
        jobs.enqueue(f"{WORK}.{path}", organization_id=organization)

    assert jobs.drop(one, [f"{WORK}.remember"]) == 1

    left = set(Job.objects.values_list("organization_id", "path"))
    assert left == {(one, f"{WORK}.fail"), (other, f"{WORK}.remember")}
    assert {row.task["name"] for row in OrmQ.objects.all()} == {path for _pk, path in left}
    assert OrmQ.objects.count() == 2


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("job_ends_one_way", {"done_at": True, "failed_at": True}),
        ("job_lease_is_whole", {"leased_at": True}),
    ],
)
def test_the_database_keeps_a_jobs_row_sound(queued, constraint, values):
    jobs.enqueue(f"{WORK}.remember", n=1)

    with pytest.raises(IntegrityError, match=constraint):
        Job.objects.update(**dict.fromkeys(values, clock.now()))
