"""How every row of the catalogue is added and changed: refused by name, written, recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict

from prs.kernel.activity.rules import Actor, Event
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal

Taken = Mapping[str, type[Refusal]]


@transaction.atomic
def added(row: Any, event: Event, taken: Taken, *, by: Actor, at: datetime) -> Any:
    """Write a new row, or refuse with the sentence of the rule that it breaks."""
    with refusing(dict(taken)):
        row.save(force_insert=True)
    record(event, row, by=by, at=at, after=model_to_dict(row))
    return row


@transaction.atomic
def changed(
    row: Any,
    fields: Mapping[str, Any],
    event: Event,
    taken: Taken,
    *,
    by: Actor,
    at: datetime,
) -> Any:
    """Change a row that still is as it was read, or refuse.

    :raises Stale: somebody else changed it in between.
    """
    with refusing(dict(taken)):
        before = write_version(row, fields)
    record(event, row, by=by, at=at, before=before, after=fields)
    return row
