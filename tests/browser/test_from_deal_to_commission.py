"""A deal on its way to a commission, and a denied payment that is recorded again: at a desk and on a
tablet."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from prs.kernel import clock
from prs.operations.deals.models import Deal
from prs.operations.incentives.models import Commission
from prs.operations.payments.models import Payment
from tests.browser.house import House
from tests.browser.test_the_main_job import pk_in, slip, status_of

WIDTHS = [pytest.param(1440, id="desk"), pytest.param(768, id="tablet")]


def wide(page: Page, width: int) -> Page:
    """A page of a width."""
    page.set_viewport_size({"width": width, "height": 1000})
    return page


FITS = "() => document.documentElement.scrollWidth <= innerWidth"


def fits(page: Page) -> None:
    """The page is no wider than the window, once whatever slides in has come to rest."""
    page.wait_for_function(FITS, timeout=5_000)


def close_deal(page: Page, *, kind: str, method: str) -> str:
    """Close a deal with a new customer and its first payment. Returns its name."""
    name = f"Cold room {time.monotonic_ns()}"
    page.goto("/sales/deals/add/")
    page.get_by_label("Or a new customer").fill(f"Tano Clinic {time.monotonic_ns()}")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Value", exact=True).fill("400")
    page.get_by_label(kind).check()
    first = page.locator(".deal-first")
    if kind == "A part":
        first.locator("[name=first-amount]").fill("150")
    first.locator("[name=first-method]").select_option(method)
    first.locator("[name=first-remarks]").fill("Brought to the counter.")
    if method != "cash":
        first.locator("[name=first-reference]").fill(f"TT-{time.monotonic_ns()}")
        first.locator("input[type=file]").set_input_files(slip())
    fits(page)
    page.get_by_role("button", name="Close deal").click()
    expect(page.locator("#deal-sheet")).to_be_visible()
    return name


def deal_named(house: House, name: str) -> tuple[Deal, UUID]:
    """The deal and its newest payment."""
    with house.inside():
        deal = Deal.objects.get(name=name)
        return deal, Payment.objects.filter(deal=deal).latest("recorded_at").pk


def commission_of(house: House, name: str) -> UUID:
    """The newest commission of somebody: that of the running month."""
    with house.inside():
        return Commission.objects.filter(member=house.people[name]).latest("starts_on").pk


def verdict(page: Page, pk: UUID) -> None:
    """Verify a payment as a verifier does."""
    page.goto(f"/verify/{pk}/")
    page.locator("#narrow > summary").click()
    expect(page.locator(".narrow-form")).to_be_in_viewport(ratio=1)
    fits(page)
    page.locator("#narrow > summary").click()
    page.get_by_role("button", name="Verify payment").click()
    expect(page.locator("#toasts")).to_contain_text("is verified")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_deal_paid_in_cash_becomes_a_commission_that_the_salesperson_sees(
    house: House, sits: Any, width: int
) -> None:
    kofi, yaw, ama = (wide(sits(name), width) for name in ("kofi", "yaw", "ama"))
    name = close_deal(kofi, kind="A part", method="cash")
    deal, pk = deal_named(house, name)
    expect(kofi.locator("#deal-sheet")).to_contain_text("Waiting for proof")

    verdict(yaw, pk)
    expect(kofi.locator(".deal-progress")).to_contain_text("37 % verified")

    # The grid opens with the month that is over; this one runs.
    ama.goto(f"/sales/commissions/grid/?month={clock.now():%Y-%m}")
    ama.get_by_role("button", name="Calculate all").click()
    expect(ama.locator("#toasts")).to_contain_text("calculated")
    fits(ama)

    kofi.goto("/sales/commissions/")
    fits(kofi)
    kofi.locator(f"#list-rows a[href$='{commission_of(house, 'kofi')}/']").click()
    expect(kofi.get_by_role("heading", level=1)).to_contain_text("Kofi Asante")
    line = kofi.get_by_role("row").filter(has_text=deal.number)
    expect(line).to_have_count(1)
    expect(line).to_contain_text(name)
    expect(line.locator("td.amount").last).to_contain_text(re.compile(r"[1-9]"))
    fits(kofi)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_denied_payment_is_recorded_again_and_verified(
    house: House, sits: Any, width: int
) -> None:
    kofi, yaw = (wide(sits(name), width) for name in ("kofi", "yaw"))
    name = close_deal(kofi, kind="All of it", method="bank")
    deal, denied = deal_named(house, name)
    yaw.goto(f"/verify/{denied}/")
    yaw.locator("summary", has_text="Deny").click()
    yaw.get_by_label("Why is it denied?").select_option("bank_decline")
    yaw.get_by_label("What should the recorder know?").fill("The slip is of another bank.")
    yaw.get_by_role("button", name="Deny payment").click()
    yaw.wait_for_url(lambda url: str(denied) not in url)
    assert status_of(house, denied) == "denied"

    expect(kofi.locator("#deal-sheet")).to_contain_text("The slip is of another bank.")
    expect(kofi.locator("#deal-sheet .headline")).to_contain_text("Rejected")
    kofi.goto(f"/billing/payments/{denied}/")
    kofi.get_by_role("link", name="Record it again").click()
    expect(kofi.get_by_label("Amount", exact=True)).to_have_value(re.compile("400"))
    # The slip of the second try is kept although the amount is forgotten first.
    kofi.locator("input[type=file]").set_input_files(slip())
    kofi.get_by_label("Amount", exact=True).fill("")
    kofi.get_by_role("button", name="Record payment").click()
    expect(kofi.locator("#kept-proof")).to_contain_text("slip.png is kept")
    fits(kofi)
    kofi.get_by_label("Amount", exact=True).fill("400")
    kofi.get_by_role("button", name="Record payment").click()
    expect(kofi.locator("#deal-sheet")).to_be_visible()
    assert pk_in(kofi) == deal.pk

    _deal, again = deal_named(house, name)
    assert again != denied
    verdict(yaw, again)
    expect(kofi.locator("#deal-sheet .headline")).to_contain_text("Verified")
    expect(kofi.locator(".deal-progress")).to_contain_text("100 % verified")
    assert status_of(house, denied) == "denied"
