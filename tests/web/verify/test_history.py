"""Decisions on payments: who decided what, why and how soon, filtered and exported."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from prs.web.verify import tables
from tests.cast import NOON
from tests.factories.walk import make_invoice, make_payment

HISTORY = reverse("verify:history")


@pytest.fixture
def rows(cast):
    verified = make_payment(cast.sam, invoice=make_invoice(cast.sam))
    denied = make_payment(cast.sam, invoice=make_invoice(cast.sam))
    waiting = make_payment(cast.sam, invoice=make_invoice(cast.sam))
    payments.verify(verified, by=cast.vera, at=NOON + timedelta(hours=3))
    payments.deny(
        denied, reason="bank_decline", remarks="No.", by=cast.viktor, at=NOON + timedelta(days=2)
    )
    return {"verified": verified, "denied": denied, "waiting": waiting}


def shown(client, **query):
    records = client.get(HISTORY, query).context["list"].page.records
    return {Payment.objects.get(pk=record[0]).number for record in records}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, {"verified", "denied", "waiting"}),
        ({"state": "pending"}, {"waiting"}),
        ({"state": "completed"}, {"verified"}),
        ({"state": "unsuccessful"}, {"denied"}),
        ({"reason": "bank_decline"}, {"denied"}),
        ({"reason": "technical_error"}, set()),
        ({"decided_from": "2026-11-21"}, {"denied"}),
        ({"decided_to": "2026-11-20"}, {"verified"}),
    ],
)
def test_decisions_are_narrowed(vera, rows, query, names):
    assert shown(vera, **query) == {rows[name].number for name in names}


def test_beyond_a_bound_it_says_that_there_are_more_and_sums_what_is_narrowed(
    vera, rows, monkeypatch
):
    monkeypatch.setattr(tables, "MOST_SUMMED", 2)

    (more,) = vera.get(HISTORY).context["list"].figures
    count, total = vera.get(HISTORY, {"state": "completed"}).context["list"].figures

    assert more["value"] == "2+"
    assert (count["value"], total["value"]) == ("1", "100.00")


def test_it_says_who_decided_and_how_long_that_took(vera, rows):
    text = vera.get(HISTORY, {"state": "completed"}).content.decode()

    assert "Vera" in text
    assert "3 h" in text


def test_four_tabs_lead_to_the_states(vera, rows):
    page = vera.get(HISTORY, {"state": "completed"})

    assert [(code, current) for code, _word, current in page.context["tabs"]] == [
        ("", False),
        ("pending", False),
        ("completed", True),
        ("unsuccessful", False),
    ]


def test_an_export_holds_the_reasons_and_needs_its_right(vera, viktor, rows):
    columns = {"columns": "number,denial,took"}
    sent = {"act": "export", "format": "csv"}
    assert vera.post(HISTORY, sent).status_code == 403

    response = viktor.post(f"{HISTORY}?columns={columns['columns']}", sent)

    text = response.content.decode("utf-8-sig")
    assert "Declined by the bank,48" in text


def test_a_record_leads_auditors_to_what_was_written_down(vera, viktor, rows):
    page = reverse("verify:record", args=[rows["verified"].pk])
    link = f"{reverse('office:audit')}?subject={rows['verified'].pk}"

    assert link in viktor.get(page).content.decode()
    assert link not in vera.get(page).content.decode()
    assert viktor.get(link).status_code == 200
