"""Transfers, requests, adjustments, counts and alerts, as lists and pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count as CountOf
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from prs.kernel.identity.models import Member
from prs.ledgers.stock import rules
from prs.ledgers.stock.models import (
    Adjustment,
    Balance,
    Count,
    CountLine,
    Movement,
    StockAlert,
    StockRequest,
    StockRequestLine,
    Transfer,
    TransferLine,
)
from prs.ledgers.stock.selectors.levels import ZERO, summed
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place

SHRINKING = ("theft", "loss", "damage", "expired", "spoilage", "write_off")


def transfers() -> QuerySet[Transfer]:
    """Every transfer."""
    rows = Transfer.objects.select_related(
        "origin",
        "destination",
        "requested_by",
        "approved_by",
        "dispatched_by",
        "received_by",
    )
    lines = TransferLine.objects.filter(transfer=OuterRef("pk")).order_by().values("transfer")
    return rows.annotate(
        products=Coalesce(Subquery(lines.annotate(n=CountOf("pk")).values("n")), 0)
    )


def transfer_lines(transfer: Transfer) -> QuerySet[TransferLine]:
    """The lines of a transfer, with what lies at its origin."""
    lies = Balance.objects.filter(product=OuterRef("product"), place=transfer.origin_id)
    rows = TransferLine.objects.filter(transfer=transfer).select_related("product__unit")
    return rows.annotate(there=summed(lies, "product", "on_hand")).order_by("product__name", "pk")


def sent_batches(transfer: Transfer) -> QuerySet[Movement]:
    """The batches that a transfer carried."""
    rows = Movement.objects.filter(
        source_id=transfer.pk, kind=Movement.Kind.DISPATCH, quantity__gt=0
    )
    return rows.select_related("batch", "product__unit").order_by("product__name", "pk")


def requests() -> QuerySet[StockRequest]:
    """Every request of a shop."""
    lines = StockRequestLine.objects.filter(request=OuterRef("pk")).order_by().values("request")
    return StockRequest.objects.select_related(
        "place", "requested_by", "transfer", "overridden_by"
    ).annotate(products=Coalesce(Subquery(lines.annotate(n=CountOf("pk")).values("n")), 0))


def request_lines(request: StockRequest) -> QuerySet[StockRequestLine]:
    """What a request asks for."""
    rows = StockRequestLine.objects.filter(request=request).select_related("product__unit")
    return rows.order_by("product__name", "pk")


def places_that_have(lines: Iterable[StockRequestLine]) -> list[tuple[Place, int]]:
    """Where goods of a request lie, the place with most of its lines whole first."""
    wanted = {line.product_id: line.quantity for line in lines}
    rows = (
        Balance.objects.filter(product__in=wanted, on_hand__gt=0)
        .exclude(place__kind=Place.Kind.TRANSIT)
        .order_by()
        .values("place", "product")
        .annotate(there=Sum("on_hand"))
    )
    whole: dict[UUID, int] = {}
    for row in rows:
        whole.setdefault(row["place"], 0)
        whole[row["place"]] += row["there"] >= wanted[row["product"]]
    places = Place.objects.filter(pk__in=whole, active=True).order_by("name")
    return sorted(((place, whole[place.pk]) for place in places), key=lambda pair: -pair[1])


def adjustments() -> QuerySet[Adjustment]:
    """Every correction that was asked for."""
    return Adjustment.objects.select_related(
        "batch__product__unit", "place", "created_by", "decided_by", "proof"
    )


def waiting_adjustments(member: Member) -> QuerySet[Adjustment]:
    """What this member may decide: what others asked for."""
    rows = adjustments().filter(state=Adjustment.State.PENDING)
    return rows.exclude(created_by=member.pk).order_by("created_at", "pk")


def counts() -> QuerySet[Count]:
    """Every count."""
    lines = CountLine.objects.filter(count=OuterRef("pk")).order_by().values("count")
    return Count.objects.select_related("place", "opened_by").annotate(
        batches=Coalesce(Subquery(lines.annotate(n=CountOf("pk")).values("n")), 0)
    )


def count_lines(count: Count) -> QuerySet[CountLine]:
    """What was counted, the latest first."""
    return (
        CountLine.objects.filter(count=count)
        .select_related("batch__product__unit", "counted_by")
        .annotate(difference=F("counted") - F("expected"))
        .order_by("-counted_at", "-pk")
    )


def to_count(count: Count) -> QuerySet[Balance]:
    """What lies at a place and was not counted yet. What the ledger expects is not for the eye."""
    done = CountLine.objects.filter(count=count).values("batch")
    rows = Balance.objects.filter(place=count.place_id, on_hand__gt=0).exclude(batch__in=done)
    return rows.select_related("batch", "product__unit").order_by("product__name", "batch__number")


def asked_by_count(count: Count) -> QuerySet[Adjustment]:
    """The corrections that a count asked for."""
    rows = Adjustment.objects.filter(reference=count.number).select_related("batch__product__unit")
    return rows.order_by("number")


def alerts() -> QuerySet[StockAlert]:
    """Every warning."""
    return StockAlert.objects.select_related("product__unit", "batch")


@dataclass(frozen=True)
class Shrinkage:
    """What was lost in a stretch of time."""

    by_kind: list[dict[str, object]]
    by_product: list[dict[str, object]]
    units: Decimal
    worth: Decimal
    incidents: int


def shrinkage(*, first: date, last: date) -> Shrinkage:
    """What was lost between two days, by kind and by product, from what was carried out."""
    rows = Adjustment.objects.filter(
        state=Adjustment.State.COMPLETED,
        kind__in=SHRINKING,
        decided_at__date__gte=first,
        decided_at__date__lte=last,
    ).order_by()
    sums = {
        "units": Coalesce(-Sum("quantity"), ZERO),
        "worth": Coalesce(-Sum("value"), ZERO),
        "incidents": CountOf("pk"),
    }
    kinds = dict(Adjustment.Kind.choices)
    by_kind = [
        {**row, "label": kinds[row["kind"]]}
        for row in rows.values("kind").annotate(**sums).order_by("-worth", "kind")
    ]
    by_product = list(
        rows.values("batch__product", "batch__product__name")
        .annotate(**sums)
        .order_by("-worth", "batch__product__name")[:10]
    )
    return Shrinkage(by_kind, by_product, **rows.aggregate(**sums))


@dataclass(frozen=True)
class Turn:
    """How fast a product sells."""

    product: Product
    sold: Decimal
    stock: Decimal
    turns: Decimal | None
    word: str


def turns_of(sold: dict[UUID, Decimal], stock: dict[UUID, Decimal]) -> list[Turn]:
    """How often each product turned over, the fastest first; the dead at the end."""
    found = []
    for product in Product.objects.filter(active=True, kind="goods").select_related("unit"):
        gone, there = sold.get(product.pk, Decimal(0)), stock.get(product.pk, Decimal(0))
        if not gone and not there:
            continue
        turns = (gone / there).quantize(Decimal("0.01")) if there else None
        found.append(Turn(product, gone, there, turns, rules.velocity(gone, there)))
    order = {"fast": 0, "medium": 1, "slow": 2, "dead": 3}
    return sorted(found, key=lambda row: (order[row.word], -row.sold, row.product.name))
