"""The queue: narrowed by its address, with clocks, and a second look for others."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from prs.kernel import clock
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import make_customer, make_invoice, make_payment, make_proof
from tests.web.verify.posting import send

QUEUE = reverse("verify:queue")


def waiting(cast, amount="100.00", *, name="Harbour Pharmacy", **fields):
    invoice = make_invoice(cast.sam, customer=make_customer(cast.sam, name=name), amount=amount)
    return make_payment(cast.sam, invoice=invoice, amount=amount, **fields)


def numbers(response):
    return [row.number for row, _clock in response.context["waiting"]]


def aged(payment, hours):
    moment = clock.now() - timedelta(hours=hours)
    Payment.objects.filter(pk=payment.pk).update(recorded_at=moment)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, {"small", "large", "old"}),
        ({"method": "bank"}, {"large"}),
        ({"over": "500"}, {"large"}),
        ({"older": "30"}, {"old"}),
        ({"second": "on"}, {"large"}),
        ({"over": "nonsense"}, {"small", "large", "old"}),
    ],
)
def test_the_address_narrows_what_waits(vera, cast, query, shown):
    rows = {
        "small": waiting(cast, "20.00"),
        "large": waiting(cast, "900.00", method="bank", proof=make_proof()),
        "old": waiting(cast, "30.00"),
    }
    for name, row in rows.items():
        aged(row, 31 if name == "old" else 1)
    payments.add_policy({"method": "bank", "second_above": Decimal(500)}, by=cast.viktor, at=NOON)

    assert set(numbers(vera.get(QUEUE, query))) == {rows[name].number for name in shown}


def test_a_decision_leads_on_to_the_next_of_the_narrowed_queue(vera, cast):
    waiting(cast, "5.00")
    first, second = waiting(cast, "600.00"), waiting(cast, "700.00")
    query = "?over=500"

    claimed = vera.post(reverse("verify:next") + query)
    assert claimed["Location"] == reverse("verify:review", args=[first.pk]) + query

    onward = send(vera, reverse("verify:verify", args=[first.pk]) + query)
    assert onward["Location"] == reverse("verify:review", args=[second.pk]) + query
    ended = send(vera, reverse("verify:verify", args=[second.pk]) + query)
    assert ended["Location"] == QUEUE + query


def test_what_a_colleague_holds_is_stepped_over(vera, cast):
    first, held, last = waiting(cast), waiting(cast), waiting(cast)
    payments.claim(held, by=cast.viktor, at=clock.now())

    def beside(row):
        shown = vera.get(reverse("verify:review", args=[row.pk])).context
        return shown["before"], shown["after"]

    assert beside(first) == (None, last)
    assert beside(last) == (first, None)


@pytest.mark.parametrize(
    ("hours", "meaning", "word"),
    [(1, "waiting", "left"), (20, "attention", "left"), (30, "stopped", "late")],
)
def test_a_clock_says_how_long_is_left(vera, cast, hours, meaning, word):
    aged(waiting(cast), hours)

    ((_row, shown),) = vera.get(QUEUE).context["waiting"]

    assert shown.meaning == meaning
    assert word in shown.word


def test_a_checked_payment_shows_who_looked_first_and_waits_for_somebody_else(vera, viktor, cast):
    row = waiting(cast, "900.00")
    payments.add_policy({"method": "cash", "second_above": Decimal(500)}, by=cast.viktor, at=NOON)
    page = reverse("verify:review", args=[row.pk])
    assert "then a second verifier" in vera.get(page).content.decode()

    send(vera, reverse("verify:verify", args=[row.pk]), amount="880", remarks="20 missing")

    assert numbers(vera.get(QUEUE)) == []
    own = vera.get(page).content.decode()
    assert "You looked first" in own
    assert 'data-key="v"' not in own
    other = viktor.get(page).content.decode()
    assert "Vera looked first" in other
    assert "880.00" in other
    assert "20 missing" in other
    assert 'data-key="v"' in other


def test_a_deal_payment_shows_its_deal_and_what_else_was_paid(vera, cast):
    deal = make_deal(cast.sam)
    earlier = pay_deal(cast.sam, deal, amount="300.00")
    row = pay_deal(cast.sam, deal, amount="200.00")

    page = vera.get(reverse("verify:review", args=[row.pk])).content.decode()

    assert deal.number in page
    assert earlier.number in page
    assert "Papers 100 % complete" in page


def test_a_decided_payment_leads_to_its_record(vera, cast):
    row = waiting(cast)
    payments.verify(row, by=cast.viktor, at=NOON)

    response = vera.get(reverse("verify:review", args=[row.pk]))

    assert response["Location"] == reverse("verify:record", args=[row.pk])


def test_fifty_waiting_payments_cost_no_more_queries_than_one(
    vera, cast, django_assert_max_num_queries
):
    customer = make_customer(cast.sam)
    for _each in range(12):
        make_payment(cast.sam, invoice=make_invoice(cast.sam, customer=customer))
    vera.get(QUEUE)

    with django_assert_max_num_queries(20):
        vera.get(QUEUE)
