"""Two people at the same payment, or two payments at the same invoice: one wins, nothing is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.invoicing import selectors as invoicing
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import selectors
from prs.operations.payments import services as payments
from prs.operations.payments.models import Decision, Payment, Receipt
from prs.operations.payments.rules import Share
from prs.operations.payments.services import PaymentDraft
from tests.cast import NOON, Cast, make_member
from tests.factories.walk import TODAY, make_customer, make_invoice, make_payment, make_proof
from tests.races.together import kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_documents")]


def findings() -> list[str]:
    return [*books.findings(), *invoicing.findings(), *selectors.findings()]


@pytest.fixture
def payment(committed_cast: Cast) -> Payment:
    with tenant_context(committed_cast.acme.pk):
        return make_payment(committed_cast.sam, invoice=make_invoice(committed_cast.sam))


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_verifiers_one_wins(committed_cast, payment, attempt):
    people = (committed_cast.vera, committed_cast.viktor)

    answers = together(
        committed_cast.acme.pk,
        *[lambda by=by: payments.verify(payment, by=by, at=NOON) for by in people],
    )

    assert kinds(answers) == ["AlreadyDecided", "Receipt"]
    with tenant_context(committed_cast.acme.pk):
        assert Receipt.objects.count() == 1
        assert findings() == []


def test_of_a_verification_and_a_denial_one_wins(committed_cast, payment):
    answers = together(
        committed_cast.acme.pk,
        lambda: payments.verify(payment, by=committed_cast.vera, at=NOON),
        lambda: payments.deny(
            payment, reason="bank_decline", remarks="No.", by=committed_cast.viktor, at=NOON
        ),
    )

    assert "AlreadyDecided" in kinds(answers)
    with tenant_context(committed_cast.acme.pk):
        assert Decision.objects.count() == 1
        invoice = Invoice.objects.get()
        verified = Payment.objects.get().status == Payment.Status.VERIFIED
        assert invoice.paid == (Decimal(100) if verified else 0)
        assert findings() == []


def test_a_double_click_verifies_once(committed_cast, payment):
    verb = lambda: payments.verify(payment, by=committed_cast.vera, at=NOON)  # noqa: E731

    answers = together(committed_cast.acme.pk, verb, verb, verb)

    assert kinds(answers) == ["AlreadyDecided", "AlreadyDecided", "Receipt"]


def test_of_an_answer_and_another_answer_one_wins(committed_cast, payment):
    with tenant_context(committed_cast.acme.pk):
        payments.ask_back(payment, question="Which?", by=committed_cast.vera, at=NOON)

    verb = lambda: payments.answer(payment, text="This.", by=committed_cast.sam, at=NOON)  # noqa: E731
    answers = together(committed_cast.acme.pk, verb, verb)

    assert kinds(answers) == ["NotAsked", "Payment"]


def test_four_verifiers_never_get_the_same_payment(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        verifiers = [
            committed_cast.vera,
            committed_cast.viktor,
            make_member("Vanda", "verifier"),
            make_member("Vito", "verifier"),
        ]
        customer = make_customer(committed_cast.sam)
        for _each in range(6):
            make_payment(
                committed_cast.sam, invoice=make_invoice(committed_cast.sam, customer=customer)
            )

    def take(by):
        row = payments.claim_next(by=by, at=NOON)
        assert Payment.objects.get(pk=row.pk).claimed_by_id == by.pk
        return row.pk

    answers = together(committed_cast.acme.pk, *[lambda by=by: take(by) for by in verifiers])

    assert len(set(answers)) == 4


def test_two_verifiers_cannot_claim_one_payment(committed_cast, payment):
    people = (committed_cast.vera, committed_cast.viktor)

    answers = together(
        committed_cast.acme.pk,
        *[lambda by=by: payments.claim(payment, by=by, at=NOON) for by in people],
    )

    assert kinds(answers) == ["HeldByOther", "Payment"]


def test_two_payments_of_one_invoice_never_overpay_it(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        invoice = make_invoice(committed_cast.sam)
        rows = [make_payment(committed_cast.sam, invoice=invoice) for _time in range(2)]
    people = (committed_cast.vera, committed_cast.viktor)

    answers = together(
        committed_cast.acme.pk,
        *[
            lambda row=row, by=by: payments.verify(row, by=by, at=NOON)
            for row, by in zip(rows, people, strict=True)
        ],
    )

    assert kinds(answers) == ["Receipt", "Receipt"]
    with tenant_context(committed_cast.acme.pk):
        assert Invoice.objects.get(pk=invoice.pk).paid == Decimal(100)
        balances = {row.code: row.balance for row in books.trial_balance(TODAY, TODAY).rows}
        assert balances["1000"] == Decimal(200)
        assert balances["2200"] == Decimal(100)
        assert balances["1100"] == 0
        assert findings() == []


def test_payments_over_the_same_invoices_in_other_orders_do_not_lock_each_other_out(committed_cast):
    sam = committed_cast.sam
    with tenant_context(committed_cast.acme.pk):
        customer = make_customer(sam)
        owed = [make_invoice(sam, customer=customer) for _time in range(3)]
        rows = [
            payments.record_payment(
                PaymentDraft(
                    customer=customer,
                    amount=Decimal(90),
                    currency="USD",
                    method="cash",
                    paid_on=TODAY,
                    shares=[Share(invoice.pk, Decimal(30)) for invoice in order],
                ),
                by=sam,
                at=NOON,
            )
            for order in (owed, owed[::-1], owed[1:] + owed[:1])
        ]
    verifiers = (committed_cast.vera, committed_cast.viktor, committed_cast.olga)

    together(
        committed_cast.acme.pk,
        *[
            lambda row=row, by=by: payments.verify(row, by=by, at=NOON)
            for row, by in zip(rows, verifiers, strict=True)
        ],
    )

    with tenant_context(committed_cast.acme.pk):
        assert {row.paid for row in Invoice.objects.all()} == {Decimal(90)}
        assert findings() == []


def test_one_cheque_is_recorded_once(committed_cast):
    sam = committed_cast.sam
    with tenant_context(committed_cast.acme.pk):
        invoice = make_invoice(sam)

    def record():
        return make_payment(
            sam, invoice=invoice, method="cheque", cheque_number="000777", proof=make_proof()
        )

    answers = together(committed_cast.acme.pk, record, record)

    assert kinds(answers) == ["ChequeKnown", "Payment"]
