"""Reads of a week of movements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from prs.ledgers.stock.models import Movement, StockWeek

KINDS = Movement.Kind
CAME = (KINDS.INTAKE, KINDS.SALE_RETURN, KINDS.PICK_RETURN)
SOLD = (KINDS.SALE, KINDS.PICK)
MOST = 10


@dataclass(frozen=True)
class Moved:
    """What movements of a kind did: how many, and what they brought and took, in worth too."""

    kind: str
    label: Any
    moves: int
    came: Decimal
    went: Decimal
    worth: Decimal


@dataclass(frozen=True)
class Sold:
    """A product that left most, in its unit."""

    product: UUID
    name: str
    sku: str
    unit: str
    quantity: Decimal


@dataclass(frozen=True)
class Week:
    """What moved between two days, by kind, and what was sold most."""

    first: date
    last: date
    kinds: list[Moved]
    most_sold: list[Sold]

    @property
    def moves(self) -> int:
        """How many movements there were."""
        return sum(each.moves for each in self.kinds)

    def of(self, *kinds: str) -> int:
        """How many of these kinds."""
        return sum(each.moves for each in self.kinds if each.kind in kinds)


def weeks() -> QuerySet[StockWeek]:
    """The weeks that were reported on, the newest first."""
    return StockWeek.objects.order_by("-starts_on", "-pk")


def week_of(first: date, last: date) -> Week:
    """What moved between two days, both included; two queries."""
    rows = Movement.objects.filter(on_date__gte=first, on_date__lte=last).order_by()
    sums = {
        row.pop("kind"): row
        for row in rows.values("kind").annotate(
            moves=Count("pk"),
            came=Sum("quantity", filter=Q(quantity__gt=0), default=Decimal(0)),
            went=-Sum("quantity", filter=Q(quantity__lt=0), default=Decimal(0)),
            worth=Sum("value", default=Decimal(0)),
        )
    }
    kinds = [Moved(kind, label, **sums[kind]) for kind, label in KINDS.choices if kind in sums]
    sold = (
        rows.filter(kind__in=SOLD)
        .values_list("product", "product__name", "product__sku", "product__unit__symbol")
        .annotate(gone=-Sum("quantity"))
        .order_by("-gone", "product__name", "product")
    )
    return Week(first, last, kinds, [Sold(*row) for row in sold[:MOST]])
