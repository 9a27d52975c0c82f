"""Goods from one place to another, each step by somebody with the right to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.ledgers.stock import events
from prs.ledgers.stock.models import Adjustment, Batch, Movement, Transfer, TransferLine
from prs.ledgers.stock.services.adjusting import ask_adjustment
from prs.ledgers.stock.services.moving import Cause, Wanted, carry
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place

TRANSFER = Series("transfer", "TRF-", width=6)
State = Transfer.State


class WrongState(Refusal):
    """Somebody else took this step, or it is too early for it."""

    sentence = _("This transfer is {state} by now. Reload the page to see what can be done.")


class MoreThanSent(Invalid):
    """What arrives was sent."""

    sentence = _("Of {product} more is said to have arrived than was sent.")


class NothingSent(Invalid):
    """A transfer carries something."""

    sentence = _("Say how much of at least one product is sent.")


class ReasonMissing(Invalid):
    """Somebody waits for an answer."""

    sentence = _("Say why.")


@transaction.atomic
def draft_transfer(
    fields: Mapping[str, Any],
    lines: Mapping[Product, Decimal],
    *,
    by: Member,
    at: datetime,
) -> Transfer:
    """Write down what is to go from a place to another. Nothing moves yet."""
    transfer = Transfer.objects.create(
        **fields, number=next_number(TRANSFER, year=at.year), requested_by=by, requested_at=at
    )
    TransferLine.objects.bulk_create(
        TransferLine(
            organization_id=transfer.organization_id,
            transfer=transfer,
            product=product,
            requested=quantity,
        )
        for product, quantity in lines.items()
    )
    record(events.TRANSFER_DRAFTED, transfer, by=by, at=at, words=said(transfer))
    return transfer


def said(transfer: Transfer) -> dict[str, str]:
    """The words that events of a transfer use."""
    return {"origin": transfer.origin.name, "destination": transfer.destination.name}


def step(
    transfer: Transfer,
    since: Collection[Transfer.State],
    fields: Mapping[str, Any],
    event: Event,
    *,
    by: Member,
    at: datetime,
) -> Transfer:
    """Take a transfer a step further, if it stands where the step begins, and say so.

    :raises WrongState: it stands elsewhere by now.
    """
    before = moved_on(transfer, since, fields)
    # Who, when and which step the event itself says; a reason is worth a line of its own.
    why = {"reason": fields["reason"]} if fields.get("reason") else {}
    record(event, transfer, by=by, at=at, words=said(transfer), before=before, after=why)
    return transfer


def moved_on(
    transfer: Transfer, since: Collection[Transfer.State], fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a step, if the transfer stands where it begins; its fields as they were before.

    :raises WrongState: it stands elsewhere by now.
    """
    rows = Transfer.objects.filter(pk=transfer.pk, state__in=since)
    if not rows.update(**fields):
        transfer.refresh_from_db(fields=["state"])
        raise WrongState(state=transfer.get_state_display())
    before = {name: getattr(transfer, name) for name in fields}
    for name, value in fields.items():
        setattr(transfer, name, value)
    return before


@transaction.atomic
def request_transfer(transfer: Transfer, *, by: Member, at: datetime) -> Transfer:
    """Ask for it.

    :raises WrongState: it was asked for already.
    """
    fields = {"state": State.REQUESTED, "reason": ""}
    return step(
        transfer, [State.DRAFT, State.REJECTED], fields, events.TRANSFER_REQUESTED, by=by, at=at
    )


@transaction.atomic
def approve_transfer(
    transfer: Transfer, granted: Mapping[UUID, Decimal], *, by: Member, at: datetime
) -> Transfer:
    """Grant it; `granted` says by line how much, and what it leaves out is granted whole.

    :raises WrongState: nobody asks for it.
    """
    fields = {"state": State.APPROVED, "approved_by": by, "approved_at": at}
    step(transfer, [State.REQUESTED], fields, events.TRANSFER_APPROVED, by=by, at=at)
    for line in transfer_lines(transfer):
        line.approved = granted.get(line.pk, line.requested)
        line.save(update_fields=["approved"])
    return transfer


@transaction.atomic
def reject_transfer(transfer: Transfer, reason: str, *, by: Member, at: datetime) -> Transfer:
    """Say no, and why. It may be asked for again.

    :raises ReasonMissing: nothing is said.
    :raises WrongState: nobody asks for it.
    """
    if not reason.strip():
        raise ReasonMissing
    fields = {"state": State.REJECTED, "reason": reason.strip()}
    return step(transfer, [State.REQUESTED], fields, events.TRANSFER_REJECTED, by=by, at=at)


def transfer_lines(transfer: Transfer) -> list[TransferLine]:
    """The lines of a transfer, by product."""
    rows = TransferLine.objects.filter(transfer=transfer).select_related("product")
    return list(rows.order_by("product__name", "pk"))


