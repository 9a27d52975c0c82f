"""What is around every page: search, appearance, notes, the way out, and reading from right to left."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from prs.kernel.identity.models import User
from prs.operations.invoicing.models import Invoice
from tests.browser.conftest import DESK
from tests.browser.house import House
from tests.browser.test_every_screen import WIDER


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_a_key_opens_the_search_and_enter_the_first_hit(house, sits, key):
    with house.inside():
        invoice = Invoice.objects.filter(origin="manual").order_by("pk").first()
    page = sits("ama", "/")

    page.keyboard.press(key)
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type(invoice.number)
    expect(page.locator("#palette-results a.is-here")).to_contain_text(invoice.number)
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text(invoice.number)


def test_the_arrows_choose_and_escape_closes_the_search(sits):
    page = sits("ama", "/")
    page.keyboard.press("/")
    page.keyboard.type("pharmacy")
    expect(page.locator("#palette-results a.is-here")).to_have_count(1)

    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette input")).to_have_attribute(
        "aria-activedescendant", page.locator("#palette-results a.is-here").get_attribute("id")
    )
    page.keyboard.press("Escape")

    expect(page.locator("#palette")).to_be_hidden()


def test_a_question_mark_lists_the_keys(sits):
    page = sits("ama", "/")

    page.keyboard.press("?")

    expect(page.locator("#shortcuts")).to_be_visible()


def test_theme_and_density_change_at_once_and_stay(sits):
    page = sits("nana", "/")
    page.get_by_label("Appearance").click()

    for name, attribute, value in (
        ("Dark", "data-bs-theme", "dark"),
        ("Compact", "data-density", "compact"),
    ):
        with page.expect_response(re.compile("/preferences")):
            page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("html")).to_have_attribute(attribute, value)
    paper = page.locator("body").evaluate("each => getComputedStyle(each).backgroundColor")
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
    assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == paper
    assert max(map(int, re.findall(r"\d+", paper)[:3])) < 80


def test_the_folded_menu_stays_folded(sits):
    page = sits("nana", "/")
    page.get_by_label("Fold the menu to icons").click()

    page.goto("/billing/invoices/")

    expect(page.locator("html")).to_have_attribute("data-sidebar", "folded")


def test_a_note_can_be_dismissed(sits):
    page = sits("efua", "/sales/customers/add/")
    page.get_by_label("Name").first.fill("Fresh Bakery")
    page.get_by_role("button", name=re.compile("Save|Add")).first.click()
    note = page.locator("#toasts [data-note]")
    expect(note).to_contain_text("Fresh Bakery is added")

    note.get_by_label("Dismiss").click()

    expect(note).to_have_count(0)


def test_a_part_of_a_session_that_ended_leads_to_the_sign_in_page(house: House, browser: Browser):
    context = browser.new_context(viewport=DESK, base_url=house.address)
    key = house.key_of(house.people["akosua"].user)
    context.add_cookies([{"name": "sessionid", "value": key, "url": house.address}])
    page = context.new_page()
    page.goto("/billing/invoices/")
    context.clear_cookies()

    # A live refresh may have been quicker, and the page be gone already.
    page.evaluate("document.querySelector('th a')?.click()")

    page.wait_for_url(re.compile("/accounts/login/"))
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    context.close()


RTL_PAGES = ["/", "/billing/invoices/", "/billing/payments/", "/verify/", "/books/", "/account/"]


@pytest.mark.parametrize("path", RTL_PAGES)
def test_in_arabic_a_page_reads_from_right_to_left_and_fits(house: House, sits, path: str):
    ama = house.people["ama"].user
    User.objects.filter(pk=ama.pk).update(language="ar")
    try:
        page = sits("ama", path)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("html")).to_have_attribute("lang", "ar")
        menu = page.locator("#sidebar").bounding_box()
        assert menu is not None
        assert menu["x"] > DESK["width"] / 2
        for width in (1440, 768, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(LEFT_OUT) == []
    finally:
        User.objects.filter(pk=ama.pk).update(language="en")


LEFT_OUT = WIDER.replace(
    "getBoundingClientRect().right > wide + 1", "getBoundingClientRect().left < -1"
)
