"""The catalogue on the screen: what is found, what is set, and what is refused beside its field."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from prs.masterdata.catalog import selectors
from prs.masterdata.catalog import services as catalog
from prs.masterdata.catalog.models import Category, Price, PriceList, Product, Unit
from prs.masterdata.parties.models import Supplier
from prs.masterdata.places.models import Place
from tests.cast import NOON
from tests.factories.goods import make_product

EAN = "4006381333931"


def page(client, address, status=200, **query):
    response = client.get(address, query)
    assert response.status_code == status, response.status_code
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def by(cast):
    return {"by": cast.olga, "at": NOON}


@pytest.fixture
def soap(cast):
    return make_product("SOAP-1", name="Cocoa soap")


@pytest.fixture
def shop(by):
    return catalog.add_price_list({"name": "Shop", "level": "retail", "currency": "USD"}, **by)


def picture(colour="teal", side=600):
    target = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(target, "PNG")
    return SimpleUploadedFile("soap.png", target.getvalue(), "image/png")


def found_names(soup):
    return [link.text for link in soup.select("#list-rows a.row-link")]


@pytest.mark.parametrize("asked", ["cocoa", "soap-1", EAN, f"0{EAN}"])
def test_a_product_is_found_by_its_name_its_sku_and_a_scanned_code(browser, cast, by, soap, asked):
    catalog.add_barcode(soap, EAN, **by)
    make_product("OTHER", name="Rice")

    soup = page(browser(cast.olga), reverse("stock:products"), q=asked)

    assert found_names(soup) == ["Cocoa soap"]


def test_the_list_shows_what_one_costs_today_in_few_queries(
    browser, cast, by, soap, shop, django_assert_max_num_queries
):
    rows = [soap, *(make_product(f"P-{number}") for number in range(20))]
    catalog.set_prices(
        shop,
        {(row.pk, Decimal(step)): Decimal(9) - step for row in rows for step in (1, 5)},
        **by,
    )
    client = browser(cast.olga)
    client.get(reverse("stock:products"))

    with django_assert_max_num_queries(14):
        soup = page(client, reverse("stock:products"))

    assert "USD8.00" in soup.select_one("#list-rows tbody tr").text.replace(" ", "")


def test_a_category_filter_reaches_the_shelves_below(browser, cast, by, soap):
    care = catalog.add_category({"name": "Care"}, **by)
    bars = catalog.add_category({"name": "Bars", "parent": care}, **by)
    catalog.change_product(soap, {"category": bars}, **by)
    make_product("OTHER", name="Rice")

    soup = page(browser(cast.olga), reverse("stock:products"), category=str(care.pk))

    assert found_names(soup) == ["Cocoa soap"]


def test_a_product_is_added_with_its_picture_in_two_sizes_and_shown(browser, cast):
    client, unit = browser(cast.olga), Unit.objects.get(symbol="pcs")
    sent = {
        "name": "Bath salt",
        "kind": "goods",
        "unit": unit.pk,
        "reorder_point": "10",
        "reorder_quantity": "12",
        "active": "on",
        "picture": picture(),
    }
    response = client.post(reverse("stock:add_product"), sent)
    row = Product.objects.get(name="Bath salt")

    assert response.url == reverse("stock:product", args=[row.pk])
    assert row.sku == "P-00001"
    small = client.get(reverse("stock:picture", args=[row.thumbnail_id]))
    assert "immutable" in small["Cache-Control"]
    assert Image.open(io.BytesIO(b"".join(small.streaming_content))).width == 240
    assert page(client, response.url).select_one(".product-picture img")


def test_what_is_no_picture_is_refused_at_its_field(browser, cast, soap):
    client = browser(cast.olga)
    sent = {"picture": SimpleUploadedFile("soap.png", b"<svg>", "image/png")}
    response = client.post(reverse("stock:edit_product", args=[soap.pk]), sent)

    assert response.status_code == 422
    assert Product.objects.get(pk=soap.pk).image is None


def test_a_picture_of_another_organization_is_not_there(browser, cast, by, soap):
    soup = browser(cast.zoe)
    catalog.set_picture(soap, picture(), **by)

    assert soup.get(reverse("stock:picture", args=[soap.image_id])).status_code == 404
    assert soup.get(reverse("stock:product", args=[soap.pk])).status_code == 404


def test_a_misread_barcode_is_refused_beside_its_field(browser, cast, soap):
    client, address = browser(cast.olga), reverse("stock:add_barcode", args=[soap.pk])

    refused = client.post(address, {"code": "4006381333930"})
    assert refused.status_code == 422
    assert "should end in 1" in refused.content.decode()

    assert client.post(address, {"code": EAN}).status_code == 302
    assert selectors.find_by_code(EAN).product == soap


def test_a_barcode_of_a_pack_stands_for_what_the_pack_holds(browser, cast, soap):
    client = browser(cast.olga)
    client.post(reverse("stock:add_pack", args=[soap.pk]), {"name": "Carton", "quantity": "24"})
    carton = selectors.packs_of(soap).get()
    client.post(reverse("stock:add_barcode", args=[soap.pk]), {"code": "C24", "pack": carton.pk})

    assert selectors.find_by_code("C24").quantity == 24
    assert "= 24 pcs" in page(client, reverse("stock:product", args=[soap.pk])).text


def test_the_grid_sets_what_was_touched_and_takes_a_new_step(browser, cast, soap, shop):
    client, address = browser(cast.olga), reverse("stock:set_prices", args=[shop.pk])
    key = str(soap.pk)
    sent = {
        "version": 1,
        f"price-{key}:1": "9.50",
        f"was-{key}:1": "",
        f"step-{key}": "12",
        f"price-{key}:new": "8",
        f"was-{key}:new": "",
    }
    assert client.post(address, sent).status_code == 302

    steps = Price.objects.order_by("from_quantity").values_list("from_quantity", "amount")
    assert list(steps) == [(1, Decimal("9.5")), (12, 8)]


def test_one_unreadable_price_saves_none_and_keeps_what_was_typed(browser, cast, soap, shop):
    client, address = browser(cast.olga), reverse("stock:set_prices", args=[shop.pk])
    other = make_product("OTHER")
    sent = {"version": 1, f"price-{soap.pk}:1": "nine", f"price-{other.pk}:1": "4"}

    response = client.post(address, sent)

    assert response.status_code == 422
    assert 'value="nine"' in response.content.decode()
    assert not Price.objects.exists()


def test_an_old_grid_is_refused(browser, cast, by, soap, shop):
    catalog.set_prices(PriceList.objects.get(), {(soap.pk, Decimal(1)): Decimal(3)}, **by)
    sent = {"version": 1, f"price-{soap.pk}:1": "9", f"was-{soap.pk}:1": ""}

    response = browser(cast.olga).post(reverse("stock:set_prices", args=[shop.pk]), sent)

    assert Price.objects.get().amount == 3
    assert response.status_code in {302, 409}


def test_who_may_not_set_prices_reads_them(browser, cast, by, soap, shop):
    catalog.set_prices(shop, {(soap.pk, Decimal(1)): Decimal(3)}, **by)
    client, address = browser(cast.sam), reverse("stock:price_list", args=[shop.pk])

    soup = page(client, address)
    assert "3.00" in soup.text
    assert not soup.select("input[name^=price-]")
    setting = reverse("stock:set_prices", args=[shop.pk])
    assert client.post(setting, {f"price-{soap.pk}:1": "1"}).status_code == 403


def test_the_tree_counts_what_lies_below_and_moves_up(browser, cast, by, soap):
    food, care = (catalog.add_category({"name": name}, **by) for name in ("Food", "Care"))
    bars = catalog.add_category({"name": "Bars", "parent": care}, **by)
    catalog.change_product(soap, {"category": bars}, **by)
    client = browser(cast.olga)

    rows = [
        row.get_text(" ", strip=True)
        for row in page(client, reverse("stock:categories")).select("tbody tr")
    ]
    assert [row.split()[0] for row in rows] == ["Care", "Bars", "Food"]
    assert " 1 " in rows[0]
    client.post(reverse("stock:move_category", args=[food.pk]), {"up": ""})

    assert [shelf.category.name for shelf in selectors.tree()] == ["Food", "Care", "Bars"]


def test_a_category_is_not_offered_a_place_below_itself(browser, cast, by):
    food = catalog.add_category({"name": "Food"}, **by)
    catalog.add_category({"name": "Grain", "parent": food}, **by)
    client = browser(cast.olga)

    soup = page(client, reverse("stock:category", args=[food.pk]))

    assert [each.text for each in soup.select("select[name=parent] option")] == ["At the top"]
    assert Category.objects.count() == 2


def test_suppliers_and_places_are_added_and_refused_at_their_field(browser, cast):
    client = browser(cast.olga)
    sent = {"name": "Mills", "currency": "usd", "terms_days": 30, "lead_days": 7, "active": "on"}
    client.post(reverse("stock:add_supplier"), sent)
    row = Supplier.objects.get()
    assert (row.code, row.currency) == ("S-0001", "USD")
    assert "Mills" in page(client, reverse("stock:supplier", args=[row.pk])).text
    twice = client.post(reverse("stock:add_supplier"), sent)
    assert twice.status_code == 422

    place = {"name": "Tema", "code": "TM", "kind": "storefront", "active": "on"}
    client.post(reverse("stock:add_place"), place)
    assert Place.objects.get(code="TM").kind == "storefront"
    assert client.post(reverse("stock:add_place"), {**place, "kind": "transit"}).status_code == 422
