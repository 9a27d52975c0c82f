"""Goods come in, leave and come back; quantities and worth stay whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from prs.kernel.db.ids import new_id
from prs.ledgers.stock import services as stock
from prs.ledgers.stock.models import Balance, Movement, Reservation
from tests.cast import NOON
from tests.factories.goods import make_cause, make_place, make_product, make_stock

TODAY = NOON.date()
SALE = Movement.Kind.SALE


@pytest.fixture
def shop(cast):
    return make_place("Harbour Shop", kind="storefront")


@pytest.fixture
def soap(cast):
    return make_product()


def wanted(product, quantity, **fields):
    return stock.Wanted(product, Decimal(quantity), new_id(), **fields)


def sell(product, quantity, place, by, **fields):
    cause = make_cause(by, kind="sale")
    return stock.take([wanted(product, quantity, **fields)], place, SALE, cause)[0]


def lying(product, place):
    found = Balance.objects.filter(product=product, place=place)
    return found.aggregate(there=Sum("on_hand"), worth=Sum("value"))


def test_what_comes_in_lies_there_at_its_landed_cost(cast, shop, soap):
    batch = make_stock(soap, shop, 12, "40.00", by=cast.olga)

    assert lying(soap, shop) == {"there": 12, "worth": Decimal(40)}
    assert batch.unit_cost == Decimal("3.333333")


def test_the_first_to_expire_leaves_first_and_then_the_first_in(cast, shop, soap):
    never = make_stock(soap, shop, 5, by=cast.olga)
    late = make_stock(soap, shop, 5, by=cast.olga, expires_on=TODAY + timedelta(days=90))
    soon = make_stock(soap, shop, 5, by=cast.olga, expires_on=TODAY + timedelta(days=9))

    taken = sell(soap, 12, shop, cast.olga)

    assert [(part.batch, part.quantity) for part in taken.parts] == [
        (soon.pk, 5),
        (late.pk, 5),
        (never.pk, 2),
    ]


def test_what_is_expired_is_never_sold(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga, expires_on=TODAY - timedelta(days=1))

    with pytest.raises(stock.Expired):
        sell(soap, 1, shop, cast.olga)


def test_goods_that_expire_today_are_sold_today(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga, expires_on=TODAY)
    assert sell(soap, 5, shop, cast.olga).value == 50


def test_more_than_lies_there_is_refused_with_what_can_be_had(cast, shop, soap):
    make_stock(soap, shop, 3, by=cast.olga)

    with pytest.raises(stock.OutOfStock, match="Only 3 of Soap-1"):
        sell(soap, 4, shop, cast.olga)
    assert lying(soap, shop)["there"] == 3


def test_the_last_piece_takes_the_rest_of_the_worth(cast, shop, soap):
    make_stock(soap, shop, 3, "10.00", by=cast.olga)

    worth = [sell(soap, 1, shop, cast.olga).value for _each in range(3)]

    assert worth == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]
    assert lying(soap, shop) == {"there": 0, "worth": 0}


def test_the_same_line_never_moves_twice(cast, shop, soap):
    make_stock(soap, shop, 10, by=cast.olga)
    cause, line = make_cause(cast.olga, kind="sale"), wanted(soap, 1)
    stock.take([line], shop, SALE, cause)

    with pytest.raises(stock.MovedAlready):
        stock.take([line], shop, SALE, cause)
    assert lying(soap, shop)["there"] == 9


def test_two_lines_of_one_product_share_what_lies_there(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga)
    lines = [wanted(soap, 3), wanted(soap, 3)]

    with pytest.raises(stock.OutOfStock, match="Only 2"):
        stock.take(lines, shop, SALE, make_cause(cast.olga, kind="sale"))


def test_what_a_customer_brings_back_is_worth_what_it_was(cast, shop, soap):
    make_stock(soap, shop, 3, "10.00", by=cast.olga)
    taken = sell(soap, 2, shop, cast.olga)

    back = make_cause(cast.olga, kind="return")
    stock.put_back([taken], shop, Movement.Kind.SALE_RETURN, back)

    assert lying(soap, shop) == {"there": 3, "worth": Decimal(10)}


def test_goods_on_the_way_are_neither_here_nor_there(cast, shop, soap):
    store, road = make_place("Store"), make_place("On the way", kind="transit", code="WAY")
    make_stock(soap, store, 8, by=cast.olga, expires_on=TODAY - timedelta(days=1))
    sent = make_cause(cast.olga, kind="transfer")

    kinds = Movement.Kind
    stock.carry([wanted(soap, 5)], kinds.DISPATCH, sent, origin=store, destination=road)
    assert [lying(soap, each)["there"] for each in (store, road, shop)] == [3, 5, None]
    stock.carry([wanted(soap, 5)], kinds.ARRIVAL, sent, origin=road, destination=shop)
    assert [lying(soap, each)["there"] for each in (store, road, shop)] == [3, 0, 5]


def test_what_is_kept_for_one_basket_is_not_sold_to_another(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga)
    basket = make_cause(cast.olga, kind="sale")
    stock.reserve(wanted(soap, 4), shop, basket)

    with pytest.raises(stock.OutOfStock, match="Only 1"):
        sell(soap, 2, shop, cast.olga)
    line = wanted(soap, 4)
    stock.take([line], shop, SALE, basket, holder=basket.id)
    assert lying(soap, shop)["there"] == 1
    assert set(Reservation.objects.values_list("state", flat=True)) == {"committed"}


def test_a_reservation_past_its_time_keeps_nothing_swept_or_not(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga)
    stock.reserve(wanted(soap, 5), shop, make_cause(cast.olga, kind="sale"))
    later = NOON + timedelta(minutes=31)

    cause = make_cause(cast.olga, kind="sale", at=later)
    assert stock.take([wanted(soap, 5)], shop, SALE, cause)[0].value == 50


def test_sweeping_lets_go_only_what_is_past_its_time(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga)
    stock.reserve(wanted(soap, 2), shop, make_cause(cast.olga, kind="sale"))
    later = make_cause(cast.olga, kind="sale", at=NOON + timedelta(minutes=20))
    stock.reserve(wanted(soap, 2), shop, later)
    at = NOON + timedelta(minutes=31)

    assert stock.release_expired(at=at, dry_run=True) == 1
    assert stock.release_expired(at=at) == 1
    assert stock.release_expired(at=at) == 0


def test_changing_a_line_keeps_the_new_quantity_only_and_lasts_anew(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga)
    basket = make_cause(cast.olga, kind="sale")
    line = wanted(soap, 4)
    stock.reserve(line, shop, basket)

    more = stock.Wanted(soap, Decimal(5), line.line_id)
    (row,) = stock.reserve(more, shop, basket)

    assert (row.quantity, stock.kept(basket.id).count()) == (5, 1)


def test_two_lines_of_one_basket_do_not_keep_the_same_goods(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga)
    basket = make_cause(cast.olga, kind="sale")
    stock.reserve(wanted(soap, 3), shop, basket)

    with pytest.raises(stock.OutOfStock, match="Only 2"):
        stock.reserve(wanted(soap, 3), shop, basket)


def test_touching_one_line_does_not_revive_another_that_ran_out(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga)
    other = make_product("TOWEL-1")
    make_stock(other, shop, 5, by=cast.olga)
    basket = make_cause(cast.olga, kind="sale")
    stock.reserve(wanted(soap, 5), shop, basket)
    later = replace(basket, at=NOON + timedelta(minutes=40))
    stock.reserve(wanted(soap, 5), shop, make_cause(cast.sam, kind="sale", at=later.at))

    stock.reserve(wanted(other, 1), shop, later)

    assert [row.product for row in stock.kept(basket.id)] == [other]


def test_what_a_basket_keeps_lasts_while_somebody_works_on_it(cast, shop, soap):
    make_stock(soap, shop, 5, by=cast.olga)
    basket = make_cause(cast.olga, kind="sale")
    stock.reserve(wanted(soap, 2), shop, basket)
    stock.reserve(wanted(soap, 1), shop, replace(basket, at=NOON + timedelta(minutes=20)))

    assert stock.release_expired(at=NOON + timedelta(minutes=40)) == 0
