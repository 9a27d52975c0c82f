"""Tills that sell at the same moment: what is sold is what was there, and a limit holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from prs.kernel.db.ids import new_id
from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock import services as goods
from prs.masterdata.parties import services as parties
from prs.operations.invoicing import standings
from prs.operations.till import services as till
from prs.operations.till.models import Sale, SaleLine, Tender
from prs.operations.till.selectors import integrity
from tests.cast import NOON, make_member
from tests.factories.till import cash, make_shop, sell
from tests.factories.walk import TODAY, make_customer
from tests.races.together import kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_documents")]


def tills_of(cast, shop, count):
    """So many more tills of a shop, each with a cashier and an open drawer."""
    found = [(shop.till, shop.shift, shop.cashier)]
    for number in range(2, count + 1):
        place = {"place": shop.place, "code": f"OSU-{number}", "name": f"Till {number}"}
        register = till.add_till(place, by=cast.olga, at=NOON)
        cashier = make_member(f"Cashier{number}", "cashier")
        shift = till.open_shift(register, opening=Decimal(0), by=cashier, at=NOON)
        found.append((register, shift, cashier))
    return found


def at_once(*works):
    """Run works at once, each with transactions of its own; what they answer."""
    with ThreadPoolExecutor(len(works)) as pool:

        def run(work):
            try:
                return work()
            finally:
                connections.close_all()

        return list(pool.map(run, works))


def test_eight_tills_sell_a_hot_product_to_zero(committed_cast):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        shop = make_shop(cast.olga)
        tills = tills_of(cast, shop, 8)

    def seller(register, shift, by):
        def work():
            sold = 0
            for _time in range(9):
                try:
                    with tenant_context(cast.acme.pk):
                        line = till.add_product(register, shop.tea, by=by, at=NOON)
                        sell(line.sale, shift, by=by, handed=[cash(10)])
                    sold += 1
                except goods.OutOfStock:
                    break
            return sold

        return work

    answers = at_once(*[seller(*each) for each in tills])

    assert sum(answers) == 50
    with tenant_context(cast.acme.pk):
        assert stock.available([shop.tea], shop.place, at=NOON)[shop.tea.pk] == 0
        assert SaleLine.objects.filter(sale__state="completed").count() == 50
        numbers = sorted(Sale.objects.exclude(number="").values_list("number", flat=True))
        assert numbers == [f"OSU-20261120-{at:04}" for at in range(1, 51)]
        assert list(integrity.findings()) == []


@pytest.mark.parametrize("attempt", range(2))
def test_two_tills_never_pass_one_credit_limit(committed_cast, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        shop = make_shop(cast.olga)
        customer = make_customer(cast.olga)
        parties.change(customer, {"credit_limit": Decimal(100)}, by=cast.olga, at=NOON)
        works = []
        for register, shift, by in tills_of(cast, shop, 2):
            for _piece in range(6):
                line = till.add_product(register, shop.tea, by=by, at=NOON)
            sale = till.set_customer(line.sale, customer, at=NOON)
            works.append(
                lambda sale=sale, shift=shift, by=by: sell(
                    sale, shift, by=by, handed=[], on_credit=True
                )
            )

    answers = together(cast.acme.pk, *works)

    assert kinds(answers) == ["CreditLimitReached", "Sale"]
    with tenant_context(cast.acme.pk):
        assert standings.account_of(customer, currency="USD", on=TODAY).owed == 60


@pytest.mark.parametrize("attempt", range(2))
def test_a_basket_is_sold_once_however_often_it_is_sent(committed_cast, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        shop = make_shop(cast.olga)
        basket, key = shop.basket((shop.tea, 1)), new_id()

    def send(key):
        return lambda: sell(basket, shop.shift, by=shop.cashier, handed=[cash(10)], key=key)

    answers = together(cast.acme.pk, send(key), send(key), send(new_id()))

    assert kinds(answers) in (["BasketGone", "Sale", "Sale"], ["BasketGone", "BasketGone", "Sale"])
    with tenant_context(cast.acme.pk):
        assert Tender.objects.count() == 1


@pytest.mark.parametrize("attempt", range(2))
def test_a_drawer_is_counted_with_the_last_sale_or_without(committed_cast, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        shop = make_shop(cast.olga)
        basket = shop.basket((shop.tea, 1))

    answers = together(
        cast.acme.pk,
        lambda: sell(basket, shop.shift, by=shop.cashier, handed=[cash(10)]),
        lambda: till.close_shift(shop.shift, {"100": 1}, by=shop.cashier, at=NOON),
    )

    with tenant_context(cast.acme.pk):
        shop.shift.refresh_from_db()
        sold = type(answers[0]).__name__ == "Sale"
        assert shop.shift.expected == (110 if sold else 100)
        assert list(integrity.findings()) == []


@pytest.mark.parametrize("attempt", range(2))
def test_a_line_comes_back_once_from_two_tills(committed_cast, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        shop = make_shop(cast.olga)
        sale = shop.sell((shop.tea, 1))
        line = SaleLine.objects.get(sale=sale)
        other = tills_of(cast, shop, 2)[1]
        till.move_cash(other[1], "from_safe", Decimal(50), reason="Coins", by=other[2], at=NOON)

    def bring(shift, by):
        back = [till.Back(Decimal(1), line=line)]
        words = {"method": "cash", "reason": "Torn", "key": new_id(), "by": by, "at": NOON}
        return lambda: till.take_back(sale, back, shift=shift, **words)

    answers = together(cast.acme.pk, bring(shop.shift, shop.cashier), bring(other[1], other[2]))

    assert kinds(answers) == ["MoreThanSold", "Return"]
