"""A shop asks for goods, and somebody makes a transfer of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.ledgers.stock import events
from prs.ledgers.stock.models import StockRequest, StockRequestLine, Transfer
from prs.ledgers.stock.services.transferring import (
    approve_transfer,
    cancel_transfer,
    dispatch_transfer,
    draft_transfer,
    request_transfer,
)
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place

REQUEST = Series("stock_request", "REQ-", width=6)
State = StockRequest.State
Way = Transfer.State
# The goods of a transfer that stands so lie where they lay.
NOT_LEFT = frozenset({Way.DRAFT, Way.REQUESTED, Way.APPROVED, Way.REJECTED})
# And these will arrive, if nobody says no.
COMING = frozenset({Way.REQUESTED, Way.APPROVED, Way.DISPATCHED})


class RequestMoved(Refusal):
    """Somebody works on it, or it is over."""

    sentence = _("This request is {state} by now. Reload the page to see what can be done.")


class NothingAsked(Invalid):
    """A request asks for something."""

    sentence = _("Name at least one product, and how much of it.")


class ReasonMissing(Invalid):
    """Somebody waits for an answer."""

    sentence = _("Say why.")


class SameState(Refusal):
    """A status is set to another one."""

    sentence = _("The request is {state} already. Choose another status.")


class AlreadyFulfilled(Refusal):
    """The goods have arrived."""

    sentence = _(
        "This request was fulfilled. Say that you insist; what has moved is corrected by a "
        "transfer or an adjustment."
    )


class NoTransfer(Invalid):
    """A request is assigned by making a transfer of it."""

    sentence = _("No transfer was made of this request. Make one, and it is assigned.")


class SamePlace(Invalid):
    """Goods come from elsewhere."""

    sentence = _("Goods can't be sent to the place they come from.")


def write_lines(request: StockRequest, lines: Mapping[Product, Decimal]) -> None:
    """Write what is asked for.

    :raises NothingAsked: that is nothing.
    """
    if not lines:
        raise NothingAsked
    StockRequestLine.objects.bulk_create(
        StockRequestLine(
            organization_id=request.organization_id,
            request=request,
            product=product,
            quantity=quantity,
        )
        for product, quantity in lines.items()
    )


@transaction.atomic
def ask_stock(
    fields: Mapping[str, Any], lines: Mapping[Product, Decimal], *, by: Member, at: datetime
) -> StockRequest:
    """Ask for goods at a place.

    :raises NothingAsked: for nothing.
    """
    row = StockRequest.objects.create(
        **fields, number=next_number(REQUEST, year=at.year), requested_by=by, requested_at=at
    )
    write_lines(row, lines)
    record(events.REQUEST_MADE, row, by=by, at=at, words={"place": row.place.name})
    return row


@transaction.atomic
def change_request(
    row: StockRequest,
    fields: Mapping[str, Any],
    lines: Mapping[Product, Decimal],
    *,
    by: Member,
    at: datetime,
) -> StockRequest:
    """Ask for something else, while nobody works on it.

    :raises RequestMoved: somebody does, or it is over.
    :raises NothingAsked: for nothing.
    """
    if row.state != State.NEW:
        raise RequestMoved(state=row.get_state_display())
    before = write_version(row, fields)
    StockRequestLine.objects.filter(request=row).delete()
    write_lines(row, lines)
    words = {"place": row.place.name}
    record(
        events.REQUEST_CHANGED, row, by=by, at=at, words=words, before=before, after=dict(fields)
    )
    return row


def won(row: StockRequest, since: State, fields: Mapping[str, Any]) -> None:
    """Take a step that only one takes.

    :raises RequestMoved: somebody else took one.
    """
    if not StockRequest.objects.filter(pk=row.pk, state=since).update(**fields):
        row.refresh_from_db(fields=["state"])
        raise RequestMoved(state=row.get_state_display())
    for name, value in fields.items():
        setattr(row, name, value)


@transaction.atomic
def cancel_request(row: StockRequest, reason: str, *, by: Member, at: datetime) -> StockRequest:
    """Ask no more.

    :raises ReasonMissing: it isn't said why.
    :raises RequestMoved: somebody works on it, or it is over.
    """
    if not reason.strip():
        raise ReasonMissing
    won(row, State.NEW, {"state": State.CANCELLED, "reason": reason.strip()})
    record(events.REQUEST_CANCELLED, row, by=by, at=at, words={"place": row.place.name})
    return row


@transaction.atomic
def assign_request(row: StockRequest, origin: Place, *, by: Member, at: datetime) -> Transfer:
    """Make a transfer of it, asked for already, from where the goods are.

    :raises SamePlace: they are where they are asked for.
    :raises RequestMoved: somebody works on it, or it is over.
    """
    if origin.pk == row.place_id:
        raise SamePlace
    lines = StockRequestLine.objects.filter(request=row).select_related("product")
    ends = {
        "origin": origin,
        "destination": row.place,
        "priority": row.priority,
        "notes": row.notes,
    }
    transfer = draft_transfer(ends, {line.product: line.quantity for line in lines}, by=by, at=at)
    request_transfer(transfer, by=by, at=at)
    won(row, State.NEW, {"state": State.ASSIGNED, "transfer": transfer, "assigned_by": by})
    words = {"place": row.place.name, "transfer": transfer.number}
    record(events.REQUEST_ASSIGNED, row, by=by, at=at, words=words)
    return transfer


@transaction.atomic
def fulfil_request(row: StockRequest, origin: Place, *, by: Member, at: datetime) -> Transfer:
    """Send everything that is asked for at once: a transfer of it, approved and on its way.

    Who may do so approves transfers and sends them. It is fulfilled when the goods arrive.

    :raises SamePlace: they are where they are asked for.
    :raises RequestMoved: somebody works on it, or it is over.
    :raises OutOfStock: a line isn't there whole; then nothing leaves.
    """
    transfer = assign_request(row, origin, by=by, at=at)
    approve_transfer(transfer, {}, by=by, at=at)
    return dispatch_transfer(transfer, {}, by=by, at=at)


@transaction.atomic
def override_request(
    row: StockRequest,
    state: str,
    reason: str,
    *,
    by: Member,
    at: datetime,
    force: bool = False,
) -> StockRequest:
    """Set the status of a request by hand, and why; the history keeps what it was.

    Nothing moves: a transfer of it that has not left is called off unless the request stays
    assigned to it, and one that has left goes its own way. `force` takes a fulfilled one back.

    :raises ReasonMissing: it isn't said why.
    :raises SameState: it is so already.
    :raises AlreadyFulfilled: it was fulfilled, and nobody insists.
    :raises NoTransfer: only a transfer makes it assigned.
    :raises RequestMoved: somebody else took a step at this moment.
    """
    if not reason.strip():
        raise ReasonMissing
    old, new = State(row.state), State(state)
    if old == new:
        raise SameState(state=old.label)
    if old == State.FULFILLED and not force:
        raise AlreadyFulfilled
    transfer = row.transfer
    if new == State.ASSIGNED and (transfer is None or transfer.state not in COMING):
        raise NoTransfer
    called_off = transfer is not None and new != State.ASSIGNED and transfer.state in NOT_LEFT
    fields: dict[str, Any] = {
        "state": new,
        "reason": reason.strip(),
        "overridden_by": by,
        "overridden_at": at,
        "fulfilled_at": at if new == State.FULFILLED else None,
    }
    if new == State.NEW or called_off:
        fields |= {"transfer": None, "assigned_by": None}
    won(row, old, fields)
    words = {
        "place": row.place.name,
        "old": str(old.label),
        "new": str(new.label),
        "reason": reason.strip(),
    }
    after = {"state": new.value, "reason": reason.strip()}
    record(
        events.REQUEST_OVERRIDDEN,
        row,
        by=by,
        at=at,
        words=words,
        before={"state": old.value},
        after=after,
    )
    if transfer is not None and called_off:
        cancel_transfer(transfer, reason, by=by, at=at)
    return row


@transaction.atomic
def follow_transfer(transfer: Transfer, *, by: Any, at: datetime) -> None:
    """What became of a transfer becomes of the request that it was made of."""
    rows = StockRequest.objects.filter(transfer=transfer, state=State.ASSIGNED)
    for row in rows.select_related("place"):
        words = {"place": row.place.name, "transfer": transfer.number}
        if transfer.state == Transfer.State.RECEIVED:
            won(row, State.ASSIGNED, {"state": State.FULFILLED, "fulfilled_at": at})
            record(events.REQUEST_FULFILLED, row, by=by, at=at, words=words)
        else:
            won(row, State.ASSIGNED, {"state": State.NEW, "transfer": None, "assigned_by": None})
            record(events.REQUEST_REOPENED, row, by=by, at=at, words=words)
