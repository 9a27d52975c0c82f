"""Entering an organization: the only way in, for requests, tasks, commands and streams.

The database learns the organization by a setting of the transaction, Python by a context variable.
Both end together with the block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction

R = TypeVar("R")

_organization: ContextVar[UUID | None] = ContextVar("organization", default=None)


class NoOrganization(RuntimeError):
    """A tenant table was asked outside any organization: a fault in the code, never an empty list."""


def current_organization() -> UUID | None:
    """The organization of the running block, or None outside."""
    return _organization.get()


def required_organization() -> UUID:
    """The organization of the running block.

    :raises NoOrganization: outside `tenant_context`.
    """
    organization = _organization.get()
    if organization is None:
        raise NoOrganization("Enter tenant_context before touching an organization's tables.")
    return organization


def _tell_database(name: str, value: str, *, read_only: bool = False) -> None:
    settings = "set_config(%s, %s, true)"
    if read_only:
        settings += ", set_config('transaction_read_only', 'on', true)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {settings}", (name, value))


@contextmanager
def _setting(name: str, value: str, before: str, *, read_only: bool = False) -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic():
        # Inside another transaction read-only could not be taken back, so it holds outermost only.
        _tell_database(name, value, read_only=read_only and not nested)
        yield
        # A local setting outlives a released savepoint, so an outer block gets its own value back.
        if nested and not connection.needs_rollback:
            _tell_database(name, before)


@contextmanager
def tenant_context(organization_id: UUID, *, read_only: bool = False) -> Iterator[None]:
    """Run a block as one organization, in a transaction that knows it.

    With `read_only` PostgreSQL itself refuses every write of the block.
    """
    before = _organization.get()
    token = _organization.set(organization_id)
    try:
        with _setting("prs.org", str(organization_id), str(before or ""), read_only=read_only):
            yield
    finally:
        _organization.reset(token)


@contextmanager
def platform_context() -> Iterator[None]:
    """Run a block that may see and change every organization's own row, and nothing inside one."""
    with _setting("prs.platform", "on", ""):
        yield


def tenant_task(task: Callable[..., R]) -> Callable[..., R]:
    """Mark a background entry point: it is called with `organization_id` and runs inside it."""

    @wraps(task)
    def entered(*, organization_id: str | UUID, **ids: Any) -> R:
        with tenant_context(UUID(str(organization_id))):
            return task(**ids)

    return entered
