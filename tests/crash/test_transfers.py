"""A transfer is received exactly once, wherever the process dies."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock
from tests.cast import NOON
from tests.crash.test_exactly_once import found, points, survived
from tests.factories.goods import make_place, make_product, make_stock

pytestmark = pytest.mark.django_db(transaction=True)


def receiving(cast, pk):
    """The request that takes a transfer in with something missing, sent until it is in."""

    def work():
        row = selectors.transfers().get(pk=pk)
        arrived = {line.pk: Decimal(1) for line in selectors.transfer_lines(row)}
        try:
            stock.receive_transfer(row, arrived, by=cast.sam, at=NOON)
        except stock.WrongState:
            return

    return work


def test_a_transfer_is_received_exactly_once(committed_cast):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        soap = make_product()
        store, shop = make_place("Store"), make_place("Shop", kind="storefront")
        make_stock(soap, store, 400, 800, by=cast.olga)

        def sent():
            ends = {"origin": store, "destination": shop}
            row = stock.draft_transfer(ends, {soap: Decimal(2)}, by=cast.sam, at=NOON)
            stock.request_transfer(row, by=cast.sam, at=NOON)
            stock.approve_transfer(row, {}, by=cast.olga, at=NOON)
            return stock.dispatch_transfer(row, {}, by=cast.olga, at=NOON).pk

        counted = sent()
    places = list(points(cast.acme.pk, receiving(cast, counted)))
    with tenant_context(cast.acme.pk):
        rows = {point: sent() for point in places}

    for point, pk in rows.items():
        survived(cast.acme.pk, receiving(cast, pk), point)

    with tenant_context(cast.acme.pk):
        tried = len(places)
        assert tried > 12
        assert selectors.adjustments().count() == tried
        assert selectors.as_of(NOON, place=shop) == {soap.pk: tried}
        assert {books.entries_of(pk).count() for pk in rows.values()} == {2}
        assert found() == []
