"""Requests of shops: sent at once, or their status set by hand, and the history keeps why."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from prs.kernel.activity.selectors import timeline
from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock
from prs.ledgers.stock.models import StockRequest, Transfer
from prs.ledgers.stock.services.requesting import ReasonMissing
from tests.cast import NOON
from tests.factories.goods import make_place, make_product, make_stock

LATER = NOON + timedelta(hours=1)
State = StockRequest.State


@pytest.fixture
def store(cast):
    return make_place("Store")


@pytest.fixture
def shop(cast):
    return make_place("Shop", kind="storefront")


@pytest.fixture
def soap(cast, store):
    row = make_product()
    make_stock(row, store, 10, by=cast.olga)
    return row


@pytest.fixture
def asked(cast, shop, soap):
    return stock.ask_stock({"place": shop}, {soap: Decimal(6)}, by=cast.sam, at=NOON)


def set_to(row, state, *, by, reason="The shop bought it next door", at=LATER, **more):
    return stock.override_request(row, state, reason, by=by, at=at, **more)


def fresh(row):
    return StockRequest.objects.select_related("transfer", "place").get(pk=row.pk)


def there(soap):
    return {row.place.name: row.on_hand for row in selectors.lying().filter(product=soap)}


def test_a_request_is_sent_in_one_step_and_fulfilled_when_it_arrives(
    cast, store, shop, soap, asked
):
    transfer = stock.fulfil_request(asked, store, by=cast.adam, at=NOON)

    assert transfer.state == Transfer.State.DISPATCHED
    assert (transfer.approved_by, transfer.dispatched_by) == (cast.adam, cast.adam)
    assert there(soap) == {"Store": 4, "In transit": 6}
    assert fresh(asked).state == State.ASSIGNED

    stock.receive_transfer(transfer, {}, by=cast.sam, at=LATER)

    assert there(soap) == {"Store": 4, "Shop": 6}
    assert fresh(asked).state == State.FULFILLED


def test_a_request_that_cannot_be_sent_whole_is_left_as_it_was(cast, store, shop, soap):
    oil = make_product("OIL-1", name="Oil")
    lines = {soap: Decimal(6), oil: Decimal(1)}
    asked = stock.ask_stock({"place": shop}, lines, by=cast.sam, at=NOON)

    with pytest.raises(stock.OutOfStock):
        stock.fulfil_request(asked, store, by=cast.adam, at=NOON)

    assert fresh(asked).state == State.NEW
    assert not Transfer.objects.exists()
    assert there(soap) == {"Store": 10}


def test_a_request_is_not_sent_twice(cast, store, soap, asked):
    stale = fresh(asked)
    stock.fulfil_request(asked, store, by=cast.adam, at=NOON)

    with pytest.raises(stock.RequestMoved):
        stock.fulfil_request(stale, store, by=cast.olga, at=NOON)

    assert Transfer.objects.count() == 1


def test_the_history_keeps_who_set_a_status_what_it_was_and_why(cast, asked):
    set_to(asked, "fulfilled", by=cast.adam)

    row = fresh(asked)
    assert (row.state, row.overridden_by, row.overridden_at) == ("fulfilled", cast.adam, LATER)
    newest = timeline(row)[0]
    assert newest.at == LATER
    assert "from New to Fulfilled: The shop bought it next door" in newest.what
    assert there_is_no_transfer_of(row)


def there_is_no_transfer_of(row):
    return row.transfer_id is None and not Transfer.objects.exists()


@pytest.mark.parametrize("state", ["new", "fulfilled", "cancelled"])
def test_a_transfer_that_has_not_left_is_called_off_with_the_status(
    cast, store, soap, asked, state
):
    transfer = stock.assign_request(asked, store, by=cast.adam, at=NOON)

    set_to(fresh(asked), state, by=cast.adam)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.reason) == ("cancelled", "The shop bought it next door")
    assert (fresh(asked).state, fresh(asked).transfer) == (state, None)
    assert there(soap) == {"Store": 10}


def test_a_transfer_that_has_left_goes_its_own_way(cast, store, soap, asked):
    transfer = stock.fulfil_request(asked, store, by=cast.adam, at=NOON)

    set_to(fresh(asked), "cancelled", by=cast.adam)
    stock.receive_transfer(transfer, {}, by=cast.sam, at=LATER)

    assert fresh(asked).state == State.CANCELLED
    assert there(soap) == {"Store": 4, "Shop": 6}


def test_a_request_is_assigned_again_only_to_a_transfer_that_still_comes(cast, store, soap, asked):
    transfer = stock.fulfil_request(asked, store, by=cast.adam, at=NOON)
    set_to(fresh(asked), "cancelled", by=cast.adam)
    set_to(fresh(asked), "assigned", by=cast.adam, at=LATER + timedelta(minutes=1))
    stock.receive_transfer(transfer, {}, by=cast.sam, at=LATER + timedelta(minutes=2))
    assert fresh(asked).state == State.FULFILLED

    with pytest.raises(stock.NoTransfer):
        set_to(fresh(asked), "assigned", by=cast.adam, force=True)


def test_what_was_fulfilled_is_taken_back_only_by_who_insists(cast, store, soap, asked):
    transfer = stock.fulfil_request(asked, store, by=cast.adam, at=NOON)
    stock.receive_transfer(transfer, {}, by=cast.sam, at=NOON)

    with pytest.raises(stock.AlreadyFulfilled):
        set_to(fresh(asked), "new", by=cast.adam)
    set_to(fresh(asked), "new", by=cast.adam, force=True)

    row = fresh(asked)
    assert (row.state, row.transfer, row.fulfilled_at) == ("new", None, None)
    assert there(soap) == {"Store": 4, "Shop": 6}
    assert stock.assign_request(row, store, by=cast.adam, at=LATER).state == "requested"


def test_a_status_needs_a_reason_and_another_status(cast, asked):
    with pytest.raises(ReasonMissing):
        set_to(asked, "cancelled", by=cast.adam, reason="  ")
    with pytest.raises(stock.SameState):
        set_to(asked, "new", by=cast.adam)
    with pytest.raises(stock.NoTransfer):
        set_to(asked, "assigned", by=cast.adam)


def test_two_who_set_it_at_once_do_not_both_win(cast, asked):
    stale = fresh(asked)
    set_to(asked, "cancelled", by=cast.adam)

    with pytest.raises(stock.RequestMoved):
        set_to(stale, "fulfilled", by=cast.olga)
