"""What comes back: exactly what was paid, to the shelf or lost, from what is owed before from the drawer."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prs.kernel.db.ids import new_id
from prs.ledgers.stock import selectors as stock
from prs.operations.invoicing.models import Invoice
from prs.operations.till import rules
from prs.operations.till import services as till
from prs.operations.till.models import Return, ReturnLine, Tender
from prs.operations.till.selectors import integrity, sales
from tests.cast import NOON
from tests.factories.till import sell
from tests.factories.walk import make_customer
from tests.operations.till.test_selling import postings


def bring_back(shop, sale, *amounts, **words):
    """Bring back so much of each line of a sale, for cash."""
    backs = [
        till.Back(Decimal(amount), line=line)
        for line, amount in zip(sales.lines_of(sale), amounts, strict=False)
        if amount
    ]
    words = {"method": "cash", "reason": "Broken", "key": new_id(), "at": NOON, **words}
    return till.take_back(sale, backs, shift=shop.shift, by=shop.cashier, **words)


def test_three_parts_of_a_line_come_to_the_line(cast, shop, check_now):
    basket = shop.basket((shop.soap, 3))
    till.discount_basket(basket, fixed=Decimal("0.25"), by=shop.cashier, at=NOON)
    basket.refresh_from_db()
    sale = sell(basket, shop.shift, by=shop.cashier)
    assert (sale.total, sale.net_total, sale.tax_total) == (
        Decimal("7.25"),
        Decimal("6.30"),
        Decimal("0.95"),
    )

    for _time in range(3):
        bring_back(shop, sale, 1)
        check_now()

    sale.refresh_from_db()
    (line,) = sales.lines_of(sale)
    assert sale.returned == line.returned_total == Decimal("7.25")
    assert sum(row.tax for row in ReturnLine.objects.all()) == Decimal("0.95")
    assert stock.available([shop.soap], shop.place, at=NOON)[shop.soap.pk] == 100
    assert stock.value_of_stock() == 400
    with pytest.raises(till.MoreThanSold, match="only 0"):
        bring_back(shop, sale, 1)
    assert list(integrity.findings()) == []


@settings(max_examples=40, deadline=None)
@given(
    net=st.decimals(min_value=0, max_value=1000, places=2),
    tax=st.decimals(min_value=0, max_value=200, places=2),
    parts=st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=6),
)
def test_parts_always_come_to_the_whole(net, tax, parts):
    unit, whole, before = Decimal("0.01"), Decimal(sum(parts)), Decimal(0)
    total, totals, nets, taxes = net + tax, Decimal(0), Decimal(0), Decimal(0)

    for part in map(Decimal, parts):
        words = {"before": before, "part": part, "unit": unit}
        worth = rules.next_share(total, whole, given=totals, **words)
        wanted = rules.next_share(net, whole, given=nets, **words)
        mine = rules.net_within(wanted, worth, net_left=net - nets, tax_left=tax - taxes)
        assert mine >= 0
        assert worth - mine >= 0
        before, totals, nets, taxes = (
            before + part,
            totals + worth,
            nets + mine,
            taxes + worth - mine,
        )

    assert (totals, nets, taxes) == (total, net, tax)


def test_a_return_is_in_the_books(shop, check_now):
    sale = shop.sell((shop.soap, 2), (shop.tea, 1))

    row = bring_back(shop, sale, 1, 1)
    check_now()

    assert postings(row.pk) == {
        "4100": Decimal("12.18"),
        "2100": Decimal("0.32"),
        "1005": Decimal("-12.50"),
        "1200": 7,
        "5000": -7,
    }
    assert row.number == "OSU-20261120-R001"
    shop.shift.refresh_from_db()
    assert (shop.shift.cash, shop.shift.returns_count) == (Decimal("102.50"), 1)


def test_damaged_goods_are_lost_not_shelved(shop, check_now):
    sale = shop.sell((shop.tea, 1))
    (line,) = sales.lines_of(sale)

    row = till.take_back(
        sale,
        [till.Back(Decimal(1), restock=False, line=line)],
        shift=shop.shift,
        method="cash",
        reason="Torn",
        key=new_id(),
        by=shop.cashier,
        at=NOON,
    )
    check_now()

    assert postings(row.pk) == {"4100": 10, "1005": -10, "5100": 6, "5000": -6}
    assert stock.available([shop.tea], shop.place, at=NOON)[shop.tea.pk] == 49


def test_what_is_owed_is_lowered_before_money_is_given(cast, shop, check_now):
    basket = shop.basket((shop.soap, 4), (shop.tea, 1))
    till.set_customer(basket, make_customer(cast.sam), at=NOON)
    sale = sell(
        basket,
        shop.shift,
        by=shop.cashier,
        handed=[till.Handed("card", Decimal(14))],
        on_credit=True,
    )

    row = bring_back(shop, sale, 0, 1)
    check_now()

    invoice = Invoice.objects.get()
    assert (row.credited, row.refunded, invoice.left) == (6, 4, 0)
    both = postings(row.pk)
    assert both["1005"] == -4
    assert list(integrity.findings()) == []


def test_the_same_key_takes_back_once(shop):
    sale, key = shop.sell((shop.tea, 2)), new_id()

    first = bring_back(shop, sale, 1, key=key)

    assert bring_back(shop, sale, 1, key=key).pk == first.pk
    assert Return.objects.count() == 1


def test_large_returns_and_those_without_a_receipt_need_another(cast, shop, check_now):
    till.change_setting("USD", {"return_limit": Decimal(15)}, by=cast.olga, at=NOON)
    sale = shop.sell((shop.tea, 2))
    with pytest.raises(till.NeedsApproval):
        bring_back(shop, sale, 2)
    with pytest.raises(till.NoRightToApprove):
        bring_back(shop, sale, 2, approved_by=cast.sam)
    assert bring_back(shop, sale, 2, approved_by=cast.olga).approved_by == cast.olga
    words = {
        "shift": shop.shift,
        "method": "cash",
        "reason": "A gift",
        "by": shop.cashier,
        "at": NOON,
    }
    back = [till.Back(Decimal(2), product=shop.soap)]
    with pytest.raises(till.NeedsApproval):
        till.take_back(None, back, key=new_id(), **words)

    row = till.take_back(None, back, key=new_id(), approved_by=cast.olga, **words)
    check_now()

    assert (row.total, row.cost) == (5, 2)
    assert stock.available([shop.soap], shop.place, at=NOON)[shop.soap.pk] == 102


def test_an_exchange_pays_the_next_basket_once(shop, check_now):
    sale = shop.sell((shop.tea, 1))
    row = bring_back(shop, sale, 1, method="exchange")
    assert (row.kind, sales.credit_left(row)) == ("exchange", 10)
    basket = shop.basket((shop.soap, 5))

    paid = till.Handed("exchange", Decimal(10), exchange=row)
    taken = sell(
        basket, shop.shift, by=shop.cashier, handed=[paid, till.Handed("cash", Decimal(5))]
    )
    check_now()

    assert (taken.paid, sales.credit_left(row)) == (Decimal("12.50"), 0)
    assert postings(taken.pk)["2200"] == 10
    with pytest.raises(till.ExchangeSpent):
        sell(shop.basket((shop.tea, 1)), shop.shift, by=shop.cashier, handed=[paid])


def test_a_voided_sale_never_was(cast, shop, check_now):
    sale = shop.sell((shop.soap, 2), handed=[till.Handed("card", Decimal(5))])
    with pytest.raises(till.NoRightToApprove):
        till.void(sale, reason="Wrong", key=new_id(), by=shop.cashier, at=NOON)

    key = new_id()
    for _time in range(2):
        voided = till.void(
            sale, reason="Wrong", key=key, by=shop.cashier, at=NOON, approved_by=cast.olga
        )
    check_now()

    assert (voided.state, voided.returned) == ("voided", 5)
    row = Return.objects.get()
    assert postings(row.pk)["4000"] == -postings(sale.pk)["4000"]
    assert Tender.objects.get(return_of=row).method == "card"
    with pytest.raises(till.NotSold):
        bring_back(shop, voided, 1)


def test_a_sale_is_not_voided_once_its_drawer_was_counted(cast, shop):
    sale = shop.sell((shop.tea, 1))
    till.close_shift(shop.shift, {"10": 11}, by=shop.cashier, at=NOON)

    with pytest.raises(till.VoidTooLate):
        till.void(sale, reason="Wrong", key=new_id(), by=cast.olga, at=NOON)


def test_a_drawer_gives_no_more_than_it_holds(shop):
    sale = shop.sell((shop.tea, 1), handed=[till.Handed("card", Decimal(10))])
    till.move_cash(shop.shift, "to_safe", Decimal(95), reason="Too full", by=shop.cashier, at=NOON)

    with pytest.raises(till.DrawerTooEmpty):
        bring_back(shop, sale, 1)
