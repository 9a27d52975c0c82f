"""Any order of sales, returns, voids and counts leaves stock, drawer and books true.

A machine that keeps a shop at random. It counts on its fingers what lies on the shelf and in the
drawer, and after every step compares that with the ledgers, which don't know of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from prs.config.integrity import CHECKS
from prs.kernel.db.ids import new_id
from prs.kernel.errors import Refusal
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors as stock
from prs.operations.invoicing.models import Invoice
from prs.operations.till import rules
from prs.operations.till import services as till
from prs.operations.till.models import Return, ReturnLine, Sale, SaleLine, Shift, Tender
from prs.operations.till.selectors import sales
from tests.cast import NOON, Cast
from tests.factories.till import make_shop
from tests.factories.walk import TODAY, make_customer

COIN = Decimal("0.05")
QUANTITIES = st.integers(min_value=1, max_value=7).map(Decimal)
GOODS = st.dictionaries(st.sampled_from(["soap", "tea"]), QUANTITIES, min_size=1)
WAYS = st.sampled_from(["cash", "card", "split", "part", "credit", "exchange"])
METHODS = st.sampled_from(["cash", "card", "mobile", "exchange"])
PERCENT = st.sampled_from([0, 0, 7, 33, 100]).map(Decimal)
AMOUNTS = st.decimals(min_value="0.05", max_value="60.00", places=2)


class Counter(RuleBasedStateMachine):
    """One shop, kept at random inside a transaction that is undone at the end."""

    cast: Cast
    sold = Bundle("sold")

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        by = self.cast.olga
        self.shop = make_shop(by)
        self.goods = {"soap": self.shop.soap, "tea": self.shop.tea}
        self.there = {"soap": Decimal(100), "tea": Decimal(50)}
        self.drawer = Decimal(100)
        self.shift: Shift | None = self.shop.shift
        self.customer = make_customer(self.cast.sam)
        self.credits: list[Return] = []
        limits = {"rounding_step": COIN, "return_limit": Decimal(20)}
        till.change_setting(by.organization.currency, limits, by=by, at=NOON)
        till.change_rule(
            self.shop.cashier.role, line=Decimal(100), basket=Decimal(100), by=by, at=NOON
        )

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    @property
    def words(self) -> dict[str, Any]:
        return {"by": self.shop.cashier, "at": NOON}

    @contextmanager
    def trying(self) -> Iterator[None]:
        """What is refused happened in no part."""
        with suppress(Refusal), transaction.atomic():
            yield

    # --- selling ---

    @precondition(lambda self: self.shift is not None)
    @rule(target=sold, wanted=GOODS, way=WAYS, percent=PERCENT, fixed=st.booleans())
    def sell(self, wanted: dict[str, Decimal], way: str, percent: Decimal, fixed: bool) -> Any:
        made: Sale | None = None
        with self.trying():
            basket = self.shop.basket(*[(self.goods[name], wanted[name]) for name in wanted])
            off = {"fixed": basket.total * percent / 300} if fixed else {"percent": percent}
            till.discount_basket(basket, **off, **self.words)
            basket.refresh_from_db()
            if way in {"credit", "part"}:
                till.set_customer(basket, self.customer, at=NOON)
            handed = list(self.handed(basket, way))
            made = till.complete(
                Sale.objects.get(pk=basket.pk),
                handed,
                shift=self.shift,
                key=new_id(),
                on_credit=way in {"credit", "part"},
                **self.words,
            )
        if made is None:
            self.leave()
            return None
        for name, quantity in wanted.items():
            self.there[name] -= quantity
        self.drawer += sum(
            (each.handed - each.change for each in self.tenders(made) if each.method == "cash"),
            Decimal(0),
        )
        return made.pk

    def leave(self) -> None:
        """A basket that couldn't be paid is left."""
        basket = sales.basket_on(self.shop.till)
        if basket is not None:
            till.abandon(basket, **self.words)

    def handed(self, basket: Sale, way: str) -> Iterator[till.Handed]:
        """What is put on the counter for a basket."""
        whole, half = basket.total, (basket.total / 2).quantize(Decimal("0.01"))
        if way == "card" and whole:
            yield till.Handed("card", whole)
        elif way == "cash" and whole:
            yield till.Handed("cash", rules.in_coins(whole, COIN) + 3)
        elif way == "split" and half:
            yield till.Handed("mobile", half)
            yield till.Handed("cash", whole)
        elif way == "part" and half:
            yield till.Handed("card", half)
        elif way == "exchange":
            yield from self.exchanged(whole)

    def exchanged(self, whole: Decimal) -> Iterator[till.Handed]:
        """The oldest credit of an exchange, as far as it goes; the rest by card."""
        left = Decimal(0)
        for each in self.credits[:1]:
            left = min(sales.credit_left(each), whole)
            if left:
                yield till.Handed("exchange", left, exchange=each)
        if whole - left:
            yield till.Handed("card", whole - left)

    def tenders(self, sale: Sale) -> list[Tender]:
        return list(Tender.objects.filter(sale=sale))

    # --- what comes back ---

    @precondition(lambda self: self.shift is not None)
    @rule(
        pk=sold,
        part=st.integers(min_value=1, max_value=9),
        restock=st.booleans(),
        method=METHODS,
        approved=st.booleans(),
    )
    def bring_back(
        self,
        pk: Any,
        part: int,
        restock: bool,
        method: str,
        approved: bool,
    ) -> None:
        if pk is None:
            return
        sale = Sale.objects.get(pk=pk)
        made: Return | None = None
        backs = [
            till.Back(min(line.left, Decimal(part)), restock=restock, line=line)
            for line in SaleLine.objects.filter(sale=sale).select_related("product__unit")
            if line.left
        ]
        with self.trying():
            made = self.take(sale, backs, method, approved=approved)
        if made is not None:
            self.came_back(made)

    @precondition(lambda self: self.shift is not None)
    @rule(name=st.sampled_from(["soap", "tea"]), quantity=QUANTITIES, restock=st.booleans())
    def bring_without_receipt(self, name: str, quantity: Decimal, restock: bool) -> None:
        made: Return | None = None
        with self.trying():
            back = till.Back(quantity, restock=restock, product=self.goods[name])
            made = self.take(None, [back], "cash", approved=True)
        if made is not None:
            self.came_back(made)

    def take(self, sale: Sale | None, backs: Any, method: str, *, approved: bool) -> Return:
        return till.take_back(
            sale,
            backs,
            shift=self.shift,
            method=method,
            reason="Torn",
            key=new_id(),
            approved_by=self.cast.olga if approved else None,
            **self.words,
        )

    def came_back(self, made: Return) -> None:
        """Count what a return brought to the shelf and took from the drawer."""
        for line in ReturnLine.objects.filter(return_of=made, restock=True):
            name = "soap" if line.product_id == self.shop.soap.pk else "tea"
            self.there[name] += line.quantity
        back = Tender.objects.filter(return_of=made)
        self.drawer += sum((each.amount for each in back if each.method == "cash"), Decimal(0))
        if made.kind == Return.Kind.EXCHANGE:
            self.credits.append(made)

    @precondition(lambda self: self.shift is not None)
    @rule(pk=sold)
    def void(self, pk: Any) -> None:
        if pk is None:
            return
        done = None
        with self.trying():
            done = till.void(
                Sale.objects.get(pk=pk),
                reason="Wrong",
                key=new_id(),
                approved_by=self.cast.olga,
                **self.words,
            )
        if done is not None:
            self.came_back(Return.objects.get(sale=done, kind=Return.Kind.VOID))

    @rule(pk=sold)
    def void_again(self, pk: Any) -> None:
        """A sale is voided once, whatever key it is asked with."""
        sale = Sale.objects.filter(pk=pk, state=Sale.State.VOIDED).first()
        if sale is not None:
            with pytest.raises(Refusal):
                till.void(
                    sale, reason="Again", key=new_id(), approved_by=self.cast.olga, **self.words
                )

    # --- the drawer ---

    @precondition(lambda self: self.shift is not None)
    @rule(kind=st.sampled_from(["from_safe", "to_safe", "expense"]), amount=AMOUNTS)
    def move(self, kind: str, amount: Decimal) -> None:
        with self.trying():
            row = till.move_cash(self.shift, kind, amount, reason="Coins", **self.words)
            self.drawer += row.amount

    @precondition(lambda self: self.shift is not None)
    @rule(slip=st.sampled_from([-1, 0, 1]), confirm=st.booleans())
    def close(self, slip: int, confirm: bool) -> None:
        pieces = {"0.01": int(self.drawer * 100) + slip}
        if pieces["0.01"] < 0:
            return
        assert self.shift is not None
        closed = till.close_shift(self.shift, pieces, **self.words)
        assert closed.expected == self.drawer
        assert closed.difference == Decimal(slip) / 100
        if confirm:
            till.confirm_shift(closed, by=self.cast.olga, at=NOON)
        self.shift, self.drawer = None, Decimal(0)

    @precondition(lambda self: self.shift is None)
    @rule(opening=AMOUNTS)
    def reopen(self, opening: Decimal) -> None:
        self.shift = till.open_shift(self.shop.till, opening=opening, **self.words)
        self.drawer = opening

    # --- what is always true ---

    @invariant()
    def everything_agrees(self) -> None:
        if not hasattr(self, "stack"):
            return
        connection.check_constraints()
        assert [finding for check in CHECKS for finding in check.look()] == []
        trial = books.trial_balance(TODAY, TODAY.replace(year=2027))
        assert trial.balanced
        balances = {row.code: row.balance for row in trial.rows}
        self.shelf_is_what_was_counted(balances)
        self.drawer_is_what_was_counted(balances)
        self.nothing_comes_back_twice()
        left = sum((row.left for row in Invoice.objects.all()), Decimal(0))
        assert balances.get("1100", 0) == left

    def shelf_is_what_was_counted(self, balances: dict[str, Decimal]) -> None:
        free = stock.available(list(self.goods.values()), self.shop.place, at=NOON)
        assert {name: free[each.pk] for name, each in self.goods.items()} == self.there
        assert stock.value_of_stock() == balances["1200"]

    def drawer_is_what_was_counted(self, balances: dict[str, Decimal]) -> None:
        if self.shift is not None:
            self.shift.refresh_from_db()
            assert self.shift.cash == self.drawer
        waiting = Shift.objects.filter(state=Shift.State.CLOSED).aggregate(
            sum=Sum("counted", default=Decimal(0))
        )
        assert balances["1005"] == self.drawer + waiting["sum"]
        # What left in an exchange is owed until it is spent.
        owed = sum((sales.credit_left(each) for each in self.credits), Decimal(0))
        assert balances.get("2200", Decimal(0)) == owed

    def nothing_comes_back_twice(self) -> None:
        for line in SaleLine.objects.filter(sale__state__in=["completed", "voided"]):
            back = ReturnLine.objects.filter(sale_line=line).aggregate(
                total=Sum("total", default=Decimal(0)),
                quantity=Sum("quantity", default=Decimal(0)),
                cost=Sum("cost", default=Decimal(0)),
            )
            assert back["total"] == line.returned_total <= line.total
            assert back["quantity"] == line.returned_quantity <= line.quantity
            assert back["cost"] <= line.cost


@pytest.mark.django_db
def test_whatever_happens_at_the_counter_the_ledgers_agree(cast, quick_documents):
    Counter.cast = cast
    run_state_machine_as_test(
        Counter,
        settings=settings(
            max_examples=7,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
