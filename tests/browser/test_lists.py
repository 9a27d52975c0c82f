"""A list: sorted, filtered, paged, gone back through, picked from, exported, walked by keys."""

from __future__ import annotations

import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

LIST = "/billing/invoices/"


def firsts(page: Page) -> list[str]:
    """The first cells of the rows."""
    return page.locator("#list tbody .row-link").all_inner_texts()


def addresses_of(page: Page) -> list[str | None]:
    """Where the rows lead: a draft has no number, but an address of its own."""
    links = page.locator("#list tbody .row-link")
    return [links.nth(at).get_attribute("href") for at in range(links.count())]


def back(page: Page) -> None:
    """The back button. Whether the page is loaded for it is htmx's to decide, so nothing is waited for."""
    page.evaluate("setTimeout(() => history.back(), 0)")


def test_sorting_filtering_and_paging_are_in_the_address_and_the_back_button_undoes_each(sits):
    page = sits("ama", LIST)
    page.evaluate("window.stayed = true")
    untouched = firsts(page)

    page.locator("th a", has_text="Total").click()
    page.wait_for_url(re.compile("sort="))
    expect(page.locator("th[aria-sort]")).to_contain_text("Total")
    by_total, led_to = firsts(page), addresses_of(page)
    assert by_total != untouched
    page.get_by_role("link", name="Next").click()
    page.wait_for_url(re.compile("after="))
    first = page.locator("#list tbody .row-link").first
    expect(first).not_to_have_attribute("href", str(led_to[0]))
    second = addresses_of(page)
    assert not {*second} & {*led_to}
    page.get_by_label("Number or customer").fill("Harbour")
    page.wait_for_url(re.compile("q=Harbour"))
    expect(page.locator("#list tbody tr").first).to_contain_text("Harbour")

    back(page)
    page.wait_for_url(re.compile("after="))
    expect(page.locator("#list tbody .row-link").first).to_have_attribute("href", str(second[0]))
    back(page)
    expect(page.locator("#list tbody .row-link").first).to_have_text(by_total[0])
    back(page)
    page.wait_for_url(re.compile(f"{LIST}$"))
    expect(page.locator("#list tbody .row-link").first).to_have_text(untouched[0])


def test_a_figure_filters_and_its_chip_takes_the_filter_away(sits):
    page = sits("ama", LIST)

    page.locator("#summary a", has_text="Overdue").click()
    page.wait_for_url(re.compile("state=overdue"))
    expect(page.locator("#list .chip")).to_contain_text("Overdue")
    page.get_by_label("Remove the filter Status Overdue").click()

    page.wait_for_url(re.compile(f"{LIST}$"))


def test_keys_walk_the_rows_and_enter_opens_one(sits):
    page = sits("ama", LIST)
    second = page.locator("#list tbody .row-link").nth(1)
    address = second.get_attribute("href")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{address}")


def test_picked_rows_are_counted_and_their_action_takes_them_along(sits):
    page = sits("ama", "/office/people/")
    bar = page.locator("[data-bulk]")
    expect(bar).to_be_hidden()

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar).to_contain_text("1 picked")
    page.locator("[data-pick-all]").check()
    expect(bar).to_contain_text(f"{page.locator('#list tbody .pick').count()} picked")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    for each in (0, 1):
        page.locator("#list tbody .pick input").nth(each).check()
    page.get_by_role("button", name="Assign menus").click()

    expect(page.locator("h1")).to_be_visible()
    assert "/office/menus/bulk/" in page.url


def test_an_export_holds_the_rows_that_are_shown(sits, tmp_path: Path):
    page = sits("ama", f"{LIST}?state=open")
    shown = firsts(page)

    page.locator("summary", has_text="Export").click()
    with page.expect_download() as waits:
        page.get_by_role("button", name="Excel").click()
    waits.value.save_as(tmp_path / "invoices.xlsx")

    book = load_workbook(tmp_path / "invoices.xlsx", read_only=True)
    rows = [row[0] for row in book.active.iter_rows(values_only=True)]
    book.close()
    assert rows[1 : len(shown) + 1] == shown


def test_a_saved_view_comes_back(sits):
    page = sits("nana", f"{LIST}?state=overdue")
    page.locator("summary", has_text="Views").click()
    page.get_by_label("Save this view as").fill("Late ones")
    page.get_by_role("button", name="Save view").click()
    page.goto(LIST)

    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="Late ones").click()

    page.wait_for_url(re.compile("state=overdue"))
