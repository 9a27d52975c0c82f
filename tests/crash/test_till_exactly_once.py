"""A till that dies anywhere in a sale, a return or a count leaves nothing half done, and sells once."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid5

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.till import services as till
from prs.operations.till.models import Return, Sale, SaleLine, Shift, Tender
from tests.cast import NOON, make_member
from tests.crash.test_exactly_once import found, points, survived
from tests.factories.till import cash, make_shop, sell
from tests.factories.walk import make_customer

pytestmark = pytest.mark.django_db(transaction=True)


def selling(shop, basket):
    """The request that sells a basket, partly on credit, sent again until it is answered."""
    key = uuid5(basket.pk, "sold")
    return lambda: sell(
        basket, shop.shift, by=shop.cashier, handed=[cash(3)], on_credit=True, key=key
    )


def make_basket(shop, customer):
    """A basket with two lines and a customer, put aside."""
    basket = shop.basket((shop.soap, 1), (shop.tea, 1))
    till.set_customer(basket, customer, at=NOON)
    return till.hold(basket, by=shop.cashier, at=NOON)


def test_a_basket_is_sold_exactly_once(committed_cast):
    acme = committed_cast.acme.pk
    with tenant_context(acme):
        shop = make_shop(committed_cast.olga)
        customer = make_customer(committed_cast.sam)
        counted = make_basket(shop, customer)
    # Enough tea for every point.
    places = list(points(acme, selling(shop, counted)))[:48]
    with tenant_context(acme):
        rows = {point: make_basket(shop, customer) for point in places}

    for point, basket in rows.items():
        survived(acme, selling(shop, basket), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 20
        assert Sale.objects.filter(state="completed").count() == tried
        assert Tender.objects.filter(amount=3).count() == Tender.objects.count() == tried
        assert books.entries().filter(source_kind="till.sale").count() == tried
        assert AuditEvent.objects.filter(code="sale.completed").count() == tried
        assert found() == []


def returning(shop, sale, line):
    """The request that takes a line back, sent again until it is answered."""
    key = uuid5(sale.pk, "back")
    back = [till.Back(Decimal(1), line=line)]
    return lambda: till.take_back(
        sale,
        back,
        shift=shop.shift,
        method="cash",
        reason="Torn",
        key=key,
        by=shop.cashier,
        at=NOON,
    )


def test_goods_come_back_exactly_once(committed_cast):
    acme = committed_cast.acme.pk
    with tenant_context(acme):
        shop = make_shop(committed_cast.olga)

        def sold():
            sale = shop.sell((shop.tea, 1))
            return sale, SaleLine.objects.get(sale=sale)

        counted = sold()
    places = list(points(acme, returning(shop, *counted)))
    with tenant_context(acme):
        rows = {point: sold() for point in places}

    for point, pair in rows.items():
        survived(acme, returning(shop, *pair), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 20
        assert Return.objects.count() == tried
        assert books.entries().filter(source_kind="till.return").count() == tried
        assert SaleLine.objects.filter(returned_quantity=1, returned_total=10).count() == tried
        assert found() == []


def closing(shift, by):
    """The request that closes a drawer, sent again until it is closed."""

    def work():
        try:
            till.close_shift(shift, {"100": 1}, by=by, at=NOON)
        except till.AlreadyClosed:
            return

    return work


def test_a_drawer_is_closed_exactly_once(committed_cast):
    acme = committed_cast.acme.pk
    with tenant_context(acme):
        shop = make_shop(committed_cast.olga)

        def opened(number):
            place = {"place": shop.place, "code": f"T-{number}", "name": f"Drawer {number}"}
            register = till.add_till(place, by=committed_cast.olga, at=NOON)
            by = make_member(f"Worker{number}", "cashier")
            return till.open_shift(register, opening=Decimal(99), by=by, at=NOON), by

        counted = opened(0)
    places = list(points(acme, closing(*counted)))
    with tenant_context(acme):
        rows = {point: opened(at) for at, point in enumerate(places, start=1)}

    for point, pair in rows.items():
        survived(acme, closing(*pair), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 10
        assert Shift.objects.filter(state="closed", difference=1).count() == tried
        assert books.entries().filter(source_kind="till.shift").count() == tried
        assert found() == []
