"""The catalogue as a file: out and back changes nothing, and one fault imports nothing."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from prs.masterdata.catalog import selectors
from prs.masterdata.catalog import services as catalog
from prs.masterdata.catalog.models import Category, Product
from prs.masterdata.catalog.services import importing
from tests.cast import NOON
from tests.factories.goods import make_product

EAN = "4006381333931"
TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@pytest.fixture
def by(cast):
    return {"by": cast.olga, "at": NOON}


@pytest.fixture
def shelves(cast, by):
    """A small catalogue with everything that a file holds, and names that spreadsheets mistake."""
    food = catalog.add_category({"name": "Food"}, **by)
    rice = catalog.add_category({"name": "Rice", "parent": food}, **by)
    brand = catalog.add_brand({"name": "Volta"}, **by)
    rate = {"code": "VAT", "name": "VAT", "rate": Decimal(15), "starts_on": NOON.date()}
    catalog.add_tax_rate(rate, **by)
    soap = make_product(
        "SOAP-1", name="=Soap", category=rice, brand=brand, description="-5 %, “new”"
    )
    catalog.change_product(soap, {"taxes": ["VAT"]}, **by)
    catalog.add_barcode(soap, EAN, **by)
    catalog.add_barcode(soap, "SHELF-7", **by)
    carton = catalog.add_pack(
        soap, {"name": "Carton; of =24, (big)", "quantity": Decimal(24)}, **by
    )
    catalog.add_barcode(soap, "96385074", pack=carton, **by)
    catalog.add_barcode(soap, "CTN, 24", pack=carton, **by)
    catalog.add_pack(soap, {"name": 'Tray "small"', "quantity": Decimal(6)}, **by)
    make_product("RICE-1", name="أرز", reorder_point=Decimal("2.500"), expires=True)
    shop = catalog.add_price_list({"name": "Shop", "level": "retail", "currency": "USD"}, **by)
    catalog.set_prices(shop, {(soap.pk, Decimal(1)): Decimal("9.125")}, **by)
    return shop


def looked_at(client, text, name="goods.csv"):
    """The page after a file was brought."""
    file = SimpleUploadedFile(name, text, TYPES[name.rpartition(".")[2]])
    return client.post(reverse("stock:look_at_import"), {"file": file})


def figures(response):
    """New, changed, as they are, faults."""
    soup = BeautifulSoup(response.content, "html.parser")
    return [int(re.sub(r"\D", "", each.text)) for each in soup.select(".figure-value")]


def posted(response):
    """What the page would send: the kept file and the columns."""
    soup = BeautifulSoup(response.content, "html.parser").select_one("#mapping")
    sent = {each["name"]: each["value"] for each in soup.select("input[type=hidden]")}
    for each in soup.select("select"):
        chosen = each.select_one("option[selected]")
        sent[each["name"]] = chosen["value"] if chosen else ""
    return sent


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_catalogue_goes_out_and_comes_back_unchanged(client, cast, shelves, form):
    client.force_login(cast.olga.user)
    content = client.post(reverse("stock:export_catalogue"), {"format": form}).content

    assert figures(looked_at(client, content, f"goods.{form}")) == [0, 0, 2, 0]


def test_a_file_adds_changes_and_makes_the_shelves_that_it_names(client, cast, shelves):
    client.force_login(cast.olga.user)
    text = (
        "SKU,Name,Unit,Category,Brand,EAN,Price: Shop\n"
        "SOAP-1,Soap,,,,,10\n"
        'NEW-1,Beans,kg,Food / Pulses,Inland,036000291452,"3,5"\n'
    )
    page = looked_at(client, text.encode())
    assert figures(page) == [1, 1, 0, 0]
    assert Product.objects.count() == 2

    assert client.post(reverse("stock:run_import"), posted(page)).status_code == 302

    beans = Product.objects.get(sku="NEW-1")
    assert beans.category.parent.name == "Food"
    assert Category.objects.filter(name="Food").count() == 1
    assert selectors.find_by_code("036000291452").product == beans
    words = {"level": "retail", "quantity": Decimal(1), "on": NOON.date(), "currency": "USD"}
    assert selectors.price_of(beans, **words) == Decimal("3.5")
    assert Product.objects.get(sku="SOAP-1").name == "Soap"


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ("A,Beans,stone,,,", "Counted in"),
        ("A,,pcs,,,", "Name"),
        ("A,Beans,pcs,4006381333930,,", "Barcodes"),
        (f"A,Beans,pcs,{EAN},,", "Barcodes"),
        ("A,Beans,pcs,,GONE,", "Taxes"),
        ("A,Beans,pcs,,,ten", "Price: Shop"),
    ],
)
def test_a_fault_is_named_with_its_row_and_nothing_is_imported(cast, by, shelves, row, label):
    rows = [["SKU", "Name", "Unit", "EAN", "Taxes", "Shop"], ["OK", "Good", "pcs"], row.split(",")]
    mapping = importing.guessed(rows[0])

    faults = importing.plan_of(rows, mapping, by=cast.olga).faults
    assert [(fault.row, fault.label) for fault in faults] == [(3, label)]
    with pytest.raises(importing.Faulty):
        importing.carry_out(rows, mapping, name="goods.csv", **by)
    assert not Product.objects.filter(sku="OK").exists()


def carried_out(cast, *rows):
    """What an import of SKU, name, unit and packs does."""
    table = [["SKU", "Name", "Unit", "Packs"], *map(list, rows)]
    mapping = importing.guessed(table[0])
    return importing.carry_out(table, mapping, name="goods.csv", by=cast.olga, at=NOON)


def test_packs_are_added_with_their_codes_and_what_they_hold_is_said_anew(cast, shelves):
    plan = carried_out(
        cast,
        ("NEW-1", "Beans", "kg", "Sack = 12,5 (036000291452, SACK-1); Bag = 0.5"),
        ("SOAP-1", "", "", 'Box = 12; "Tray ""small""" = 8'),
    )

    assert (plan.to_add, plan.to_change) == (1, 1)
    found = selectors.find_by_code("036000291452")
    assert (found.product.sku, found.pack.name, found.quantity) == (
        "NEW-1",
        "Sack",
        Decimal("12.5"),
    )
    assert selectors.find_by_code("SACK-1").pack == found.pack
    soap = Product.objects.get(sku="SOAP-1")
    assert [(pack.name, pack.quantity) for pack in selectors.packs_of(soap)] == [
        ('Tray "small"', 8),
        ("Box", 12),
        ("Carton; of =24, (big)", 24),
    ]
    assert selectors.find_by_code("CTN, 24").quantity == 24


