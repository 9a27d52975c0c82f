"""The only writer of stock."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity.rules import Actor
from prs.kernel.db.ids import new_id
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.numbering import Series, next_number
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.ledgers.stock import rules
from prs.ledgers.stock.models import Batch, Movement, Reservation
from prs.ledgers.stock.rules import Held, Part
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place

BATCH = Series("batch", "B-", width=6)
NOBODY = UUID(int=0)
KEPT_FOR = timedelta(minutes=30)


class OutOfStock(Refusal):
    """Less lies there than was asked for."""

    sentence = _("Only {available} of {product} can be had at {place}; {requested} were asked for.")


class Expired(Refusal):
    """All that is left is past its date."""

    sentence = _("What is left of {product} at {place} is expired and can't be sold.")


class MovedAlready(Refusal):
    """This cause has moved its goods."""

    sentence = _("These goods have been moved already.")


class IntakeLocked(Refusal):
    """A batch that moved keeps its intake."""

    sentence = _("Goods of this batch have moved. Correct the quantity with an adjustment.")


REFUSALS: dict[str, type[Refusal]] = {
    "movement_once_per_cause": MovedAlready,
    "movement_intake_is_locked": IntakeLocked,
}


@dataclass(frozen=True)
class Cause:
    """What moves goods: a sale, a receipt, a transfer. Each line of it moves its goods once."""

    kind: str
    id: UUID
    on: date
    by: Actor
    at: datetime


@dataclass(frozen=True)
class Intake:
    """Goods that come in. `cost` is what all of them cost, landed, in the home currency."""

    product: Product
    quantity: Decimal
    cost: Decimal
    line_id: UUID
    expires_on: date | None = None
    lot: str = ""
    supplier_id: UUID | None = None
    retail_price: Decimal | None = None
    wholesale_price: Decimal | None = None


@dataclass(frozen=True)
class Wanted:
    """Goods to be taken. `batch` when a certain one is meant, otherwise the first to expire."""

    product: Product
    quantity: Decimal
    line_id: UUID
    batch_id: UUID | None = None


@dataclass(frozen=True)
class Taken:
    """What was taken for a line, batch by batch."""

    line_id: UUID
    product_id: UUID
    parts: tuple[Part, ...]

    @property
    def value(self) -> Decimal:
        """What it is worth together."""
        return rules.summed(self.parts)


@transaction.atomic
def receive(lines: Sequence[Intake], place: Place, cause: Cause) -> list[Batch]:
    """Take goods in: a batch and a movement for each line.

    :raises MovedAlready: this cause received these lines before.
    """
    made = [
        Batch.objects.create(
            product=line.product,
            number=next_number(BATCH, year=cause.on.year),
            lot=line.lot,
            supplier_id=line.supplier_id,
            expires_on=line.expires_on,
            received_on=cause.on,
            unit_cost=(line.cost / line.quantity).quantize(Decimal("0.000001"), ROUND_HALF_UP),
            retail_price=line.retail_price,
            wholesale_price=line.wholesale_price,
            source_kind=cause.kind,
            source_id=cause.id,
        )
        for line in lines
    ]
    write(
        [
            Move(line.line_id, batch.pk, line.product.pk, place.pk, line.quantity, line.cost)
            for line, batch in zip(lines, made, strict=True)
        ],
        Movement.Kind.INTAKE,
        cause,
    )
    return made


@dataclass(frozen=True)
class Move:
    """One row of the ledger, before it is written."""

    line_id: UUID
    batch_id: UUID
    product_id: UUID
    place_id: UUID
    quantity: Decimal
    value: Decimal


WRITE = """
    INSERT INTO stock_movement (id, organization_id, batch_id, product_id, place_id, kind, quantity,
                                value, source_kind, source_id, line_id, on_date, at, by_id, by_label)
    SELECT move.id, %s, move.batch_id, move.product_id, move.place_id, %s, move.quantity, move.value,
           %s, %s, move.line_id, %s, %s, %s, %s
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::numeric[],
                %s::numeric[]) AS move (id, batch_id, product_id, place_id, line_id, quantity, value)
    ORDER BY move.batch_id, move.place_id
