"""The catalogue is added to and changed: what is refused, and what a code names afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.versions import Stale
from prs.masterdata.catalog import rules, selectors
from prs.masterdata.catalog import services as catalog
from prs.masterdata.catalog.models import Category, Price, PriceList, Product, TaxRate, Unit
from prs.masterdata.catalog.services import coding, pricing, products, shelves
from tests.cast import NOON
from tests.factories.goods import make_product

TODAY = NOON.date()
EAN = "4006381333931"


@pytest.fixture
def by(cast):
    return {"by": cast.olga, "at": NOON}


@pytest.fixture
def soap(cast):
    return make_product()


def category(by, name, parent=None):
    return catalog.add_category({"name": name, "parent": parent}, **by)


def add_list(by, name="Shop", **fields):
    words = {"name": name, "level": "retail", "currency": "USD", **fields}
    return catalog.add_price_list(words, **by)


# --- shelves --------------------------------------------------------------------------------------


def test_the_tree_reads_each_shelf_before_those_below_it(by):
    food, care = category(by, "Food"), category(by, "Care")
    rice = category(by, "Rice", category(by, "Grain", food))

    assert [(shelf.label, shelf.depth) for shelf in selectors.tree()] == [
        ("Care", 0),
        ("Food", 0),
        ("Food / Grain", 1),
        ("Food / Grain / Rice", 2),
    ]
    assert len(selectors.within(food)) == 3
    assert rice.pk in selectors.within(food)
    assert selectors.within(care) == [care.pk]


def test_a_category_moves_but_never_below_itself(by):
    food = category(by, "Food")
    grain = category(by, "Grain", food)

    with pytest.raises(shelves.CategoryBelowItself):
        catalog.change_category(food, {"parent": grain}, **by)
    catalog.change_category(grain, {"parent": None}, **by)

    assert Category.objects.get(pk=grain.pk).parent is None


def test_two_shelves_of_one_name_stand_only_at_different_places(by):
    food = category(by, "Food")
    category(by, "Rest", food)
    category(by, "Rest")

    with pytest.raises(shelves.CategoryNameTaken):
        category(by, "Rest", food)
    catalog.add_brand({"name": "Volta"}, **by)
    with pytest.raises(shelves.BrandNameTaken):
        catalog.add_brand({"name": "Volta"}, **by)


def test_a_new_organization_counts_in_pieces_and_kilograms(cast):
    kept = dict(Unit.objects.values_list("symbol", "decimals"))
    assert (kept["pcs"], kept["kg"]) == (0, 3)

    catalog.seed_units()

    assert Unit.objects.count() == len(kept)


# --- products -------------------------------------------------------------------------------------


def test_a_product_without_a_sku_gets_the_next_one(by):
    unit = Unit.objects.get(symbol="pcs")
    row = catalog.add_product({"name": "Soap", "unit": unit, "taxes": ["VAT"]}, **by)

    assert row.sku == "P-00001"
    assert selectors.tax_codes_of(row) == ["VAT"]
    with pytest.raises(products.SkuTaken):
        catalog.add_product({"name": "Other", "unit": unit, "sku": "P-00001"}, **by)


def test_a_product_bears_exactly_the_taxes_that_are_said(by, soap):
    catalog.change_product(soap, {"taxes": ["VAT", "LEVY"]}, **by)
    catalog.change_product(soap, {"taxes": ["LEVY"], "name": "Soap"}, **by)

    assert selectors.tax_codes_of(soap) == ["LEVY"]
    event = AuditEvent.objects.filter(code="product.changed").latest("at", "pk")
    assert event.before["taxes"] == ["LEVY", "VAT"]
    assert event.after["taxes"] == ["LEVY"]


# --- packs and barcodes ---------------------------------------------------------------------------


def test_a_code_finds_the_product_and_how_many_it_stands_for(by, soap):
    carton = catalog.add_pack(soap, {"name": "Carton", "quantity": Decimal(24)}, **by)
    catalog.add_barcode(soap, EAN, **by)
    catalog.add_barcode(soap, "CARTON-24", pack=carton, **by)

    for code, quantity in ((EAN, 1), (f"0{EAN}", 1), ("CARTON-24", 24), ("SOAP-1", 1)):
        found = selectors.find_by_code(f" {code} ")
        assert (found.product, found.quantity) == (soap, quantity)
    assert selectors.find_by_code("nothing") is None
    assert selectors.find_by_code("  ") is None


def test_a_barcode_names_one_product_however_many_zeros_it_is_typed_with(by, soap):
    catalog.add_barcode(soap, "036000291452", **by)

    with pytest.raises(coding.BarcodeTaken, match="Soap-1"):
        catalog.add_barcode(make_product("OTHER"), "0036000291452", **by)


@pytest.mark.parametrize("code", ["4006381333930", "96385075"])
def test_a_misread_number_is_refused_with_the_digit_it_should_end_in(by, soap, code):
    with pytest.raises(coding.CheckDigitWrong) as refused:
        catalog.add_barcode(soap, code, **by)
    assert refused.value.details["digit"] == rules.check_digit(code[:-1])


def test_an_own_barcode_is_a_valid_number_that_nobody_else_has(by, soap):
    first = catalog.make_barcode(soap, **by)
    catalog.add_barcode(soap, rules.own_code(2), **by)
    second = catalog.make_barcode(soap, **by)

    assert rules.shown(first.code) == "2000000000015"
    assert second.code == rules.looked_up(rules.own_code(3))


def test_what_a_pack_holds_is_as_fine_as_the_unit_counts(by):
    rice = make_product("RICE", unit=Unit.objects.get(symbol="kg"))
    catalog.add_pack(rice, {"name": "Sack", "quantity": Decimal("22.725")}, **by)

    soap = make_product()
    with pytest.raises(coding.PackTooFine):
        catalog.add_pack(soap, {"name": "Half", "quantity": Decimal("0.5")}, **by)
    with pytest.raises(coding.PackHoldsNothing):
        catalog.add_pack(soap, {"name": "Air", "quantity": Decimal(0)}, **by)
    pack = catalog.add_pack(soap, {"name": "Six", "quantity": Decimal(6)}, **by)
    with pytest.raises(coding.PackNameTaken):
        catalog.add_pack(soap, {"name": "Six", "quantity": Decimal(7)}, **by)
    catalog.change_pack(pack, {"quantity": Decimal(8)}, **by)
    catalog.remove_pack(pack, **by)
    assert not selectors.packs_of(soap).exists()


# --- prices and taxes -----------------------------------------------------------------------------


def test_the_list_says_the_price_by_level_quantity_day_and_currency(by, soap):
    shop = add_list(by)
    catalog.set_prices(
        shop, {(soap.pk, Decimal(1)): Decimal(9), (soap.pk, Decimal(12)): Decimal(8)}, **by
    )
    sale = add_list(by, "Sale", starts_on=TODAY, ends_on=TODAY)
    catalog.set_prices(sale, {(soap.pk, Decimal(1)): Decimal(7)}, **by)

    def price(quantity=1, on=TODAY, level="retail", currency="USD"):
        words = {"level": level, "quantity": Decimal(quantity), "on": on, "currency": currency}
        return selectors.price_of(soap, **words)

    assert price() == 7
    assert price(12) == 8
    assert price(on=TODAY + timedelta(days=1)) == 9
    assert price(level="wholesale") is None
    assert price(currency="EUR") is None
    catalog.change_price_list(sale, {"active": False}, **by)
    assert price() == 9


def test_setting_prices_writes_only_what_changed_and_takes_away_what_is_emptied(by, soap):
    shop, one, ten = add_list(by), Decimal(1), Decimal(10)
    assert catalog.set_prices(shop, {(soap.pk, one): Decimal(9), (soap.pk, ten): Decimal(8)}, **by)
    stale = PriceList.objects.get(pk=shop.pk)

    assert catalog.set_prices(shop, {(soap.pk, one): Decimal(9), (soap.pk, ten): None}, **by) == 1
    assert catalog.set_prices(shop, {(soap.pk, one): Decimal(9)}, **by) == 0

    assert list(Price.objects.values_list("from_quantity", "amount")) == [(1, 9)]
    with pytest.raises(Stale):
        catalog.set_prices(stale, {(soap.pk, one): Decimal(1)}, **by)
    with pytest.raises(pricing.PriceWrong):
        catalog.set_prices(shop, {(soap.pk, one): Decimal(-1)}, **by)


def test_a_rate_that_products_bear_is_followed_by_another_and_not_changed(by, soap):
    begun = {"code": "VAT", "name": "VAT", "rate": Decimal(12), "starts_on": date(2020, 1, 1)}
    rate = catalog.add_tax_rate(begun, **by)
    catalog.change_tax_rate(rate, {"rate": Decimal("12.5")}, **by)
    catalog.change_product(soap, {"taxes": ["VAT"]}, **by)

    with pytest.raises(pricing.RateBegun):
        catalog.change_tax_rate(rate, {"rate": Decimal(15)}, **by)
    later = TODAY + timedelta(days=10)
    catalog.add_tax_rate({**begun, "rate": Decimal(15), "starts_on": later}, **by)
    catalog.change_tax_rate(TaxRate.objects.get(pk=rate.pk), {"name": "Value added tax"}, **by)

    assert [tax.rate for tax in selectors.taxes_of(soap, on=TODAY)] == [Decimal("12.5")]
    assert [tax.rate for tax in selectors.taxes_of(soap, on=later)] == [15]
    with pytest.raises(pricing.TaxBeginsTwice):
        catalog.add_tax_rate({**begun, "starts_on": later}, **by)


def test_prices_and_taxes_of_many_products_take_two_queries(by, django_assert_num_queries):
    rows = [make_product(f"P{number}") for number in range(5)]
    shop = add_list(by)
    catalog.set_prices(shop, {(row.pk, Decimal(1)): Decimal(5) for row in rows}, **by)
    ids = [row.pk for row in Product.objects.all()]

    with django_assert_num_queries(3):
        selectors.offers_of(ids, level="retail", on=TODAY, currency="USD")
        selectors.taxes_of_all(ids, on=TODAY)
