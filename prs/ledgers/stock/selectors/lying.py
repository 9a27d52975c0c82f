"""Reads of stock: what lies where, what it is worth, how long it lasts, and whether all of it adds up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from prs.ledgers.stock import rules
from prs.ledgers.stock.models import Balance, Batch, Movement, Reservation
from prs.ledgers.stock.rules import Outlook, Terms
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place

ZERO = Value(Decimal(0))
KINDS = Movement.Kind
VELOCITY_DAYS = 30


def lying(*, place: Place | None = None) -> QuerySet[Balance]:
    """Batches that lie somewhere, the first to expire first."""
    rows = Balance.objects.filter(on_hand__gt=0).select_related("product__unit", "batch", "place")
    rows = rows if place is None else rows.filter(place=place)
    return rows.order_by("product__name", F("batch__expires_on").asc(nulls_last=True), "batch__pk")


def available(products: Iterable[Product], place: Place, *, at: datetime) -> dict[UUID, Decimal]:
    """How much of products can be sold at a place now: what lies there unexpired and unkept."""
    wanted = [product.pk for product in products]
    kept = (
        Reservation.objects.filter(
            batch=OuterRef("batch"), place=OuterRef("place"), state="active", expires_at__gt=at
        )
        .order_by()
        .values("batch")
        .annotate(total=Sum("quantity"))
        .values("total")
    )
    rows = (
        Balance.objects.filter(place=place, product__in=wanted, on_hand__gt=0)
        .filter(Q(batch__expires_on__isnull=True) | Q(batch__expires_on__gte=at.date()))
        .annotate(kept=Coalesce(Subquery(kept), ZERO))
        .values("product")
        .annotate(free=Sum(F("on_hand") - F("kept")))
        .values_list("product", "free")
    )
    return dict.fromkeys(wanted, Decimal(0)) | dict(rows)


def prices_of(
    products: Iterable[UUID], place: Place, *, on: date
) -> dict[UUID, tuple[Decimal, Decimal | None]]:
    """Retail and wholesale price of what is sold next at a place: of the batch that leaves first.

    A product without a priced batch there is left out.
    """
    rows = (
        Balance.objects.filter(place=place, product__in=list(products), on_hand__gt=0)
        .filter(Q(batch__expires_on__isnull=True) | Q(batch__expires_on__gte=on))
        .filter(batch__retail_price__isnull=False)
        .order_by(
            "product",
            F("batch__expires_on").asc(nulls_last=True),
            "batch__received_on",
            "batch",
        )
        .distinct("product")
        .values_list("product", "batch__retail_price", "batch__wholesale_price")
    )
    return {product: (retail, wholesale) for product, retail, wholesale in rows}


def latest_intake(product: Product, place: Place) -> Batch | None:
    """The batch of a product that came to a place last: where what comes back without a receipt goes."""
    there = Movement.objects.filter(product=product, place=place, quantity__gt=0)
    row = there.select_related("batch").order_by("-at", "-pk").first()
    return row.batch if row else None


def as_of(moment: datetime, *, place: Place | None = None) -> dict[UUID, Decimal]:
    """What lay there of each product at a moment, from the movements until then."""
    rows = Movement.objects.filter(at__lte=moment)
    rows = rows if place is None else rows.filter(place=place)
    totals = rows.order_by().values("product").annotate(there=Sum("quantity"))
    return {row["product"]: row["there"] for row in totals if row["there"]}


def value_of_stock() -> Decimal:
    """What everything that lies somewhere or is on its way is worth."""
    return Balance.objects.aggregate(worth=Coalesce(Sum("value"), ZERO))["worth"]


def value_here() -> tuple[Decimal, Decimal]:
    """What lies somewhere is worth, and what is on its way."""
    way = Q(place__kind=Place.Kind.TRANSIT)
    sums = Balance.objects.aggregate(
        here=Coalesce(Sum("value", filter=~way), ZERO),
        moving=Coalesce(Sum("value", filter=way), ZERO),
    )
    return sums["here"], sums["moving"]


def carried_value(transfer_id: UUID, kind: str) -> Decimal:
    """What a transfer carried on a leg (`dispatch` or `arrival`) was worth."""
    rows = Movement.objects.filter(source_id=transfer_id, kind=kind, quantity__gt=0)
    return rows.aggregate(worth=Coalesce(Sum("value"), ZERO))["worth"]


def sold_since(day: date, *, place: Place | None = None) -> dict[UUID, Decimal]:
    """How much of each product was sold or picked from a day on, returns taken off."""
    kinds = [KINDS.SALE, KINDS.SALE_RETURN, KINDS.PICK, KINDS.PICK_RETURN]
    rows = Movement.objects.filter(kind__in=kinds, on_date__gte=day)
    rows = rows if place is None else rows.filter(place=place)
    totals = rows.order_by().values("product").annotate(gone=-Sum("quantity"))
    return {row["product"]: row["gone"] for row in totals}


@dataclass(frozen=True)
class Low:
    """A product that runs out, and what to order."""

    product: Product
    stock: Decimal
    outlook: Outlook


def running_out(*, today: date, place: Place | None = None) -> list[Low]:
    """Products to order again, the most urgent first: at their reorder point, or with few days left."""
    sold = sold_since(today - timedelta(days=VELOCITY_DAYS), place=place)
    stock = there_of_each(place)
    found = []
    for product in Product.objects.filter(active=True, kind="goods").select_related("unit"):
        there = stock.get(product.pk, Decimal(0))
        gone = max(sold.get(product.pk, Decimal(0)), Decimal(0))
        outlook = rules.outlook(there, gone, over_days=VELOCITY_DAYS, today=today)
        if outlook.level != "fine" or there <= product.reorder_point:
            found.append(Low(product, there, outlook))
    return sorted(found, key=lambda row: (row.outlook.days_left, row.product.name, row.product.pk))


def there_of_each(place: Place | None = None) -> dict[UUID, Decimal]:
    """What lies of each product at a place, or everywhere but on the way."""
    rows = Balance.objects.exclude(place__kind=Place.Kind.TRANSIT)
    rows = rows if place is None else rows.filter(place=place)
    totals = rows.order_by().values("product").annotate(there=Sum("on_hand"))
    return {row["product"]: row["there"] for row in totals}


def expiring(*, until: date) -> QuerySet[Balance]:
    """What lies somewhere and expires by a day, the first first; expired goods are among them."""
    return lying().filter(batch__expires_on__lte=until).order_by("batch__expires_on", "pk")


def terms_of(product: Product) -> Terms:
    """What came to a product and what left it, each term counted from the movements alone, and what
    lies there counted from the balances alone: the two can disagree, and then something is wrong.
    """

    def total(condition: Q, sign: int = 1) -> Coalesce:
        return Coalesce(Sum(Case(When(condition, then=F("quantity") * sign))), ZERO)

    moved = Movement.objects.filter(product=product).aggregate(
        received=total(Q(kind=KINDS.INTAKE)),
        increased=total(Q(kind=KINDS.ADJUSTMENT, quantity__gt=0)),
        decreased=total(Q(kind=KINDS.ADJUSTMENT, quantity__lt=0), -1),
        sold=total(Q(kind__in=[KINDS.SALE, KINDS.PICK]), -1),
        returned=total(Q(kind__in=[KINDS.SALE_RETURN, KINDS.PICK_RETURN])),
    )
    way = Q(place__kind=Place.Kind.TRANSIT)
    lies = Balance.objects.filter(product=product).aggregate(
        here=Coalesce(Sum("on_hand", filter=~way), ZERO),
        moving=Coalesce(Sum("on_hand", filter=way), ZERO),
    )
    return Terms(**moved, on_hand=lies["here"], in_transit=lies["moving"])


def batches_of(product: Product) -> QuerySet[Batch]:
    """The intakes of a product, the newest first."""
    return Batch.objects.filter(product=product).order_by("-received_on", "-pk")


def findings() -> Iterator[str]:
    """What is wrong with stock: balances that their movements don't add up to."""
    moved = (
        Movement.objects.filter(batch=OuterRef("batch"), place=OuterRef("place"))
        .order_by()
        .values("batch")
    )
    quantity = moved.annotate(total=Sum("quantity")).values("total")
    worth = moved.annotate(total=Sum("value")).values("total")
    rows = Balance.objects.annotate(
        quantity=Coalesce(Subquery(quantity), ZERO), worth=Coalesce(Subquery(worth), ZERO)
    ).select_related("batch", "place")
    for row in rows.exclude(on_hand=F("quantity"), value=F("worth")).order_by("pk"):
        yield _(
            "Batch {batch} at {place}: {there} lie there, its movements add up to {moved}."
        ).format(batch=row.batch, place=row.place, there=row.on_hand, moved=row.quantity)
