"""Optimistic locking: a change counts only against the version that its writer had read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Refusal


class Stale(Refusal):
    """Somebody else saved in between."""

    sentence = _(
        "Someone changed this while you were writing. Reload the page to see it as it is now."
    )


@transaction.atomic
def write_version(row: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write fields to a row that still has the version it carries, and return them as they were.

    The row gets the new values and the new version.
    :raises Stale: the row changed since it was read, or is gone.
    """
    rows = type(row).objects.select_for_update(of=("self",), no_key=True)
    stored = rows.filter(pk=row.pk, version=row.version).first()
    if stored is None:
        raise Stale
    before = {name: getattr(stored, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
        setattr(stored, name, value)
    row.version = stored.version = stored.version + 1
    stored.save(update_fields=[*fields, "version"])
    return before
