"""Any order of picking, packing, correcting and deciding leaves shelves, books and invoices in agreement.

A machine that runs a warehouse at random. It counts on its fingers what was taken from the shelf, and
after every step compares that with the ledgers, which don't know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from prs.config.integrity import CHECKS
from prs.kernel.errors import Refusal
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors as stock
from prs.operations.fulfilment import selectors
from prs.operations.fulfilment import services as floor
from prs.operations.fulfilment.models import (
    Box,
    Fulfilment,
    FulfilmentLine,
    Scan,
    StateChange,
    WorkSession,
)
from prs.operations.fulfilment.rules import MOVES
from tests.cast import NOON, Cast, make_member
from tests.factories.floor import CARTON, SOAP, TEA, make_floor, pick_all, sent
from tests.factories.walk import TODAY

CODES = st.sampled_from(
    [SOAP, SOAP, CARTON, TEA, "HC-CODE", "?", f"01{SOAP}10L1", f"01{SOAP}10L2", f"01{SOAP}10L9"]
)
QUANTITIES = st.integers(min_value=1, max_value=7)
LINES = st.tuples(st.integers(0, 9), st.integers(0, 3)).filter(any)
PICK = st.integers(min_value=0, max_value=9)


def stands(*states: str) -> Callable[[Any], bool]:
    """Whether an invoice stands in one of these states."""
    return lambda _self: Fulfilment.objects.filter(state__in=states).exists()


def open_at(stage: str) -> Callable[[Any], bool]:
    """Whether somebody is at work at a stage."""
    return lambda _self: WorkSession.objects.filter(outcome="", stage=stage).exists()


class Warehouse(RuleBasedStateMachine):
    """One warehouse, run at random inside a transaction that is undone at the end."""

    cast: Cast

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        self.ground = make_floor(self.cast.olga)
        self.other = make_member("Pete", "picker")
        self.there = {self.ground.soap.pk: Decimal(26), self.ground.tea.pk: Decimal(10)}
        # What each invoice has off the shelf, by the fingers.
        self.taken: dict[Any, Decimal] = {}
        self.count = 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    @contextmanager
    def trying(self) -> Iterator[None]:
        """What is refused happened in no part."""
        with suppress(Refusal), transaction.atomic():
            yield

    def some(self, turn: int, *states: str) -> Fulfilment | None:
        """One of the invoices in some states."""
        rows = list(Fulfilment.objects.filter(state__in=states).order_by("pk"))
        return rows[turn % len(rows)] if rows else None

    def session(self, turn: int, stage: str = "picking") -> WorkSession | None:
        """One of the open sessions of a stage."""
        rows = WorkSession.objects.filter(outcome="", stage=stage).select_related("member")
        found = list(rows.order_by("pk"))
        return found[turn % len(found)] if found else None

    def drafts(self, lines: tuple[int, int]) -> list[Any]:
        soap, cream = lines
        return [
            *([self.ground.line(soap)] if soap else []),
            *([self.ground.other(cream)] if cream else []),
        ]

    def count_up(self, fulfilment_id: Any, quantity: Decimal) -> None:
        self.taken[fulfilment_id] = self.taken.get(fulfilment_id, Decimal(0)) + quantity

    # --- picking ---

    @precondition(lambda self: self.count < 2 or not stands("invoiced", "picking")(self))
    @rule(lines=LINES)
    def arrive(self, lines: tuple[int, int]) -> None:
        self.count += 1
        self.ground.invoice(f"M-{self.count}", *self.drafts(lines))

    @precondition(stands("invoiced"))
    @rule(turn=PICK, second=st.booleans())
    def start(self, turn: int, second: bool) -> None:
        row = self.some(turn, "invoiced")
        if row is not None:
            by = self.other if second else self.ground.picker
            with self.trying():
                floor.start_picking(row, by=by, at=NOON)

    @precondition(open_at("picking"))
    @rule(turn=PICK, code=CODES, quantity=QUANTITIES, twice=st.booleans())
    def scan(self, turn: int, code: str, quantity: int, twice: bool) -> None:
        session = self.session(turn)
        assert session is not None
        left = [line.to_pick for line in selectors.lines_of(session.fulfilment)]
        quantity = min(quantity, int(max(left)) or 1)
        made, one = None, sent(code, quantity)
        with self.trying():
            made = floor.scan(session, one, by=session.member, at=NOON)
            if twice:
                floor.scan(session, one, by=session.member, at=NOON)
        if made is not None:
            self.count_up(session.fulfilment_id, made.quantity)

    @precondition(open_at("picking"))
    @rule(turn=PICK)
    def undo(self, turn: int) -> None:
        scans = list(Scan.objects.filter(undone_at__isnull=True).order_by("pk"))
        if scans:
            scan = scans[-1 - turn % len(scans)]
            done = None
            with self.trying():
                done = floor.undo_scan(scan, by=scan.by, at=NOON)
            if done is not None:
                self.count_up(scan.session.fulfilment_id, -scan.quantity)

    @precondition(open_at("picking"))
    @rule(turn=PICK, which=PICK, what=st.sampled_from(["short", "again", "instead", "back"]))
    def look_at_a_line(self, turn: int, which: int, what: str) -> None:
        session = self.session(turn)
        assert session is not None
        lines = selectors.lines_of(session.fulfilment)
        too_many = [line for line in lines if line.to_put_back]
        line = too_many[0] if too_many and what == "back" else lines[which % len(lines)]
        words: dict[str, Any] = {"by": session.member, "at": NOON}
        back = None
        with self.trying():
            if what == "short":
                floor.leave_short(session, line, reason="damaged", **words)
            elif what == "again":
                floor.want_again(session, line, **words)
            elif what == "instead":
                floor.substitute(session, line, self.ground.tea, **words)
            else:
                many = line.to_put_back or 1
                back = floor.put_back(session, sent("", many), line=line, **words)
        if back is not None:
            self.count_up(session.fulfilment_id, back.quantity)

    @precondition(open_at("picking"))
    @rule(turn=PICK, whole=st.booleans())
    def finish(self, turn: int, whole: bool) -> None:
        session = self.session(turn)
        assert session is not None
        before = self.picked(session.fulfilment_id)
        with self.trying():
            if whole:
                self.put_back_all(session)
                pick_all(session, by=session.member)
            floor.finish_picking(session, by=session.member, at=NOON)
            self.count_up(session.fulfilment_id, self.picked(session.fulfilment_id) - before)

    def put_back_all(self, session: WorkSession) -> None:
        for line in selectors.lines_of(session.fulfilment):
            if line.to_put_back:
                one = sent("", line.to_put_back)
                floor.put_back(session, one, line=line, by=session.member, at=NOON)

    def picked(self, fulfilment_id: Any) -> Decimal:
        lines = FulfilmentLine.objects.filter(fulfilment_id=fulfilment_id)
        return sum((line.picked for line in lines), Decimal(0))

    @precondition(stands("picking", "packing"))
    @rule(turn=PICK, stage=st.sampled_from(["picking", "packing"]))
    def cancel(self, turn: int, stage: str) -> None:
        session = self.session(turn, stage)
        if session is not None:
            mine = Scan.objects.filter(session=session, undone_at__isnull=True)
            gone = sum((scan.quantity for scan in mine), Decimal(0))
            with self.trying():
                floor.cancel_session(session, reason="x", by=self.cast.olga, at=NOON)
                self.count_up(session.fulfilment_id, -gone)

    @precondition(open_at("picking"))
    @rule(turn=PICK, second=st.booleans())
    def hand_over(self, turn: int, second: bool) -> None:
        session = self.session(turn)
        assert session is not None
        with self.trying():
            floor.hand_over(
                session,
                self.other if second else self.ground.picker,
                by=session.member,
                at=NOON,
            )

    # --- billing ---

    @precondition(stands("picking", "picked", "packing", "packed"))
    @rule(turn=PICK)
    def send_back(self, turn: int) -> None:
        row = self.some(turn, "picking", "picked", "packing", "packed")
        if row is not None:
            with self.trying():
                floor.return_to_billing(row, reason="Wrong", by=self.cast.olga, at=NOON)

    @precondition(stands("review"))
    @rule(turn=PICK, lines=LINES)
    def correct(self, turn: int, lines: tuple[int, int]) -> None:
        row = self.some(turn, "review")
        if row is not None:
            with self.trying():
                self.ground.corrected(row, *self.drafts(lines))

    # --- packing and leaving ---

    @precondition(stands("picked", "boxing"))
    @rule(turn=PICK)
    def pack(self, turn: int) -> None:
        row = self.some(turn, "picked", "boxing")
        if row is not None:
            with self.trying():
                floor.start_packing(row, by=self.ground.packer, at=NOON)

    @precondition(open_at("packing"))
    @rule(turn=PICK, quantity=QUANTITIES, seal=st.booleans())
    def fill_a_box(self, turn: int, quantity: int, seal: bool) -> None:
        session = self.session(turn, "packing")
        if session is None:
            return
        words: dict[str, Any] = {"by": session.member, "at": NOON}
        box = Box.objects.filter(fulfilment=session.fulfilment, sealed_at__isnull=True).first()
        lines = selectors.lines_of(session.fulfilment)
        with self.trying():
            box = box or floor.add_box(session, **words)
            line = lines[turn % len(lines)]
            floor.put_in(session, box, line, min(line.picked, Decimal(quantity)), **words)
            if seal:
                floor.seal(session, box, **words)

    @precondition(open_at("packing"))
    @rule(turn=PICK, checked=st.booleans())
    def finish_packing(self, turn: int, checked: bool) -> None:
        session = self.session(turn, "packing")
        if session is not None:
            end = floor.leave_for_boxing if checked else floor.finish_packing
            with self.trying():
                end(session, by=session.member, at=NOON)

    @precondition(stands("picking", "packing", "packed", "review"))
    @rule(turn=PICK, way=st.sampled_from(["express", "decide", "pick_up"]))
    def go_otherwise(self, turn: int, way: str) -> None:
        row = self.some(turn, *MOVES)
        if row is None:
            return
        words: dict[str, Any] = {"by": self.cast.olga, "at": NOON}
        before = self.picked(row.pk)
        with self.trying():
            if way == "express":
                floor.express(row, **words)
            elif way == "decide":
                floor.decide(row, reason="So be it", **words)
            else:
                floor.pick_up(row, floor.Pickup("Ama", "0700 000 000"), **words)
            self.count_up(row.pk, self.picked(row.pk) - before)

    # --- what always holds ---

    @invariant()
    def everything_agrees(self) -> None:
        if not hasattr(self, "stack"):
            return
        connection.check_constraints()
        assert [finding for check in CHECKS for finding in check.look()] == []
        trial = books.trial_balance(TODAY, TODAY.replace(year=2027))
        balances = {row.code: row.balance for row in trial.rows}
        assert stock.value_of_stock() == balances["1200"]
        self.shelf_and_invoices_are_everything()
        for pk in Fulfilment.objects.values_list("pk", flat=True):
            assert self.picked(pk) == self.taken.get(pk, Decimal(0))
        cost = sum((line.cost for line in FulfilmentLine.objects.all()), Decimal(0))
        assert balances.get("5000", Decimal(0)) == cost
        for before, after in StateChange.objects.exclude(before="").values_list("before", "after"):
            assert after in MOVES[before]

    def shelf_and_invoices_are_everything(self) -> None:
        lies = stock.there_of_each(self.ground.place)
        for product, many in self.there.items():
            parts = FulfilmentLine.objects.filter(product=product).values_list("parts", flat=True)
            out = sum((Decimal(each[1]) for row in parts for each in row), Decimal(0))
            assert lies.get(product, Decimal(0)) + out == many


@pytest.mark.django_db
def test_whatever_happens_in_the_warehouse_shelf_and_books_agree(cast, quick_documents):
    Warehouse.cast = cast
    run_state_machine_as_test(
        Warehouse,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
