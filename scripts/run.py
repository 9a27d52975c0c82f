"""Run PRS on this machine until Ctrl-C: release, demo data, then web and worker; leave nothing behind.

``run.py`` starts, ``run.py stop`` ends a run that was started elsewhere.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn
from urllib.error import URLError

import psutil

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
MANAGE = [sys.executable, str(ROOT / "manage.py")]
PORT = int(os.environ.get("PORT") or "8000")
ADDRESS = f"http://localhost:{PORT}"
READY_WITHIN = 90
STOP_WITHIN = 15
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class Stopped(BaseException):
    """A signal asked for the end."""


def say(text: str) -> None:
    """Print, unless the terminal is gone."""
    with suppress(OSError):
        print(text, flush=True)


def stop_by_signal(number: int, _frame: FrameType | None) -> NoReturn:
    """Turn the first signal into an orderly end, and ignore the ones after it."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def own_the_descendants() -> None:
    """Become the parent of every orphan below, and learn when the caller is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_by_signal)
    system = ctypes.CDLL(None)
    system.prctl(PR_SET_CHILD_SUBREAPER, 1)
    system.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def lock() -> IO[str]:
    """Hold this folder's run, or end with a sentence when another run does."""
    VAR.mkdir(parents=True, exist_ok=True)
    held = (VAR / "run.lock").open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.seek(0)
        sys.exit(f"PRS already runs from this folder (process {held.read()}). `make stop` ends it.")
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def refuse_busy_port() -> None:
    """End with a sentence when somebody else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", PORT))
        except OSError:
            sys.exit(
                f"Port {PORT} is in use. Stop what listens there, or: PORT={PORT + 1} make run"
            )


def manage(*words: str) -> None:
    """Run one of Django's commands, and end when it fails."""
    done = subprocess.run([*MANAGE, *words], check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(f"`manage.py {' '.join(words)}` failed; see above.")


def start() -> subprocess.Popen[bytes]:
    """Start the processes of the Procfile in a session of their own."""
    honcho = [sys.executable, "-m", "honcho", "start", "-p", str(PORT), "web", "worker"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.Popen(
        honcho, cwd=ROOT, env={**os.environ, "PATH": path}, start_new_session=True
    )


def wait_until_ready(processes: subprocess.Popen[bytes]) -> bool:
    """Wait for the first ready answer; False when there is none in time."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and processes.poll() is None:
        with suppress(URLError, OSError):
            request = urllib.request.Request(f"http://127.0.0.1:{PORT}/readyz")
            with urllib.request.urlopen(request, timeout=5):
                return True
        time.sleep(0.5)
    return False


def leftovers() -> list[psutil.Process]:
    """Every process below this one, except the database's."""
    below = psutil.Process().children(recursive=True)
    return [process for process in below if process.is_running() and not is_postgres(process)]


def is_postgres(process: psutil.Process) -> bool:
    """Whether a process belongs to the database server."""
    try:
        return process.name().startswith("postgres")
    except psutil.NoSuchProcess:
        return False


def end(processes: subprocess.Popen[bytes] | None) -> None:
    """End every process below, politely first."""
    if processes is not None and processes.poll() is None:
        processes.terminate()
        with suppress(subprocess.TimeoutExpired):
            processes.wait(STOP_WITHIN)
    for process in leftovers():
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _gone, alive = psutil.wait_procs(leftovers(), timeout=STOP_WITHIN)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def stop_database() -> None:
    """Stop the embedded PostgreSQL of this folder, if it runs."""
    try:
        server = psutil.Process(int((VAR / "postgres" / "postmaster.pid").read_text().split()[0]))
        if is_postgres(server):
            server.send_signal(signal.SIGINT)
            server.wait(STOP_WITHIN)
    except (OSError, ValueError, IndexError, psutil.Error):
        return


def run() -> None:
    """Start, wait for the end, and clean up."""
    held = lock()
    refuse_busy_port()
    os.environ.setdefault("SITE_URL", ADDRESS)
    os.environ.setdefault("LOG_FORMAT", "text")
    own_the_descendants()
    processes = None
    try:
        say("Preparing the database and static files ...")
        manage("release", "--demo", "-v0")
        processes = start()
        if wait_until_ready(processes):
            say(f"\nPRS is ready at {ADDRESS}\n")
            manage("demo_logins")
            say("\nCtrl-C stops it.\n")
        elif processes.poll() is None:
            say(f"PRS does not say that it is ready; see {ADDRESS}/readyz")
        processes.wait()
    except Stopped:
        say("\nStopping ...")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end(processes)
        stop_database()
        held.close()
    sys.exit(processes.returncode if processes and processes.returncode not in (None, 143) else 0)


def stop() -> None:
    """End a run that was started elsewhere, and a database that was left running."""
    with suppress(OSError, ValueError, psutil.Error):
        runner = psutil.Process(int((VAR / "run.lock").read_text()))
        if "run.py" in " ".join(runner.cmdline()):
            runner.terminate()
            runner.wait(STOP_WITHIN * 3)
    stop_database()
    say("PRS is stopped.")


if __name__ == "__main__":
    stop() if sys.argv[1:] == ["stop"] else run()
