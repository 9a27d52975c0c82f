"""Corrections of stock: one asks, another approves, and approving carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.errors import Forbidden, Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.kernel.tenancy.services import keep_file
from prs.ledgers.stock import events
from prs.ledgers.stock.models import Adjustment, Balance, Batch, Movement
from prs.ledgers.stock.rules import FINDS, LOSSES
from prs.ledgers.stock.services.keeping import make_room
from prs.ledgers.stock.services.moving import Cause, Move, Wanted, take, unit_of_money, write
from prs.masterdata.places.models import Place

ADJUSTMENT = Series("adjustment", "ADJ-", width=6)
State = Adjustment.State


class NothingToAdjust(Invalid):
    """A correction changes something."""

    sentence = _("The quantity can't be zero.")


class Decided(Refusal):
    """Somebody decided on it already."""

    sentence = _("This adjustment is decided already.")


class NotYours(Forbidden):
    """Who asks doesn't approve."""

    sentence = _("Somebody else must decide on what you asked for.")


class ReasonMissing(Invalid):
    """Stock doesn't change without a word."""

    sentence = _("Say why.")


@transaction.atomic
def ask_adjustment(
    batch: Batch, place: Place, fields: Mapping[str, Any], *, by: Member, at: datetime
) -> Adjustment:
    """Ask for a correction: `kind`, `quantity`, `reason`, and perhaps `reference` and `proof`.

    The kind decides the sign where it can: a loss takes, a find brings.
    :raises NothingToAdjust: the quantity is zero.
    :raises ReasonMissing: it isn't said why.
    """
    quantity: Decimal = fields["quantity"]
    if not quantity:
        raise NothingToAdjust
    if not str(fields["reason"]).strip():
        raise ReasonMissing
    if fields["kind"] in LOSSES:
        quantity = -abs(quantity)
    elif fields["kind"] in FINDS:
        quantity = abs(quantity)
    there = Balance.objects.filter(batch=batch, place=place).values_list("on_hand", flat=True)
    proof = fields.get("proof")
    adjustment = Adjustment.objects.create(
        **{**fields, "quantity": quantity, "proof": keep_file(proof, at=at) if proof else None},
        number=next_number(ADJUSTMENT, year=at.year),
        batch=batch,
        place=place,
        quantity_before=there.first() or Decimal(0),
        created_by=by,
        created_at=at,
    )
    record(events.ADJUSTMENT_ASKED, adjustment, by=by, at=at, words=said(adjustment))
    return adjustment


def said(adjustment: Adjustment) -> dict[str, str]:
    """The words that events of an adjustment use."""
    return {
        "product": adjustment.batch.product.name,
        "place": adjustment.place.name,
        "quantity": f"{adjustment.quantity.normalize():f}",
    }


def decide(
    adjustment: Adjustment, state: Adjustment.State, remarks: str, *, by: Member, at: datetime
) -> None:
    """Write a decision, once, by another than who asked.

    :raises NotYours: who asked decides.
    :raises Decided: it is decided already.
    """
    if adjustment.created_by_id == by.pk:
        raise NotYours
    fields = {"state": state, "decided_by": by, "decided_at": at, "remarks": remarks.strip()}
    if not Adjustment.objects.filter(pk=adjustment.pk, state=State.PENDING).update(**fields):
        raise Decided
    for name, value in fields.items():
        setattr(adjustment, name, value)


@transaction.atomic
def approve_adjustment(
    adjustment: Adjustment, *, by: Member, at: datetime, remarks: str = ""
) -> Adjustment:
    """Approve it, and carry it out at once.

    :raises NotYours: who asked approves.
    :raises Decided: it is decided already.
    :raises OutOfStock: less lies there than is to be taken.
    """
    decide(adjustment, State.COMPLETED, remarks, by=by, at=at)
    on = local_date(at, by.organization.time_zone)
    adjustment.value = carried_out(adjustment, Cause("stock.adjustment", adjustment.pk, on, by, at))
    adjustment.save(update_fields=["value"])
    record(events.ADJUSTMENT_APPROVED, adjustment, by=by, at=at, words=said(adjustment))
    return adjustment


def carried_out(adjustment: Adjustment, cause: Cause) -> Decimal:
    """Move the goods of an adjustment; what they are worth, below zero when they leave."""
    batch, place, line = adjustment.batch, adjustment.place, adjustment.pk
    if adjustment.quantity < 0:
        make_room(batch, place, -adjustment.quantity, by=cause.by, at=cause.at)
        wanted = Wanted(batch.product, -adjustment.quantity, line, batch.pk)
        (taken,) = take([wanted], place, Movement.Kind.ADJUSTMENT, cause)
        return -taken.value
    value = (batch.unit_cost * adjustment.quantity).quantize(unit_of_money(), ROUND_HALF_UP)
    move = Move(line, batch.pk, batch.product_id, place.pk, adjustment.quantity, value)
    write([move], Movement.Kind.ADJUSTMENT, cause)
    return value


@transaction.atomic
def reject_adjustment(
    adjustment: Adjustment, remarks: str, *, by: Member, at: datetime
) -> Adjustment:
    """Say no, and why. Nothing moves.

    :raises ReasonMissing: nothing is said.
    :raises NotYours: who asked rejects.
    :raises Decided: it is decided already.
    """
    if not remarks.strip():
        raise ReasonMissing
    decide(adjustment, State.REJECTED, remarks, by=by, at=at)
    record(events.ADJUSTMENT_REJECTED, adjustment, by=by, at=at, words=said(adjustment))
    return adjustment
