"""Where an action comes from: set once at the edge, written into every audit row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The request behind an action. `session` is a digest, never the session's key."""

    request_id: str = ""
    session: str = ""
    address: str = ""


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def current_origin() -> Origin:
    """The origin of the running block; empty for work that no request asked for."""
    return _origin.get()


@contextmanager
def acting_from(origin: Origin) -> Iterator[None]:
    """Run a block whose audit rows name this origin."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)
