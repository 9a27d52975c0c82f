"""What can be sold at a place now: products with their price, their taxes and what is left of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet

from prs.kernel.clock import local_date
from prs.ledgers.stock import selectors as stock
from prs.masterdata.catalog import rules as trade
from prs.masterdata.catalog import selectors as catalog
from prs.masterdata.catalog.models import Category, Product
from prs.masterdata.places.models import Place

SHOWN = 60
POPULAR_DAYS = 30
ZERO = Decimal(0)


@dataclass(frozen=True)
class Tile:
    """A product on the shelf: its price at this level, and how much is free."""

    product: Product
    price: Decimal | None
    free: Decimal | None

    @property
    def sellable(self) -> bool:
        """Whether it has a price and something is left of it."""
        return self.price is not None and (self.free is None or self.free > 0)


def sold_here() -> QuerySet[Product]:
    """Products in use, with what a tile shows of them."""
    return Product.objects.filter(active=True).select_related("unit", "image", "category")


def matching(text: str) -> QuerySet[Product]:
    """Products whose name holds every word, or whose SKU begins with the text."""
    words = Q()
    for word in text.split()[:6]:
        words &= Q(name__icontains=word)
    return sold_here().filter(words | Q(sku__istartswith=text.strip())).order_by("name", "pk")


def popular(place: Place, *, today: date) -> list[Product]:
    """What is sold here most often; then whatever there is."""
    sold = stock.sold_since(today - timedelta(days=POPULAR_DAYS), place=place)
    first = sorted(sold, key=lambda pk: (-sold[pk], pk))[:SHOWN]
    found = sold_here().in_bulk(first)
    rows = [found[pk] for pk in first if pk in found]
    missing = SHOWN - len(rows)
    others = sold_here().exclude(pk__in=first).order_by("name", "pk")[:missing] if missing else []
    return [*rows, *others]


def shelf(
    place: Place, *, text: str = "", category: Category | None = None, at: datetime
) -> list[Product]:
    """The products that a seller looks at: found by words, of a category, or those sold most."""
    if text:
        return list(matching(text)[:SHOWN])
    if category is not None:
        within = catalog.within(category)
        return list(sold_here().filter(category__in=within).order_by("name", "pk")[:SHOWN])
    return popular(place, today=local_date(at, place.organization.time_zone))


def categories() -> QuerySet[Category]:
    """The tabs above the shelf: categories at the top, in their order."""
    return Category.objects.filter(active=True, parent__isnull=True).order_by("position", "name")


def tiles(
    products: Sequence[Product], place: Place, *, level: str, currency: str, at: datetime
) -> list[Tile]:
    """Products with price and stock at a place."""
    on = local_date(at, place.organization.time_zone)
    goods = [product for product in products if product.kind == Product.Kind.GOODS]
    free = stock.available(goods, place, at=at)
    prices = unit_prices(
        {product.pk: Decimal(1) for product in products},
        place,
        level=level,
        currency=currency,
        on=on,
    )
    return [Tile(each, prices.get(each.pk), free.get(each.pk)) for each in products]


def unit_prices(
    quantities: Mapping[UUID, Decimal], place: Place, *, level: str, currency: str, on: date
) -> dict[UUID, Decimal]:
    """What a unit of each product costs when so many are bought; without a price it is left out.

    A price list stands above the batch. A wholesale price of nothing falls back to retail.
    """
    found: dict[UUID, Decimal] = {}
    for pk, (retail, wholesale) in stock.prices_of(quantities, place, on=on).items():
        found[pk] = wholesale if level == "wholesale" and wholesale else retail
    offers = catalog.offers_of(list(quantities), level=level, on=on, currency=currency)
    for pk, choices in offers.items():
        listed = trade.best(choices, quantities[pk], on)
        if listed is not None:
            found[pk] = listed
    return found
