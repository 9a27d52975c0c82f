"""Products, places and stock for tests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from prs.kernel.db.ids import new_id
from prs.ledgers.stock import services as stock
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
from prs.masterdata.places.models import Place
from tests.cast import NOON


def make_place(name: str = "Main Warehouse", **fields: Any) -> Place:
    """A place where goods lie."""
    return Place.objects.create(name=name, code=fields.pop("code", name[:8].upper()), **fields)


def make_product(sku: str = "SOAP-1", **fields: Any) -> Product:
    """A product counted in pieces."""
    unit, _made = Unit.objects.get_or_create(symbol="pcs", defaults={"name": "Piece"})
    return Product.objects.create(sku=sku, **{"name": sku.title(), "unit": unit, **fields})


def make_cause(
    by: Any, *, kind: str = "receipt", on: date | None = None, at: Any = NOON
) -> stock.Cause:
    """Something that moves goods."""
    return stock.Cause(kind, new_id(), on or at.date(), by, at)


def make_stock(
    product: Product, place: Place, quantity: Any = 10, cost: Any = 50, *, by: Any, **fields: Any
) -> Any:
    """A batch of a product that came in at a place."""
    cause = fields.pop("cause", None) or make_cause(by)
    line = stock.Intake(product, Decimal(quantity), Decimal(cost), new_id(), **fields)
    return stock.receive([line], place, cause)[0]


def make_catalogue() -> Product:
    """A product with everything that the catalogue may say of it."""
    shelf = Category.objects.create(name="Care")
    Category.objects.create(name="Soap", parent=shelf)
    brand = Brand.objects.create(name="Volta Naturals")
    TaxRate.objects.create(code="VAT", name="VAT", rate=15, starts_on=NOON.date())
    soap = make_product("WORLD-1", category=shelf, brand=brand)
    ProductTax.objects.create(product=soap, code="VAT")
    carton = Pack.objects.create(product=soap, name="Carton", quantity=24)
    Barcode.objects.create(product=soap, pack=carton, code="04006381333931")
    prices = PriceList.objects.create(name="Fair", currency="USD")
    Price.objects.create(price_list=prices, product=soap, amount=9)
    return soap


def make_goods(owner: Any, seller: Any) -> None:
    """Goods in every state: lying, kept, on the way, adjusted, counted."""
    soap = make_catalogue()
    store = make_place("World Store", code="WS")
    shop = make_place("World Shop", code="WF", kind="storefront")
    make_stock(make_product("WORLD-2"), store, 5, by=owner)
    fresh = make_stock(soap, store, 50, 100, by=owner, expires_on=NOON.date() + timedelta(days=30))
    basket = make_cause(seller, kind="sale")
    stock.reserve(stock.Wanted(soap, Decimal(2), new_id()), store, basket)
    stock.release(basket.id)
    stock.reserve(stock.Wanted(soap, Decimal(1), new_id()), store, make_cause(seller, kind="sale"))
    ends = {"origin": store, "destination": shop}
    sent = stock.draft_transfer(ends, {soap: Decimal(5)}, by=seller, at=NOON)
    stock.request_transfer(sent, by=seller, at=NOON)
    stock.approve_transfer(sent, {}, by=owner, at=NOON)
    stock.dispatch_transfer(sent, {}, by=owner, at=NOON)
    stock.draft_transfer(ends, {soap: Decimal(3)}, by=seller, at=NOON)
    said = {"kind": "found", "quantity": Decimal(2), "reason": "Behind the shelf"}
    found = stock.ask_adjustment(fresh, store, said, by=seller, at=NOON)
    stock.approve_adjustment(found, by=owner, at=NOON)
    stock.ask_adjustment(fresh, store, said, by=seller, at=NOON)
    count = stock.open_count(store, by=seller, at=NOON)
    stock.count_batch(count, fresh, Decimal(47), by=seller, at=NOON)
