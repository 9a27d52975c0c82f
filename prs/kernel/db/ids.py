"""Identifiers: UUIDv7, so that primary keys grow with time and tell nothing else."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562) as a standard UUID."""
    return uuid7()
