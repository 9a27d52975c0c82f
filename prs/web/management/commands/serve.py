"""The web server: one daphne process a core on one port, and a supervisor beside them."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import daphne.server
import structlog
from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.urls import get_resolver
from django.utils.module_loading import import_string
from twisted.internet import reactor

from prs.kernel.db.roles import refuse_powerful_role
from prs.web.shell import live

log = structlog.get_logger(__name__)

PR_SET_PDEATHSIG = 1
TICK = 0.5
# A process that ends sooner than this after its start is given a growing pause.
STABLE = 10.0
LONGEST_PAUSE = 15.0


class Command(BaseCommand):
    help = "Serves pages and live streams until it gets SIGTERM or SIGINT."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "0.0.0.0"))  # noqa: S104
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument(
            "--processes", type=int, default=settings.WEB_PROCESSES, help="0: one a core."
        )
        parser.add_argument("--child", action="store_true", help="The supervisor starts it so.")

    def handle(self, *_args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_powerful_role()
        connections.close_all()
        if options["child"]:
            serve(shared_socket(host, port))
            return
        try:
            refuse_busy_port(host, port)
            placeholder = shared_socket(host, port)
        except OSError as error:
            raise CommandError(sentence_for(error, host, port)) from error
        with placeholder:
            Supervisor(host, port, options["processes"] or os.cpu_count() or 1).run()


def sentence_for(error: OSError, host: str, port: int) -> str:
    """Why an address can't be listened on, as a sentence."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Stop what listens there, or set PORT to another number."
    return f"Cannot listen on {host} port {port}: {error.strerror}."


def family_of(host: str) -> socket.AddressFamily:
    """The address family of a host in numbers or by name."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def refuse_busy_port(host: str, port: int) -> None:
    """Raise when anybody listens there: a port that is shared would be shared with a second start.

    :raises OSError: the address is in use, or not ours to use.
    """
    with socket.socket(family_of(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def shared_socket(host: str, port: int) -> socket.socket:
    """A bound socket whose port other processes of ours may bind as well."""
    bound = socket.socket(family_of(host))
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((host, port))
    return bound


class Supervisor:
    """Keeps the processes of one port alive and ends them together."""

    def __init__(self, host: str, port: int, processes: int) -> None:
        self.command = [sys.executable, sys.argv[0], "serve", "--child"]
        self.command += ["--host", host, "--port", str(port)]
        self.places: list[Place] = [Place() for _ in range(processes)]
        self.stopping = threading.Event()

    def run(self) -> None:
        """Supervise until a signal says stop."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            while not self.stopping.is_set():
                for place in self.places:
                    place.keep(self.command)
                self.stopping.wait(TICK)
        finally:
            self.stop()

    def stop(self) -> None:
        """Let requests in flight end, then end the processes whatever they do."""
        running = [place.process for place in self.places if place.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + settings.WEB_GRACE + 2
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0.1))
            process.kill()


class Place:
    """Where one process runs, and after its end the next."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pause = 0.0
        self.not_before = 0.0

    def keep(self, command: list[str]) -> None:
        """Start the process if it does not run, after a pause if it ends again and again."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return
            log.error("web.process_ended", code=self.process.returncode)
            quick = now - self.started < STABLE
            self.pause = min(self.pause * 2 + 1, LONGEST_PAUSE) if quick else 0.0
            self.process, self.not_before = None, now + self.pause
        if now >= self.not_before:
            self.process, self.started = subprocess.Popen(command), now  # noqa: S603


class BoundedRequest(WebRequest):
    """A request whose body is taken in up to a bound; daphne alone would fill the disk."""

    received = 0

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802  (Twisted's name)
        self.received += len(data)
        if self.received <= settings.WEB_MAX_BODY:
            super().handleContentChunk(data)

    def process(self) -> Any:
        if self.received <= settings.WEB_MAX_BODY:
            return super().process()
        self.client_addr = None
        return self.basic_error(413, b"Content Too Large", "The request is too large.")


class BoundedFactory(HTTPFactory):
    """Makes bounded requests."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802  (Twisted's name)
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol


class Server(daphne.server.Server):
    """Daphne, except that it ends what it has begun before it stops."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ports: list[Any] = []
        self.draining: asyncio.Task[None] | None = None

    def listen_success(self, port: Any) -> None:
        self.ports.append(port)
        super().listen_success(port)

    def stop_soon(self) -> None:
        """Take no new connection, and stop when the running requests are done."""
        self.draining = self.draining or asyncio.ensure_future(self.drain())

    async def drain(self) -> None:
        for port in self.ports:
            port.stopListening()
        live.close_streams()
        deadline = time.monotonic() + settings.WEB_GRACE
        # Daphne tells nobody when a request ends.
        while self.busy() and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self.stop()

    def busy(self) -> bool:
        """Whether a request is being answered."""
        running = (details.get("application_instance") for details in self.connections.values())
        return any(instance is not None and not instance.done() for instance in running)

    def kill_all_applications(self) -> Any:
        # Daphne's own version fails on a connection that has not sent a request yet.
        for details in self.connections.values():
            details.setdefault("application_instance", finished())
        return super().kill_all_applications()


def finished() -> asyncio.Future[None]:
    """A future that is over."""
    future: asyncio.Future[None] = asyncio.get_event_loop().create_future()
    future.set_result(None)
    return future


def serve(listening: socket.socket) -> None:
    """Serve one process's share of the port until SIGTERM."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    application = import_string(settings.ASGI_APPLICATION)
    _ = get_resolver().url_patterns
    daphne.server.HTTPFactory = BoundedFactory
    listening.listen(1024)
    server = Server(
        application,
        endpoints=[f"fd:fileno={listening.fileno()}"],
        signal_handlers=False,
        server_name="",
        verbosity=0,
    )
    loop = daphne.server.twisted_loop
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, server.stop_soon)
    # What start-up made stays: the collector need not look at it again with each full pass.
    gc.collect()
    gc.freeze()
    log.info("web.started", port=listening.getsockname()[1])
    server.run()
    reactor.disconnectAll()
