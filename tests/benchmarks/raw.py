"""The bare limit of a write: the statements it sends, sent again without the code that made them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from prs.kernel.tenancy.context import tenant_context

Statement = tuple[str, Any]
WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")


@contextmanager
def undone(organization_id: UUID) -> Iterator[None]:
    """A tenant's transaction whose deferred rules run and whose rows are not kept.

    Both sides of a comparison are undone alike, so the commit's flush is in neither.
    """
    with tenant_context(organization_id):
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def writes_of(act: Callable[[], object], organization_id: UUID) -> list[Statement]:
    """The statements by which an act writes."""
    caught: list[Statement] = []

    def catch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(WRITES):
            caught.append((sql, params))
        return execute(sql, params, many, context)

    with undone(organization_id), connection.execute_wrapper(catch):
        act()
    return caught


def seconds_of(act: Callable[[], object], organization_id: UUID, *, count: int) -> float:
    """Seconds that an act takes, the best of `count` (other work on the machine only adds)."""
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        with undone(organization_id):
            act()
        taken.append(time.perf_counter() - began)
    return sorted(taken)[len(taken) // 4]


def sent(statements: list[Statement]) -> Callable[[], None]:
    """An act that only sends these statements, through the driver alone."""

    def act() -> None:
        with connection.connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)

    return act
