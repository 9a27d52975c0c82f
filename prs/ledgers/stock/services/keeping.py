"""Goods that are lost although somebody keeps them: the loss is a fact, so the newest keepers give way."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.ledgers.stock import events
from prs.ledgers.stock.models import Batch, Reservation
from prs.ledgers.stock.services.moving import held
from prs.masterdata.places.models import Place


def make_room(batch: Batch, place: Place, quantity: Decimal, *, by: Actor, at: datetime) -> None:
    """Let go the newest of what is kept of a batch, until so much of it is free.

    Nothing is let go when less than that lies there: then the loss itself is wrong.
    """
    # Read under the lock that whoever keeps or takes goods waits at.
    rows = {row.batch: row for row in held(place, [batch.product_id], at=at)[batch.product_id]}
    there = rows[batch.pk].on_hand if batch.pk in rows else Decimal(0)
    kept = list(
        Reservation.objects.filter(
            batch=batch, place=place, state=Reservation.State.ACTIVE, expires_at__gt=at
        )
        .select_related("product")
        .order_by("-reserved_at", "-pk")
    )
    short = quantity - (there - sum((row.quantity for row in kept), Decimal(0)))
    if there < quantity:
        return
    for row in kept:
        if short <= 0:
            return
        row.state = Reservation.State.RELEASED
        row.save(update_fields=["state"])
        short -= row.quantity
        words = {
            "product": row.product.name,
            "place": place.name,
            "quantity": f"{row.quantity.normalize():f}",
        }
        record(events.RESERVATION_LOST, row, by=by, at=at, words=words)
