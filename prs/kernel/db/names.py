"""From the name of a broken constraint to the sentence a person reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from prs.kernel.errors import Refusal


def broken_constraint(error: BaseException) -> str:
    """The name of the constraint behind a database error, or an empty string."""
    diagnosis = getattr(error.__cause__ or error, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


@contextmanager
def refusing(refusals: dict[str, type[Refusal]]) -> Iterator[None]:
    """Run a write inside a savepoint and turn a named constraint's error into its refusal."""
    with named(refusals), transaction.atomic():
        yield


@contextmanager
def named(refusals: dict[str, type[Refusal]]) -> Iterator[None]:
    """Turn a named constraint's error into its refusal, for a write whose caller undoes everything."""
    try:
        yield
    except IntegrityError as error:
        refusal = refusals.get(broken_constraint(error))
        if refusal is None:
            raise
        raise refusal from error
