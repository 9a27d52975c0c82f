"""Picking with a scanner alone: it writes a code and Enter, and the page stays where it is."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from prs.operations.fulfilment.models import FulfilmentLine
from tests.browser.house import House
from tests.browser.subjects import picking

TABLET = {"width": 768, "height": 1024}


def scan(page: Page, code: str) -> None:
    """What a scanner does, wherever the focus is."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_a_picker_scans_without_touching_the_screen(house: House, sits: Any):
    with house.inside():
        work = picking(house)
        lines = FulfilmentLine.objects.filter(fulfilment=work, product__isnull=False)
        line = next(line for line in lines.select_related("product") if line.to_pick)
        sku, before = line.product.sku, line.picked
    page = sits("ama", f"/floor/{work.pk}/pick/")
    page.set_viewport_size(TABLET)
    page.evaluate("window.stayed = true")

    scan(page, sku)
    expect(page.locator(".floor-said")).to_contain_text(line.description)
    scan(page, "NO-SUCH-CODE")
    expect(page.locator("#refusal")).to_contain_text("NO-SUCH-CODE")
    expect(page.locator(".floor-said")).to_have_count(0)
    page.locator(".floor-next").click()
    expect(page.locator("#code")).to_be_focused()
    scan(page, sku)
    expect(page.locator(".floor-said")).to_contain_text(line.description)
    expect(page.locator("#refusal")).to_be_empty()

    assert page.evaluate("window.stayed") is True
    with house.inside():
        assert FulfilmentLine.objects.get(pk=line.pk).picked == before + 2
