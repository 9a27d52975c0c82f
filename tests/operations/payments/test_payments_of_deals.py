from decimal import Decimal

import pytest

from prs.ledgers.bookkeeping import selectors as books
from prs.operations.deals.models import Deal
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.payments import selectors
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment, VerificationPolicy
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY, make_invoice, make_payment


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def balances():
    trial = books.trial_balance(TODAY, TODAY)
    assert trial.balanced
    return {row.code: row.balance for row in trial.rows if row.balance}


def verified(deal, by, verifier, **fields):
    payment = pay_deal(by, deal, **fields)
    payments.verify(payment, by=verifier, at=NOON)
    return fresh(payment)


def refund(payment, amount, *, asks, grants):
    request = payments.request_refund(
        payment, amount=Decimal(amount), reason="Shelves came late.", by=asks, at=NOON
    )
    payments.approve_refund(request, by=grants, at=NOON)
    return fresh(payment)


def test_a_payment_drafts_its_invoice_and_the_deal_waits(cast, check_now):
    deal = make_deal(cast.sam)

    pay_deal(cast.sam, deal, amount="400.00")
    check_now()

    invoice = Invoice.objects.get()
    assert (invoice.origin, invoice.status, invoice.number) == ("deal", "draft", "")
    assert (invoice.total, invoice.deal) == (Decimal(400), deal)
    assert fresh(deal).status == "pending"
    assert balances() == {}


def test_verifying_issues_and_settles_the_invoice_and_moves_the_deal(cast, check_now):
    deal = make_deal(cast.sam)

    verified(deal, cast.sam, cast.vera, amount="400.00")
    check_now()

    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.paid, invoice.left) == ("INV-2026-0001", 400, 0)
    deal = fresh(deal)
    assert (deal.status, deal.stage, deal.paid, deal.due) == ("verified", "partial", 400, 600)
    assert balances() == {"1000": 400, "4000": 400}


def test_two_halves_make_a_full_payment(cast, check_now):
    deal = make_deal(cast.sam)

    verified(deal, cast.sam, cast.vera, amount="500.00")
    last = verified(deal, cast.sam, cast.vera, amount="500.00")
    check_now()

    assert fresh(deal).stage == "full"
    assert last.category == "final"


def test_less_than_claimed_was_verified_so_less_is_invoiced(cast, check_now):
    deal = make_deal(cast.sam)
    payment = pay_deal(cast.sam, deal, amount="400.00")

    payments.verify(payment, by=cast.vera, at=NOON, amount=Decimal(390))
    check_now()

    assert (Invoice.objects.get().total, fresh(deal).paid) == (390, 390)


def test_a_denied_payment_never_blocks_its_replacement(cast, check_now):
    deal = make_deal(cast.sam)
    payment = pay_deal(cast.sam, deal, method="bank", proof=proof(), amount="1000.00")
    payments.deny(payment, reason="bank_decline", remarks="Not there.", by=cast.vera, at=NOON)
    check_now()
    assert fresh(deal).status == "rejected"
    assert Invoice.objects.get().status == "void"

    again = pay_deal(cast.sam, fresh(deal), amount="1000.00")
    check_now()
    assert fresh(deal).status == "pending"

    payments.verify(again, by=cast.vera, at=NOON)
    check_now()
    assert (fresh(deal).status, fresh(deal).stage) == ("verified", "full")


def proof():
    from tests.factories.walk import make_proof

    return make_proof()


def test_one_denied_among_verified_leaves_the_deal_verified(cast, check_now):
    deal = make_deal(cast.sam)
    verified(deal, cast.sam, cast.vera, amount="100.00")
    wrong = pay_deal(cast.sam, deal, amount="100.00")
    assert fresh(deal).status == "pending"

    payments.deny(wrong, reason="technical_error", remarks="Twice.", by=cast.vera, at=NOON)
    check_now()

    assert fresh(deal).status == "verified"


def test_what_is_paid_beyond_the_deal_becomes_the_customers_credit(cast, check_now):
    deal = make_deal(cast.sam)

    verified(deal, cast.sam, cast.vera, amount="1250.00", remarks="Rounded up")
    check_now()

    assert fresh(deal).paid == 1000
    assert selectors.credit_of(deal.customer_id, "USD") == 250
    assert balances() == {"1000": 1250, "2200": 250, "4000": 1000}


def test_credit_pays_an_invoice_and_another_deal(cast, check_now):
    deal = make_deal(cast.sam)
    verified(deal, cast.sam, cast.vera, amount="1250.00", remarks="Rounded up")
    invoice = make_invoice(cast.sam, customer=deal.customer, amount="100.00")
    next_deal = make_deal(cast.sam, customer=deal.customer, value="300.00")

    payments.pay_with_credit(invoice, by=cast.sam, at=NOON)
    used = payments.pay_deal_with_credit(next_deal, by=cast.sam, at=NOON)
    check_now()

    assert fresh(invoice).left == 0
    assert (used, fresh(next_deal).paid) == (150, 150)
    assert selectors.credit_of(deal.customer_id, "USD") == 0
    with pytest.raises(payments.NoCreditLeft):
        payments.pay_deal_with_credit(next_deal, by=cast.sam, at=NOON)


