"""Any order of deliveries, sales, baskets, transfers, losses and finds leaves stock and books true.

A machine that plays a storehouse at random. After every step: on hand is the sum of the movements,
nothing is below zero, no more is kept than lies there, and stock is worth what the books say.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from prs.kernel.db.ids import new_id
from prs.kernel.errors import Refusal
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping.services import Source
from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock
from prs.ledgers.stock.models import Balance, Movement, Reservation
from prs.operations.purchasing import selectors as buying
from prs.operations.purchasing import services as purchasing
from tests.cast import NOON, Cast
from tests.factories.goods import make_came, make_place, make_product, make_receipt, make_supplier

QUANTITIES = st.integers(1, 12).map(Decimal)
PRICES = st.integers(1, 999).map(lambda cents: Decimal(cents) / 100)


class Storehouse(RuleBasedStateMachine):
    """Two places and two products, played inside a transaction that is undone at the end."""

    cast: Cast
    baskets = Bundle("baskets")
    transfers = Bundle("transfers")

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        self.now = NOON
        self.mill = make_supplier(self.cast.olga)
        self.places = [make_place("Store"), make_place("Shop", kind="storefront")]
        self.goods = [make_product("SOAP-1"), make_product("MILK-1")]

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    @rule(which=st.integers(0, 1), quantity=QUANTITIES, price=PRICES, freight=PRICES)
    def deliver(self, which: int, quantity: Decimal, price: Decimal, freight: Decimal) -> None:
        came = make_came(self.goods[which], quantity, price)
        make_receipt(self.cast.olga, [came], self.places[0], supplier=self.mill, charges=freight)

    @rule(target=baskets, which=st.integers(0, 1), place=st.integers(0, 1), quantity=QUANTITIES)
    def keep(self, which: int, place: int, quantity: Decimal) -> Any:
        cause = stock.Cause("sale", new_id(), NOON.date(), self.cast.sam, self.now)
        line = stock.Wanted(self.goods[which], quantity, new_id())
        with suppress(Refusal), transaction.atomic():
            stock.reserve(line, self.places[place], cause)
        return (cause.id, line, self.places[place])

    @rule(basket=baskets)
    def sell(self, basket: Any) -> None:
        holder, line, place = basket
        cause = stock.Cause("sale", holder, NOON.date(), self.cast.sam, self.now)
        with suppress(Refusal), transaction.atomic():
            (taken,) = stock.take([line], place, "sale", cause, holder=holder)
            purchasing.posted(
                Source("test.sale", line.line_id, "sold"),
                (
                    chart.debit(chart.COST_OF_GOODS, taken.value),
                    chart.credit(chart.INVENTORY, taken.value),
                ),
                "Sold",
                on=NOON.date(),
                by=self.cast.sam,
                at=self.now,
            )

    @rule(basket=baskets)
    def let_go(self, basket: Any) -> None:
        stock.release(basket[0])

    @rule(minutes=st.sampled_from([5, 20, 40]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        stock.release_expired(at=self.now)

    @rule(target=transfers, which=st.integers(0, 1), quantity=QUANTITIES)
    def send(self, which: int, quantity: Decimal) -> Any:
        ends = {"origin": self.places[0], "destination": self.places[1]}
        by = {"by": self.cast.olga, "at": self.now}
        row = stock.draft_transfer(ends, {self.goods[which]: quantity}, **by)
        stock.request_transfer(row, **by)
        stock.approve_transfer(row, {}, **by)
        with suppress(Refusal), transaction.atomic():
            stock.dispatch_transfer(row, {}, **by)
        return row.pk

    @rule(pk=transfers, missing=st.integers(0, 2))
    def arrive(self, pk: Any, missing: int) -> None:
        row = selectors.transfers().get(pk=pk)
        arrived = {
            line.pk: max((line.dispatched or Decimal(0)) - missing, Decimal(0))
            for line in selectors.transfer_lines(row)
        }
        with suppress(Refusal), transaction.atomic():
            stock.receive_transfer(row, arrived, by=self.cast.sam, at=self.now)

    @rule(kind=st.sampled_from(["damage", "found"]), place=st.integers(0, 1), quantity=QUANTITIES)
    def adjust(self, kind: str, place: int, quantity: Decimal) -> None:
        row = selectors.lying(place=self.places[place]).first()
        if row is None:
            return
        said = {"kind": kind, "quantity": quantity, "reason": "Looked"}
        stock.ask_adjustment(row.batch, row.place, said, by=self.cast.sam, at=self.now)

    @rule()
    def decide(self) -> None:
        for row in selectors.waiting_adjustments(self.cast.olga):
            with suppress(Refusal), transaction.atomic():
                stock.approve_adjustment(row, by=self.cast.olga, at=self.now)

    @invariant()
    def stock_is_what_moved(self) -> None:
        if not hasattr(self, "stack"):
            return
        assert list(selectors.findings()) == []
        moved = Movement.objects.aggregate(q=Sum("quantity"))["q"]
        lies = Balance.objects.aggregate(q=Sum("on_hand"))["q"]
        assert moved == lies
        assert not Balance.objects.filter(on_hand__lt=0).exists()

    @invariant()
    def every_product_adds_up(self) -> None:
        for product in getattr(self, "goods", ()):
            assert selectors.terms_of(product).delta == 0

    @invariant()
    def stock_is_worth_what_the_books_say(self) -> None:
        assert list(buying.findings()) == []

    @invariant()
    def no_more_is_kept_than_lies_there(self) -> None:
        kept = Reservation.objects.filter(state="active", expires_at__gt=getattr(self, "now", NOON))
        for row in kept.order_by().values("batch", "place").annotate(q=Sum("quantity")):
            there = Balance.objects.get(batch=row["batch"], place=row["place"])
            assert row["q"] <= there.on_hand


@pytest.mark.django_db
def test_any_order_of_things_leaves_stock_and_books_true(cast):
    Storehouse.cast = cast
    run_state_machine_as_test(
        Storehouse,
        settings=settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
