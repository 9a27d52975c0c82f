"""What happens to stock. Those whose right makes it their business are told."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "stock.view"


def event(
    code: str,
    title: Any,
    sentence: Any,
    *,
    told: tuple[str, ...] = (),
    told_as: tuple[str, ...] = (),
    mail: bool = False,
) -> Event:
    """An event of stock."""
    return Event(
        f"stock.{code}",
        title,
        sentence,
        told=told,
        told_as=told_as,
        sees=SEES,
        category="stock",
        mail=mail,
    )


TRANSFER_DRAFTED = event(
    "transfer_drafted",
    _("Transfer drafted"),
    _("{actor} drafted transfer {subject} from {origin} to {destination}."),
)
TRANSFER_REQUESTED = event(
    "transfer_requested",
    _("Transfer requested"),
    _("{actor} asks for transfer {subject} from {origin} to {destination}."),
    told=("stock.approve_transfers",),
)
TRANSFER_APPROVED = event(
    "transfer_approved",
    _("Transfer approved"),
    _("{actor} approved transfer {subject} from {origin} to {destination}."),
    told_as=("requested_by_id",),
)
TRANSFER_REJECTED = event(
    "transfer_rejected",
    _("Transfer rejected"),
    _("{actor} rejected transfer {subject} from {origin} to {destination}."),
    told_as=("requested_by_id",),
)
TRANSFER_DISPATCHED = event(
    "transfer_dispatched",
    _("Transfer sent"),
    _("{actor} sent transfer {subject} from {origin} to {destination}."),
    told_as=("requested_by_id",),
)
TRANSFER_RECEIVED = event(
    "transfer_received",
    _("Transfer received"),
    _("{actor} received transfer {subject} from {origin} at {destination}."),
    told_as=("dispatched_by_id",),
)
TRANSFER_CANCELLED = event(
    "transfer_cancelled",
    _("Transfer cancelled"),
    _("{actor} cancelled transfer {subject} from {origin} to {destination}."),
    told_as=("requested_by_id", "approved_by_id"),
)
ADJUSTMENT_ASKED = event(
    "adjustment_asked",
    _("Adjustment asked for"),
    _("{actor} asks to adjust {product} at {place} by {quantity}: {subject}."),
    told=("stock.approve_adjustments",),
)
ADJUSTMENT_APPROVED = event(
    "adjustment_approved",
    _("Adjustment approved"),
    _("{actor} approved adjustment {subject}: {product} at {place} by {quantity}."),
    told_as=("created_by_id",),
)
ADJUSTMENT_REJECTED = event(
    "adjustment_rejected",
    _("Adjustment rejected"),
    _("{actor} rejected adjustment {subject}: {product} at {place} by {quantity}."),
    told_as=("created_by_id",),
)
COUNT_OPENED = event(
    "count_opened",
    _("Count begun"),
    _("{actor} began count {subject} of {place}."),
)
COUNT_CLOSED = event(
    "count_closed",
    _("Count ended"),
    _("{actor} ended count {subject} of {place} with {differences} differences."),
)
COUNT_CANCELLED = event(
    "count_cancelled",
    _("Count given up"),
    _("{actor} gave up count {subject} of {place}."),
)
RESERVATION_LOST = event(
    "reservation_lost",
    _("Kept goods are lost"),
    _("{quantity} of {product} at {place} were kept for somebody and are lost."),
    told=("stock.approve_adjustments",),
)
REQUEST_MADE = event(
    "request_made",
    _("Goods asked for"),
    _("{actor} asks for goods at {place}: {subject}."),
    told=("stock.approve_transfers",),
)
REQUEST_CHANGED = event(
    "request_changed",
    _("Request for goods changed"),
    _("{actor} changed request {subject} for {place}."),
)
REQUEST_CANCELLED = event(
    "request_cancelled",
    _("Request for goods cancelled"),
    _("{actor} cancelled request {subject} for {place}."),
    told_as=("requested_by_id",),
)
REQUEST_ASSIGNED = event(
    "request_assigned",
    _("Request for goods assigned"),
    _("{actor} made transfer {transfer} of request {subject} for {place}."),
    told_as=("requested_by_id",),
)
REQUEST_FULFILLED = event(
    "request_fulfilled",
    _("Request for goods fulfilled"),
    _("The goods of request {subject} arrived at {place} with transfer {transfer}."),
    told_as=("requested_by_id",),
)
REQUEST_REOPENED = event(
    "request_reopened",
    _("Request for goods is open again"),
    _("Transfer {transfer} was called off; request {subject} for {place} is open again."),
    told_as=("requested_by_id",),
)
REQUEST_OVERRIDDEN = event(
    "request_overridden",
    _("Status of a request set by hand"),
    _("{actor} set request {subject} for {place} from {old} to {new}: {reason}"),
    told_as=("requested_by_id", "assigned_by_id"),
)
BATCH_PRICED = event(
    "batch_priced",
    _("Prices of a batch changed"),
    _("{actor} changed the prices of batch {subject} of {product}."),
)
WEEK_MOVED = event(
    "week_moved",
    _("The week in stock"),
    _(
        "From {first} to {last} goods moved {moves} times: {came} times they came in, {sold} times "
        "they were sold, {adjusted} times stock was adjusted. Most sold: {most}."
    ),
    told=("stock.approve_adjustments",),
    mail=True,
)
RUNNING_OUT = event(
    "running_out",
    _("Stock runs out"),
    _("{count} products to order again: {products}."),
    told=("purchasing.order",),
)
EXPIRING = event(
    "expiring",
    _("Goods expire soon"),
    _("{count} batches expire within 30 days: {products}."),
    told=("stock.approve_adjustments",),
)
