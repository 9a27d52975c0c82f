"""The worker: a queue cluster in a process group of its own, and a watchdog beside it.

A process of the cluster that is killed while it holds the queue's lock leaves the others waiting for
ever, and such a cluster does not even answer SIGTERM. So the watchdog listens for signs of life, ends
the whole group when there are none, gives its jobs back and starts a new one.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connections
from django_q.cluster import Cluster

from prs.kernel import clock
from prs.kernel.db.roles import refuse_powerful_role
from prs.kernel.jobs import selectors
from prs.kernel.jobs import services as jobs

log = structlog.get_logger(__name__)

PR_SET_PDEATHSIG = 1
TICK = 1.0
LONGEST_RESTART_PAUSE = 30


class Command(BaseCommand):
    help = "Runs background jobs and schedules until it gets SIGTERM or SIGINT."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--cluster", action="store_true", help="Run one cluster; the watchdog starts it so."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["cluster"]:
            run_cluster()
        else:
            refuse_powerful_role()
            Watchdog().run()


def run_cluster() -> None:
    """Run the queue's own cluster, and end its whole group when the watchdog is gone."""
    signal.signal(signal.SIGUSR1, lambda *_: os.killpg(0, signal.SIGKILL))
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGUSR1)
    connections.close_all()
    Cluster().start()


class Watchdog:
    """Keeps one cluster alive and its jobs moving."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.cluster: subprocess.Popen[bytes] | None = None
        self.name = ""
        self.started_at = clock.now()
        self.beat_at = 0.0
        self.restarts = 0

    def run(self) -> None:
        """Watch until a signal says stop."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            self.start()
            while not self.stopping.wait(TICK):
                self.tick()
        finally:
            self.stop()

    def start(self) -> None:
        """Start a cluster under a name of its own and ask it for a sign of life."""
        self.started_at, self.beat_at = clock.now(), 0.0
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{self.restarts}"
        self.cluster = subprocess.Popen(  # noqa: S603
            [sys.executable, sys.argv[0], "worker", "--cluster"],
            env={**os.environ, jobs.WORKER_VARIABLE: self.name},
            start_new_session=True,
        )
        log.info("worker.started", worker=self.name)

    def tick(self) -> None:
        """Send what is due, ask for a sign of life, and restart a cluster that is gone or stuck."""
        if self.cluster is not None and self.cluster.poll() is not None:
            self.restart("ended")
        try:
            close_old_connections()
            self.watch(clock.now())
        except DatabaseError as error:
            # The database is away; a restart would not bring it back.
            self.started_at = clock.now()
            log.warning("worker.database_away", error=type(error).__name__)
            connections.close_all()

    def watch(self, at: datetime) -> None:
        """One look at the queue."""
        if time.monotonic() - self.beat_at > settings.WORKER_BEAT or not self.beat_at:
            self.beat_at = time.monotonic()
            jobs.send_beat()
        jobs.wake_due(at=at)
        if selectors.is_stuck(self.name, started_at=self.started_at, at=at):
            self.restart("stuck")

    def restart(self, reason: str) -> None:
        """End what is left of the cluster, give its jobs back and start a new one."""
        log.error("worker.restarted", worker=self.name, reason=reason)
        self.kill()
        self.stopping.wait(min(self.restarts, LONGEST_RESTART_PAUSE))
        jobs.release(self.name)
        self.restarts += 1
        self.start()

    def stop(self) -> None:
        """Let the running jobs end, then end the group whatever it does."""
        if self.cluster is None:
            return
        self.cluster.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.cluster.wait(settings.WORKER_GRACE)
        self.kill()
        with suppress(DatabaseError):
            jobs.release(self.name)
        log.info("worker.stopped", worker=self.name)

    def kill(self) -> None:
        """End every process of the cluster's group."""
        if self.cluster is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.cluster.pid, signal.SIGKILL)
            self.cluster.wait()
