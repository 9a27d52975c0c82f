"""Selling: goods leave, money comes, and the books agree."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from prs.kernel.db.ids import new_id
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock import services as goods
from prs.masterdata.parties import selectors as customers
from prs.masterdata.parties import services as parties
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import CreditOverride, Invoice
from prs.operations.till import services as till
from prs.operations.till.models import SaleLine, Tender
from prs.operations.till.selectors import integrity, sales
from tests.cast import NOON, make_member
from tests.factories.till import cash, sell
from tests.factories.walk import make_customer


def postings(source_id):
    """What a source posted, by account, added up."""
    found = {}
    ids = [entry.pk for entry in books.entries_of(source_id)]
    for line in books.lines_of(ids):
        found[line.account.code] = found.get(line.account.code, Decimal(0)) + line.amount
    return {code: amount for code, amount in found.items() if amount}


def test_a_sale_for_cash(cast, shop, check_now):
    basket = shop.basket((shop.soap, 3), (shop.tea, 1))

    sale = sell(basket, shop.shift, by=shop.cashier, handed=[cash(20)])
    check_now()

    assert (sale.number, sale.state) == ("OSU-20261120-0001", "completed")
    assert (sale.net_total, sale.tax_total, sale.total) == (
        Decimal("16.52"),
        Decimal("0.98"),
        Decimal("17.50"),
    )
    (tender,) = sales.tenders_of(sale)
    assert (tender.amount, tender.handed, tender.change) == (Decimal("17.50"), 20, Decimal("2.50"))
    # 3 of 100 pieces that cost 100 and 1 of 50 that cost 300.
    assert postings(sale.pk) == {
        "1005": Decimal("17.50"),
        "4000": Decimal("-16.52"),
        "2100": Decimal("-0.98"),
        "5000": Decimal(9),
        "1200": Decimal(-9),
    }
    shop.shift.refresh_from_db()
    assert (shop.shift.cash, shop.shift.sales_count) == (Decimal("117.50"), 1)
    assert stock.available([shop.soap], shop.place, at=NOON)[shop.soap.pk] == 97
    assert list(integrity.findings()) == []


def test_the_same_key_sells_once(shop):
    basket, key = shop.basket((shop.tea, 1)), new_id()

    first = sell(basket, shop.shift, by=shop.cashier, key=key)
    again = sell(basket, shop.shift, by=shop.cashier, key=key)

    assert first.pk == again.pk
    assert Tender.objects.count() == 1
    with pytest.raises(till.BasketGone):
        sell(basket, shop.shift, by=shop.cashier, handed=[cash(10)])


def test_what_the_cashier_did_not_see_is_not_sold(shop):
    basket = shop.basket((shop.tea, 1))
    shop.basket((shop.tea, 1))

    with pytest.raises(till.BasketChanged, match=r"20\.00"):
        sell(basket, shop.shift, by=shop.cashier, handed=[cash(10)], seen=Decimal(10))


def test_a_split_payment_gives_change_on_the_cash_only(shop, check_now):
    basket = shop.basket((shop.tea, 3))

    sale = sell(
        basket,
        shop.shift,
        by=shop.cashier,
        handed=[till.Handed("card", Decimal(12), "slip 4711"), cash(20)],
    )
    check_now()

    assert {each.method: (each.amount, each.change) for each in sales.tenders_of(sale)} == {
        "card": (12, 0),
        "cash": (18, 2),
    }
    entry = postings(sale.pk)
    assert (entry["1020"], entry["1005"]) == (12, 18)


@pytest.mark.parametrize(
    ("handed", "refusal"),
    [
        ([cash("9.99")], till.NotEnough),
        ([], till.NotEnough),
        ([till.Handed("card", Decimal("10.01"))], till.TooMuch),
        ([till.Handed("card", Decimal(0))], till.WrongTender),
        ([till.Handed("shells", Decimal(10))], till.WrongTender),
    ],
)
def test_money_that_does_not_fit_is_refused(shop, handed, refusal):
    basket = shop.basket((shop.tea, 1))

    with pytest.raises(refusal):
        sell(basket, shop.shift, by=shop.cashier, handed=handed)


@pytest.mark.parametrize(
    ("total", "step", "handed", "rounding", "change"),
    [
        ("17.52", "0.05", "17.50", "-0.02", "0"),
        ("17.53", "0.05", "20", "0.02", "2.45"),
        ("0.02", "0.05", None, "-0.02", "0"),
        ("17.52", "0", "17.52", "0", "0"),
    ],
)
def test_cash_is_rounded_to_coins(total, step, handed, rounding, change):
    paid = till.settlement(
        Decimal(total),
        [cash(handed)] if handed else [],
        step=Decimal(step),
        on_credit=False,
        currency="USD",
    )

    assert (paid.rounding, paid.change) == (Decimal(rounding), Decimal(change))
    assert paid.paid == Decimal(total) + paid.rounding


def test_rounding_is_posted(cast, shop, check_now):
    till.change_setting("USD", {"rounding_step": Decimal("0.05")}, by=cast.olga, at=NOON)
    basket = shop.basket((shop.soap, 1))
    till.discount_basket(basket, percent=Decimal(5), by=shop.cashier, at=NOON)
    basket.refresh_from_db()
    assert basket.total == Decimal("2.37")

    sale = sell(basket, shop.shift, by=shop.cashier, handed=[cash("2.35")])
    check_now()

    assert (sale.rounding, sale.paid) == (Decimal("-0.02"), Decimal("2.35"))
    assert postings(sale.pk)["5120"] == Decimal("0.02")
    by_card = shop.basket((shop.soap, 1))
    assert (
        sell(
            by_card, shop.shift, by=shop.cashier, handed=[till.Handed("card", Decimal("2.50"))]
        ).rounding
        == 0
    )


# --- on credit ------------------------------------------------------------------------------------


def test_a_sale_on_credit_is_an_invoice_with_its_lines(cast, shop, check_now):
    customer = make_customer(cast.sam)
    basket = shop.basket((shop.soap, 4), (shop.tea, 1))
    till.set_customer(basket, customer, at=NOON)

    sale = sell(basket, shop.shift, by=shop.cashier, handed=[], on_credit=True)
    check_now()

    invoice = Invoice.objects.get()
    assert (sale.paid, sale.on_credit, sale.invoice_id) == (0, 20, invoice.pk)
    assert (invoice.origin, invoice.total, invoice.tax_total) == ("till", 20, Decimal("1.30"))
    assert invoice.line_count == 2
    assert postings(sale.pk) == {"5000": 10, "1200": -10}
    assert postings(invoice.pk)["1100"] == 20
    assert list(integrity.findings()) == []


def test_what_is_left_of_a_sale_is_one_line_for_each_rate(cast, shop, check_now):
    basket = shop.basket((shop.soap, 4), (shop.tea, 1))
    till.set_customer(basket, make_customer(cast.sam), at=NOON)

    sale = sell(basket, shop.shift, by=shop.cashier, handed=[cash(5)], on_credit=True)
    check_now()

    invoice = Invoice.objects.get()
    assert (sale.paid, invoice.total, invoice.line_count) == (5, 15, 2)
    both = postings(sale.pk)
    owed = postings(invoice.pk)
    assert both["4000"] + owed["4000"] == -sale.net_total
    assert both["2100"] + owed["2100"] == -sale.tax_total
    assert (both["1005"], owed["1100"]) == (5, 15)


def test_wholesale_on_credit_is_wholesale_in_the_books(cast, shop, check_now):
    customer = make_customer(cast.sam, price_level="wholesale")
    basket = shop.basket((shop.soap, 10))
    till.set_customer(basket, customer, at=NOON)
    basket.refresh_from_db()
    assert basket.total == 20

    sell(basket, shop.shift, by=shop.cashier, handed=[cash(8)], on_credit=True)
    check_now()

    totals = {row.code: row.net for row in books.trial_balance(NOON.date(), NOON.date()).rows}
    assert totals["4000"] == 0
    assert totals["4010"] == Decimal("-17.39")


def test_nobody_owes_without_a_name(cast, shop):
    basket = shop.basket((shop.tea, 1))
    with pytest.raises(till.NoName):
        sell(basket, shop.shift, by=shop.cashier, handed=[], on_credit=True)
    till.set_customer(basket, customers.walk_in(), at=NOON)

    with pytest.raises(invoices.WalkInPays):
        sell(basket, shop.shift, by=shop.cashier, handed=[], on_credit=True)


def test_a_limit_is_passed_only_with_a_managers_word(cast, shop, check_now):
    customer = make_customer(cast.sam)
    parties.change(customer, {"credit_limit": Decimal(5)}, by=cast.olga, at=NOON)
    basket = shop.basket((shop.tea, 1))
    till.set_customer(basket, customer, at=NOON)

    with pytest.raises(invoices.CreditLimitReached):
        sell(basket, shop.shift, by=shop.cashier, handed=[], on_credit=True)
    with pytest.raises(invoices.OverrideNotYours):
        sell(
            basket,
            shop.shift,
            by=shop.cashier,
            handed=[],
            on_credit=True,
            override=invoices.Override(shop.cashier, "Trust me"),
        )
    sale = sell(
        basket,
        shop.shift,
        by=shop.cashier,
        handed=[],
        on_credit=True,
        override=invoices.Override(cast.olga, "Pays on Friday"),
    )
    check_now()

    kept = CreditOverride.objects.get()
    assert (kept.granted_by, kept.sold_by, kept.invoice_id) == (
        cast.olga,
        shop.cashier,
        sale.invoice_id,
    )


# --- baskets --------------------------------------------------------------------------------------


def test_more_of_the_same_goes_onto_its_line(shop):
    shop.basket((shop.soap, 1), (shop.soap, 2))

    assert [line.quantity for line in SaleLine.objects.all()] == [3]


def test_a_basket_keeps_its_goods_from_others(cast, shop):
    line = till.add_product(shop.till, shop.tea, Decimal(50), by=shop.cashier, at=NOON)
    other = till.add_till(
        {"place": shop.place, "code": "OSU-2", "name": "Till 2"}, by=cast.olga, at=NOON
    )

    with pytest.raises(goods.OutOfStock, match="Only 0 of Hibiscus tea"):
        till.add_product(other, shop.tea, by=cast.olga, at=NOON)
    till.remove_line(line, by=shop.cashier, at=NOON)

    assert till.add_product(other, shop.tea, by=cast.olga, at=NOON).quantity == 1


def test_a_basket_waits_and_is_taken_up_elsewhere(cast, shop):
    basket = shop.basket((shop.tea, 2))
    till.hold(basket, name="Blue coat", by=shop.cashier, at=NOON)
    till.close_shift(shop.shift, {"100": 1}, by=shop.cashier, at=NOON)
    other = till.add_till(
        {"place": shop.place, "code": "OSU-2", "name": "Till 2"}, by=cast.olga, at=NOON
    )
    second = make_member("Second", "cashier")
    shift = till.open_shift(other, opening=Decimal(0), by=second, at=NOON)

    taken = till.recall(basket, other, by=second, at=NOON + timedelta(hours=3))
    sale = sell(taken, shift, by=second)

    assert (sale.till, sale.seller, sale.total) == (other, second, 20)


def test_a_basket_is_not_taken_up_over_another(shop):
    first = shop.basket((shop.tea, 2))
    till.hold(first, by=shop.cashier, at=NOON)
    shop.basket((shop.soap, 1))

    with pytest.raises(till.BasketInTheWay):
        till.recall(first, shop.till, by=shop.cashier, at=NOON)


def test_a_left_basket_gives_its_goods_back(shop):
    basket = shop.basket((shop.tea, 50))

    assert till.abandon_left_behind(at=NOON + timedelta(hours=23)) == 0
    assert till.abandon_left_behind(at=NOON + timedelta(hours=25)) == 1
    basket.refresh_from_db()
    assert basket.state == "abandoned"
    assert stock.available([shop.tea], shop.place, at=NOON)[shop.tea.pk] == 50


def test_discounts_beyond_a_role_need_somebody_who_may(cast, shop):
    basket = shop.basket((shop.tea, 1))
    (line,) = sales.lines_of(basket)
    with pytest.raises(till.DiscountTooLarge, match="10 %"):
        till.discount_line(line, percent=Decimal(11), by=shop.cashier, at=NOON)
    with pytest.raises(till.DiscountTooLarge):
        till.discount_line(line, fixed=Decimal("1.01"), by=shop.cashier, at=NOON)
    with pytest.raises(till.NoRightToApprove):
        till.discount_line(
            line, percent=Decimal(50), by=shop.cashier, at=NOON, approved_by=cast.sam
        )

    till.discount_line(line, percent=Decimal(50), by=shop.cashier, at=NOON, approved_by=cast.olga)

    basket.refresh_from_db()
    assert (basket.total, basket.discount_by) == (5, cast.olga)


def test_a_rule_of_the_role_counts_before_the_usual(cast, shop):
    role = shop.cashier.role
    till.change_rule(role, line=Decimal(20), basket=Decimal(0), by=cast.olga, at=NOON)
    basket = shop.basket((shop.tea, 1))
    (line,) = sales.lines_of(basket)

    till.discount_line(line, percent=Decimal(20), by=shop.cashier, at=NOON)
    with pytest.raises(till.DiscountTooLarge):
        till.discount_basket(basket, percent=Decimal(1), by=shop.cashier, at=NOON)


def test_what_has_no_price_or_is_not_there_is_refused_by_name(cast, shop):
    from tests.factories.goods import make_product, make_stock

    gift = make_product("GIFT", name="Gift")
    with pytest.raises(goods.OutOfStock, match="Gift"):
        till.add_product(shop.till, gift, by=shop.cashier, at=NOON)
    make_stock(gift, shop.place, 3, 3, by=cast.olga)

    with pytest.raises(till.NoPrice, match="Gift"):
        till.add_product(shop.till, gift, by=shop.cashier, at=NOON)
    with pytest.raises(till.NotInPieces, match="pcs"):
        till.add_product(shop.till, shop.tea, Decimal("0.5"), by=shop.cashier, at=NOON)


def test_a_service_needs_no_stock(cast, shop, check_now):
    from prs.masterdata.catalog.models import Price, PriceList
    from tests.factories.goods import make_product

    wrapping = make_product("WRAP", name="Gift wrapping", kind="service")
    listed = PriceList.objects.create(name="Shop", currency="USD")
    Price.objects.create(price_list=listed, product=wrapping, amount=Decimal(3))

    sale = shop.sell((wrapping, 2))
    check_now()

    assert (sale.total, sale.cost) == (6, 0)
