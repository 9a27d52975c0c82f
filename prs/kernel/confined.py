"""Run code that reads what strangers wrote in a process that can do no harm.

An uploaded picture or a page to lay out is untrusted input for a large parser. `run()` hands it
to a child that has no secrets in its environment, no database connection, and hard limits of
processor time, clock time and memory that the kernel enforces; what comes back is plain data.

The children are forked by a *keeper*: one small process for each process of ours, which has
imported the parser once, so that a run costs milliseconds instead of the import. The keeper has
one thread (a fork of it is safe, unlike a fork of a web process) and ends when we end.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import io
import json
import logging
import os
import pickle
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

Plain = TypeVar("Plain")

_ROOT: Final = Path(__file__).resolve().parents[2]
_CONTROL: Final = 3
_KEPT_VARIABLES: Final = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ")
_START_SECONDS: Final = 60
_LARGEST_ANSWER: Final = 256 * 1024 * 1024
_AT_ONCE: Final = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))


class Unfit(Exception):
    """Raised by a confined function to refuse its input; it reaches the caller of `run`."""

    def __init__(self, reason: str, **details: int | str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class OutOfBounds(Exception):
    """The run used up its time or memory, or brought its process down."""


class Broken(Exception):
    """The confined function raised something else; the text is its traceback."""


def run(function: Callable[..., Plain], *arguments: object, seconds: int, megabytes: int) -> Plain:
    """Call a module's function with plain arguments in a confined child; return its plain answer.

    `seconds` bounds processor time, and three times as much clock time; `megabytes` is what the
    child may take on top of what the imported code takes. Plain means numbers, text, bytes, lists,
    tuples and dicts. Raises `Unfit`, `OutOfBounds` or `Broken`.
    """
    answer = run_by_name(
        function.__module__, function.__name__, *arguments, seconds=seconds, megabytes=megabytes
    )
    return cast("Plain", answer)


def run_by_name(module: str, name: str, /, *arguments: object, seconds: int, megabytes: int) -> Any:
    """Do as `run` does, without importing the function's module into this process."""
    order = {"module": module, "seconds": seconds, "megabytes": megabytes}
    job = pickle.dumps((name, arguments))
    deadline = time.monotonic() + _START_SECONDS + 3 * seconds
    if not _AT_ONCE.acquire(timeout=_START_SECONDS):
        raise OutOfBounds("Too many files are being read at once.")
    try:
        verdict, answer = _asked(order, job, deadline)
    finally:
        _AT_ONCE.release()
    if verdict == "unfit":
        raise Unfit(answer[0], **answer[1])
    if verdict == "broken":
        raise Broken(answer)
    if verdict != "done":
        raise OutOfBounds(verdict)
    return answer


def _asked(order: dict[str, object], job: bytes, deadline: float) -> tuple[str, Any]:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _keeper.hand_over(json.dumps(order).encode(), theirs.fileno())
        try:
            ours.settimeout(deadline - time.monotonic())
            ours.sendall(len(job).to_bytes(8, "big") + job)
            answer = _read_to_end(ours, deadline)
        except OSError:
            answer = b""
    if not answer:
        return "The run took too much time or memory.", None
    # The child may have been taken over by its input: read plain data, never classes.
    try:
        verdict, content = _PlainUnpickler(io.BytesIO(answer)).load()
    except Exception as error:  # noqa: BLE001  (hostile bytes may raise anything)
        return f"The answer was no plain data: {type(error).__name__}.", None
    return str(verdict), content


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> object:
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not plain data.")


def _read_to_end(source: socket.socket, deadline: float) -> bytes:
    parts = bytearray()
    while True:
        source.settimeout(max(0.001, deadline - time.monotonic()))
        part = source.recv(1 << 20)
        if not part:
            return bytes(parts)
        parts += part
        if len(parts) > _LARGEST_ANSWER:
            return b""


# The keeper, seen from our side


class _Keeper:
    """Start the keeper when it is first needed, and anew after a fork or when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._pid = 0

    def hand_over(self, order: bytes, connection: int) -> None:
        with self._lock:
            if self._control is not None:
                with contextlib.suppress(OSError):
                    socket.send_fds(self._control, [order], [connection])
                    return
                self._stop()
            self._control = self._start()
            socket.send_fds(self._control, [order], [connection])

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        paths = [str(_ROOT), *(path for path in sys.path if path)]
        begin = f"import sys; sys.path[:] = {paths!r}; from {__name__} import keep; keep()"
        with theirs:
            self._pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-I", "-c", begin],
                {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), _CONTROL),
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                ],
            )
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
        self._control = None

    def stop(self) -> None:
        with self._lock:
            self._stop()

    def forget(self) -> None:
        """After a fork: the keeper belongs to the parent, and its lock may be held there."""
        self._lock = threading.Lock()
        if self._control is not None:
            self._control.close()
        self._control = None


_keeper = _Keeper()
atexit.register(_keeper.stop)
os.register_at_fork(after_in_child=_keeper.forget)


# The keeper's own life


def keep() -> None:
    """Fork a child for each order that comes in, until the process that started us is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Ctrl-C reaches the whole group; our owner's end is what ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=_CONTROL)
    while True:
        order, descriptors, _flags, _address = socket.recv_fds(control, 1 << 16, 1)
        if not descriptors:
            return
        with socket.socket(fileno=descriptors[0]) as connection:
            wanted = json.loads(order)
            with contextlib.suppress(Exception):
                # Imported here, once: every child after it starts with the parser in memory.
                importlib.import_module(wanted["module"])
            if os.fork() == 0:
                control.close()
                _work(connection, **wanted)


def _work(connection: socket.socket, *, module: str, seconds: int, megabytes: int) -> None:
    # A parser's complaints are about its input; what matters comes back as the answer.
    logging.disable()
    try:
        _confine(seconds, megabytes)
        answer = _answered(connection, module)
    except MemoryError:
        answer = ("The run took too much memory.", None)
    except BaseException:  # noqa: BLE001  (nothing may return into the keeper's loop)
        answer = ("broken", traceback.format_exc(limit=-6))
    with contextlib.suppress(Exception):
        connection.sendall(pickle.dumps(answer))
    os._exit(0)


def _answered(connection: socket.socket, module: str) -> tuple[str, object]:
    length = int.from_bytes(_exactly(connection, 8), "big")
    name, arguments = pickle.loads(_exactly(connection, length))  # noqa: S301  (from our parent)
    try:
        return "done", getattr(importlib.import_module(module), name)(*arguments)
    except Unfit as refused:
        return "unfit", (refused.reason, refused.details)


def _exactly(source: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = source.recv(min(1 << 20, length - len(parts)))
        if not part:
            raise EOFError("The caller went away.")
        parts += part
    return bytes(parts)


def _confine(seconds: int, megabytes: int) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 3 * seconds)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + megabytes * 1024 * 1024
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (value, value))
