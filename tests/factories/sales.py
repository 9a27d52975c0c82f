"""Makers for deals and their payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from prs.kernel.identity.models import Member
from prs.masterdata.parties.models import Customer
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from prs.operations.payments.services import PaymentDraft
from tests.cast import NOON
from tests.factories.walk import TODAY, make_customer, make_proof


def make_deal(
    by: Member, *, value: str = "1000.00", customer: Customer | None = None, **fields: Any
) -> Deal:
    given = {
        "customer": customer or make_customer(by),
        "name": "Clinic shelves",
        "value": Decimal(value),
        "currency": "USD",
        "deal_date": TODAY,
        **fields,
    }
    return deals.close(given, by=by, at=NOON)


def pay_deal(
    by: Member, deal: Deal, *, amount: str = "1000.00", method: str = "cash", **fields: Any
) -> Payment:
    if method == "cheque":
        fields = {"cheque_number": "CH-000777", "proof": make_proof(), **fields}
    draft = PaymentDraft(
        customer=deal.customer,
        amount=Decimal(amount),
        currency=deal.currency,
        method=method,
        paid_on=TODAY,
        **fields,
    )
    return payments.record_on_deal(deal, draft, by=by, at=NOON)
