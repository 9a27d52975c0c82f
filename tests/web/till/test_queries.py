"""What the till's and the stock's hot screens ask the database, beside what every page of a member asks."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prs.kernel.db.ids import new_id
from prs.masterdata.catalog.models import Barcode
from prs.operations.till.models import Sale
from tests.factories.goods import make_product, make_stock

# The session, the user, the member, and the transaction with its organization: begun, set, left, ended.
EVERY_PAGE = 7
SCREEN = 12
PART = {"HTTP_HX_REQUEST": "true"}
LISTS = ["till:sales", "till:returns", "till:shifts", "till:today"]
STOCK = [
    *("levels", "batches", "movements", "alerts", "as_of", "reports", "valuation", "shrinkage"),
    *("velocity", "transfers", "requests", "adjustments", "counts", "products", "suppliers"),
    *("orders", "receipts", "bills"),
]


@pytest.fixture
def busy(cast, shop):
    """Thirty products, each sold once, and a basket of five lines on the screen."""
    for number in range(30):
        product = make_product(f"P{number}", name=f"Product {number}")
        Barcode.objects.create(product=product, code=f"BAR{number:05}")
        make_stock(product, shop.place, 100, 100, by=cast.olga, retail_price=3)
        shop.sell((product, 1), (shop.soap, 1))
    shop.basket(*[(product, 1) for product in (shop.tea, shop.soap)])
    return shop


def asked(act) -> int:
    """How much a request asks beyond what every page does, once everything is warm."""
    act()
    with CaptureQueriesContext(connection) as queries:
        response = act()
    assert response.status_code == 200
    return len(queries) - EVERY_PAGE


def test_the_screens_of_a_cashier_ask_little(browser, busy):
    client = browser(busy.cashier)
    parts = {
        "counter": "/till/",
        "shelf": "/till/shelf/",
        "search": "/till/shelf/?q=product",
        "basket": "/till/basket/",
        "pay": "/till/basket/pay/",
        "held": "/till/held/",
        "customer": "/till/basket/customer/",
    }

    found = {name: asked(lambda at=at: client.get(at, **PART)) for name, at in parts.items()}

    assert {name: count for name, count in found.items() if count > SCREEN} == {}
    assert found["basket"] <= 4
    assert found["pay"] <= 6


def test_the_lists_ask_little_however_much_stands_in_them(browser, cast, busy):
    client = browser(cast.olga)
    names = [*LISTS, *(f"stock:{name}" for name in STOCK)]

    found = {name: asked(lambda name=name: client.get(reverse(name))) for name in names}

    assert {name: count for name, count in found.items() if count > SCREEN} == {}


def test_a_scan_asks_as_much_for_the_thirtieth_line_as_for_the_second(browser, busy):
    client = browser(busy.cashier)
    codes = (f"BAR{number:05}" for number in range(30))

    def scan():
        return client.post("/till/basket/scan/", {"q": next(codes)}, **PART)

    second = asked(scan)
    for _line in range(24):
        scan()
    thirtieth = asked(scan)

    assert thirtieth == second <= 8
    assert Sale.objects.get(state="open").line_count == 30


def test_selling_asks_as_much_for_twenty_lines_as_for_three(browser, busy):
    client = browser(busy.cashier)
    codes = (f"BAR{number:05}" for number in range(30))

    def sold(lines):
        for _line in range(lines):
            client.post("/till/basket/scan/", {"q": next(codes)}, **PART)
        basket = Sale.objects.get(state="open")
        words = {"basket": basket.pk, "seen": basket.total, "once": new_id()}
        words |= {"method": "cash", "amount": basket.total, "reference": ""}
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/till/basket/pay/", words, **PART, HTTP_HX_TARGET="sheet-body")
        assert answer.status_code == 200
        assert Sale.objects.get(pk=basket.pk).state == "completed"
        return len(queries) - EVERY_PAGE

    sold(1)

    assert sold(3) == sold(20) <= 9
