"""Two people at one order, one bill or one receipt: the goods come once, the money goes once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors as stock
from prs.operations.purchasing import selectors as buying
from prs.operations.purchasing import services as purchasing
from prs.operations.purchasing.models import GoodsReceipt, OrderLine, PurchaseOrder, SupplierBill
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
from tests.races.together import kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_documents")]


@pytest.fixture
def bought(committed_cast):
    """Ten soaps at five, ordered and not yet come."""
    with tenant_context(committed_cast.acme.pk):
        soap, store = make_product(), make_place("Store")
        mill = make_supplier(committed_cast.olga)
        order = make_order(committed_cast.olga, soap, store, 10, 5, supplier=mill)
        return order, OrderLine.objects.get(order=order), soap, store, mill


def delivered(cast, bought):
    """All of the order, taken in."""
    order, line, soap, store, mill = bought
    came = [make_came(soap, 10, 5, order_line=line)]
    mine = PurchaseOrder.objects.get(pk=order.pk)
    return make_receipt(cast, came, store, supplier=mill, order=mine)


@pytest.mark.parametrize("attempt", range(3))
def test_two_take_in_one_order_and_it_comes_once(committed_cast, bought, attempt):
    cast = committed_cast

    answers = together(
        cast.acme.pk, lambda: delivered(cast.olga, bought), lambda: delivered(cast.adam, bought)
    )

    assert kinds(answers) == ["GoodsReceipt", "OrderMoved"]
    with tenant_context(cast.acme.pk):
        assert stock.there_of_each() == {bought[2].pk: 10}
        assert OrderLine.objects.get().received == 10
        # The refused one took no number.
        assert list(GoodsReceipt.objects.values_list("number", flat=True)) == ["GRN-000001"]
        assert buying.inventory_balance(chart.RECEIVED_NOT_BILLED) == -50
        assert list(buying.findings()) == list(books.findings()) == []


@pytest.mark.parametrize("attempt", range(3))
def test_two_pay_one_bill_and_it_is_paid_once(committed_cast, bought, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        bill = make_bill(cast.olga, delivered(cast.olga, bought))

    def pay(by):
        mine = SupplierBill.objects.get(pk=bill.pk)
        words = {"account": chart.BANK, "on": NOON.date(), "by": by, "at": NOON}
        return purchasing.pay_bill(mine, amount=Decimal(30), **words)

    answers = together(cast.acme.pk, lambda: pay(cast.olga), lambda: pay(cast.anna))

    assert kinds(answers) == ["BillPayment", "MoreThanOwed"]
    with tenant_context(cast.acme.pk):
        bill.refresh_from_db()
        assert (bill.paid, bill.left) == (30, 20)
        assert buying.inventory_balance(chart.PAYABLE) == -20
        assert list(buying.findings()) == list(books.findings()) == []


def test_two_bills_of_one_receipt_and_one_is_recorded(committed_cast, bought):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        receipt = delivered(cast.olga, bought)

    answers = together(
        cast.acme.pk,
        lambda: make_bill(cast.olga, receipt, reference="A"),
        lambda: make_bill(cast.anna, receipt, reference="B"),
    )

    assert kinds(answers) == ["ReceiptBilled", "SupplierBill"]
    with tenant_context(cast.acme.pk):
        assert buying.inventory_balance(chart.PAYABLE) == -50
        assert buying.inventory_balance(chart.RECEIVED_NOT_BILLED) == 0
        assert list(buying.findings()) == []


@pytest.mark.parametrize("attempt", range(3))
def test_a_bill_is_voided_or_paid_and_never_both(committed_cast, bought, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        bill = make_bill(cast.olga, delivered(cast.olga, bought))

    def pay():
        mine = SupplierBill.objects.get(pk=bill.pk)
        words = {"account": chart.BANK, "on": NOON.date(), "by": cast.olga, "at": NOON}
        return purchasing.pay_bill(mine, amount=Decimal(50), **words)

    def void():
        mine = SupplierBill.objects.get(pk=bill.pk)
        return purchasing.void_bill(mine, reason="Twice", by=cast.anna, at=NOON)

    answers = together(cast.acme.pk, pay, void)

    assert kinds(answers) in (["BillHasPayments", "BillPayment"], ["BillVoid", "SupplierBill"])
    with tenant_context(cast.acme.pk):
        assert buying.inventory_balance(chart.PAYABLE) == 0
        assert list(buying.findings()) == list(books.findings()) == []
