"""Prices of a batch: the only thing about it that changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from prs.kernel.activity.services import record
from prs.kernel.db.versions import write_version
from prs.kernel.identity.models import Member
from prs.ledgers.stock import events
from prs.ledgers.stock.models import Batch


@transaction.atomic
def change_prices(batch: Batch, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Batch:
    """Sell a batch for something else: `retail_price` and `wholesale_price`."""
    before = write_version(batch, fields)
    words = {"product": batch.product.name}
    record(events.BATCH_PRICED, batch, by=by, at=at, words=words, before=before, after=dict(fields))
    return batch
