"""Two people sell to one customer at the same moment: the limit holds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel.tenancy.context import tenant_context
from prs.masterdata.parties import services as parties
from prs.operations.invoicing import standings
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY, make_customer, make_invoice
from tests.races.together import kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_documents")]


@pytest.mark.parametrize("attempt", range(3))
def test_a_credit_limit_holds_from_two_places(committed_cast, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        customer = make_customer(cast.olga)
        parties.change(customer, {"credit_limit": Decimal(100)}, by=cast.olga, at=NOON)

    answers = together(
        cast.acme.pk,
        *[
            lambda by=by: make_invoice(by, customer=customer, amount="60.00")
            for by in (cast.sam, cast.sara, cast.olga)
        ],
    )

    assert kinds(answers) == ["CreditLimitReached", "CreditLimitReached", "Invoice"]
    with tenant_context(cast.acme.pk):
        assert standings.account_of(customer, currency="USD", on=TODAY).owed == 60


@pytest.mark.parametrize("attempt", range(3))
def test_two_places_never_claim_more_than_a_deal_is_worth(committed_cast, attempt):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        deal = make_deal(cast.sam)

    answers = together(
        cast.acme.pk,
        lambda: pay_deal(cast.sam, deal, amount="1000.00", remarks="All"),
        lambda: pay_deal(cast.olga, deal, amount="1000.00", remarks="All"),
    )

    assert kinds(answers) == ["DealCovered", "Payment"]


def test_credit_is_used_once(committed_cast):
    cast = committed_cast
    with tenant_context(cast.acme.pk):
        deal = make_deal(cast.sam)
        pay = pay_deal(cast.sam, deal, amount="1100.00", remarks="More")
        payments.verify(pay, by=cast.vera, at=NOON)
        bills = [make_invoice(cast.sam, customer=deal.customer, amount="100.00") for _ in range(2)]

    answers = together(
        cast.acme.pk,
        *[lambda bill=bill: payments.pay_with_credit(bill, by=cast.sam, at=NOON) for bill in bills],
    )

    assert kinds(answers) == ["Decimal", "NoCreditLeft"]
    with tenant_context(cast.acme.pk):
        assert Payment.objects.get().reversed_amount == 0
