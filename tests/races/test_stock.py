"""Two people reach for the same goods at the same moment: one gets them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel.db.ids import new_id
from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock
from prs.operations.purchasing import selectors as buying
from tests.cast import NOON
from tests.factories.goods import make_place, make_product, make_stock
from tests.races.together import kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_documents")]


def on_the_way(cast, soap, quantity):
    """A transfer that was sent."""
    store = make_place("Store")
    shop = make_place("Shop", kind="storefront")
    make_stock(soap, store, quantity, 50, by=cast.olga)
    ends = {"origin": store, "destination": shop}
    row = stock.draft_transfer(ends, {soap: Decimal(quantity)}, by=cast.sam, at=NOON)
    stock.request_transfer(row, by=cast.sam, at=NOON)
    stock.approve_transfer(row, {}, by=cast.olga, at=NOON)
    return stock.dispatch_transfer(row, {}, by=cast.olga, at=NOON)


@pytest.mark.parametrize("attempt", range(3))
def test_two_receive_one_transfer_and_it_arrives_once(committed_cast, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        soap = make_product()
        row = on_the_way(cast, soap, 4)

    def receive(by):
        mine = selectors.transfers().get(pk=row.pk)
        return stock.receive_transfer(mine, {}, by=by, at=NOON)

    answers = together(cast.acme.pk, *[lambda by=by: receive(by) for by in (cast.sam, cast.olga)])

    assert kinds(answers) == ["Transfer", "WrongState"]
    with tenant_context(cast.acme.pk):
        assert selectors.there_of_each() == {soap.pk: 4}
        assert books.entries_of(row.pk).count() == 2
        assert list(buying.findings()) == []


@pytest.mark.parametrize("attempt", range(3))
def test_two_take_the_last_one_and_one_gets_it(committed_cast, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        soap, shop = make_product(), make_place("Shop", kind="storefront")
        make_stock(soap, shop, 1, 5, by=cast.olga)

    def take(by):
        cause = stock.Cause("sale", new_id(), NOON.date(), by, NOON)
        return stock.take([stock.Wanted(soap, Decimal(1), new_id())], shop, "sale", cause)

    answers = together(
        cast.acme.pk, *[lambda by=by: take(by) for by in (cast.sam, cast.sara, cast.olga)]
    )

    assert kinds(answers) == ["OutOfStock", "OutOfStock", "list"]
    with tenant_context(cast.acme.pk):
        assert selectors.there_of_each() == {soap.pk: 0}