def test_a_covered_deal_takes_no_more_claims(cast):
    deal = make_deal(cast.sam)
    pay_deal(cast.sam, deal)

    with pytest.raises(payments.DealCovered):
        pay_deal(cast.sam, deal, amount="1.00")


@pytest.mark.parametrize(
    ("category", "amount", "refusal"),
    [
        ("final", "900.00", payments.FinalFallsShort),
        ("partial", "1000.00", payments.CoversAll),
        ("advance", "1000.00", payments.CoversAll),
    ],
)
def test_a_category_fits_its_amount(cast, category, amount, refusal):
    deal = make_deal(cast.sam)

    with pytest.raises(refusal):
        pay_deal(cast.sam, deal, amount=amount, category=category)


def test_a_refund_credits_the_invoice_and_lowers_the_deal(cast, check_now):
    deal = make_deal(cast.sam)
    payment = verified(deal, cast.sam, cast.vera)

    payment = refund(payment, "300.00", asks=cast.sam, grants=cast.viktor)
    check_now()

    invoice, note = Invoice.objects.get(), Credit.objects.get()
    assert (payment.status, payment.reversed_amount) == ("verified", 300)
    assert (invoice.paid, invoice.credited, invoice.left) == (700, 300, 0)
    assert (note.number, note.kind) == ("CN-2026-0001", "note")
    assert (fresh(deal).paid, fresh(deal).status) == (700, "verified")
    assert balances() == {"1000": 700, "4000": 1000, "4100": -300}

    payment = refund(payment, "700.00", asks=cast.sam, grants=cast.viktor)
    check_now()
    assert (payment.status, fresh(deal).paid, fresh(deal).status) == ("refunded", 0, "pending")


def test_a_refund_takes_the_deposit_first(cast, check_now):
    deal = make_deal(cast.sam)
    payment = verified(deal, cast.sam, cast.vera, amount="1250.00", remarks="Rounded up")

    refund(payment, "250.00", asks=cast.sam, grants=cast.viktor)
    check_now()

    assert fresh(deal).paid == 1000
    assert not Credit.objects.exists()
    assert balances() == {"1000": 1000, "4000": 1000}


def test_whoever_asks_for_a_refund_does_not_grant_it(cast):
    payment = verified(make_deal(cast.sam), cast.sam, cast.vera)
    request = payments.request_refund(
        payment, amount=Decimal(10), reason="Late", by=cast.viktor, at=NOON
    )

    with pytest.raises(payments.OwnRequest):
        payments.approve_refund(request, by=cast.viktor, at=NOON)


def test_no_more_goes_back_than_came_in(cast):
    payment = verified(make_deal(cast.sam), cast.sam, cast.vera)

    with pytest.raises(payments.NothingToReverse):
        payments.request_refund(
            payment, amount=Decimal("1000.01"), reason="Late", by=cast.sam, at=NOON
        )


def test_one_refund_waits_at_a_time_and_is_decided_once(cast):
    payment = verified(make_deal(cast.sam), cast.sam, cast.vera)
    request = payments.request_refund(
        payment, amount=Decimal(10), reason="Late", by=cast.sam, at=NOON
    )
    with pytest.raises(payments.ReversalOpen):
        payments.request_refund(payment, amount=Decimal(10), reason="Late", by=cast.sam, at=NOON)

    payments.refuse_refund(request, remarks="Not late.", by=cast.viktor, at=NOON)

    with pytest.raises(payments.ReversalDecided):
        payments.approve_refund(request, by=cast.viktor, at=NOON)


def test_a_chargeback_writes_off_what_was_paid(cast, check_now):
    deal = make_deal(cast.sam)
    payment = verified(deal, cast.sam, cast.vera, amount="400.00", method="card")

    payments.charge_back(payment, reason="Stolen card", by=cast.viktor, at=NOON)
    check_now()

    invoice = Invoice.objects.get()
    assert (fresh(payment).status, invoice.status, invoice.left) == (
        "charged_back",
        "written_off",
        0,
    )
    assert fresh(deal).paid == 0
    assert balances() == {"4000": 400, "5300": 400}


def test_a_bounce_reverses_the_money_and_the_deal(cast, check_now):
    deal = make_deal(cast.sam)
    payment = verified(deal, cast.sam, cast.vera, amount="400.00", method="cheque")
    payments.deposit_cheque(payment, by=cast.vera, at=NOON)

    payments.bounce(fresh(payment), reason="No funds", by=cast.viktor, at=NOON)
    check_now()

    payment = fresh(payment)
    assert (payment.status, payment.cheque_state) == ("bounced", "bounced")
    assert (fresh(deal).paid, fresh(deal).status) == (0, "pending")
    assert "1040" not in balances()


