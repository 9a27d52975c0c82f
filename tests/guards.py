"""Guards that hold in every test."""

from __future__ import annotations

import re
from typing import Any

WRITES = re.compile(
    r"^\s*(INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE)\s+\"?(\w+)", re.IGNORECASE
)
# A visit may be noted and a session begun, whatever the page: these stand outside the organization.
VISITS = frozenset(
    {
        "django_session",
        "usersessions_usersession",
        "identity_securityevent",
        "cache",
        # A request to the API is counted, written into its key's log, and marks the key as used.
        "api_allowance",
        "api_apirequest",
        "identity_apikey",
    }
)


class WroteWhileReading(AssertionError):
    """A page that is read issued a write."""


def only_reads(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """An execute wrapper that lets reads through, and what is noted of a visit."""
    writes = WRITES.match(sql)
    if writes and writes[2] not in VISITS:
        raise WroteWhileReading(f"A GET must not write: {sql[:200]}")
    return execute(sql, params, many, context)
