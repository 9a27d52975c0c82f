"""Any order of invoices, payments, decisions and corrections leaves the books true.

A machine that plays a business at random: after every step nothing is found wrong, debits equal
credits, and what an invoice says is paid is what verified payments brought it.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from prs.config.integrity import CHECKS
from prs.kernel.activity.rules import SYSTEM
from prs.kernel.errors import Refusal
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import services as payments
from prs.operations.payments.models import Allocation, Payment
from prs.operations.payments.rules import Share
from prs.operations.payments.services import PaymentDraft
from tests.cast import NOON, Cast
from tests.factories.walk import TODAY, make_customer, make_invoice
from tests.factories.world import sent_invoice

AMOUNTS = st.decimals(min_value="0.01", max_value="500.00", places=2)
PARTS = st.lists(st.sampled_from(["0.1", "0.5", "0.9", "1"]), min_size=0, max_size=3)


class Business(RuleBasedStateMachine):
    """One organization, played at random inside a transaction that is undone at the end."""

    cast: Cast
    owed = Bundle("owed")
    brought = Bundle("brought")
    posted = Bundle("posted")

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        self.customer = make_customer(self.cast.sam)
        self.imports = 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    @rule(target=owed, amount=AMOUNTS, tax_rate=st.sampled_from(["0", "7.5", "20"]))
    def issue(self, amount: Decimal, tax_rate: str) -> Any:
        row = make_invoice(
            self.cast.sam, customer=self.customer, amount=str(amount), tax_rate=tax_rate
        )
        return row.pk

    @rule(target=posted, price=AMOUNTS)
    def take_import(self, price: Decimal) -> str:
        self.imports += 1
        number = f"SI-{self.imports}"
        self.post(number, price)
        return number

    def post(self, number: str, price: Decimal) -> Any:
        sent = sent_invoice(number, price=str(price))
        return invoices.take_import(sent, organization=self.cast.acme, by=SYSTEM, at=NOON)

    @rule(number=posted, price=AMOUNTS)
    def post_again(self, number: str, price: Decimal) -> None:
        assert not self.post(number, price).created

    @rule(number=posted, price=AMOUNTS)
    def correct(self, number: str, price: Decimal) -> None:
        row = Invoice.objects.get(number=number)
        with suppress(Refusal), transaction.atomic():
            invoices.return_for_correction(row, reason="Price", by=self.cast.olga, at=NOON)
            invoices.correct(
                sent_invoice(number, price=str(price)),
                notes="",
                organization=self.cast.acme,
                by=SYSTEM,
                at=NOON,
            )

    @rule(target=brought, owing=st.lists(owed, min_size=1, max_size=3, unique=True), parts=PARTS)
    def bring(self, owing: list[Any], parts: list[str]) -> Any:
        rows = list(Invoice.objects.filter(pk__in=owing).order_by("number"))
        return self.record(self.customer, rows, parts)

    @rule(target=brought, number=posted, parts=PARTS)
    def bring_for_import(self, number: str, parts: list[str]) -> Any:
        row = Invoice.objects.select_related("customer").get(number=number)
        return self.record(row.customer, [row], parts)

    def record(self, customer: Any, rows: list[Invoice], parts: list[str]) -> Any:
        shares = []
        for row, part in zip(rows, parts, strict=False):
            open_amount = row.total - row.paid
            share = (open_amount * Decimal(part)).quantize(Decimal("0.01"))
            if share:
                shares.append(Share(row.pk, share))
        amount = sum((share.amount for share in shares), Decimal("5.00"))
        draft = PaymentDraft(
            customer=customer,
            amount=amount,
            currency="USD",
            method="cash",
            paid_on=TODAY,
            shares=shares,
            remarks="x",
        )
        return payments.record_payment(draft, by=self.cast.sam, at=NOON).pk

    @rule(pk=consumes(brought), share=st.sampled_from(["1", "0.6", "0.1"]))
    def verify(self, pk: Any, share: str) -> None:
        row = Payment.objects.get(pk=pk)
        found = (row.amount * Decimal(share)).quantize(Decimal("0.01"))
        with suppress(Refusal):
            payments.verify(row, by=self.cast.vera, at=NOON, amount=found)

    @rule(pk=brought)
    def verify_again(self, pk: Any) -> None:
        for person in (self.cast.vera, self.cast.viktor, self.cast.sam):
            with suppress(Refusal):
                payments.verify(Payment.objects.get(pk=pk), by=person, at=NOON)

    @rule(pk=brought)
    def deny(self, pk: Any) -> None:
        with suppress(Refusal):
            payments.deny(
                Payment.objects.get(pk=pk),
                reason="bank_decline",
                remarks="No.",
                by=self.cast.vera,
                at=NOON,
            )

    @rule(pk=brought)
    def ask_and_answer(self, pk: Any) -> None:
        row = Payment.objects.get(pk=pk)
        with suppress(Refusal):
            payments.ask_back(row, question="Which?", by=self.cast.vera, at=NOON)
            payments.answer(row, text="This.", by=self.cast.sam, at=NOON)

    @invariant()
    def nothing_is_wrong(self) -> None:
        if not hasattr(self, "stack"):
            return
        connection.check_constraints()
        assert [finding for check in CHECKS for finding in check.look()] == []
        trial = books.trial_balance(TODAY, TODAY.replace(year=2027))
        assert trial.balanced
        self.paid_is_what_was_brought()
        self.receivable_is_what_is_open(trial)

    def paid_is_what_was_brought(self) -> None:
        for row in Invoice.objects.all():
            brought = Allocation.objects.filter(
                invoice=row, payment__status=Payment.Status.VERIFIED
            ).values_list("amount", flat=True)
            assert row.paid == sum(brought, Decimal(0)) <= row.total

    def receivable_is_what_is_open(self, trial: Any) -> None:
        left = sum((row.total - row.paid for row in Invoice.objects.all()), Decimal(0))
        balances = {row.code: row.balance for row in trial.rows}
        assert balances["1100"] == left


@pytest.mark.django_db
def test_whatever_happens_the_books_stay_true(cast, quick_documents):
    Business.cast = cast
    run_state_machine_as_test(
        Business,
        settings=settings(
            max_examples=10,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