"""


@refusing(REFUSALS)
def write(moves: Sequence[Move], kind: Movement.Kind, cause: Cause) -> None:
    """Add rows to the ledger, with one statement.

    :raises MovedAlready: the cause moved one of these before.
    :raises IntakeLocked: an intake of a batch that has moved.
    """
    columns = (
        [new_id() for _move in moves],
        [move.batch_id for move in moves],
        [move.product_id for move in moves],
        [move.place_id for move in moves],
        [move.line_id for move in moves],
        [move.quantity for move in moves],
        [move.value for move in moves],
    )
    said = (cause.kind, cause.id, cause.on, cause.at, cause.by.pk, cause.by.label)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, (required_organization(), str(kind), *said, *columns))


def held(
    place: Place, products: Sequence[UUID], *, at: datetime, holder: UUID = NOBODY
) -> dict[UUID, list[Held]]:
    """What lies at a place of products, by product, locked until the transaction ends.

    What the holder keeps counts as free.
    """
    found: dict[UUID, list[Held]] = {pk: [] for pk in products}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM stock_held(%s, %s, %s, %s)", (place.pk, sorted(products), holder, at)
        )
        for row in cursor.fetchall():
            batch, product, on_hand, value, expires, received, reserved = row
            found[product].append(Held(batch, product, on_hand, value, expires, received, reserved))
    return found


def digits_at(place: Place) -> int:
    """How many decimals the money has in which goods at a place are valued."""
    return money.minor_units(place.organization.currency)


def unit_of_money() -> Decimal:
    """The smallest amount of the organization's currency."""
    home = Organization.objects.values_list("currency", flat=True).get(pk=required_organization())
    return Decimal(1).scaleb(-money.minor_units(home))


def as_asked(lines: Sequence[Wanted]) -> str:
    """What is wanted, as the database reads it."""
    return json.dumps(
        [
            {
                "line": str(line.line_id),
                "product": str(line.product.pk),
                "quantity": str(line.quantity),
                "batch": line.batch_id and str(line.batch_id),
            }
            for line in lines
        ]
    )


def as_said(cause: Cause) -> str:
    """A cause, as the database reads it."""
    return json.dumps(
        {
            "kind": cause.kind,
            "id": str(cause.id),
            "on": str(cause.on),
            "at": cause.at.isoformat(),
            "by": cause.by.pk and str(cause.by.pk),
            "label": cause.by.label,
        }
    )


PORTIONS = "SELECT * FROM stock_portions(%s, %s, %s, %s, %s, %s, %s)"
TAKE = "SELECT * FROM stock_take(%s, %s, %s, %s, %s, %s, %s)"
KEEP = "SELECT * FROM stock_keep(%s, %s, %s, %s, %s)"


def asked_of(door: str, words: Sequence[Any], lines: Sequence[Wanted], place: Place) -> list[Taken]:
    """Ask a door of the database for goods: what it found for each line.

    :raises OutOfStock: less is free than a line asks for.
    :raises Expired: what is there is past its date.
    """
    with connection.cursor() as cursor:
        cursor.execute(door, words)
        rows = cursor.fetchall()
    # A line that names several batches is asked for once for each, and answered once.
    asked = {line.line_id: line for line in lines}
    found: dict[UUID, list[Part]] = {line_id: [] for line_id in asked}
    for line_id, _product, batch, quantity, worth, stale in rows:
        if batch is None:
            raise missed(asked[line_id], quantity, place, stale=stale)
        found[line_id].append(Part(batch, quantity, worth))
    return [
        Taken(each.line_id, each.product.pk, tuple(found[each.line_id])) for each in asked.values()
    ]


def missed(line: Wanted, missing: Decimal, place: Place, *, stale: bool) -> Refusal:
    """Why a line can't be had: all of it is past its date, or less is free."""
    if stale:
        return Expired(product=line.product.name, place=place.name)
    return OutOfStock(
        product=line.product.name,
        place=place.name,
        available=f"{(line.quantity - missing).normalize():f}",
        requested=f"{line.quantity.normalize():f}",
    )


