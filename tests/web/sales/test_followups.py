"""Follow-up on the screen: the tracker, logging a contact, alerts, visits and the report."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from prs.operations.followups import services
from prs.operations.followups.models import Alert, FollowUp
from tests.cast import NOON
from tests.factories.sales import make_deal


def soup(response):
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def customer(cast):
    return make_deal(cast.sam).customer


def test_the_tracker_lists_who_owes_and_filters_by_risk(browser, cast, customer):
    client = browser(cast.sam)
    address = reverse("sales:followups")

    assert [link.text for link in soup(client.get(address)).select("a.row-link")] == [customer.name]
    assert not soup(client.get(address, {"risk": "low"})).select("a.row-link")
    assert soup(client.get(address, {"next": "never"})).select("a.row-link")


def test_a_contact_is_logged_and_shown(browser, cast, customer):
    client = browser(cast.sam)
    address = reverse("sales:followup", args=[customer.pk])
    sent = {
        "channel": "phone",
        "outcome": "promised",
        "promised_amount": "400",
        "promised_on": "+3",
        "next_on": "+4",
        "notes": "Will pay on Monday.",
    }

    assert client.post(address, sent).status_code == 302

    text = soup(client.get(address)).text
    assert "Will pay on Monday." in text
    assert "Promised to pay" in text
    assert FollowUp.objects.get().by == cast.sam


def test_an_incomplete_promise_is_said_beside_its_field_and_nothing_is_lost(
    browser, cast, customer
):
    client = browser(cast.sam)
    sent = {"channel": "phone", "outcome": "promised", "notes": "Soon."}

    answer = client.post(reverse("sales:followup", args=[customer.pk]), sent)

    assert answer.status_code == 422
    assert "promised_amount" in answer.context["form"].errors
    assert "Soon." in answer.content.decode()


def test_another_salespersons_customer_does_not_exist(browser, cast, customer):
    client = browser(cast.sara)

    assert client.get(reverse("sales:followup", args=[customer.pk])).status_code == 404
    assert not soup(client.get(reverse("sales:followups"))).select("a.row-link")


def test_an_alert_is_resolved_with_how(browser, cast, customer):
    services.raise_alerts(cast.acme, at=NOON)
    alert = Alert.objects.get()
    client = browser(cast.sam)
    assert soup(client.get(reverse("sales:alerts"))).select("a.row-link")
    address = reverse("sales:alert", args=[alert.pk])

    assert client.post(address, {"how": ""}).status_code == 422
    assert client.post(address, {"how": "They called back."}).status_code == 302

    assert Alert.objects.get().resolved_by == cast.sam


def test_a_reader_sees_the_log_and_cannot_write_it(browser, cast, customer):
    client = browser(cast.vera)

    assert client.get(reverse("sales:followups")).status_code == 403


def test_visits_and_the_report_show_who_went_where(browser, cast, customer):
    fields = {"channel": "visit", "outcome": "no_response", "place": "Their shop"}
    services.log(customer, fields, by=cast.sam, at=NOON)
    client = browser(cast.olga)

    assert "Their shop" in soup(client.get(reverse("sales:visits"))).text
    assert "Sam" in soup(client.get(reverse("sales:followup_report"))).text


def test_alerts_visits_and_report_are_one_press_away(browser, cast):
    page = soup(browser(cast.sam).get(reverse("sales:followups")))

    ways = [link["href"] for link in page.select("nav.tabs a")]

    assert ways == [
        reverse(f"sales:{name}") for name in ("followups", "alerts", "visits", "followup_report")
    ]
