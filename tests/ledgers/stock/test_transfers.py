"""Goods go from place to place by the right people, and none are lost on the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock
from prs.ledgers.stock.models import Transfer, TransferLine
from prs.masterdata.places.models import Place
from tests.cast import NOON
from tests.factories.goods import make_place, make_product, make_stock

TODAY = NOON.date()


@pytest.fixture
def store(cast):
    return make_place("Store")


@pytest.fixture
def shop(cast):
    return make_place("Shop", kind="storefront")


@pytest.fixture
def soap(cast):
    return make_product()


def asked(cast, soap, store, shop, quantity=6):
    fields = {"origin": store, "destination": shop}
    draft = stock.draft_transfer(fields, {soap: Decimal(quantity)}, by=cast.sam, at=NOON)
    return stock.request_transfer(draft, by=cast.sam, at=NOON)


def sent(cast, *given, **kwargs):
    transfer = asked(cast, *given, **kwargs)
    stock.approve_transfer(transfer, {}, by=cast.adam, at=NOON)
    return stock.dispatch_transfer(transfer, {}, by=cast.olga, at=NOON)


def line_of(transfer):
    return TransferLine.objects.get(transfer=transfer)


def there(soap):
    return {row.place.name: row.on_hand for row in selectors.lying().filter(product=soap)}


def test_goods_leave_when_they_are_sent_and_land_when_they_are_received(cast, soap, store, shop):
    make_stock(soap, store, 10, by=cast.olga)
    transfer = asked(cast, soap, store, shop)
    assert there(soap) == {"Store": 10}

    stock.approve_transfer(transfer, {}, by=cast.adam, at=NOON)
    stock.dispatch_transfer(transfer, {}, by=cast.olga, at=NOON)
    assert there(soap) == {"Store": 4, "In transit": 6}

    stock.receive_transfer(transfer, {}, by=cast.sam, at=NOON)
    assert there(soap) == {"Store": 4, "Shop": 6}
    assert transfer.state == Transfer.State.RECEIVED


def test_the_batches_that_were_sent_arrive_and_not_others(cast, soap, store, shop):
    soon = make_stock(soap, store, 4, by=cast.olga, expires_on=TODAY + timedelta(days=3))
    make_stock(soap, store, 4, by=cast.olga)
    first = sent(cast, soap, store, shop, quantity=4)
    sent(cast, soap, store, shop, quantity=4)

    stock.receive_transfer(first, {}, by=cast.sam, at=NOON)

    (row,) = selectors.lying(place=shop)
    assert row.batch == soon


def test_what_is_missing_at_arrival_stays_on_the_way_until_it_is_adjusted(cast, soap, store, shop):
    batch = make_stock(soap, store, 10, by=cast.olga)
    transfer = sent(cast, soap, store, shop)
    stock.receive_transfer(transfer, {line_of(transfer).pk: Decimal(5)}, by=cast.sam, at=NOON)
    assert there(soap) == {"Store": 4, "In transit": 1, "Shop": 5}

    way = Place.objects.get(kind="transit")
    fields = {"kind": "loss", "quantity": Decimal(1), "reason": "Fell off the lorry"}
    lost = stock.ask_adjustment(batch, way, fields, by=cast.sam, at=NOON)
    stock.approve_adjustment(lost, by=cast.olga, at=NOON)

    assert there(soap) == {"Store": 4, "Shop": 5}
    assert selectors.terms_of(soap).delta == 0


def test_more_than_was_sent_does_not_arrive(cast, soap, store, shop):
    make_stock(soap, store, 10, by=cast.olga)
    transfer = sent(cast, soap, store, shop)

    with pytest.raises(stock.MoreThanSent):
        stock.receive_transfer(transfer, {line_of(transfer).pk: Decimal(7)}, by=cast.sam, at=NOON)


def test_one_line_that_is_not_there_keeps_all_of_it_here(cast, soap, store, shop):
    make_stock(soap, store, 10, by=cast.olga)
    rare = make_product("RARE-1")
    lines = {soap: Decimal(2), rare: Decimal(1)}
    fields = {"origin": store, "destination": shop}
    transfer = stock.draft_transfer(fields, lines, by=cast.sam, at=NOON)
    stock.request_transfer(transfer, by=cast.sam, at=NOON)
    stock.approve_transfer(transfer, {}, by=cast.adam, at=NOON)

    with pytest.raises(stock.OutOfStock, match="Only 0 of Rare-1"):
        stock.dispatch_transfer(transfer, {}, by=cast.olga, at=NOON)
    assert there(soap) == {"Store": 10}


def test_who_approves_may_grant_less(cast, soap, store, shop):
    make_stock(soap, store, 10, by=cast.olga)
    transfer = asked(cast, soap, store, shop)
    granted = {line_of(transfer).pk: Decimal(2)}
    stock.approve_transfer(transfer, granted, by=cast.adam, at=NOON)
    stock.dispatch_transfer(transfer, {}, by=cast.olga, at=NOON)

    assert there(soap) == {"Store": 8, "In transit": 2}


def test_a_rejected_transfer_says_why_and_may_be_asked_for_again(cast, soap, store, shop):
    transfer = asked(cast, soap, store, shop)
    stock.reject_transfer(transfer, "Keep them for the fair.", by=cast.adam, at=NOON)
    assert transfer.reason == "Keep them for the fair."

    stock.request_transfer(transfer, by=cast.sam, at=NOON)
    assert (transfer.state, transfer.reason) == (Transfer.State.REQUESTED, "")


def test_a_step_is_taken_once(cast, soap, store, shop):
    make_stock(soap, store, 10, by=cast.olga)
    transfer = sent(cast, soap, store, shop)

    with pytest.raises(stock.WrongState, match="On the way"):
        stock.dispatch_transfer(transfer, {}, by=cast.olga, at=NOON)
    with pytest.raises(stock.WrongState):
        stock.cancel_transfer(transfer, "Too late", by=cast.olga, at=NOON)