@pytest.mark.parametrize(
    ("unit", "packs", "value", "says"),
    [
        ("pcs", "Carton 24", "Carton 24", "Write packs as"),
        ("pcs", "Carton = 24 (", "Carton = 24 (", "Write packs as"),
        ("pcs", "Carton = many", "Carton = many", "no number"),
        ("pcs", "Carton = 0", "Carton = 0", "more than nothing"),
        ("pcs", "Carton = -2", "Carton = -2", "from zero on"),
        ("pcs", "A = 2; A = 3", "A = 2; A = 3", "twice"),
        ("pcs", f"{'x' * 61} = 3", f"{'x' * 61} = 3", "1 to 60 letters"),
        ("pcs", "Half = 0.5", "Half = 0.5", "0 decimals"),
        ("pcs", "Box = 2 (4006381333930)", "Box = 2 (4006381333930)", "should end in 1"),
        ("pcs", f"Box = 2 ({EAN})", f"0{EAN}", "Another product"),
        ("pcs", "Box = 2 (B-1); Bag = 3 (B-1)", "B-1", "Another pack of this product"),
    ],
)
def test_a_pack_that_cannot_be_is_named_with_its_row_and_cell(
    cast, shelves, unit, packs, value, says
):
    rows = [["SKU", "Name", "Unit", "Packs"], ["OK", "Good", "pcs", "Box = 2"]]
    rows.append(["A", "Beans", unit, packs])

    (fault,) = importing.plan_of(rows, importing.guessed(rows[0]), by=cast.olga).faults

    assert (fault.row, fault.label, fault.value) == (3, "Packs", value)
    assert says in fault.text


def test_a_code_of_a_single_unit_is_no_code_of_a_pack(cast, shelves):
    rows = [["SKU", "Packs"], ["SOAP-1", f"Box = 12 ({EAN})"]]

    (fault,) = importing.plan_of(rows, importing.guessed(rows[0]), by=cast.olga).faults

    assert (fault.row, fault.label) == (2, "Packs")


def test_a_code_or_sku_that_stands_twice_in_a_file_is_a_fault(cast, shelves):
    rows = [["SKU", "Name", "Unit", "EAN"], ["A", "One", "pcs", "036000291452"]]
    rows += [["B", "Two", "pcs", "036000291452"], ["A", "Three", "pcs", ""]]

    faults = importing.plan_of(rows, importing.guessed(rows[0]), by=cast.olga).faults

    assert [(fault.row, fault.label) for fault in faults] == [(3, "Barcodes"), (4, "SKU")]


def test_a_note_of_somebody_elses_file_opens_nothing(client, cast, shelves):
    client.force_login(cast.olga.user)
    sent = posted(looked_at(client, b"SKU,Name,Unit\nA,Beans,pcs\n"))
    client.force_login(cast.adam.user)

    response = client.post(reverse("stock:run_import"), sent)

    assert response.url == reverse("stock:imports")
    assert not Product.objects.filter(sku="A").exists()
