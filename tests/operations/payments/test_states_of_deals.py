"""A deal says what its payments say, whatever happens to them and in whatever order.

A machine plays payments of one deal at random and keeps its own account of them; after every step the
deal's stored state is that account's, and every rule that waits for the commit holds.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from prs.kernel.errors import Refusal
from prs.operations.deals.models import Deal
from prs.operations.payments import selectors
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from tests.cast import NOON, Cast
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import make_customer

VALUE = Decimal(1000)
WAITING = {"pending", "asked"}
SMALL = st.integers(1, 30_000).map(lambda cents: Decimal(cents) / 100)
AMOUNTS = SMALL | st.sampled_from([Decimal(999), Decimal(1000), Decimal(1500)])
SHARES = st.sampled_from([Decimal("0.25"), Decimal("0.5"), Decimal(1)])
WHICH = st.integers(0, 50)


@dataclass
class Known:
    """What the machine itself knows of a payment: `claim` is the part of the deal that it is for."""

    row: Payment
    method: str
    amount: Decimal
    claim: Decimal
    status: str = "pending"
    verified: Decimal = Decimal(0)
    back: Decimal = Decimal(0)

    @property
    def stands(self) -> Decimal:
        """What it pays of the deal now: money beyond the claim goes back first."""
        return min(self.claim, self.verified - self.back)


class Payments(RuleBasedStateMachine):
    """One deal and its payments, inside a transaction that is undone at the end."""

    cast: Cast

    @initialize()
    def close(self) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        self.deal = make_deal(self.cast.sam, customer=make_customer(self.cast.sam))
        self.known: list[Known] = []

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    # --- what people do -------------------------------------------------------------------------------

    @rule(amount=AMOUNTS, method=st.sampled_from(["cash", "card", "cheque"]))
    def record(self, amount: Decimal, method: str) -> None:
        if self.left > 0:
            self.bring(amount, method)
            return
        with pytest.raises(payments.DealCovered):
            pay_deal(self.cast.sam, self.deal, amount=str(amount), remarks="As agreed")

    @property
    def left(self) -> Decimal:
        """What no payment claims yet."""
        taken = (each.claim if each.status in WAITING else each.stands for each in self.known)
        return VALUE - sum(taken, Decimal(0))

    def bring(self, amount: Decimal, method: str) -> None:
        fields: dict[str, Any] = {"remarks": "As agreed"}
        if method == "cheque":
            fields["cheque_number"] = f"CH-{len(self.known):06}"
        claim = min(amount, self.left)
        row = pay_deal(self.cast.sam, self.deal, amount=str(amount), method=method, **fields)
        self.known.append(Known(row, method, amount, claim))

    @rule(which=WHICH, share=SHARES)
    def verify(self, which: int, share: Decimal) -> None:
        for each in self.one(which, "pending"):
            each.verified = (each.amount * share).quantize(Decimal("0.01")) or each.amount
            each.status = "verified"
            # Less than claimed was proven: the deal is owed the rest again.
            each.claim = min(each.claim, each.verified)
            payments.verify(each.row, by=self.cast.vera, at=NOON, amount=each.verified)

    @rule(which=WHICH)
    def deny(self, which: int) -> None:
        for each in self.one(which, "pending"):
            each.status = "denied"
            words = {"reason": "bank_decline", "remarks": "Not there."}
            payments.deny(each.row, by=self.cast.vera, at=NOON, **words)

    @rule(which=WHICH, answered=st.booleans())
    def ask(self, which: int, answered: bool) -> None:
        for each in self.one(which, "pending"):
            payments.ask_back(each.row, question="Which?", by=self.cast.vera, at=NOON)
            each.status = "asked"
            if answered:
                payments.answer(each.row, text="This one.", by=self.cast.sam, at=NOON)
                each.status = "pending"

    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        for each in self.one(which, "pending", "asked"):
            each.status = "withdrawn"
            payments.withdraw(each.row, reason="Typed twice", by=self.cast.sam, at=NOON)

    @rule(which=WHICH, share=SHARES)
    def refund(self, which: int, share: Decimal) -> None:
        for each in self.one(which, "verified"):
            left = each.verified - each.back
            amount = (left * share).quantize(Decimal("0.01")) or left
            request = payments.request_refund(
                each.row, amount=amount, reason="Late", by=self.cast.sam, at=NOON
            )
            payments.approve_refund(request, by=self.cast.viktor, at=NOON)
            each.back += amount
            if each.back == each.verified:
                each.status = "refunded"

    @rule(which=WHICH)
    def charge_back(self, which: int) -> None:
        for each in self.one(which, "verified"):
            payments.charge_back(each.row, reason="Stolen card", by=self.cast.viktor, at=NOON)
            each.status, each.back = "charged_back", each.verified

    @rule(which=WHICH)
    def bounce(self, which: int) -> None:
        for each in self.one(which, "verified", method="cheque"):
            payments.bounce(each.row, reason="No funds", by=self.cast.viktor, at=NOON)
            each.status, each.back = "bounced", each.verified

    @rule(which=WHICH, verb=st.sampled_from(["verify", "deny", "withdraw", "refund", "bounce"]))
    def too_late(self, which: int, verb: str) -> None:
        """What has come to its end refuses everything; the invariants see that nothing moved."""
        for each in self.one(which, "denied", "withdrawn", "refunded", "charged_back", "bounced"):
            with pytest.raises(Refusal):
                self.late(verb, Payment.objects.get(pk=each.row.pk))

    def late(self, verb: str, row: Payment) -> None:
        people, why = self.cast, "No."
        match verb:
            case "verify":
                payments.verify(row, by=people.vera, at=NOON)
            case "deny":
                payments.deny(row, reason="bank_decline", remarks=why, by=people.vera, at=NOON)
            case "withdraw":
                payments.withdraw(row, reason=why, by=people.sam, at=NOON)
            case "refund":
                payments.request_refund(row, amount=Decimal(1), reason=why, by=people.sam, at=NOON)
            case "bounce":
                payments.bounce(row, reason=why, by=people.viktor, at=NOON)

    def one(self, which: int, *statuses: str, method: str = "") -> list[Known]:
        """One of the payments that stand so. There is a new one when there is none, unless the deal
        is covered, so that few steps are idle."""
        rows = self.standing(statuses, method)
        if not rows and self.left > 0 and statuses[0] in {"pending", "verified"}:
            self.bring(Decimal(90), method or "card")
            if statuses[0] == "verified":
                self.verify(len(self.standing(["pending"], "")) - 1, Decimal(1))
            rows = self.standing(statuses, method)
        if not rows:
            return []
        chosen = rows[which % len(rows)]
        chosen.row = Payment.objects.get(pk=chosen.row.pk)
        return [chosen]

    def standing(self, statuses: Collection[str], method: str) -> list[Known]:
        rows = [each for each in self.known if each.status in statuses]
        return [each for each in rows if method in {"", each.method}]

    # --- what always holds ----------------------------------------------------------------------------

    @invariant()
    def the_deal_says_what_its_payments_say(self) -> None:
        if not hasattr(self, "deal"):
            return
        row = Deal.objects.get(pk=self.deal.pk)
        assert row.status == self.told
        assert row.paid == sum((each.stands for each in self.known), Decimal(0))
        assert row.paid + row.due == row.value == VALUE
        assert {each.row.pk: each.status for each in self.known} == dict(
            Payment.objects.filter(deal=row).values_list("pk", "status")
        )

    @invariant()
    def what_the_deal_does_not_need_is_the_customers_credit(self) -> None:
        if not hasattr(self, "deal"):
            return
        beyond = (each.verified - each.back - each.stands for each in self.known)
        kept = sum(beyond, Decimal(0))
        assert selectors.credit_of(self.deal.customer_id, "USD") == kept

    @invariant()
    def every_rule_of_the_database_holds(self) -> None:
        if hasattr(self, "deal"):
            connection.check_constraints()

    @property
    def told(self) -> str:
        """The deal's state, from the machine's own account."""
        stands = {each.status for each in self.known}
        if stands & WAITING:
            return "pending"
        if "verified" in stands:
            return "verified"
        return "rejected" if "denied" in stands else "pending"


def test_a_deal_follows_its_payments_through_any_sequence(cast, quick_documents):
    machine = type("PaymentsOfAcme", (Payments,), {"cast": cast})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=7,
            stateful_step_count=15,
            deadline=None,
            # A failing sequence is reported as it was found: making it shorter takes minutes here.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )
