"""What happens to goods is in the books as it happens, once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock
from prs.operations.purchasing import selectors as buying
from prs.operations.purchasing import services as purchasing
from tests.cast import NOON
from tests.factories.goods import (
    make_came,
    make_place,
    make_product,
    make_receipt,
    make_stock,
    make_supplier,
)


@pytest.fixture
def store(cast):
    return make_place("Store")


@pytest.fixture
def shop(cast):
    return make_place("Shop", kind="storefront")


@pytest.fixture
def soap(cast):
    return make_product()


def balance(code):
    return buying.inventory_balance(code)


def sides(source_id):
    entries = [entry.pk for entry in books.entries_of(source_id)]
    return {(line.account.code, line.amount) for line in books.lines_of(entries)}


def adjusted(batch, place, cast, kind, quantity):
    said = {"kind": kind, "quantity": Decimal(quantity), "reason": "Looked"}
    row = stock.ask_adjustment(batch, place, said, by=cast.sam, at=NOON)
    return stock.approve_adjustment(row, by=cast.olga, at=NOON)


@pytest.mark.parametrize(
    ("kind", "quantity", "other", "amount"),
    [
        ("damage", 2, chart.SHRINKAGE, 10),
        ("found", 2, chart.INVENTORY_GAINS, -10),
        ("supplier_return", 2, chart.PAYABLE, 10),
    ],
)
def test_an_adjustment_is_posted_by_its_kind(cast, soap, store, kind, quantity, other, amount):
    batch = make_stock(soap, store, 10, 50, by=cast.olga)

    row = adjusted(batch, store, cast, kind, quantity)

    assert sides(row.pk) == {(chart.INVENTORY, -amount), (other, amount)}
    assert list(buying.findings()) == []


def test_an_adjustment_is_posted_once_however_often_it_is_asked(cast, soap, store):
    row = adjusted(make_stock(soap, store, 10, 50, by=cast.olga), store, cast, "damage", 2)

    purchasing.post_adjustment(row, by=cast.olga, at=NOON)

    assert books.entries_of(row.pk).count() == 1


def test_goods_on_their_way_are_in_transit_in_the_books_too(cast, soap, store, shop):
    make_stock(soap, store, 10, 50, by=cast.olga)
    ends = {"origin": store, "destination": shop}
    row = stock.draft_transfer(ends, {soap: Decimal(4)}, by=cast.sam, at=NOON)
    stock.request_transfer(row, by=cast.sam, at=NOON)
    stock.approve_transfer(row, {}, by=cast.olga, at=NOON)
    stock.dispatch_transfer(row, {}, by=cast.olga, at=NOON)
    assert (balance(chart.INVENTORY), balance(chart.IN_TRANSIT)) == (30, 20)

    stock.receive_transfer(row, {}, by=cast.sam, at=NOON)

    assert (balance(chart.INVENTORY), balance(chart.IN_TRANSIT)) == (50, 0)


def test_what_did_not_arrive_is_a_loss_that_another_approves(cast, soap, store, shop):
    make_stock(soap, store, 10, 50, by=cast.olga)
    ends = {"origin": store, "destination": shop}
    row = stock.draft_transfer(ends, {soap: Decimal(4)}, by=cast.sam, at=NOON)
    stock.request_transfer(row, by=cast.sam, at=NOON)
    stock.approve_transfer(row, {}, by=cast.olga, at=NOON)
    stock.dispatch_transfer(row, {}, by=cast.olga, at=NOON)
    (line,) = selectors.transfer_lines(row)

    told = {line.pk: "One box was crushed."}
    stock.receive_transfer(row, {line.pk: Decimal(3)}, by=cast.sam, at=NOON, remarks=told)
    (loss,) = selectors.waiting_adjustments(cast.olga)
    assert (loss.quantity, loss.reason, balance(chart.IN_TRANSIT)) == (-1, told[line.pk], 5)

    stock.approve_adjustment(loss, by=cast.olga, at=NOON)
    assert (balance(chart.IN_TRANSIT), balance(chart.SHRINKAGE)) == (0, 5)
    assert list(buying.findings()) == []


def test_opening_stock_is_what_the_owners_brought(cast, soap, store):
    row = make_receipt(cast.olga, [make_came(soap, 10, "2.50")], store, opening=True)

    assert sides(row.pk) == {(chart.INVENTORY, 25), ("3000", -25)}
    assert list(buying.findings()) == []


def test_goods_that_the_books_do_not_know_are_found(cast, soap, store):
    batch = make_stock(soap, store, 10, 50, by=cast.olga)
    cause = stock.Cause("elsewhere", batch.pk, NOON.date(), cast.olga, NOON)
    stock.take([stock.Wanted(soap, Decimal(1), batch.pk)], store, "adjustment", cause)

    (finding,) = buying.findings()

    assert "45" in finding
    assert "50" in finding


def test_a_loss_wins_over_those_who_keep_goods_the_newest_first(cast, soap, store):
    batch = make_stock(soap, store, 10, 50, by=cast.olga)
    early, late = (
        stock.Cause("sale", make_supplier(cast.olga, name).pk, NOON.date(), cast.sam, NOON)
        for name in ("A", "B")
    )
    for cause in (early, late):
        stock.reserve(stock.Wanted(soap, Decimal(4), cause.id), store, cause)

    adjusted(batch, store, cast, "theft", 4)

    assert [row.holder_id for row in selectors.reservations_of(soap, at=NOON)] == [early.id]
    with pytest.raises(stock.OutOfStock):
        adjusted(batch, store, cast, "theft", 7)