def out_of(place: Place, taken: Sequence[Taken]) -> list[Move]:
    """The rows that take these goods from a place."""
    return [
        Move(each.line_id, part.batch, each.product_id, place.pk, -part.quantity, -part.value)
        for each in taken
        for part in each.parts
    ]


def into(place: Place, taken: Sequence[Taken]) -> list[Move]:
    """The rows that bring these goods to a place."""
    return [
        Move(each.line_id, part.batch, each.product_id, place.pk, part.quantity, part.value)
        for each in taken
        for part in each.parts
    ]


def find(lines: Sequence[Wanted], place: Place, cause: Cause, *, fresh: bool = True) -> list[Taken]:
    """Where goods would come from, with their batches locked; nothing is moved or kept.

    :raises OutOfStock: less is free than a line asks for.
    :raises Expired: what is there is past its date.
    """
    words = (place.pk, as_asked(lines), NOBODY, cause.at, cause.on, fresh, digits_at(place))
    return asked_of(PORTIONS, words, lines, place)


@refusing(REFUSALS)
def take(
    lines: Sequence[Wanted],
    place: Place,
    kind: Movement.Kind,
    cause: Cause,
    *,
    holder: UUID = NOBODY,
) -> list[Taken]:
    """Take goods from a place, first expired first out, all lines or none.

    What `holder` keeps there is given to these lines, and no longer kept.
    :raises OutOfStock: less is free than a line asks for.
    :raises Expired: what is there is past its date, and it would be sold or picked.
    :raises MovedAlready: the cause moved one of these lines before.
    """
    fresh, asked, said = str(kind) in rules.GIVES, as_asked(lines), as_said(cause)
    words = (place.pk, asked, holder, str(kind), said, fresh, digits_at(place))
    return asked_of(TAKE, words, lines, place)


@transaction.atomic
def put_back(taken: Sequence[Taken], place: Place, kind: Movement.Kind, cause: Cause) -> None:
    """Bring goods back to a place at what they were worth when they left.

    :raises MovedAlready: the cause brought one of these lines back before.
    """
    write(into(place, taken), kind, cause)


@transaction.atomic
def carry(
    lines: Sequence[Wanted], kind: Movement.Kind, cause: Cause, *, origin: Place, destination: Place
) -> list[Taken]:
    """Move goods from one place to another, expired ones too.

    :raises OutOfStock: less is free at the origin than a line asks for.
    """
    taken = find(lines, origin, cause, fresh=False)
    write([*out_of(origin, taken), *into(destination, taken)], kind, cause)
    return taken


# Keeping goods for somebody


def kept(holder: UUID) -> QuerySet[Reservation]:
    """What somebody keeps."""
    return Reservation.objects.filter(holder_id=holder, state=Reservation.State.ACTIVE)


def reserve(
    line: Wanted, place: Place, cause: Cause, *, until: datetime | None = None
) -> tuple[Part, ...]:
    """Keep goods for a line of the cause; what the line kept before is let go. A quantity of zero
    keeps nothing. Whatever else the cause still keeps lasts as long as the new. What is refused
    changes nothing.

    :raises OutOfStock: less is free.
    :raises Expired: what is there is past its date.
    """
    until = until or cause.at + KEPT_FOR
    words = (place.pk, as_asked([line]), as_said(cause), until, digits_at(place))
    (found,) = asked_of(KEEP, words, [line], place)
    return found.parts


def release(holder: UUID) -> int:
    """Let everything go that somebody keeps; how many rows that were."""
    return kept(holder).update(state=Reservation.State.RELEASED)


def release_expired(*, at: datetime, dry_run: bool = False) -> int:
    """Let go what is kept past its time; how many rows that are."""
    past = Reservation.objects.filter(state=Reservation.State.ACTIVE, expires_at__lte=at)
    return past.count() if dry_run else past.update(state=Reservation.State.RELEASED)
