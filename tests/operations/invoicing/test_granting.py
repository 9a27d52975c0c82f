"""Who gets credit, who doesn't and who may say so all the same."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError

from prs.kernel.errors import Forbidden
from prs.masterdata.parties import selectors as customers
from prs.masterdata.parties import services as parties
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import CreditOverride
from prs.operations.invoicing.rules import CreditStanding, credit_faults
from prs.operations.invoicing.services import Override
from tests.cast import NOON
from tests.factories.sales import make_deal
from tests.factories.walk import TODAY, make_customer, make_invoice

LATER = TODAY + timedelta(days=60)
BLOCK = {"credit_blocked": True, "credit_reason": "Three bounced cheques"}


def customer_with(by, **fields):
    customer = make_customer(by)
    return parties.change(customer, fields, by=by, at=NOON) if fields else customer


def ask(customer, amount, *, by, on=TODAY, override=None):
    return invoices.check_credit(customer, Decimal(amount), on=on, by=by, override=override)


def test_blocked_is_said_before_inactive_limit_and_overdue(cast):
    everything = CreditStanding(
        walk_in=False, blocked=True, active=False, available=Decimal(0), overdue=Decimal(5)
    )

    assert credit_faults(everything, Decimal(1)) == ["blocked", "inactive", "limit", "overdue"]


def test_a_refusal_by_the_limit_says_the_figures(cast):
    customer = customer_with(cast.olga, credit_limit=Decimal(250))
    make_invoice(cast.sam, customer=customer, amount="200.00")

    with pytest.raises(invoices.CreditLimitReached) as refused:
        ask(customer, "50.01", by=cast.sam)

    assert all(figure in str(refused.value) for figure in ("50.00", "50.01", "250.00", "200.00"))
    assert ask(customer, "50.00", by=cast.sam).account.available == 50


def test_without_a_limit_there_is_no_end(cast):
    assert ask(customer_with(cast.olga), "9000000.00", by=cast.sam).account.available is None


def test_what_is_overdue_comes_first_even_if_the_limit_is_free(cast):
    customer = customer_with(cast.olga, credit_limit=Decimal(5000))
    make_invoice(cast.sam, customer=customer, amount="10.00")
    ask(customer, "1.00", by=cast.sam)

    with pytest.raises(invoices.CreditOverdue) as refused:
        ask(customer, "1.00", by=cast.sam, on=LATER)

    assert "10.00" in str(refused.value)


def test_a_promised_deal_uses_no_credit(cast):
    customer = customer_with(cast.olga, credit_limit=Decimal(100))
    make_deal(cast.sam, customer=customer)

    assert ask(customer, "100.00", by=cast.sam, on=LATER).account.outstanding == 0


def test_the_walk_in_customer_pays_at_once_whoever_says_otherwise(cast):
    parties.seed_walk_in()
    override = Override(cast.olga, "An old friend")

    with pytest.raises(invoices.WalkInPays):
        ask(customers.walk_in(), "1.00", by=cast.sam, override=override)


def test_an_inactive_customer_gets_no_credit_from_anybody(cast):
    customer = customer_with(cast.olga, active=False, **BLOCK)
    override = Override(cast.olga, "An old friend")

    with pytest.raises(invoices.CustomerInactive):
        ask(customer, "1.00", by=cast.sam, override=override)


def test_a_manager_gives_credit_against_the_rules_and_it_is_kept(cast):
    customer = customer_with(cast.olga, credit_limit=Decimal(50), **BLOCK)
    override = Override(cast.olga, "Paid in full on Friday")

    invoice = make_invoice(cast.sam, customer=customer, amount="80.00", override=override)

    kept = {row.rule: row for row in CreditOverride.objects.filter(invoice=invoice)}
    assert set(kept) == {"blocked", "limit"}
    limit = kept["limit"]
    assert (limit.amount, limit.credit_limit, limit.outstanding) == (80, 50, 0)
    assert (limit.granted_by, limit.sold_by) == (cast.olga, cast.sam)
    assert limit.reason == "Paid in full on Friday"


def test_an_override_that_was_not_needed_leaves_no_trace(cast):
    make_invoice(cast.sam, override=Override(cast.olga, "To be sure"))

    assert not CreditOverride.objects.exists()


def test_a_salesperson_cannot_set_the_rules_aside(cast):
    customer = customer_with(cast.olga, **BLOCK)

    with pytest.raises(Forbidden):
        make_invoice(cast.sam, customer=customer, override=Override(cast.sam, "Trust me"))


def test_an_override_says_why(cast):
    customer = customer_with(cast.olga, **BLOCK)

    with pytest.raises(invoices.OverrideUnexplained):
        make_invoice(cast.sam, customer=customer, override=Override(cast.olga, "  "))


def test_an_override_is_never_changed(cast):
    customer = customer_with(cast.olga, **BLOCK)
    make_invoice(cast.sam, customer=customer, override=Override(cast.olga, "Paid on Friday"))

    with pytest.raises(DatabaseError):
        CreditOverride.objects.update(reason="Something else")
