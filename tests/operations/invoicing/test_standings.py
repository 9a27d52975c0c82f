from datetime import timedelta
from decimal import Decimal

import pytest

from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing import standings
from prs.operations.payments import services as payments
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY, make_customer, make_invoice

# When every due date of these tests has passed.
LATER = TODAY + timedelta(days=90)


def account(customer, on=LATER):
    return standings.account_of(customer, currency="USD", on=on)


def listed(customer):
    rows = standings.with_standing(Customer.objects.all(), currency="USD", on=LATER)
    return rows.get(pk=customer.pk)


def test_a_deal_is_owed_from_the_day_it_is_closed(cast):
    deal = make_deal(cast.sam)

    assert (account(deal.customer).owed, account(deal.customer).standing) == (1000, "bad_debt")


def test_nobody_is_a_bad_debtor_before_a_day_of_payment_has_passed(cast):
    deal = make_deal(cast.sam)

    assert deal.due_date == TODAY + timedelta(days=30)
    assert account(deal.customer, on=TODAY).standing == "pending"
    assert account(deal.customer, on=deal.due_date).standing == "pending"
    assert account(deal.customer, on=deal.due_date + timedelta(days=1)).standing == "bad_debt"


def test_less_than_half_open_is_pending_and_all_paid_is_clear(cast, check_now):
    deal = make_deal(cast.sam)
    payments.verify(pay_deal(cast.sam, deal, amount="600.00"), by=cast.vera, at=NOON)
    check_now()
    assert account(deal.customer).standing == "pending"

    payments.verify(pay_deal(cast.sam, deal, amount="400.00"), by=cast.vera, at=NOON)
    check_now()
    assert account(deal.customer).standing == "clear"


def test_deals_and_invoices_add_up_and_a_deals_invoice_does_not_count_twice(cast):
    deal = make_deal(cast.sam, due_date=TODAY + timedelta(days=2))
    payments.verify(pay_deal(cast.sam, deal, amount="400.00"), by=cast.vera, at=NOON)
    make_invoice(cast.sam, customer=deal.customer, amount="150.00")

    row = listed(deal.customer)

    assert (row.claimed, row.owed) == (1150, 750)
    assert row.oldest_due == TODAY + timedelta(days=2)
    (sums,) = standings.accounts("USD", on=LATER)
    assert (sums.claimed, sums.owed, sums.oldest_due) == (row.claimed, row.owed, row.oldest_due)


def test_list_filter_board_and_account_say_the_same(cast, check_now):
    paid, part, owing = (
        make_deal(cast.sam, customer=make_customer(cast.sam, name=name)) for name in "ABC"
    )
    for deal, amount in ((paid, "1000.00"), (part, "600.00")):
        payments.verify(pay_deal(cast.sam, deal, amount=amount), by=cast.vera, at=NOON)
    check_now()
    everyone = Customer.objects.all()

    for deal, standing in ((paid, "clear"), (part, "pending"), (owing, "bad_debt")):
        assert listed(deal.customer).standing == standing
        assert account(deal.customer).standing == standing
        assert deal.customer in standings.in_standing(everyone, standing, currency="USD", on=LATER)
        (column,) = [
            c for c in standings.board(everyone, currency="USD", on=LATER) if c.standing == standing
        ]
        assert deal.customer in [card.customer for card in column.cards]


def limited(by, limit):
    customer = make_customer(by)
    return parties.change(customer, {"credit_limit": Decimal(limit)}, by=by, at=NOON)


def test_an_invoice_within_the_limit_is_issued_and_one_beyond_is_refused(cast):
    customer = limited(cast.olga, "250.00")
    make_invoice(cast.sam, customer=customer, amount="200.00")

    with pytest.raises(invoices.CreditLimitReached):
        make_invoice(cast.sam, customer=customer, amount="50.01")

    make_invoice(cast.sam, customer=customer, amount="50.00")


def test_a_blocked_customer_gets_no_invoice(cast):
    customer = make_customer(cast.olga)
    fields = {"credit_blocked": True, "credit_reason": "Three bounced cheques"}
    parties.change(customer, fields, by=cast.olga, at=NOON)

    with pytest.raises(invoices.NoCredit):
        make_invoice(cast.sam, customer=customer)
