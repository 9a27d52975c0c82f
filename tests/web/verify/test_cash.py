"""A day's cash: counted together where the rule says so, looked at one by one when it differs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from prs.kernel import clock
from prs.kernel.activity.models import AuditEvent, Notification
from prs.masterdata.places import services as places
from prs.operations.payments import selectors
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from tests.cast import NOON
from tests.factories.walk import make_customer, make_invoice, make_payment
from tests.web.verify.posting import send

CASH = reverse("verify:cash")


@pytest.fixture
def together(cast):
    return payments.add_policy(
        {"method": "cash", "way": "till_close", "second_above": Decimal(500)},
        by=cast.viktor,
        at=NOON,
    )


@pytest.fixture
def drawer(cast, together):
    customer = make_customer(cast.sam)
    return [
        make_payment(
            cast.sam,
            invoice=make_invoice(cast.sam, customer=customer, amount=amount),
            amount=amount,
        )
        for amount in ("10.00", "20.00", "30.00")
    ]


def counting(client):
    ((_drawer, url),) = client.get(CASH).context["drawers"]
    return url


def picked(client, url):
    return [str(row.pk) for row in client.get(url).context["rows"]]


def statuses():
    return set(Payment.objects.values_list("status", flat=True))


def test_without_a_rule_cash_is_verified_one_by_one(vera, cast):
    make_payment(cast.sam, invoice=make_invoice(cast.sam))

    assert vera.get(CASH).context["drawers"] == []
    assert selectors.waiting(cast.vera).count() == 1


def test_cash_that_is_counted_leaves_the_queue(vera, cast, drawer):
    ((found, _url),) = vera.get(CASH).context["drawers"]

    assert (found.recorder, found.count, found.amount) == ("Sam", 3, Decimal(60))
    assert selectors.waiting(cast.vera).count() == 0
    assert selectors.waiting_summary(cast.vera, at=NOON)["count"] == 0
    with pytest.raises(payments.NothingWaits):
        payments.claim_next(by=cast.vera, at=NOON)


def test_a_place_may_keep_its_cash_one_by_one(cast, drawer):
    harbour = places.add({"name": "Harbour", "code": "HB"}, by=cast.olga, at=NOON)
    payments.add_policy({"method": "cash", "place": harbour}, by=cast.viktor, at=NOON)
    Payment.objects.filter(pk=drawer[0].pk).update(place=harbour)

    assert selectors.waiting(cast.vera).count() == 1
    assert sum(each.count for each in selectors.drawers(cast.vera)) == 2


def test_what_was_counted_as_recorded_is_verified(vera, drawer, check_now):
    url = counting(vera)

    response = send(vera, url, pick=picked(vera, url), counted="60")
    check_now()

    assert "3 payments are verified." in response.content.decode()
    assert statuses() == {"verified"}
    assert AuditEvent.objects.filter(code="cash.counted").count() == 1


def test_a_difference_must_be_explained_and_verifies_nothing(vera, cast, drawer):
    url = counting(vera)
    pick = picked(vera, url)

    unexplained = send(vera, url, pick=pick, counted="55")
    assert unexplained.status_code == 422
    assert "explanation" in unexplained.context["form"].errors

    text = send(vera, url, pick=pick, counted="55", explanation="One note is false.")
    assert "nothing was verified" in text.content.decode()
    assert drawer[0].number in text.content.decode()
    assert statuses() == {"pending"}
    row = AuditEvent.objects.get(code="cash.differs")
    assert row.words["reason"] == "One note is false."
    told = Notification.objects.filter(code="cash.differs").values_list("member_id", flat=True)
    assert {cast.viktor.pk, cast.sam.pk} <= set(told)
    claimed = vera.post(reverse("verify:claim", args=[drawer[0].pk]))
    assert claimed["Location"] == reverse("verify:review", args=[drawer[0].pk])


def test_what_came_in_after_the_page_was_opened_is_not_verified(vera, cast, drawer):
    url = counting(vera)
    pick = picked(vera, url)
    late = make_payment(cast.sam, invoice=make_invoice(cast.sam))

    send(vera, url, pick=pick, counted="60")

    assert Payment.objects.get(pk=late.pk).status == "pending"
    assert Payment.objects.filter(status="verified").count() == 3


def test_who_is_refused_and_who_goes_on_is_said(vera, cast, together):
    make_payment(cast.sam, invoice=make_invoice(cast.sam, amount="600.00"), amount="600.00")
    held = make_payment(cast.sam, invoice=make_invoice(cast.sam, amount="5.00"), amount="5.00")
    payments.claim(held, by=cast.viktor, at=clock.now())
    url = counting(vera)

    text = send(vera, url, pick=picked(vera, url), counted="605").content.decode()

    assert "For a second verifier" in text
    assert "Viktor is reviewing this payment" in text


def test_nobody_counts_their_own_cash(olga, vera, cast, together):
    make_payment(cast.olga, invoice=make_invoice(cast.olga))

    assert olga.get(CASH).context["drawers"] == []
    assert len(vera.get(CASH).context["drawers"]) == 1


@pytest.mark.parametrize("query", ["", "?day=x&by=y&currency=USD", "?day=2026-11-20"])
def test_an_address_that_names_no_drawer_is_not_found(vera, drawer, query):
    assert vera.get(reverse("verify:count") + query).status_code == 404
