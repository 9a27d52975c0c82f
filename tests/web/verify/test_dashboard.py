"""The dashboard: each figure is the sum of the rows that it leads to."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from prs.kernel import clock
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from tests.factories.walk import make_invoice, make_payment

DASHBOARD = reverse("verify:dashboard")


@pytest.fixture
def busy(cast):
    """Payments that ended in every way, now."""
    at = clock.now()

    def made(amount, **fields):
        invoice = make_invoice(cast.sam, amount=amount)
        row = make_payment(cast.sam, invoice=invoice, amount=amount, **fields)
        Payment.objects.filter(pk=row.pk).update(recorded_at=at)
        return Payment.objects.get(pk=row.pk)

    for amount in ("100.00", "250.50", "49.50"):
        payments.verify(made(amount), by=cast.vera, at=at)
    denied = made("75.00")
    payments.deny(denied, reason="bank_decline", remarks="No.", by=cast.vera, at=at)
    partly = made("200.00")
    payments.verify(partly, by=cast.vera, at=at)
    refund = payments.request_refund(
        partly, amount=Decimal(60), reason="Late.", by=cast.vera, at=at
    )
    payments.approve_refund(refund, by=cast.viktor, at=at)
    lost = made("30.00")
    payments.verify(lost, by=cast.vera, at=at)
    payments.charge_back(lost, reason="Fraud.", by=cast.viktor, at=at)
    made("11.00")
    # Long ago, so that it counts in no stretch but waits all the same.
    old = made("5.00")
    Payment.objects.filter(pk=old.pk).update(recorded_at=at - timedelta(days=800))
    return at


def listed(client, url):
    """The rows behind a figure's link."""
    return client.get(url).context["list"].rows


def plain(text):
    return Decimal(text.replace(",", ""))


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_every_count_is_the_number_of_rows_behind_it(vera, busy, period):
    page = vera.get(DASHBOARD, {"period": period})

    counts = {tile["label"]: int(tile["value"]) for tile in page.context["figures"]}
    assert counts == {
        "Payments recorded": 7,
        "Verified": 4,
        "Unsuccessful": 2,
        "Waiting now": 2,
    }
    for tile in page.context["figures"]:
        assert listed(vera, tile["url"]).count() == int(tile["value"])


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_every_sum_is_what_the_rows_behind_it_come_to(vera, busy, period):
    page = vera.get(DASHBOARD, {"period": period})

    verified, refunded = page.context["money"]
    assert plain(verified["value"]) == Decimal("600.00")
    assert "150.00" in verified["note"]
    rows = listed(vera, verified["url"])
    assert sum(row.verified_amount for row in rows) == plain(verified["value"])
    assert plain(refunded["value"]) == Decimal("60.00")
    assert sum(row.amount for row in listed(vera, refunded["url"])) == Decimal(60)
    # The list says the same sum itself.
    figures = vera.get(verified["url"]).context["list"].figures
    assert [plain(each["value"]) for each in figures] == [4, Decimal("600.00")]


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_the_bars_and_the_shares_are_sums_of_their_rows(vera, busy, period):
    page = vera.get(DASHBOARD, {"period": period})

    bars = [bar.spot for bar in page.context["chart"].bars]
    assert len(bars) == {"day": 7, "week": 4, "month": 12}[period]
    assert sum(bar.amount for bar in bars) == Decimal("600.00")
    for bar in bars:
        rows = listed(vera, bar.url)
        assert sum(row.verified_amount for row in rows) == bar.amount
        assert rows.count() == bar.count
    for part in (*page.context["methods"], *page.context["reasons"]):
        assert listed(vera, part.url).count() == part.count
    assert [(part.label, part.count) for part in page.context["reasons"]] == [
        ("Declined by the bank", 1)
    ]


def test_an_empty_house_has_an_empty_dashboard(vera, cast):
    text = vera.get(DASHBOARD).content.decode()

    assert "No money went back." in text
    assert "Nothing was recorded in these days." in text


def test_the_chart_has_a_table_for_those_who_hear_it(vera, busy):
    text = vera.get(DASHBOARD).content.decode()

    assert 'aria-hidden="true"' in text
    assert "As a table" in text


def test_the_dashboard_costs_as_many_queries_however_much_there_is(
    vera, busy, django_assert_max_num_queries
):
    vera.get(DASHBOARD)

    with django_assert_max_num_queries(30):
        vera.get(DASHBOARD)
