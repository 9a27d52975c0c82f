"""Orders, deliveries, bills and what they say to the books, to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock
from prs.operations.purchasing import selectors as buying
from prs.operations.purchasing import services as purchasing
from prs.operations.purchasing.models import BilledReceipt, OrderLine, PurchaseOrder
from prs.operations.purchasing.services.costing import Bought, landed
from tests.cast import NOON
from tests.factories.goods import (
    make_bill,
    make_came,
    make_order,
    make_place,
    make_product,
    make_receipt,
    make_supplier,
)

TODAY = NOON.date()
State = PurchaseOrder.State


@pytest.fixture
def store(cast):
    return make_place("Store")


@pytest.fixture
def soap(cast):
    return make_product()


@pytest.fixture
def mill(cast):
    return make_supplier(cast.olga)


def balance(code):
    return buying.inventory_balance(code)


def the_line(order):
    return OrderLine.objects.get(order=order)


def test_freight_is_spread_to_the_last_cent():
    lines = [Bought(Decimal(1), Decimal(10))] * 3
    cost = landed(
        lines,
        Decimal("10.00"),
        by_quantity=False,
        recoverable=True,
        currency="USD",
        home="USD",
        rate=Decimal(1),
    )
    assert [line.cost for line in cost] == [Decimal("13.34"), Decimal("13.33"), Decimal("13.33")]


@pytest.mark.parametrize(("by_quantity", "costs"), [(False, [15, 45]), (True, [28, 32])])
def test_freight_goes_by_value_or_by_quantity(by_quantity, costs):
    lines = [Bought(Decimal(9), Decimal("1.111111")), Bought(Decimal(1), Decimal(30))]
    cost = landed(
        lines,
        Decimal(20),
        by_quantity=by_quantity,
        recoverable=True,
        currency="USD",
        home="USD",
        rate=Decimal(1),
    )
    assert [line.cost for line in cost] == costs


def test_tax_that_nobody_gives_back_is_part_of_the_cost(cast, soap, store, mill):
    came = make_came(soap, 10, 5, tax_rate=Decimal(20))

    row = make_receipt(cast.olga, [came], store, supplier=mill, recoverable=False)

    assert (row.net, row.tax, row.worth) == (50, 10, 60)


def test_what_arrives_is_stock_and_owed_until_the_bill_comes(cast, soap, store, mill):
    order = make_order(cast.olga, soap, store, 10, 5, supplier=mill)
    came = make_came(soap, 6, 5, tax_rate=Decimal(10), order_line=the_line(order), lot="L-7")

    row = make_receipt(
        cast.olga, [came], store, supplier=mill, order=order, charges=Decimal("2.00")
    )

    (lies,) = selectors.lying(place=store)
    assert (lies.on_hand, lies.value, lies.batch.lot) == (6, 32, "L-7")
    assert lies.batch.supplier_id == mill.pk
    assert (order.state, the_line(order).left) == (State.PART, 4)
    assert balance(chart.RECEIVED_NOT_BILLED) == -32
    assert list(buying.unbilled()) == [row]
    assert list(buying.findings()) == []


def test_an_order_is_received_when_all_of_it_came(cast, soap, store, mill):
    order = make_order(cast.olga, soap, store, 10, 5, supplier=mill)
    for quantity in (4, 7):
        came = make_came(soap, quantity, 5, order_line=the_line(order))
        make_receipt(cast.olga, [came], store, supplier=mill, order=order)

    assert (order.state, the_line(order).received) == (State.RECEIVED, 11)
    with pytest.raises(purchasing.OrderMoved):
        make_receipt(
            cast.olga,
            [make_came(soap, 1, order_line=the_line(order))],
            store,
            supplier=mill,
            order=order,
        )


def test_what_is_damaged_is_told_and_not_taken_in(cast, soap, store, mill):
    with pytest.raises(purchasing.DamageUntold):
        make_receipt(cast.olga, [make_came(soap, 0, damaged=Decimal(2))], store, supplier=mill)

    broken = make_came(soap, 3, 5, damaged=Decimal(2), remark="Wet")
    row = make_receipt(cast.olga, [broken], store, supplier=mill)

    assert (row.net, selectors.there_of_each()[soap.pk]) == (15, 3)


def test_goods_that_expire_come_with_a_date_that_lies_ahead(cast, store, mill):
    milk = make_product("MILK-1", expires=True)
    with pytest.raises(purchasing.ExpiryMissing):
        make_receipt(cast.olga, [make_came(milk)], store, supplier=mill)
    past = make_came(milk, expires_on=TODAY - timedelta(days=1))
    with pytest.raises(purchasing.ExpiredOnArrival):
        make_receipt(cast.olga, [past], store, supplier=mill)


def test_the_bill_clears_what_was_received_and_shows_what_differs(cast, soap, store, mill):
    came = make_came(soap, 10, 5, tax_rate=Decimal(10))
    row = make_receipt(cast.olga, [came], store, supplier=mill)

    bill = make_bill(cast.anna, row, net=Decimal(52), tax=Decimal("5.20"))

    assert balance(chart.RECEIVED_NOT_BILLED) == 0
    assert balance(chart.PRICE_DIFFERENCES) == 2
    assert balance(chart.INPUT_TAX) == Decimal("5.20")
    assert balance(chart.PAYABLE) == Decimal("-57.20")
    assert (bill.number, bill.left) == ("BILL-000001", Decimal("57.20"))
    with pytest.raises(purchasing.BillKnown):
        make_bill(cast.anna, row)
    with pytest.raises(purchasing.ReceiptBilled):
        make_bill(cast.anna, row, reference="B-2")


def test_another_rate_at_payment_is_won_or_lost(cast, soap, store, mill):
    came = make_came(soap, 10, 5)
    row = make_receipt(
        cast.olga, [came], store, supplier=mill, currency="EUR", rate=Decimal("1.10")
    )
    bill = make_bill(cast.anna, row, rate=Decimal("1.20"))
    assert (balance(chart.PRICE_DIFFERENCES), balance(chart.PAYABLE)) == (5, -60)

    purchasing.pay_bill(
        bill,
        amount=Decimal(50),
        account=chart.BANK,
        on=TODAY,
        by=cast.anna,
        at=NOON,
        rate=Decimal("1.25"),
    )

    assert (balance(chart.PAYABLE), balance(chart.RECEIVED_NOT_BILLED)) == (0, 0)
    assert balance(chart.BANK) == Decimal("-62.50")
    assert balance(chart.EXCHANGE_REALISED) == Decimal("2.50")
    assert list(buying.findings()) == []


def test_no_more_is_paid_than_a_bill_asks(cast, soap, store, mill):
    bill = make_bill(cast.anna, make_receipt(cast.olga, [make_came(soap)], store, supplier=mill))
    words = {"account": chart.CASH, "on": TODAY, "by": cast.anna, "at": NOON}
    purchasing.pay_bill(bill, amount=Decimal(20), **words)
    with pytest.raises(purchasing.MoreThanOwed):
        purchasing.pay_bill(bill, amount=Decimal("30.01"), **words)
    assert bill.left == 30


def test_what_runs_out_is_suggested_less_what_is_coming(cast, soap, store, mill):
    make_receipt(cast.olga, [make_came(soap, 3, "4.20")], store, supplier=mill)
    (before,) = buying.suggestions(today=TODAY)

    make_order(cast.olga, soap, store, 15, supplier=mill)
    (after,) = buying.suggestions(today=TODAY)

    assert (before.last.supplier_id, before.last.unit_price) == (mill.pk, Decimal("4.20"))
    assert before.quantity - after.quantity == 15


def test_an_order_ends_with_a_reason_and_a_sent_one_is_not_rewritten(cast, soap, store, mill):
    order = make_order(cast.olga, soap, store, supplier=mill)
    line = purchasing.Ordered(soap, Decimal(1), Decimal(1))
    with pytest.raises(purchasing.OrderMoved):
        purchasing.change_order(order, {}, [line], by=cast.olga, at=NOON)
    with pytest.raises(purchasing.ReasonMissing):
        purchasing.close_order(order, " ", by=cast.olga, at=NOON)
    purchasing.cancel_order(order, "Too dear", by=cast.olga, at=NOON)
    assert order.state == State.CANCELLED


@pytest.fixture
def billed(cast, soap, store, mill):
    """Ten soaps at five that cost 52 on their bill."""
    row = make_receipt(cast.olga, [make_came(soap, 10, 5)], store, supplier=mill)
    return row, make_bill(cast.olga, row, net=Decimal(52), tax=Decimal(4))


def void(bill, by, reason="Typed twice"):
    return purchasing.void_bill(bill, reason=reason, by=by, at=NOON)


def test_a_void_bill_leaves_the_books_as_they_were_and_its_goods_wait_again(
    cast, billed, check_now
):
    receipt, bill = billed

    void(bill, cast.anna)
    check_now()

    assert balance(chart.PAYABLE) == balance(chart.INPUT_TAX) == 0
    assert balance(chart.PRICE_DIFFERENCES) == 0
    assert balance(chart.RECEIVED_NOT_BILLED) == -50
    assert list(buying.unbilled()) == [receipt]
    assert buying.bill_of(receipt) is None
    # What it was for stays to be seen, and what it posted.
    assert list(buying.receipts_of(bill)) == [receipt]
    assert books.entries_of(bill.pk).count() == 4
    assert buying.bills().get().open_amount == 0
    assert list(buying.findings()) == list(books.findings()) == []


def test_the_same_bill_is_recorded_rightly_after_the_wrong_one_was_voided(cast, billed):
    receipt, bill = billed
    for turn in (1, 2):
        void(buying.bills().get(voided_at__isnull=True), cast.anna)
        right = make_bill(cast.olga, receipt)
        assert BilledReceipt.objects.get(bill=right).turn == turn

    assert (right.reference, balance(chart.PAYABLE)) == (bill.reference, -50)
    with pytest.raises(purchasing.ReceiptBilled):
        make_bill(cast.olga, receipt, reference="Another")


def test_a_bill_is_voided_once_with_a_reason_and_never_when_paid_for(cast, billed):
    _receipt, bill = billed
    with pytest.raises(purchasing.ReasonMissing):
        void(bill, cast.anna, reason=" ")
    words = {"account": chart.BANK, "on": TODAY, "by": cast.anna, "at": NOON}
    void(bill, cast.anna)

    with pytest.raises(purchasing.BillVoid):
        void(bill, cast.anna)
    with pytest.raises(purchasing.BillVoid):
        purchasing.pay_bill(bill, amount=Decimal(1), **words)
    paid = make_bill(cast.olga, _receipt, reference="B-2")
    purchasing.pay_bill(paid, amount=Decimal(1), **words)
    with pytest.raises(purchasing.BillHasPayments, match=r"\$1\.00 of this bill"):
        void(paid, cast.anna)


def test_a_bill_of_goods_that_went_back_is_not_voided(cast, billed, store):
    receipt, bill = billed
    batch = selectors.batches().get()
    said = {"kind": "supplier_return", "quantity": Decimal(-2), "reason": "Wrong scent"}
    back = stock.ask_adjustment(batch, store, said, by=cast.sam, at=NOON)
    stock.approve_adjustment(back, by=cast.olga, at=NOON)

    with pytest.raises(purchasing.GoodsWentBack, match=back.number):
        void(bill, cast.anna)

    assert buying.bill_of(receipt) == bill


def test_a_bill_of_a_closed_month_is_voided_in_the_open_one(cast, soap, store, mill):
    row = make_receipt(cast.olga, [make_came(soap, 10, 5)], store, supplier=mill)
    bill = make_bill(cast.olga, row, bill_date=date(2026, 10, 30))
    days = {"first": date(2026, 10, 1), "last": date(2026, 10, 31)}
    bookkeeping.close_period(name="2026-10", **days, by=cast.anna, at=NOON)

    void(bill, cast.anna)

    dates = books.entries_of(bill.pk).values_list("entry_date", flat=True)
    assert list(dates) == [date(2026, 10, 30), TODAY]
