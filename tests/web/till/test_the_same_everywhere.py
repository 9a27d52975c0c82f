"""Fifty sales drawn by lot: the till, the page of the sale, its PDF, its entry and the export say the same."""

from __future__ import annotations

import csv
import io
import random
import re
from decimal import Decimal

from bs4 import BeautifulSoup
from pypdf import PdfReader

from prs.masterdata.catalog.models import ProductTax, TaxRate
from prs.operations.till import services as till
from prs.operations.till.models import Sale
from tests.cast import NOON
from tests.factories.goods import make_product, make_stock
from tests.factories.till import sell
from tests.operations.till.test_selling import postings

SALES, SEED = 50, 20_261_121
PART = {"HTTP_HX_REQUEST": "true"}
TAXES = {"GST": "5", "QST": "9.975", "VAT": "15", "LUX": "19"}


def assortment(shop, owner):
    """Twelve products at odd prices, some with taxes in them and some with taxes on top."""
    for code, rate in TAXES.items():
        TaxRate.objects.get_or_create(
            code=code, starts_on=NOON.date(), defaults={"name": code, "rate": Decimal(rate)}
        )
    dice, made = random.Random(SEED), []  # noqa: S311  (drawn by lot, no secret)
    for number in range(12):
        product = make_product(f"N{number}", prices_include_tax=bool(number % 3))
        for code in dice.sample(sorted(TAXES), dice.randint(0, 2)):
            ProductTax.objects.create(product=product, code=code)
        price = Decimal(dice.randint(1, 99_999)) / 100
        make_stock(product, shop.place, 900, 900, by=owner, retail_price=price)
        made.append(product)
    return made


def drawn(shop, products, dice) -> Sale:
    """A sale of some products, some with a discount."""
    chosen = dice.sample(products, dice.randint(1, 6))
    basket = shop.basket(*[(product, dice.randint(1, 9)) for product in chosen])
    percent = Decimal(dice.choice(("0", "3", "5", "4.75")))
    till.discount_basket(basket, percent=percent, by=shop.cashier, at=NOON)
    return Sale.objects.get(pk=basket.pk)


def amount_in(text: str) -> Decimal:
    """The amount in a text that says one."""
    (found,) = re.findall(r"[\d,]+\.\d+", text)
    return Decimal(found.replace(",", ""))


def test_a_sale_comes_to_the_same_wherever_it_is_said(browser, cast, shop, check_now):
    products, dice = assortment(shop, cast.olga), random.Random(SEED)  # noqa: S311  (drawn by lot, no secret)
    cashier, owner, totals = browser(shop.cashier), type(browser(cast.olga))(), {}
    owner.force_login(cast.olga.user)
    cashier.force_login(shop.cashier.user)

    for _sale in range(SALES):
        basket = drawn(shop, products, dice)
        shown = BeautifulSoup(cashier.get("/till/basket/", **PART).content, "html.parser")
        assert amount_in(shown.select_one(".till-total").text) == basket.total
        sale = sell(basket, shop.shift, by=shop.cashier, handed=[till.Handed("card", basket.total)])
        totals[sale.number] = sale.total
        page = BeautifulSoup(owner.get(f"/till/sales/{sale.pk}/").content, "html.parser")
        assert amount_in(page.select_one(".headline-amount").text) == sale.total
        entry = postings(sale.pk)
        assert entry["1020"] == sale.total
        assert -entry["4000"] - entry.get("2100", 0) == sale.total
        assert -entry.get("2100", Decimal(0)) == sale.tax_total
        answer = owner.post(f"/till/sales/{sale.pk}/receipt/pdf/")
        paper = PdfReader(io.BytesIO(b"".join(answer.streaming_content)))
        words = " ".join(" ".join(each.extract_text() for each in paper.pages).split())
        (printed,) = re.findall(r"(?<!Sub)[Tt]otal[^\d]*([\d,]+\.\d\d)", words)
        assert Decimal(printed.replace(",", "")) == sale.total

    check_now()
    answer = owner.post("/till/sales/", {"act": "export", "format": "csv"})
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    exported = {row["Receipt"]: Decimal(row["Total"]) for row in rows}
    assert exported == totals
