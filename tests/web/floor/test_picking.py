"""A picker's day on the screen: the queue, the station, what is refused, and the end."""

from __future__ import annotations

import pytest
from django.urls import reverse

from prs.kernel.db.ids import new_id
from prs.operations.fulfilment.models import Fulfilment, FulfilmentLine, Scan
from tests.factories.floor import SOAP, TEA, line_of

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "station"}


def address(name, row=None):
    return reverse(f"floor:{name}", args=[row.pk] if row is not None else [])


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def browser(as_, ground):
    return as_(ground.picker)


@pytest.fixture
def begun(ground, browser):
    row = ground.waiting("W-1")
    assert browser.post(address("start", row), {"once": new_id()}).status_code == 302
    return row


def scanned(browser, row, code, **words):
    return browser.post(address("scan", row), {"key": new_id(), "code": code, **words}, **HTMX)


def test_the_queue_shows_what_waits_and_leads_to_it(ground, browser):
    row = ground.waiting("W-1")

    shown = text(browser.get(address("queue")))

    assert "W-1" in shown
    assert "Corner Clinic" in shown
    assert address("work", row) in shown
    assert "Start picking" in text(browser.get(address("work", row)))


def test_an_invoice_is_picked_scan_by_scan_without_a_reload(ground, browser, begun):
    shown = text(browser.get(address("pick", begun)))
    assert "A-1" in shown
    assert "0 of 3 picked" in shown

    answer = scanned(browser, begun, SOAP)
    assert answer.status_code == 200
    assert "1 × Shea soap" in text(answer)
    assert "<html" not in text(answer)
    scanned(browser, begun, SOAP, quantity="2")
    assert "It is taken" in text(browser.get(address("pick", begun)))
    cream = line_of(begun, "HC-9")
    browser.post(address("tick", begun), {"line": cream.pk, "key": new_id()}, **HTMX)
    assert "Everything is picked" in text(browser.get(address("pick", begun)))

    answer = browser.post(address("finish", begun), {"once": new_id()}, follow=True)
    assert "W-1 is picked." in text(answer)
    assert Fulfilment.objects.get().state == "picked"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("NOTHING-HAS-THIS", "NOTHING-HAS-THIS"),
        (TEA, "Hibiscus tea"),
        ("", ""),
    ],
)
def test_what_the_invoice_does_not_ask_for_is_refused_with_a_sentence(
    browser, begun, code, sentence
):
    answer = scanned(browser, begun, code)

    assert answer.status_code in {409, 422}
    assert answer["HX-Retarget"] == "#refusal"
    assert sentence in text(answer)
    assert not Scan.objects.exists()


def test_more_than_is_left_is_refused(browser, begun):
    answer = scanned(browser, begun, SOAP, quantity="4")

    assert answer.status_code in {409, 422}
    assert not Scan.objects.exists()


@pytest.mark.parametrize("quantity", ["x", "NaN", "1e99", "-1", "0"])
def test_a_quantity_that_is_none_is_refused(browser, begun, quantity):
    assert scanned(browser, begun, SOAP, quantity=quantity).status_code in {409, 422}


def test_a_scan_that_is_sent_again_counts_once(browser, begun):
    key = new_id()
    for _turn in range(2):
        browser.post(address("scan", begun), {"key": key, "code": SOAP}, **HTMX)

    assert Scan.objects.count() == 1


def test_what_is_missing_is_left_short_with_its_reason(browser, begun, ground):
    line = line_of(begun, ground.soap.sku)
    words = {"line": line.pk, "reason": "not_there"}

    answer = browser.post(address("short", begun), words, **HTMX)

    assert "is left short" in text(answer)
    assert FulfilmentLine.objects.get(pk=line.pk).short == 3
    words["reason"] = "whatever"
    assert browser.post(address("short", begun), words, **HTMX).status_code in {409, 422}


def test_the_last_scan_is_undone(browser, begun):
    scanned(browser, begun, SOAP)

    assert "was put back" in text(browser.post(address("undo", begun), **HTMX))
    assert Scan.objects.get().undone_at is not None
    assert browser.post(address("undo", begun), **HTMX).status_code in {409, 422}


def test_who_leaves_gives_the_invoice_back(browser, begun):
    scanned(browser, begun, SOAP)

    answer = browser.post(address("leave", begun), {"once": new_id()}, follow=True)

    assert "W-1 waits again" in text(answer)
    assert Fulfilment.objects.get().state == "invoiced"
    assert browser.get(address("pick", begun)).status_code == 302


def test_a_colleague_reads_along_and_takes_nothing(as_, begun, ground):
    other = as_(ground.packer)

    assert "is at it" in text(other.get(address("work", begun)))
    assert other.get(address("pick", begun)).status_code == 403
    assert scanned(other, begun, SOAP).status_code == 403


def test_back_to_billing_wants_a_reason(browser, begun):
    assert "Why?" in text(browser.get(address("return_to_billing", begun)))
    assert browser.post(address("return_to_billing", begun), {"once": new_id()}).status_code == 422

    words = {"reason": "The boxes are torn.", "once": new_id()}
    answer = browser.post(address("return_to_billing", begun), words, follow=True)

    assert "The boxes are torn." in text(answer)
    assert Fulfilment.objects.get().state == "review"


def test_a_browser_without_scripts_picks_too(browser, begun):
    answer = browser.post(address("scan", begun), {"code": SOAP}, follow=True)

    assert "1 × Shea soap" in text(answer)
    assert Scan.objects.count() == 1
