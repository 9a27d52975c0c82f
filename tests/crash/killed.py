"""Ending a process at any statement of its work: what `kill -9`, a power cut or the OOM killer do.

A forked child does the work on a connection of its own; an execute wrapper counts its statements and
sends itself SIGKILL before or after one of them. The work itself knows nothing of it.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection, connections, transaction

from prs.kernel.tenancy.context import tenant_context

Work = Callable[[], Any]


def die() -> None:
    """End this process as nothing in it can prevent."""
    os.kill(os.getpid(), signal.SIGKILL)


class Reaper:
    """Counts statements, and dies right after the one it is told."""

    def __init__(self, after: int | None = None) -> None:
        self.after, self.count = after, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        self.count += 1
        if self.count == self.after:
            die()
        return answer


def statements_of(organization_id: UUID, work: Work) -> int:
    """How many statements the work takes; it is counted and undone."""
    reaper = Reaper()
    with tenant_context(organization_id):
        with connection.execute_wrapper(reaper):
            work()
        transaction.set_rollback(True)
    return reaper.count


def in_child(body: Work) -> int:
    """Run a body in a forked child: the signal that ended it, 0 when it got through."""
    # A child must not end the session of a connection that it shares with us.
    connections.close_all()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            body()
            status = 0
        except BaseException:  # noqa: BLE001  (a child reports and ends, whatever happened)
            traceback.print_exc()
        finally:
            os._exit(status)
    _pid, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)


def killed(organization_id: UUID, work: Work, *, point: int | str) -> int:
    """Do the work in a child that is killed at a point; the signal that ended it.

    A point is the number of the statement after which it happens, or "before commit" or
    "after commit".
    """

    def body() -> None:
        reaper = Reaper(point if isinstance(point, int) else None)
        with connection.execute_wrapper(reaper), tenant_context(organization_id):
            work()
            if point == "before commit":
                die()
        if point == "after commit":
            die()

    return in_child(body)
