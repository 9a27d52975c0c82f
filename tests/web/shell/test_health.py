"""What load balancers and monitors are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from prs.kernel import clock
from prs.kernel.jobs.models import Heartbeat, Job
from prs.web.shell import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def beating() -> Heartbeat:
    """A worker that lives."""
    return Heartbeat.objects.create(worker="w", at=clock.now())


def test_a_process_that_answers_is_alive(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_site_with_database_and_worker_is_ready(client, beating):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()["checks"]) == {"database", "migrations", "worker", "outbox"}
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("age", [None, timedelta(minutes=4)])
def test_a_site_whose_worker_is_silent_is_not_ready(client, age):
    if age:
        Heartbeat.objects.create(worker="w", at=clock.now() - age)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"]["ok"] is False


def test_a_site_whose_due_work_waits_is_not_ready(client, beating):
    due = clock.now() - timedelta(minutes=6)
    Job.objects.create(path="x.y", created_at=due, next_attempt_at=due)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["outbox"]["lag_seconds"] >= 360


def test_a_site_with_pending_migrations_is_not_ready(client, beating, monkeypatch):
    monkeypatch.setattr(health, "pending_migrations", lambda: 2)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == {"ok": False, "pending": 2}


def test_a_site_without_its_database_is_not_ready_and_says_no_more(client, monkeypatch):
    def away() -> int:
        raise OperationalError("password authentication failed for user prs_app")

    monkeypatch.setattr(health, "pending_migrations", away)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "checks": {"database": {"ok": False}}}


def test_health_is_asked_with_get_only(client):
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


def test_pending_migrations_are_counted(beating):
    assert health.pending_migrations() == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'jobs'")

    assert health.pending_migrations() >= 1
