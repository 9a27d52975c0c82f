"""Buying, collecting and keeping books, killed on the way: each happens once, and nothing half.

A request is sent as its page sends it: with the key that makes it count once, or until the verb says
that it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from prs.kernel.activity.models import AuditEvent, Mail
from prs.kernel.errors import Refusal
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.services import Answer, claim_key, keep_answer
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.models import Account, DraftEntry
from prs.ledgers.bookkeeping.services import LineDraft, Written
from prs.ledgers.stock import selectors as stock
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.purchasing import selectors as buying
from prs.operations.purchasing import services as purchasing
from prs.operations.purchasing.models import BillPayment, GoodsReceipt, OrderLine, SupplierBill
from prs.operations.receivables import services as receivables
from prs.operations.receivables.models import Reminder, WriteOff
from tests.cast import NOON, Cast
from tests.crash.test_exactly_once import found, points, survived
from tests.factories.goods import (
    make_bill,
    make_came,
    make_order,
    make_place,
    make_product,
    make_receipt,
    make_supplier,
)
from tests.factories.walk import TODAY, make_customer, make_invoice

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[[], Any]


def sent_once(key: str, verb: Work) -> Work:
    """The request of a page: its key counts once, however often it arrives."""

    def work() -> None:
        sent = {"route": "crash", "key": key}
        if claim_key(**sent, content=key.encode(), at=NOON) is None:
            verb()
            keep_answer(**sent, answer=Answer(302))

    return work


def asked_again(verb: Work, done: type[Refusal]) -> Work:
    """A request that is sent until somebody has done it."""

    def work() -> None:
        try:
            verb()
        except done:
            return

    return work


def survives(cast: Cast, make: Callable[[int], Any], sending: Callable[[Any], Work]) -> list[Any]:
    """Kill the work on a thing of its own at each point, send it twice more; the things."""
    acme = cast.acme.pk
    with tenant_context(acme):
        counted = make(0)
    places = list(points(acme, sending(counted)))
    with tenant_context(acme):
        rows = [make(number) for number in range(1, len(places) + 1)]
    for row, point in zip(rows, places, strict=True):
        survived(acme, sending(row), point)
    return rows


@pytest.fixture
def shop(committed_cast):
    """A product, where it lies, and who sells it."""
    with tenant_context(committed_cast.acme.pk):
        return make_product(), make_place("Store"), make_supplier(committed_cast.olga)


def test_an_order_is_taken_in_exactly_once(committed_cast, shop):
    cast, (soap, store, mill) = committed_cast, shop

    def make(_number: int) -> Any:
        return make_order(cast.olga, soap, store, 2, 5, supplier=mill)

    def sending(order: Any) -> Work:
        def take_in() -> None:
            line = OrderLine.objects.get(order=order)
            came = [make_came(soap, 2, 5, order_line=line)]
            make_receipt(cast.olga, came, store, supplier=mill, order=order)

        return sent_once(f"in-{order.pk}", take_in)

    rows = survives(cast, make, sending)

    with tenant_context(cast.acme.pk):
        assert GoodsReceipt.objects.count() == len(rows)
        assert OrderLine.objects.filter(received=2).count() == len(rows)
        assert stock.there_of_each() == {soap.pk: 2 * len(rows)}
        assert buying.inventory_balance(chart.RECEIVED_NOT_BILLED) == -10 * len(rows)
        assert AuditEvent.objects.filter(code="purchasing.received").count() == len(rows)
        assert found() == []


def test_a_suppliers_bill_is_posted_exactly_once(committed_cast, shop):
    cast, (soap, store, mill) = committed_cast, shop

    def make(_number: int) -> Any:
        return make_receipt(cast.olga, [make_came(soap, 2, 5)], store, supplier=mill)

    def sending(receipt: Any) -> Work:
        reference = f"B-{receipt.number}"
        return asked_again(
            lambda: make_bill(cast.olga, receipt, reference=reference), purchasing.BillKnown
        )

    rows = survives(cast, make, sending)

    with tenant_context(cast.acme.pk):
        assert SupplierBill.objects.count() == len(rows)
        assert buying.inventory_balance(chart.PAYABLE) == -10 * len(rows)
        # The receipt that only counted the statements waits for its bill still.
        assert buying.inventory_balance(chart.RECEIVED_NOT_BILLED) == -10
        numbers = sorted(SupplierBill.objects.values_list("number", flat=True))
        assert numbers == [f"BILL-{number:06}" for number in range(1, len(rows) + 1)]
        assert found() == []


def test_a_suppliers_bill_is_paid_exactly_once(committed_cast, shop):
    cast, (soap, store, mill) = committed_cast, shop

    def make(number: int) -> Any:
        receipt = make_receipt(cast.olga, [make_came(soap, 2, 5)], store, supplier=mill)
        return make_bill(cast.olga, receipt, reference=f"B-{number}")

    def sending(bill: Any) -> Work:
        words = {"account": chart.BANK, "on": TODAY, "by": cast.anna, "at": NOON}
        # Part of it: a second payment would be let in by what is left.
        return sent_once(
            f"pay-{bill.pk}", lambda: purchasing.pay_bill(bill, amount=Decimal(4), **words)
        )

    rows = survives(cast, make, sending)

    with tenant_context(cast.acme.pk):
        assert BillPayment.objects.count() == len(rows)
        assert SupplierBill.objects.filter(paid=Decimal(4)).count() == len(rows)
        assert buying.inventory_balance(chart.BANK) == -4 * len(rows)
        assert AuditEvent.objects.filter(code="purchasing.paid").count() == len(rows)
        assert found() == []


def claim(cast: Cast, number: int) -> Invoice:
    """An invoice that is due, of a customer who can be written to."""
    return make_invoice(
        cast.sam,
        customer=make_customer(cast.sam, name=f"Buyer {number}", email=f"b{number}@buyer.test"),
    )


def test_a_reminder_goes_out_exactly_once(committed_cast):
    cast = committed_cast

    def sending(invoice: Invoice) -> Work:
        words = {"on": invoice.due_date, "at": NOON, "organization": cast.acme}
        return lambda: receivables.remind_once(invoice, **words)

    rows = survives(cast, lambda number: claim(cast, number), sending)

    with tenant_context(cast.acme.pk):
        pks = [row.pk for row in rows]
        assert Reminder.objects.filter(invoice__in=pks, step=0).count() == len(rows)
        assert Reminder.objects.count() == len(rows)
        keys = [f"reminder:{pk}:0" for pk in Reminder.objects.values_list("pk", flat=True)]
        assert Mail.objects.filter(key__in=keys).count() == len(rows)
        assert Mail.objects.filter(key__startswith="reminder:").count() == len(rows)
        assert AuditEvent.objects.filter(code="invoice.reminded").count() == len(rows)


def test_an_entry_by_hand_is_posted_exactly_once(committed_cast):
    cast = committed_cast

    def make(number: int) -> Any:
        accounts = {row.code: row for row in Account.objects.filter(code__in=["6000", "1010"])}
        lines = [
            LineDraft(accounts["6000"], Decimal(10)),
            LineDraft(accounts["1010"], Decimal(-10)),
        ]
        written = Written(TODAY, f"Rent {number}", "USD", lines)
        row = bookkeeping.write(written, by=cast.anna, at=NOON)
        return bookkeeping.submit(row, by=cast.anna, at=NOON)

    def sending(row: Any) -> Work:
        return asked_again(
            lambda: bookkeeping.approve(row, by=cast.olga, at=NOON), bookkeeping.DraftMoved
        )

    rows = survives(cast, make, sending)

    with tenant_context(cast.acme.pk):
        assert DraftEntry.objects.filter(state="posted").count() == len(rows)
        assert books.entries().count() == len(rows)
        assert buying.inventory_balance(chart.BANK) == -10 * len(rows)
        assert AuditEvent.objects.filter(code="books.draft_posted").count() == len(rows)
        assert found() == []


def test_a_claim_is_written_off_exactly_once(committed_cast):
    cast = committed_cast

    def make(number: int) -> Any:
        words = {"reason": "Gone", "by": cast.anna, "at": NOON}
        return receivables.ask_write_off(claim(cast, number), Decimal(60), **words)

    def sending(row: Any) -> Work:
        return asked_again(
            lambda: receivables.approve_write_off(row, by=cast.olga, at=NOON),
            receivables.WriteOffDecided,
        )

    rows = survives(cast, make, sending)

    with tenant_context(cast.acme.pk):
        assert WriteOff.objects.filter(state="approved").count() == len(rows)
        assert Credit.objects.filter(kind="write_off").count() == len(rows)
        assert Invoice.objects.filter(credited=Decimal(60)).count() == len(rows)
        assert buying.inventory_balance(chart.BAD_DEBT) == 60 * len(rows)
        assert found() == []
