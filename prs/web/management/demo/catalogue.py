"""What the demonstration sells: a catalogue with pictures, codes, packs, taxes and prices, and who it buys from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from prs.kernel.identity.models import Member
from prs.masterdata.catalog import rules
from prs.masterdata.catalog import services as catalog
from prs.masterdata.catalog.models import Brand, Category, Product, Unit
from prs.masterdata.parties import services as parties
from prs.masterdata.places import services as places
from prs.masterdata.places.models import Branch, Place
from prs.web.management.demo.assortment import (
    CATEGORIES,
    PRODUCTS,
    RATES,
    STUDIO,
    STUDIO_RATES,
    SUPPLIERS,
    Article,
)
from prs.web.management.demo.pictures import picture_of

# GS1 gives numbers that begin so to members in Ghana.
COUNTRY = "603"
ONE = Decimal(1)
PLACES = (
    ("Tema warehouse", "WT", Place.Kind.WAREHOUSE, "Tema"),
    ("Kumasi warehouse", "WK", Place.Kind.WAREHOUSE, "Kumasi"),
    ("Tema cash & carry", "TC", Place.Kind.STOREFRONT, "Tema"),
    ("Osu shop", "OS", Place.Kind.STOREFRONT, "Tema"),
    ("Kumasi shop", "KS", Place.Kind.STOREFRONT, "Kumasi"),
)


def stock_shelves(by: Member, *, at: datetime) -> list[Product]:
    """The wholesaler's catalogue, in the current organization. Returns the products."""
    open_places(by, at=at)
    for fields in SUPPLIERS:
        parties.add_supplier(fields, by=by, at=at)
    shelves = Shelves(by, at)
    shelves.take_taxes(RATES)
    shelves.build(CATEGORIES)
    products = [shelves.add(article, number) for number, article in enumerate(PRODUCTS, start=1)]
    pairs = list(zip(products, PRODUCTS, strict=True))
    shelves.price("Shop prices", "retail", "GHS", ((row, each.retail) for row, each in pairs))
    shelves.price("Trade prices", "wholesale", "GHS", ((row, each.trade) for row, each in pairs))
    return products


def stock_studio(by: Member, *, at: datetime) -> list[Product]:
    """The neighbour's few things and hours."""
    shelves = Shelves(by, at)
    shelves.take_taxes(STUDIO_RATES)
    shelves.build({"Drucksachen": (), "Leistungen": ()})
    products = [shelves.add(article, number) for number, article in enumerate(STUDIO, start=900)]
    pairs = zip(products, STUDIO, strict=True)
    shelves.price("Preisliste", "retail", "EUR", ((row, each.retail) for row, each in pairs))
    return products


def open_places(by: Member, *, at: datetime) -> None:
    """Two warehouses and three shops, two of them in place of those that everybody begins with."""
    branches = {branch.name: branch for branch in Branch.objects.all()}
    first = {place.kind: place for place in Place.objects.exclude(kind=Place.Kind.TRANSIT)}
    for name, code, kind, town in PLACES:
        fields = {"name": name, "code": code, "kind": kind, "branch": branches.get(town)}
        place = first.pop(kind, None)
        if place is None:
            places.add_place(fields, by=by, at=at)
        else:
            places.change_place(place, fields, by=by, at=at)


class Shelves:
    """Puts products where they belong."""

    def __init__(self, by: Member, at: datetime) -> None:
        self.by: dict[str, Any] = {"by": by, "at": at}
        self.units = {unit.symbol: unit for unit in Unit.objects.all()}
        self.categories: dict[str, Category] = {}
        self.brands: dict[str, Brand] = {}

    def take_taxes(self, rates: Iterable[tuple[str, str, str, date, date | None]]) -> None:
        """The taxes of the country, with their rates over time."""
        for code, name, rate, starts_on, ends_on in rates:
            fields = {"code": code, "name": name, "rate": Decimal(rate), "starts_on": starts_on}
            catalog.add_tax_rate({**fields, "ends_on": ends_on}, **self.by)

    def build(self, tree: dict[str, tuple[str, ...]]) -> None:
        """Categories, and those below them."""
        for place, (name, below) in enumerate(tree.items()):
            top = catalog.add_category({"name": name, "position": place}, **self.by)
            self.categories[name] = top
            for order, each in enumerate(below):
                fields = {"name": each, "parent": top, "position": order}
                self.categories[each] = catalog.add_category(fields, **self.by)

    def brand(self, name: str) -> Brand | None:
        """The brand of a name, made when it is named first."""
        if name and name not in self.brands:
            self.brands[name] = catalog.add_brand({"name": name}, **self.by)
        return self.brands.get(name)

    def add(self, article: Article, number: int) -> Product:
        """A product with its codes, packs and picture."""
        fields = {
            "sku": article.sku,
            "name": article.name,
            "kind": article.kind,
            "description": article.about,
            "category": self.categories[article.category],
            "brand": self.brand(article.brand),
            "unit": self.units[article.unit],
            "expires": article.expires,
            "reorder_point": Decimal(article.reorder),
            "reorder_quantity": Decimal(article.reorder * 2),
            "taxes": article.taxes,
        }
        product = catalog.add_product(fields, **self.by)
        if article.kind == Product.Kind.GOODS:
            catalog.add_barcode(product, gtin(number, "0"), **self.by)
        for order, (name, holds) in enumerate(article.packs, start=1):
            fields = {"name": name, "quantity": Decimal(holds)}
            pack = catalog.add_pack(product, fields, **self.by)
            catalog.add_barcode(product, gtin(number, str(order)), pack=pack, **self.by)
        if article.shape:
            drawn = picture_of(article.shape, article.colour, article.sku)
            catalog.keep_picture(product, drawn, **self.by)
        return product

    def price(
        self, name: str, level: str, currency: str, prices: Iterable[tuple[Product, str]]
    ) -> None:
        """A list with a price for each product that has one."""
        row = catalog.add_price_list(
            {"name": name, "level": level, "currency": currency}, **self.by
        )
        amounts = {(product.pk, ONE): Decimal(text) for product, text in prices if text}
        catalog.set_prices(row, amounts, **self.by)


def gtin(number: int, pack: str) -> str:
    """A valid number of an article, or of a pack of it."""
    digits = f"{COUNTRY}{1400 + int(pack)}{number:05d}"
    return digits + rules.check_digit(digits)
