"""A salesperson's day: a deal with its first payment, denied, replaced, verified, paid, and a part refunded."""

from __future__ import annotations

from decimal import Decimal

from prs.kernel.activity import chain
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.deals.models import Deal
from prs.operations.payments import selectors
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment, Reversal
from tests.cast import NOON
from tests.journeys.person import signed_in


def test_a_deal_is_closed_denied_replaced_verified_paid_and_refunded_in_part(
    cast, sam, vera, slip, check_now
):
    sam.opens("/sales/deals/").sees("What did you sell?").follows("Close a deal")
    fields = {"new_customer": "Quay Clinic", "name": "Ward furniture", "value": "12000"}
    first = {"kind": "part", "method": "bank", "remarks": "By transfer", "reference": "TT-1"}
    sent = fields | {f"first-{name}": text for name, text in first.items()}

    sam.presses("Close deal", expecting=422, **sent)
    sam.sees("Say how much was paid")
    sent |= {"first-amount": "5000", "first-proof": slip("Transfer TT-1")}
    sam.presses("Close deal", **sent).sees("DLID0001", "Quay Clinic", "Waits for proof")
    check_now()

    denied = Payment.objects.get()
    vera.opens("/verify/").presses("Take the oldest")
    payments.deny(
        denied, reason="bank_decline", remarks="Not on the account.", by=cast.vera, at=NOON
    )
    check_now()

    sam.opens("/").sees("denied")
    sam.opens("/sales/deals/?state=rejected").follows("DLID0001").sees("Rejected", "Not on the")
    sam.follows(denied.number).follows("Record it again").sees("Left to record")
    sam.presses("Record payment", reference="TT-2", proof=slip("Transfer TT-2 again"))
    sam.sees("waits for a verifier", "Pending")
    check_now()

    replaced = Payment.objects.order_by("recorded_at", "pk").last()
    payments.verify(replaced, by=cast.vera, at=NOON)
    check_now()
    sam.opens(f"/sales/deals/{replaced.deal_id}/").sees("Verified", "Partly paid", "41 %")

    sam.follows("Record a payment").sees("7,000.00")
    sam.presses("Record payment", method="cash", remarks="Counted at the desk")
    last = Payment.objects.order_by("recorded_at", "pk").last()
    assert (last.amount, last.category) == (Decimal(7000), "final")
    payments.verify(last, by=cast.vera, at=NOON)
    check_now()
    sam.opens(f"/sales/deals/{last.deal_id}/").sees("Paid in full", "100 %", "RCT-")

    sam.follows(last.number).follows("Ask for a refund")
    sam.presses("Ask for refund", amount="1000", reason="One bed came broken.")
    sam.sees("The refund waits for approval", "One bed came broken")
    payments.approve_refund(Reversal.objects.get(), by=cast.viktor, at=NOON)
    check_now()

    deal = Deal.objects.get()
    sam.opens(f"/sales/deals/{deal.pk}/").sees("Partly paid", "1,000.00 went back", "91 %")
    assert (deal.paid, deal.status) == (Decimal(11000), "verified")
    assert [*selectors.findings(), *chain.findings()] == []
    assert books.trial_balance(NOON.date(), NOON.date()).balanced


def test_a_salesperson_finds_the_late_deal_and_uses_credit_for_it(cast, sam, check_now):
    sam.opens("/sales/deals/add/")
    over = {"kind": "all", "amount": "1250", "method": "cash", "remarks": "Rounded up"}
    sent = {"new_customer": "Quay Clinic", "name": "Gloves", "value": "1000"}
    sent |= {f"first-{name}": text for name, text in over.items()}
    sam.presses("Close deal", expecting=422, **sent).sees("becomes credit of Quay Clinic")
    sam.presses("Close deal", **{"first-over": "on"}).sees("DLID0001")
    payments.verify(Payment.objects.get(), by=cast.vera, at=NOON)
    check_now()

    sam.opens("/sales/deals/add/")
    customer = str(Deal.objects.get().customer_id)
    sam.presses("Close deal", customer=customer, name="Masks", value="800").sees("DLID0002")
    sam.follows("Use credit").presses("Pay with credit").sees("Paid with credit", "31 %")
    check_now()

    sam.opens("/sales/deals/board/").sees("Verified, partly paid", "Paid in full")
    assert Deal.objects.get(number="DLID0002").paid == 250
    signed_in("sara@acme.test").opens("/sales/deals/").sees("What did you sell?")
