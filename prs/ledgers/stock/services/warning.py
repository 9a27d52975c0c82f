"""Warning of what runs out or expires, once, until it is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from prs.kernel.activity.rules import SYSTEM, Event
from prs.kernel.activity.services import record
from prs.ledgers.stock import events, rules, selectors
from prs.ledgers.stock.models import StockAlert

Kind = StockAlert.Kind
Key = tuple[str, UUID, UUID | None]
NAMED = 5


def due_alerts(today: date) -> dict[Key, StockAlert]:
    """What there is to warn of today."""
    found: dict[Key, StockAlert] = {}
    for low in selectors.running_out(today=today):
        if low.stock > low.product.reorder_point:
            continue
        kind = Kind.LOW if low.stock > 0 else Kind.OUT
        found[kind, low.product.pk, None] = StockAlert(
            kind=kind,
            product=low.product,
            quantity=low.stock,
            threshold=low.product.reorder_point,
        )
    for row in selectors.expiring(until=today + timedelta(days=rules.EXPIRY_DAYS)):
        known = found.get((Kind.EXPIRING, row.product_id, row.batch_id))
        if known is not None:
            known.quantity += row.on_hand
            continue
        found[Kind.EXPIRING, row.product_id, row.batch_id] = StockAlert(
            kind=Kind.EXPIRING, product=row.product, batch=row.batch, quantity=row.on_hand
        )
    return found


@transaction.atomic
def raise_stock_alerts(*, today: date, at: datetime, expiry: bool = True) -> int:
    """Bring the alerts up to date: new ones are told of, those that are over are resolved. How many
    are new comes back. Twice is once.
    """
    due = due_alerts(today)
    standing = {
        (row.kind, row.product_id, row.batch_id): row
        for row in StockAlert.objects.select_for_update(of=("self",), no_key=True).filter(
            resolved_at__isnull=True
        )
        if expiry or row.kind != Kind.EXPIRING
    }
    for key, row in standing.items():
        fresh = due.get(key)
        if fresh is None:
            row.resolved_at = at
            row.save(update_fields=["resolved_at"])
        elif fresh.quantity != row.quantity:
            row.quantity = fresh.quantity
            row.save(update_fields=["quantity"])
    new = [
        row
        for key, row in due.items()
        if key not in standing and (expiry or row.kind != Kind.EXPIRING)
    ]
    for row in new:
        row.raised_at = at
        row.save(force_insert=True)
    tell(new, at=at)
    return len(new)


def tell(rows: Iterable[StockAlert], *, at: datetime) -> None:
    """Say once of each kind what is new: a hundred products are one message."""
    told: list[tuple[Event, set[str]]] = [
        (events.RUNNING_OUT, {Kind.LOW, Kind.OUT}),
        (events.EXPIRING, {Kind.EXPIRING}),
    ]
    every = list(rows)
    for event, kinds in told:
        of_kind = [row for row in every if row.kind in kinds]
        if not of_kind:
            continue
        names = ", ".join(row.product.name for row in of_kind[:NAMED])
        more = " …" if len(of_kind) > NAMED else ""
        words = {"count": str(len(of_kind)), "products": f"{names}{more}"}
        record(event, of_kind[0], by=SYSTEM, at=at, words=words)
