"""What can be sold at a place now: products with their price, their taxes and what is left of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from prs.kernel.clock import local_date
from prs.ledgers.stock import selectors as stock
from prs.masterdata.catalog import rules as trade
from prs.masterdata.catalog import selectors as catalog
from prs.masterdata.catalog.models import Category, Product
from prs.masterdata.catalog.rules import Tax
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
    lying = stock.prices_of(quantities, place, on=on)
    offers = catalog.offers_of(list(quantities), level=level, on=on, currency=currency)
    found: dict[UUID, Decimal] = {}
    for pk, quantity in quantities.items():
        listed = trade.best(offers.get(pk, ()), quantity, on)
        price = priced(listed, *lying.get(pk, (None, None)), level=level)
        if price is not None:
            found[pk] = price
    return found


def priced(
    listed: Decimal | None, retail: Decimal | None, wholesale: Decimal | None, *, level: str
) -> Decimal | None:
    """A unit's price: a list's, else the batch's. A wholesale price of nothing falls back to retail."""
    if listed is not None:
        return listed
    return wholesale if level == "wholesale" and wholesale and retail is not None else retail


@dataclass(frozen=True)
class Offer:
    """What a unit of a product costs here when so many of it are bought, and the taxes that it bears."""

    price: Decimal
    taxes: list[Tax]


# What `unit_prices` and the catalogue's `taxes_of` ask in four statements, for one product.
OFFER = """
    SELECT lot.retail_price, lot.wholesale_price,
      (SELECT jsonb_agg(jsonb_build_array(p.amount::text, p.from_quantity::text))
       FROM catalog_price p JOIN catalog_pricelist l ON l.id = p.price_list_id
       WHERE p.organization_id = %(org)s AND p.product_id = %(product)s AND l.active
         AND l.level = %(level)s AND l.currency = %(currency)s
         AND coalesce(l.starts_on <= %(on)s, true) AND coalesce(l.ends_on >= %(on)s, true)),
      (SELECT jsonb_agg(jsonb_build_array(t.code, t.rate::text, t.starts_on, t.ends_on))
       FROM catalog_producttax b
       JOIN catalog_taxrate t ON t.organization_id = b.organization_id AND t.code = b.code
       WHERE b.organization_id = %(org)s AND b.product_id = %(product)s)
    FROM (SELECT) one LEFT JOIN LATERAL (
      SELECT a.retail_price, a.wholesale_price
      FROM stock_balance s JOIN stock_batch a ON a.id = s.batch_id
      WHERE s.organization_id = %(org)s AND s.place_id = %(place)s AND s.product_id = %(product)s
        AND s.on_hand > 0 AND a.retail_price IS NOT NULL
        AND coalesce(a.expires_on >= %(on)s, true)
      ORDER BY a.expires_on NULLS LAST, a.received_on, a.id LIMIT 1) lot ON true
"""


def offer(
    product: Product, quantity: Decimal, place: Place, *, level: str, currency: str, on: date
) -> Offer | None:
    """The price and the taxes of one product, by one statement; None when nobody said what it costs."""
    words: dict[str, Any] = {
        "org": product.organization_id,
        "product": product.pk,
        "place": place.pk,
        "on": on,
        "level": level,
        "currency": currency,
    }
    with connection.cursor() as cursor:
        cursor.execute(OFFER, words)
        retail, wholesale, offers, taxes = cursor.fetchone()
    steps = [trade.Offer(Decimal(amount), Decimal(least)) for amount, least in given(offers)]
    rates = [
        Tax(code, Decimal(rate), date.fromisoformat(first), last and date.fromisoformat(last))
        for code, rate, first, last in given(taxes)
    ]
    price = priced(trade.best(steps, quantity, on), retail, wholesale, level=level)
    return None if price is None else Offer(price, trade.in_force(rates, on))


def given(document: str | None) -> list[Any]:
    """A list that the database wrote, or none."""
    return json.loads(document) if document else []
