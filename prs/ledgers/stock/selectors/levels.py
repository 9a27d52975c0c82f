"""What lies of each product, as lists show it: on hand, kept, free, on its way, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from prs.ledgers.stock import rules
from prs.ledgers.stock.models import Balance, Batch, Movement, Reservation
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place

ZERO = Value(Decimal(0), output_field=DecimalField(max_digits=19, decimal_places=4))
WAY = Place.Kind.TRANSIT


def summed(rows: QuerySet[Any], by: str, what: str) -> Coalesce:
    """A sum of other rows for each row; zero when there are none."""
    totals = rows.order_by().values(by).annotate(total=Sum(what)).values("total")
    return Coalesce(Subquery(totals), ZERO)


def kept_now(at: datetime) -> QuerySet[Reservation]:
    """What is kept at a moment; past its time it keeps nothing."""
    return Reservation.objects.filter(state=Reservation.State.ACTIVE, expires_at__gt=at)


def levels(*, at: datetime, on: date, place: Place | None = None) -> QuerySet[Product]:
    """Goods with what lies of them, at a place or everywhere."""
    lies = Balance.objects.filter(product=OuterRef("pk"))
    kept = kept_now(at).filter(product=OuterRef("pk"))
    here = lies.exclude(place__kind=WAY) if place is None else lies.filter(place=place)
    kept = kept if place is None else kept.filter(place=place)
    moving = lies.filter(place__kind=WAY)
    return (
        Product.objects.filter(kind=Product.Kind.GOODS, active=True)
        .annotate(
            on_hand=summed(here, "product", "on_hand"),
            kept=summed(kept, "product", "quantity"),
            past=summed(here.filter(batch__expires_on__lt=on), "product", "on_hand"),
            moving=summed(moving, "product", "on_hand"),
            worth=summed(here, "product", "value"),
        )
        .annotate(free=F("on_hand") - F("kept") - F("past"))
        .annotate(
            level=Case(
                When(on_hand__lte=0, then=Value("out")),
                When(on_hand__lte=F("reorder_point"), then=Value("low")),
                When(
                    on_hand__gt=(F("reorder_point") + F("reorder_quantity")) * rules.TOO_MUCH,
                    then=Value("high"),
                ),
                default=Value("normal"),
                output_field=CharField(),
            )
        )
    )


@dataclass(frozen=True)
class LevelSums:
    """How many goods there are, how many of them lie there, and what they are worth."""

    goods: int
    lying: int
    low: int
    worth: Decimal


def level_sums(*, place: Place | None = None) -> LevelSums:
    """What `levels` comes to, from what lies there alone: read once, not once a product."""
    goods = Product.objects.filter(kind=Product.Kind.GOODS, active=True)
    lies = Balance.objects.filter(product__kind=Product.Kind.GOODS, product__active=True)
    here = lies.exclude(place__kind=WAY) if place is None else lies.filter(place=place)
    found = (
        here.values("product", point=F("product__reorder_point"))
        .annotate(there=Sum("on_hand"), held=Sum("value"))
        .aggregate(
            lying=Count("product", filter=Q(there__gt=0)),
            low=Count("product", filter=Q(there__gt=0, there__lte=F("point"))),
            worth=Sum("held"),
        )
    )
    return LevelSums(goods.count(), found["lying"], found["low"], found["worth"] or Decimal(0))


def at_places(product: Product, *, at: datetime) -> QuerySet[Balance]:
    """The batches of a product where they lie, the first to expire first."""
    kept = kept_now(at).filter(batch=OuterRef("batch"), place=OuterRef("place"))
    return (
        Balance.objects.filter(product=product, on_hand__gt=0)
        .select_related("batch", "place")
        .annotate(kept=summed(kept, "batch", "quantity"))
        .order_by("place__name", F("batch__expires_on").asc(nulls_last=True), "batch__pk")
    )


def batches() -> QuerySet[Batch]:
    """Every intake, with what is left of it."""
    lies = Balance.objects.filter(batch=OuterRef("pk"))
    came = Movement.objects.filter(batch=OuterRef("pk"), kind=Movement.Kind.INTAKE)
    moved = Movement.objects.filter(batch=OuterRef("pk")).exclude(kind=Movement.Kind.INTAKE)
    return Batch.objects.select_related("product__unit").annotate(
        left=summed(lies, "batch", "on_hand"),
        worth=summed(lies, "batch", "value"),
        intake=summed(came, "batch", "quantity"),
        locked=Exists(moved),
    )


def movements() -> QuerySet[Movement]:
    """Everything that moved."""
    return Movement.objects.all()


def overdue_reservations(*, at: datetime) -> QuerySet[Reservation]:
    """What is still written as kept past its time."""
    rows = Reservation.objects.filter(state=Reservation.State.ACTIVE, expires_at__lte=at)
    return rows.select_related("product", "place").order_by("expires_at", "pk")


def reservations_of(product: Product, *, at: datetime) -> QuerySet[Reservation]:
    """What is kept of a product, the newest first."""
    rows = kept_now(at).filter(product=product).select_related("place", "batch")
    return rows.order_by("-reserved_at", "-pk")


def past_stock(moment: datetime, *, place: Place | None = None) -> QuerySet[Product]:
    """Goods with what lay of them at a moment, and what that was worth."""
    rows = Movement.objects.filter(product=OuterRef("pk"), at__lte=moment)
    here = rows.exclude(place__kind=WAY) if place is None else rows.filter(place=place)
    return (
        Product.objects.annotate(
            on_hand=summed(here, "product", "quantity"),
            moving=summed(rows.filter(place__kind=WAY), "product", "quantity"),
            worth=summed(here, "product", "value"),
        )
        .filter(~Q(on_hand=0) | ~Q(moving=0))
        .order_by("name", "pk")
    )


def valued_on(day: date) -> QuerySet[Product]:
    """Goods with what lay of them at the end of a day of the books, and what that was worth: the
    account of inventory, product by product.
    """
    rows = Movement.objects.filter(product=OuterRef("pk"), on_date__lte=day)
    here, way = rows.exclude(place__kind=WAY), rows.filter(place__kind=WAY)
    return Product.objects.annotate(
        on_hand=summed(here, "product", "quantity"),
        worth=summed(here, "product", "value"),
        moving_worth=summed(way, "product", "value"),
    ).filter(~Q(worth=0) | ~Q(on_hand=0) | ~Q(moving_worth=0))
