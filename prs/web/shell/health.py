"""Whether the process lives, and whether it can do its work: for load balancers and monitors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from prs.kernel import clock
from prs.kernel.jobs import selectors as jobs
from prs.web.kit.access import public

SILENCE = timedelta(seconds=settings.WORKER_SILENCE)
LONGEST_WAIT = timedelta(minutes=5)


@public
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


@public
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and is migrated, the worker lives, and what is due gets done."""
    checks = checked(clock.now())
    ready = all(check["ok"] for check in checks.values())
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "checks": checks},
        status=200 if ready else 503,
        headers={"Cache-Control": "no-store"},
    )


def checked(at: datetime) -> dict[str, dict[str, Any]]:
    """Every check with what it found; only the first when the database is away."""
    try:
        migrations = pending_migrations()
        if migrations:
            return {"database": {"ok": True}, "migrations": {"ok": False, "pending": migrations}}
        return {
            "database": {"ok": True},
            "migrations": {"ok": True, "pending": 0},
            "worker": worker(at),
            "outbox": outbox(at),
        }
    except DatabaseError:
        return {"database": {"ok": False}}


def pending_migrations() -> int:
    """How many migrations the database has not had yet."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def worker(at: datetime) -> dict[str, Any]:
    """When a worker last handled a message."""
    beat = jobs.last_beat()
    age = None if beat is None else round((at - beat).total_seconds())
    return {"ok": beat is not None and at - beat < SILENCE, "heartbeat_age_seconds": age}


def outbox(at: datetime) -> dict[str, Any]:
    """How long the longest-waiting due job has been waiting."""
    lag = jobs.oldest_wait(at)
    return {"ok": lag < LONGEST_WAIT, "lag_seconds": round(lag.total_seconds())}
