"""What the tests of confinement run in its children."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from prs.kernel.confined import Unfit


def double(value):
    return value * 2


def refuse():
    raise Unfit("too-blue", limit=3)


def fail():
    raise LookupError("no such thing")


def spin():
    while True:
        pass


def sleep():
    time.sleep(60)


def hoard(megabytes):
    return len(bytearray(megabytes * 1024 * 1024))


def vanish():
    os._exit(7)


def crash():
    os.abort()


def environment():
    return dict(os.environ)


def write(path):
    Path(path).write_text("x" * 10)


def answer_with_a_class():
    return Path("/etc/passwd")


def process_ids():
    return os.getpid(), os.getppid()


def open_descriptors():
    links = []
    for name in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.append(str(name.readlink()))
    return links
