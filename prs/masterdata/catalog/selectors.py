"""Reads of the catalogue: products, what a code names, and what a product costs on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet

from prs.kernel.identity.models import Member
from prs.masterdata.catalog import rules
from prs.masterdata.catalog.models import (
    Barcode,
    Brand,
    Category,
    Pack,
    Price,
    PriceList,
    Product,
    ProductTax,
    TaxRate,
    Unit,
)
from prs.masterdata.catalog.rules import Offer, Tax

ONE = Decimal(1)


def products_visible_to(_member: Member) -> QuerySet[Product]:
    """Every product: the catalogue is the whole organization's."""
    rows: QuerySet[Product] = Product.objects.select_related(
        "category", "brand", "unit", "image", "thumbnail"
    )
    return rows


# --- what a code names --------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What a code names: a product, or a pack of it, and how many units that is."""

    product: Product
    pack: Pack | None = None

    @property
    def quantity(self) -> Decimal:
        """How many units of the product it stands for."""
        return ONE if self.pack is None else self.pack.quantity


def find_by_code(code: str) -> Found | None:
    """What a scanner read or somebody typed: a barcode, else a SKU. Products out of use too.

    Of a label of GS1's, which says lot and expiry too, the product's number counts.
    """
    plain = rules.looked_up(code)
    if not plain:
        return None
    found = found_by_barcode(plain)
    if found is not None:
        return found
    product = Product.objects.filter(sku=code.strip()).select_related("unit", "thumbnail").first()
    if product is not None:
        return Found(product)
    gtin = rules.product_in(code)
    return found_by_barcode(gtin) if gtin else None


def found_by_barcode(kept: str) -> Found | None:
    """What a barcode names, written as it is kept."""
    row = (
        Barcode.objects.filter(code=kept)
        .select_related("product__unit", "product__thumbnail", "pack")
        .first()
    )
    return None if row is None else Found(row.product, row.pack)


# --- prices and taxes ---------------------------------------------------------------------------


def lists_in_force(*, level: str, on: date, currency: str) -> QuerySet[PriceList]:
    """The price lists that count for a level of customers on a day."""
    begun = Q(starts_on__isnull=True) | Q(starts_on__lte=on)
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    rows: QuerySet[PriceList] = PriceList.objects.filter(
        begun, lasting, level=level, currency=currency, active=True
    )
    return rows


def offers_of(
    products: Collection[UUID], *, level: str, on: date, currency: str
) -> dict[UUID, list[Offer]]:
    """What the lists ask for products, by product; those that no list names are left out."""
    rows = Price.objects.filter(
        product__in=products,
        price_list__in=lists_in_force(level=level, on=on, currency=currency).values("pk"),
    )
    found: dict[UUID, list[Offer]] = {}
    steps = rows.values_list("product_id", "amount", "from_quantity")
    for product_id, amount, quantity in steps:
        found.setdefault(product_id, []).append(Offer(amount, quantity))
    return found


def price_of(
    product: Product, *, level: str, quantity: Decimal, on: date, currency: str
) -> Decimal | None:
    """What a unit costs by the price lists, when so many are bought. None where no list says.

    Prices of batches are the stock ledger's.
    """
    offers = offers_of([product.pk], level=level, on=on, currency=currency)
    return rules.best(offers.get(product.pk, ()), quantity, on)


def taxes_of(product: Product, *, on: date) -> list[Tax]:
    """The taxes that a product bears on a day, by code."""
    return taxes_of_all([product.pk], on=on).get(product.pk, [])


def taxes_of_all(products: Collection[UUID], *, on: date) -> dict[UUID, list[Tax]]:
    """The taxes that products bear on a day, by product; two queries for any number of them."""
    counting = {tax.code: tax for tax in rules.in_force(rates(), on)}
    found: dict[UUID, list[Tax]] = {}
    borne = ProductTax.objects.filter(product__in=products).order_by("code", "pk")
    for product_id, code in borne.values_list("product_id", "code"):
        if code in counting:
            found.setdefault(product_id, []).append(counting[code])
    return found


def rates() -> list[Tax]:
    """Every rate of every tax."""
    rows = TaxRate.objects.values_list("code", "rate", "starts_on", "ends_on")
    return [Tax(*row) for row in rows]


# --- what the catalogue is sorted by --------------------------------------------------------------


def categories() -> QuerySet[Category]:
    """Every category, by its place and name."""
    rows: QuerySet[Category] = Category.objects.order_by("position", "name", "pk")
    return rows


@dataclass(frozen=True)
class Shelf:
    """A category in the tree: how deep it lies, and the names above it."""

    category: Category
    depth: int
    path: tuple[str, ...]

    @property
    def label(self) -> str:
        """Its whole path, as it is chosen."""
        return " / ".join((*self.path, self.category.name))


def tree() -> list[Shelf]:
    """The categories as one reads a tree: each before those below it. One query."""
    below: dict[UUID | None, list[Category]] = {}
    for row in categories():
        below.setdefault(row.parent_id, []).append(row)
    return list(shelves(below, None, ()))


def shelves(
    below: dict[UUID | None, list[Category]], parent: UUID | None, path: tuple[str, ...]
) -> Iterable[Shelf]:
    """The shelves below one, each with its own."""
    for row in below.get(parent, ()):
        yield Shelf(row, len(path), path)
        yield from shelves(below, row.pk, (*path, row.name))


def within(category: Category) -> list[UUID]:
    """The ids of a category and of all below it."""
    found, places = [category.pk], tree()
    wanted = {category.pk}
    for shelf in places:
        if shelf.category.parent_id in wanted:
            wanted.add(shelf.category.pk)
            found.append(shelf.category.pk)
    return found


def brands() -> QuerySet[Brand]:
    """Every brand, by name."""
    rows: QuerySet[Brand] = Brand.objects.order_by("name", "pk")
    return rows


def units() -> QuerySet[Unit]:
    """Every unit, by name."""
    rows: QuerySet[Unit] = Unit.objects.order_by("name", "pk")
    return rows


def tax_rates() -> QuerySet[TaxRate]:
    """Every rate, by tax, the newest of each first."""
    rows: QuerySet[TaxRate] = TaxRate.objects.order_by("code", "-starts_on", "pk")
    return rows


def price_lists() -> QuerySet[PriceList]:
    """Every price list, by name."""
    rows: QuerySet[PriceList] = PriceList.objects.order_by("name", "pk")
    return rows


# --- what belongs to a product --------------------------------------------------------------------


def packs_of(product: Product) -> QuerySet[Pack]:
    """The packs of a product, the smallest first."""
    rows: QuerySet[Pack] = Pack.objects.filter(product=product).order_by("quantity", "name", "pk")
    return rows


def barcodes_of(product: Product) -> QuerySet[Barcode]:
    """The codes that name a product or a pack of it; those of the single unit first."""
    rows: QuerySet[Barcode] = Barcode.objects.filter(product=product).select_related("pack")
    return rows.order_by("pack__quantity", "code", "pk")


def prices_of(product: Product) -> QuerySet[Price]:
    """What the lists ask for a product, by list and quantity."""
    rows: QuerySet[Price] = Price.objects.filter(product=product).select_related("price_list")
    return rows.order_by("price_list__name", "from_quantity", "pk")


def tax_codes_of(product: Product) -> list[str]:
    """The codes of the taxes that a product bears."""
    rows = ProductTax.objects.filter(product=product).order_by("code")
    return list(rows.values_list("code", flat=True))
