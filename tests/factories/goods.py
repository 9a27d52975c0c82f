"""Products, places and stock for tests."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from PIL import Image

from prs.kernel.db.ids import new_id
from prs.kernel.files import CheckedFile, Kind
from prs.kernel.tenancy.services import keep_file
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping.services import Source
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
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Supplier
from prs.masterdata.places.models import Place
from prs.operations.purchasing import services as purchasing
from prs.operations.purchasing.models import OrderLine
from tests.cast import NOON


def make_place(name: str = "Main Warehouse", **fields: Any) -> Place:
    """A place where goods lie; the way between places is there from the beginning."""
    if fields.get("kind") == Place.Kind.TRANSIT:
        return Place.objects.get(kind=Place.Kind.TRANSIT)
    return Place.objects.create(name=name, code=fields.pop("code", name[:8].upper()), **fields)


def make_product(sku: str = "SOAP-1", **fields: Any) -> Product:
    """A product counted in pieces."""
    unit, _made = Unit.objects.get_or_create(symbol="pcs", defaults={"name": "Piece"})
    return Product.objects.create(sku=sku, **{"name": sku.title(), "unit": unit, **fields})


def make_supplier(by: Any, name: str = "Lakeside Mills", **fields: Any) -> Supplier:
    """Who we buy from."""
    return parties.add_supplier({"name": name, **fields}, by=by, at=NOON)


def make_cause(
    by: Any, *, kind: str = "receipt", on: date | None = None, at: Any = NOON
) -> stock.Cause:
    """Something that moves goods."""
    return stock.Cause(kind, new_id(), on or at.date(), by, at)


def make_stock(
    product: Product, place: Place, quantity: Any = 10, cost: Any = 50, *, by: Any, **fields: Any
) -> Any:
    """A batch of a product that came in at a place, as the books know it."""
    cause = fields.pop("cause", None) or make_cause(by)
    line = stock.Intake(product, Decimal(quantity), Decimal(cost), new_id(), **fields)
    (batch,) = stock.receive([line], place, cause)
    purchasing.posted(
        Source("test.intake", line.line_id, "received"),
        (chart.debit(chart.INVENTORY, line.cost), chart.credit("3000", line.cost)),
        "Opening stock",
        on=cause.on,
        by=by,
        at=cause.at,
    )
    return batch


def make_picture() -> CheckedFile:
    """A picture of one dot."""
    target = io.BytesIO()
    Image.new("RGB", (1, 1), "teal").save(target, "PNG")
    return CheckedFile(
        kind=Kind.IMAGE,
        name="soap.png",
        extension="png",
        content_type="image/png",
        bytes=target.getvalue(),
        sha256="b" * 64,
        width=1,
        height=1,
    )


def make_catalogue() -> Product:
    """A product with everything that the catalogue may say of it."""
    shelf = Category.objects.create(name="Care")
    Category.objects.create(name="Soap", parent=shelf)
    brand = Brand.objects.create(name="Volta Naturals")
    TaxRate.objects.create(code="VAT", name="VAT", rate=15, starts_on=NOON.date())
    picture = keep_file(make_picture(), at=NOON)
    soap = make_product("WORLD-1", category=shelf, brand=brand, image=picture, thumbnail=picture)
    ProductTax.objects.create(product=soap, code="VAT")
    carton = Pack.objects.create(product=soap, name="Carton", quantity=24)
    Barcode.objects.create(product=soap, pack=carton, code="04006381333931")
    prices = PriceList.objects.create(name="Fair", currency="USD")
    Price.objects.create(price_list=prices, product=soap, amount=9)
    return soap


def make_goods(owner: Any, seller: Any) -> None:
    """Goods in every state: lying, kept, on the way, adjusted, counted."""
    soap = make_catalogue()
    make_supplier(owner, "World Mills", minimum_order=Decimal(100))
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
    make_bought(owner, soap, store)
    stock.ask_stock({"place": shop}, {soap: Decimal(4)}, by=seller, at=NOON)
    stock.raise_stock_alerts(today=NOON.date(), at=NOON)
    stock.report_week(today=NOON.date() + timedelta(days=7), at=NOON)


def make_came(product: Product, quantity: Any = 10, price: Any = 5, **fields: Any) -> Any:
    """A line of a delivery."""
    return purchasing.Came(product, Decimal(quantity), Decimal(price), **fields)


def make_order(
    by: Any, product: Product, place: Place, quantity: Any = 10, price: Any = 5, **fields: Any
) -> Any:
    """An order that the supplier has."""
    supplier = fields.pop("supplier", None) or Supplier.objects.order_by("pk").first()
    line = purchasing.Ordered(product, Decimal(quantity), Decimal(price), Decimal(10))
    head = {"supplier": supplier or make_supplier(by), "place": place, **fields}
    return purchasing.send_order(
        purchasing.draft_order(head, [line], by=by, at=NOON), by=by, at=NOON
    )


def make_receipt(by: Any, lines: Any, place: Place, **fields: Any) -> Any:
    """Goods that came from a supplier."""
    delivery = purchasing.Delivery(place=place, **fields)
    return purchasing.take_in(delivery, lines, by=by, at=NOON)


def make_bill(by: Any, receipt: Any, **fields: Any) -> Any:
    """The bill of a receipt."""
    head = {
        "reference": "B-1",
        "bill_date": NOON.date(),
        "due_date": NOON.date() + timedelta(days=30),
        "net": receipt.net,
        "tax": receipt.tax,
        "currency": receipt.currency,
        "rate": receipt.rate,
        **fields,
    }
    return purchasing.record_bill(receipt.supplier, head, [receipt], by=by, at=NOON)


def make_bought(owner: Any, soap: Product, store: Place) -> None:
    """A bill that was voided, an order, what came of it, its bill and what was paid; and an order that
    nobody sent.
    """
    supplier = Supplier.objects.get()
    wrong = make_receipt(owner, [make_came(soap, 1)], store, supplier=supplier)
    void = make_bill(owner, wrong, reference="B-0")
    purchasing.void_bill(void, reason="Typed twice", by=owner, at=NOON)
    make_bill(owner, wrong, reference="B-0")
    order = make_order(owner, soap, store, 20, 4)
    line = OrderLine.objects.get(order=order)
    came = make_came(soap, 12, 4, tax_rate=Decimal(10), order_line=line)
    receipt = make_receipt(owner, [came], store, supplier=supplier, order=order)
    bill = make_bill(owner, receipt)
    purchasing.pay_bill(
        bill, amount=Decimal(10), account=chart.BANK, on=NOON.date(), by=owner, at=NOON
    )
    make_receipt(owner, [make_came(soap, 1)], store, supplier=supplier)
    draft = purchasing.Ordered(soap, Decimal(3), Decimal(4))
    purchasing.draft_order({"supplier": supplier, "place": store}, [draft], by=owner, at=NOON)
