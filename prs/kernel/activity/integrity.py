"""Is what the database holds true? Every check that the top of the stack lists, per organization."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from prs.kernel.tenancy.context import tenant_context


@dataclass(frozen=True)
class Check:
    """Something that must hold. `look` yields a sentence for each thing of the current organization
    that does not.
    """

    name: str
    look: Callable[[], Iterable[str]]


@dataclass(frozen=True)
class Finding:
    """Something that does not hold."""

    check: str
    sentence: str


def checks() -> tuple[Check, ...]:
    """The checks of the whole product."""
    listed: Any = import_string(settings.PRS_INTEGRITY)
    return tuple(listed)


def findings(organization_id: UUID) -> Iterator[Finding]:
    """What does not hold in an organization. Reads only."""
    with tenant_context(organization_id, read_only=True):
        for check in checks():
            for sentence in check.look():
                yield Finding(check.name, sentence)
