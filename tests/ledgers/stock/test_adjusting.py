"""Corrections need two people; counts are blind to what is sold meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock
from prs.ledgers.stock.models import Adjustment, Movement
from prs.ledgers.stock.services.adjusting import Decided, ReasonMissing
from tests.cast import NOON
from tests.factories.goods import make_cause, make_place, make_product, make_stock
from tests.ledgers.stock.test_moving import sell


@pytest.fixture
def shop(cast):
    return make_place("Shop", kind="storefront")


@pytest.fixture
def soap(cast):
    return make_product()


@pytest.fixture
def batch(cast, soap, shop):
    return make_stock(soap, shop, 10, "25.00", by=cast.olga)


def ask(batch, shop, by, kind="damage", quantity=2, reason="Wet"):
    fields = {"kind": kind, "quantity": Decimal(quantity), "reason": reason}
    return stock.ask_adjustment(batch, shop, fields, by=by, at=NOON)


def there(shop):
    return sum(row.on_hand for row in selectors.lying(place=shop))


def test_nothing_moves_before_another_approves(cast, batch, shop):
    row = ask(batch, shop, cast.sam)
    assert (there(shop), row.quantity, row.quantity_before) == (10, -2, 10)

    stock.approve_adjustment(row, by=cast.olga, at=NOON)

    assert (there(shop), row.value) == (8, Decimal("-5.00"))


def test_who_asks_does_not_decide(cast, batch, shop):
    row = ask(batch, shop, cast.olga)
    with pytest.raises(stock.NotYours):
        stock.approve_adjustment(row, by=cast.olga, at=NOON)


def test_it_is_decided_once(cast, batch, shop):
    row = ask(batch, shop, cast.sam)
    stock.approve_adjustment(row, by=cast.olga, at=NOON)

    with pytest.raises(Decided):
        stock.reject_adjustment(row, "No", by=cast.adam, at=NOON)
    assert there(shop) == 8


def test_a_rejected_one_moves_nothing(cast, batch, shop):
    row = ask(batch, shop, cast.sam)
    stock.reject_adjustment(row, "They have dried.", by=cast.olga, at=NOON)
    assert (there(shop), row.state) == (10, Adjustment.State.REJECTED)


@pytest.mark.parametrize(("kind", "sign"), [("theft", -1), ("found", 1), ("correction", 1)])
def test_the_kind_decides_the_sign_where_it_can(cast, batch, shop, kind, sign):
    assert ask(batch, shop, cast.sam, kind=kind).quantity == 2 * sign


def test_a_loss_beyond_what_lies_there_is_refused_at_approval(cast, batch, shop):
    row = ask(batch, shop, cast.sam, quantity=11)
    with pytest.raises(stock.OutOfStock):
        stock.approve_adjustment(row, by=cast.olga, at=NOON)


def test_a_correction_of_nothing_or_without_a_word_is_refused(cast, batch, shop):
    with pytest.raises(stock.NothingToAdjust):
        ask(batch, shop, cast.sam, quantity=0)
    with pytest.raises(ReasonMissing):
        ask(batch, shop, cast.sam, reason=" ")


def test_what_is_found_is_worth_what_its_batch_cost(cast, batch, shop):
    row = ask(batch, shop, cast.sam, kind="found", quantity=3)
    stock.approve_adjustment(row, by=cast.olga, at=NOON)
    assert row.value == Decimal("7.50")


def test_a_count_asks_for_the_differences_and_for_nothing_else(cast, batch, soap, shop):
    right = make_stock(soap, shop, 4, by=cast.olga)
    count = stock.open_count(shop, by=cast.sam, at=NOON)
    stock.count_batch(count, batch, Decimal(9), by=cast.sam, at=NOON)
    stock.count_batch(count, right, Decimal(4), by=cast.sam, at=NOON)

    (asked,) = stock.close_count(count, by=cast.sam, at=NOON)

    assert (asked.batch, asked.quantity, asked.reference) == (batch, -1, count.number)


def test_what_is_sold_while_counting_is_no_difference(cast, batch, soap, shop):
    count = stock.open_count(shop, by=cast.sam, at=NOON)
    stock.count_batch(count, batch, Decimal(10), by=cast.sam, at=NOON)
    sell(soap, 3, shop, cast.olga)

    assert stock.close_count(count, by=cast.sam, at=NOON) == []


def test_a_place_is_counted_once_at_a_time_and_an_ended_count_takes_nothing(cast, batch, shop):
    count = stock.open_count(shop, by=cast.sam, at=NOON)
    with pytest.raises(stock.CountOpen):
        stock.open_count(shop, by=cast.olga, at=NOON)
    stock.cancel_count(count, by=cast.sam, at=NOON)
    with pytest.raises(stock.CountClosed):
        stock.count_batch(count, batch, Decimal(1), by=cast.sam, at=NOON)


def test_stock_as_it_lay_at_a_past_moment(cast, batch, soap, shop):
    later = NOON + timedelta(hours=2)
    cause = make_cause(cast.olga, kind="sale", at=later)
    line = stock.Wanted(soap, Decimal(4), cause.id)
    stock.take([line], shop, Movement.Kind.SALE, cause)

    assert selectors.as_of(NOON + timedelta(hours=1)) == {soap.pk: 10}
    assert selectors.as_of(later) == {soap.pk: 6}


def test_every_term_of_the_reconciliation_is_shown(cast, batch, soap, shop):
    sell(soap, 3, shop, cast.olga)
    row = ask(batch, shop, cast.sam)
    stock.approve_adjustment(row, by=cast.olga, at=NOON)

    terms = selectors.terms_of(soap)

    assert (terms.received, terms.sold, terms.decreased, terms.on_hand) == (10, 3, 2, 5)
    assert terms.delta == 0
    assert list(selectors.findings()) == []
