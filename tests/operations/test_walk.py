from decimal import Decimal

import pytest

from prs.ledgers.bookkeeping import selectors as books
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import services as payments
from prs.operations.payments.services import AlreadyDecided, OwnWork
from tests.cast import NOON
from tests.factories.walk import TODAY, make_invoice, make_payment


def test_a_verified_payment_settles_its_invoice_and_the_books_balance(cast, check_now):
    invoice = make_invoice(cast.sam, amount="120.00", tax_rate="20")
    payment = make_payment(cast.sam, invoice=invoice, amount="144.00")

    receipt = payments.verify(payment, by=cast.vera, at=NOON)
    check_now()

    assert receipt.number == "RCT-2026-0001"
    invoice = Invoice.objects.get(pk=invoice.pk)
    assert invoice.paid == invoice.total == Decimal("144.00")
    trial = books.trial_balance(TODAY, TODAY)
    assert trial.balanced
    assert {row.code: row.balance for row in trial.rows if row.balance} == {
        "1000": Decimal(144),
        "2100": Decimal(24),
        "4000": Decimal(120),
    }


def test_what_the_invoice_does_not_need_stays_as_a_deposit(cast, check_now):
    invoice = make_invoice(cast.sam, amount="60.00")
    payment = make_payment(cast.sam, invoice=invoice, amount="100.00")

    payments.verify(payment, by=cast.vera, at=NOON)
    check_now()

    balances = {row.code: row.balance for row in books.trial_balance(TODAY, TODAY).rows}
    assert balances["2200"] == Decimal(40)
    assert balances["1100"] == 0


def test_who_recorded_a_payment_cannot_verify_it(cast):
    payment = make_payment(cast.olga, invoice=make_invoice(cast.olga))

    with pytest.raises(OwnWork):
        payments.verify(payment, by=cast.olga, at=NOON)


def test_a_payment_is_decided_once(cast):
    payment = make_payment(cast.sam, invoice=make_invoice(cast.sam))
    payments.verify(payment, by=cast.vera, at=NOON)

    with pytest.raises(AlreadyDecided):
        payments.verify(payment, by=cast.viktor, at=NOON)
