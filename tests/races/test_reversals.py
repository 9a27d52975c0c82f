"""Money that goes back, or is decided, by two at once: one wins, and the sums hold."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.deals.models import Deal
from prs.operations.invoicing import selectors as invoicing
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import selectors
from prs.operations.payments import services as payments
from prs.operations.payments.models import Decision, Payment, Receipt, Reversal
from tests.cast import NOON, Cast
from tests.factories.sales import make_deal, pay_deal
from tests.races.together import kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_documents")]


def findings() -> list[str]:
    return [*books.findings(), *invoicing.findings(), *selectors.findings()]


@pytest.fixture
def deal(committed_cast: Cast) -> Deal:
    with tenant_context(committed_cast.acme.pk):
        return make_deal(committed_cast.sam)


@pytest.fixture
def claimed(committed_cast: Cast, deal: Deal) -> Payment:
    with tenant_context(committed_cast.acme.pk):
        return pay_deal(committed_cast.sam, deal)


@pytest.fixture
def verified(committed_cast: Cast, claimed: Payment) -> Payment:
    with tenant_context(committed_cast.acme.pk):
        payments.verify(claimed, by=committed_cast.vera, at=NOON)
        return Payment.objects.get(pk=claimed.pk)


def asked_for(cast: Cast, payment: Payment, amount: str = "400.00") -> Reversal:
    with tenant_context(cast.acme.pk):
        return payments.request_refund(
            payment, amount=Decimal(amount), reason="Late.", by=cast.sam, at=NOON
        )


@pytest.mark.parametrize("attempt", range(3))
def test_of_a_verification_and_a_withdrawal_one_wins(committed_cast, deal, claimed, attempt):
    answers = together(
        committed_cast.acme.pk,
        lambda: payments.verify(claimed, by=committed_cast.vera, at=NOON),
        lambda: payments.withdraw(claimed, reason="Mistake.", by=committed_cast.sam, at=NOON),
    )

    assert kinds(answers) in (["AlreadyDecided", "Payment"], ["NotWithdrawn", "Receipt"])
    with tenant_context(committed_cast.acme.pk):
        row, now = Payment.objects.get(), Deal.objects.get()
        verified = row.status == "verified"
        assert Receipt.objects.count() == int(verified)
        assert (now.status, now.paid) == (
            ("verified", Decimal(1000)) if verified else ("pending", Decimal(0))
        )
        assert findings() == []


@pytest.mark.parametrize("attempt", range(3))
def test_of_a_verification_and_a_denial_of_a_deal_payment_one_wins(
    committed_cast, deal, claimed, attempt
):
    answers = together(
        committed_cast.acme.pk,
        lambda: payments.verify(claimed, by=committed_cast.vera, at=NOON),
        lambda: payments.deny(
            claimed, reason="bank_decline", remarks="No.", by=committed_cast.viktor, at=NOON
        ),
    )

    assert "AlreadyDecided" in kinds(answers)
    with tenant_context(committed_cast.acme.pk):
        assert Decision.objects.count() == 1
        verified = Payment.objects.get().status == "verified"
        assert Deal.objects.get().status == ("verified" if verified else "rejected")
        assert findings() == []


@pytest.mark.parametrize("attempt", range(3))
def test_a_refund_is_approved_once(committed_cast, verified, attempt):
    reversal = asked_for(committed_cast, verified)
    people = (committed_cast.viktor, committed_cast.olga)

    answers = together(
        committed_cast.acme.pk,
        *[lambda by=by: payments.approve_refund(reversal, by=by, at=NOON) for by in people],
    )

    assert kinds(answers) == ["Reversal", "ReversalDecided"]
    with tenant_context(committed_cast.acme.pk):
        assert Payment.objects.get().reversed_amount == Decimal(400)
        assert Deal.objects.get().paid == Decimal(600)
        assert findings() == []


def test_of_two_requests_for_one_payment_one_waits(committed_cast, verified):
    ask = lambda: payments.request_refund(  # noqa: E731
        verified, amount=Decimal(600), reason="Late.", by=committed_cast.sam, at=NOON
    )

    answers = together(committed_cast.acme.pk, ask, ask)

    assert kinds(answers) == ["Reversal", "ReversalOpen"]


@pytest.mark.parametrize("attempt", range(3))
def test_a_refund_and_a_chargeback_never_take_more_than_there_is(committed_cast, verified, attempt):
    reversal = asked_for(committed_cast, verified)

    answers = together(
        committed_cast.acme.pk,
        lambda: payments.approve_refund(reversal, by=committed_cast.viktor, at=NOON),
        lambda: payments.charge_back(verified, reason="Disputed.", by=committed_cast.olga, at=NOON),
    )

    # The chargeback waits for the open refund, or takes what the refund left.
    assert kinds(answers) in (["Reversal", "ReversalOpen"], ["Reversal", "Reversal"])
    with tenant_context(committed_cast.acme.pk):
        row = Payment.objects.get()
        done = Reversal.objects.filter(status="done")
        assert sum(each.amount for each in done) == row.reversed_amount <= row.verified_amount
        assert findings() == []


@pytest.mark.parametrize("attempt", range(3))
def test_payments_of_one_deal_from_several_places_never_exceed_its_value(
    committed_cast, deal, attempt
):
    people = (committed_cast.sam, committed_cast.sara, committed_cast.olga)

    answers = together(
        committed_cast.acme.pk,
        *[lambda by=by: pay_deal(by, deal, amount="600.00") for by in people],
    )

    # Two cover it, and what is over stays with the customer; the third finds it covered.
    assert kinds(answers) == ["DealCovered", "Payment", "Payment"]
    with tenant_context(committed_cast.acme.pk):
        assert sum(row.total for row in Invoice.objects.filter(status="draft")) == deal.value
        for row in Payment.objects.all():
            payments.verify(row, by=committed_cast.vera, at=NOON)
    # Balances follow at the commit.
    with tenant_context(committed_cast.acme.pk):
        assert Deal.objects.get().paid == deal.value
        assert findings() == []