def on_the_way() -> Place:
    """Where goods are between two places."""
    defaults = {"name": "In transit", "code": "TRANSIT"}
    return Place.objects.get_or_create(kind=Place.Kind.TRANSIT, defaults=defaults)[0]


def cause_of(transfer: Transfer, *, by: Member, at: datetime) -> Cause:
    """A transfer as what moves goods."""
    on = local_date(at, by.organization.time_zone)
    return Cause("stock.transfer", transfer.pk, on, by, at)


@transaction.atomic
def dispatch_transfer(
    transfer: Transfer, sent: Mapping[UUID, Decimal], *, by: Member, at: datetime
) -> Transfer:
    """Send it: goods leave their place now. `sent` says by line how much, otherwise as granted.

    :raises WrongState: it isn't approved, or was sent.
    :raises NothingSent: no line carries anything.
    :raises OutOfStock: a line isn't there; then nothing leaves.
    """
    fields = {"state": State.DISPATCHED, "dispatched_by": by, "dispatched_at": at}
    moved_on(transfer, [State.APPROVED], fields)
    lines = transfer_lines(transfer)
    for line in lines:
        line.dispatched = sent.get(line.pk, line.approved)
        line.save(update_fields=["dispatched"])
    wanted = [Wanted(line.product, line.dispatched, line.pk) for line in lines if line.dispatched]
    if not wanted:
        raise NothingSent
    carry(
        wanted,
        Movement.Kind.DISPATCH,
        cause_of(transfer, by=by, at=at),
        origin=transfer.origin,
        destination=on_the_way(),
    )
    # Said last: what follows from it, the books first of all, asks what has moved.
    record(events.TRANSFER_DISPATCHED, transfer, by=by, at=at, words=said(transfer))
    return transfer


@transaction.atomic
def receive_transfer(
    transfer: Transfer,
    arrived: Mapping[UUID, Decimal],
    *,
    by: Member,
    at: datetime,
    remarks: Mapping[UUID, str] | None = None,
) -> Transfer:
    """Take it in. What was sent and didn't arrive stays in transit, and a loss is asked for, which
    somebody else approves. `remarks` says by line why something is missing.

    :raises WrongState: it wasn't sent, or was received.
    :raises MoreThanSent: more of a line is said to have arrived than was sent.
    """
    fields = {"state": State.RECEIVED, "received_by": by, "received_at": at}
    moved_on(transfer, [State.DISPATCHED], fields)
    lines = transfer_lines(transfer)
    for line in lines:
        line.received = arrived.get(line.pk, line.dispatched)
        line.remark = (remarks or {}).get(line.pk, "").strip()[:200]
        if (line.received or 0) > (line.dispatched or 0):
            raise MoreThanSent(product=line.product.name)
        line.save(update_fields=["received", "remark"])
    missing = land(transfer, lines, cause_of(transfer, by=by, at=at))
    record(events.TRANSFER_RECEIVED, transfer, by=by, at=at, words=said(transfer))
    for batch_id, (quantity, remark) in missing.items():
        ask_adjustment(
            Batch.objects.get(pk=batch_id),
            on_the_way(),
            {
                "kind": Adjustment.Kind.LOSS,
                "quantity": quantity,
                "reason": remark or str(_("It was sent and did not arrive.")),
                "reference": transfer.number,
            },
            by=by,
            at=at,
        )
    return transfer


def land(
    transfer: Transfer, lines: list[TransferLine], cause: Cause
) -> dict[UUID, tuple[Decimal, str]]:
    """Bring what arrived from the way to its place: the same batches that were sent. What is missing
    of each batch comes back, with what was said of it.
    """
    way = on_the_way()
    sent = Movement.objects.filter(
        source_id=transfer.pk, kind=Movement.Kind.DISPATCH, place=way
    ).order_by("pk")
    left = {line.pk: line.received or Decimal(0) for line in lines}
    of = {line.pk: line for line in lines}
    wanted, missing = [], {}
    for row in sent:
        line, quantity = of[row.line_id], min(row.quantity, left[row.line_id])
        left[row.line_id] -= quantity
        if quantity:
            wanted.append(Wanted(line.product, quantity, line.pk, row.batch_id))
        if quantity < row.quantity:
            missing[row.batch_id] = (row.quantity - quantity, line.remark)
    if wanted:
        carry(
            wanted,
            Movement.Kind.ARRIVAL,
            cause,
            origin=way,
            destination=transfer.destination,
        )
    return missing


@transaction.atomic
def cancel_transfer(transfer: Transfer, reason: str, *, by: Member, at: datetime) -> Transfer:
    """Call it off before it is sent.

    :raises ReasonMissing: nothing is said.
    :raises WrongState: it was sent: receive it, and send it back.
    """
    if not reason.strip():
        raise ReasonMissing
    fields = {"state": State.CANCELLED, "reason": reason.strip()}
    since = [State.DRAFT, State.REQUESTED, State.APPROVED, State.REJECTED]
    return step(transfer, since, fields, events.TRANSFER_CANCELLED, by=by, at=at)
