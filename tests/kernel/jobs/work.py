"""Functions for jobs to call: they write down that they were called."""

from __future__ import annotations

import os
import signal
import time

from django.core.cache import cache

calls: list[dict[str, object]] = []


def remember(**ids: object) -> None:
    calls.append(ids)


def fail(**ids: object) -> None:
    calls.append(ids)
    raise ValueError("no mail for amina@shop.example.org")


def count(key: str) -> None:
    """Count a call where another process can see it."""
    cache.add(key, 0)
    cache.incr(key)


def count_slowly(key: str, seconds: int) -> None:
    count(f"{key}:begun")
    time.sleep(seconds)
    count(key)


def die_once(key: str) -> None:
    """Take the worker down at the first call, and count the second."""
    if cache.add(f"{key}:died", 1):
        os.kill(os.getpid(), signal.SIGKILL)
    count(key)


def die_always(key: str) -> None:
    count(key)
    os.kill(os.getpid(), signal.SIGKILL)
