"""What stock would bring: each figure is the sum of its rows, on screen, in files and on paper."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock import services
from prs.masterdata.catalog import services as catalog
from tests.cast import NOON
from tests.factories.goods import make_place, make_product, make_stock

TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON)


@pytest.fixture
def by(cast):
    return {"by": cast.olga, "at": NOON}


def priced(batch, by, retail, wholesale=None):
    fields = {"retail_price": retail, "wholesale_price": wholesale}
    services.change_prices(batch, {k: Decimal(v) for k, v in fields.items() if v is not None}, **by)


@pytest.fixture
def goods(cast, by):
    """Food: 10 that cost 50 each, for 80 and 70; no category: 4 at cost 10 without a price; and 2 expired."""
    store, shop = make_place("Store"), make_place("Shop", kind="storefront")
    food = catalog.add_category({"name": "Food"}, **by)
    rice = make_product("RICE-1", name="Rice", category=food)
    priced(make_stock(rice, store, 10, 500, by=cast.olga), by, "80", "70")
    loose = make_product("LOOSE-1", name="Loose")
    make_stock(loose, shop, 4, 40, by=cast.olga)
    old = make_stock(rice, shop, 2, 100, by=cast.olga, expires_on=TODAY - timedelta(days=1))
    priced(old, by, "90")
    return rice


def report(by="category", **more):
    rows = stock.projection(by=by, on=TODAY, currency="USD")
    return {
        row.name: (row.cost, row.retail, row.wholesale, row.unpriced, row.expired) for row in rows
    }


def test_profit_is_the_price_less_what_the_goods_cost_by_category_and_place(goods):
    assert report() == {"Food": (500, 800, 700, 0, 100), "": (0, 0, 0, 40, 0)}
    assert report("place") == {"Store": (500, 800, 700, 0, 0), "Shop": (0, 0, 0, 40, 100)}


def test_a_price_list_in_force_stands_above_the_batch(goods, by):
    shop = catalog.add_price_list({"name": "Shop", "level": "retail", "currency": "USD"}, **by)
    steps = {(goods.pk, Decimal(1)): Decimal(100), (goods.pk, Decimal(12)): Decimal(60)}
    catalog.set_prices(shop, steps, **by)
    assert report()["Food"][1] == 1000

    later = {"name": "Next year", "level": "retail", "currency": "USD"}
    next_year = catalog.add_price_list({**later, "starts_on": date(2030, 1, 1)}, **by)
    catalog.set_prices(next_year, {(goods.pk, Decimal(1)): Decimal(1)}, **by)
    assert report()["Food"][1] == 1000


def test_tax_that_stands_in_the_price_is_no_profit(goods, by):
    rate = {"code": "VAT", "name": "VAT", "rate": Decimal(25), "starts_on": date(2020, 1, 1)}
    catalog.add_tax_rate(rate, **by)
    catalog.change_product(goods, {"taxes": ["VAT"]}, **by)
    assert report()["Food"][1:3] == (640, 560)

    goods.refresh_from_db()
    catalog.change_product(goods, {"prices_include_tax": False}, **by)
    assert report()["Food"][1:3] == (800, 700)


def test_a_level_without_a_price_of_its_own_sells_at_the_other(cast, by):
    batch = make_stock(make_product("OIL-1"), make_place("Store"), 3, 15, by=cast.olga)
    priced(batch, by, "9")

    assert report()[""][:3] == (15, 27, 27)


def page(client, **query):
    answer = client.get(reverse("stock:projection"), query)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def test_the_split_says_how_much_is_sold_at_retail(browser, cast, goods):
    client = browser(cast.olga)

    row = page(client, share="70").select("tbody tr")[0]

    assert [cell.text.strip() for cell in row.select("td")][4:7] == ["200.00", "270.00", "35.1 %"]
    assert "Profit, 0 % at retail" in page(client, share="0").text
    assert page(client, share="170").select_one(".errors, .error-summary, [role=alert]")


def test_every_figure_leads_to_rows_that_add_up_to_it(browser, cast, goods):
    client = browser(cast.olga)
    for by in ("category", "place"):
        links = page(client, by=by).select("tbody td a, tbody th a, tfoot td a, .summary a")
        assert links
        for url in {link["href"] for link in links}:
            answer = client.get(url)
            assert answer.status_code == 200, url
            rows = BeautifulSoup(answer.content, "html.parser")
            assert rows.select("tbody tr"), url
    food = page(client).select("tbody td a")[0]["href"]
    rows = BeautifulSoup(client.get(food).content, "html.parser").select("tbody tr")
    (row,) = [re.sub(r"\s+", " ", each.text) for each in rows]
    for figure in ("Rice", "500.00", "800.00", "300.00", "700.00", "200.00"):
        assert figure in row


def test_the_files_hold_what_the_screen_shows(browser, cast, goods):
    client = browser(cast.olga)

    text = client.get(reverse("stock:projection_file", args=["csv"])).content.decode("utf-8-sig")
    assert text.splitlines()[1].startswith("Food,500.00,800.00,300.00,")
    book = client.get(reverse("stock:projection_file", args=["xlsx"])).content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert sheet[1][:6] == ["Food", 500, 800, 300, 700, 200]
    pdf = client.get(reverse("stock:projection_pdf"), {"by": "place"}).content
    paper = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert "Expected profit of stock" in paper
    assert "Store" in paper
    assert "300.00" in paper


def test_without_the_right_to_see_costs_nobody_sees_profit(browser, cast, goods):
    cast.sam.role.permissions = ["stock.view"]
    cast.sam.role.save()
    client = browser(cast.sam)
    for name, args in (
        ("projection", []),
        ("projection_rows", []),
        ("projection_pdf", []),
        ("projection_file", ["csv"]),
    ):
        assert client.get(reverse(f"stock:{name}", args=args)).status_code == 403
    assert "projection" not in client.get(reverse("stock:reports")).content.decode()


def test_the_screen_takes_few_queries_however_much_lies_there(
    browser, cast, by, goods, django_assert_max_num_queries
):
    store = make_place("Third")
    for number in range(12):
        shelf = catalog.add_category({"name": f"Shelf {number}"}, **by)
        make_stock(make_product(f"P-{number}", category=shelf), store, 3, by=cast.olga)
    client = browser(cast.olga)
    client.get(reverse("stock:projection"))
    # Two are the report's; the others are those of any page, two savepoints of the test among them.
    with django_assert_max_num_queries(13):
        client.get(reverse("stock:projection"))