def test_a_bounce_leaves_an_invoice_owed(cast, check_now):
    invoice = make_invoice(cast.sam, amount="100.00")
    payment = make_payment(
        cast.sam, invoice=invoice, method="cheque", cheque_number="CH-000778", proof=proof()
    )
    payments.verify(payment, by=cast.vera, at=NOON)

    payments.bounce(fresh(payment), reason="No funds", by=cast.viktor, at=NOON)
    check_now()

    assert fresh(invoice).left == 100
    assert balances()["1100"] == 100


def test_a_cleared_cheque_is_bank_money_and_bounces_no_more(cast, check_now):
    payment = verified(make_deal(cast.sam), cast.sam, cast.vera, method="cheque")
    with pytest.raises(payments.ChequeMoved):
        payments.clear_cheque(payment, by=cast.vera, at=NOON)

    payments.deposit_cheque(payment, by=cast.vera, at=NOON)
    payments.clear_cheque(fresh(payment), by=cast.vera, at=NOON)
    check_now()

    assert balances() == {"1010": 1000, "4000": 1000}
    with pytest.raises(payments.ChequeMoved):
        payments.bounce(fresh(payment), reason="No funds", by=cast.viktor, at=NOON)


def test_above_the_threshold_a_second_verifier_decides(cast, check_now):
    VerificationPolicy.objects.create(method="cash", second_above=Decimal(500))
    payment = pay_deal(cast.sam, make_deal(cast.sam))

    assert payments.verify(payment, by=cast.vera, at=NOON) is None
    check_now()
    assert fresh(payment).status == "checked"
    with pytest.raises(payments.FirstCheckedByYou):
        payments.verify(payment, by=cast.vera, at=NOON)

    assert payments.verify(payment, by=cast.viktor, at=NOON)
    check_now()
    assert fresh(payment).status == "verified"


def test_the_second_look_needs_the_right_to_it(cast):
    VerificationPolicy.objects.create(method="cash", second_above=Decimal(500))
    payment = pay_deal(cast.sam, make_deal(cast.sam))
    payments.verify(payment, by=cast.viktor, at=NOON)

    with pytest.raises(payments.SeniorNeeded):
        payments.verify(payment, by=cast.vera, at=NOON)


def test_at_the_threshold_one_verifier_is_enough(cast):
    VerificationPolicy.objects.create(method="cash", second_above=Decimal(1000))

    assert payments.verify(pay_deal(cast.sam, make_deal(cast.sam)), by=cast.vera, at=NOON)


def test_a_withdrawn_payment_leaves_the_deal_free(cast, check_now):
    deal = make_deal(cast.sam)
    payment = pay_deal(cast.sam, deal)

    payments.withdraw(payment, reason="Typed twice", by=cast.sam, at=NOON)
    check_now()

    assert fresh(payment).status == "withdrawn"
    assert Invoice.objects.get().status == "void"
    pay_deal(cast.sam, deal)
    with pytest.raises(payments.NotWithdrawn):
        payments.withdraw(payment, reason="Again", by=cast.sam, at=NOON)


def test_cash_is_verified_together_and_none_stops_another(cast, check_now):
    deal = make_deal(cast.sam)
    rows = [pay_deal(cast.sam, deal, amount="100.00") for _ in range(3)]
    payments.deny(rows[1], reason="technical_error", remarks="Twice", by=cast.viktor, at=NOON)

    counted = payments.verify_together(rows, by=cast.vera, at=NOON)
    check_now()

    assert len(counted.receipts) == 2
    assert [row.pk for row, _why in counted.refused] == [rows[1].pk]


def test_a_deal_in_another_currency_is_in_the_books_at_its_rate(cast, check_now):
    deal = make_deal(cast.sam, value="333.33", currency="EUR", rate=Decimal("1.0837"))

    verified(deal, cast.sam, cast.vera, amount="333.33")
    check_now()

    assert balances() == {"1000": Decimal("361.23"), "4000": Decimal("361.23")}


def test_a_credit_note_takes_its_part_of_the_tax(cast, check_now):
    invoice = make_invoice(cast.sam, amount="100.00", tax_rate="20")

    note = invoices.credit(
        invoice, Decimal(60), kind="note", reason="Damaged", by=cast.anna, at=NOON
    )
    check_now()

    assert (note.tax, fresh(invoice).left) == (10, 60)
    with pytest.raises(invoices.AmountWrong):
        invoices.credit(invoice, Decimal(61), kind="note", reason="More", by=cast.anna, at=NOON)


def test_paid_and_due_are_the_value(cast, check_now):
    deal = make_deal(cast.sam)
    verified(deal, cast.sam, cast.vera, amount="400.00")
    check_now()

    row = Deal.objects.get(pk=deal.pk)
    assert row.paid + row.due == row.value
    assert Payment.objects.get().deal == deal
