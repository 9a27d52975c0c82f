"""Recording and verifying payments, in two browsers at once, by mouse, by keys and without scripts."""

from __future__ import annotations

import io
import re
import time
from typing import Any
from uuid import UUID

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from prs.kernel import clock
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from prs.operations.payments.rules import Share
from prs.operations.payments.services import PaymentDraft
from tests.browser.conftest import DESK
from tests.browser.house import House

# Less than the server's own round, in which it looks at everything: what is seen was told.
SOON = 12_000
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}/?$")


def slip() -> Any:
    """A picture to upload."""
    target = io.BytesIO()
    shade = time.monotonic_ns() % 250
    Image.new("RGB", (300 + shade, 400), (shade, 120, 90)).save(target, "PNG")
    return {"name": "slip.png", "mimeType": "image/png", "buffer": target.getvalue()}


def unpaid(house: House) -> Invoice:
    """An invoice of Kofi's that nobody has paid anything for."""
    with house.inside():
        rows = Invoice.objects.select_related("customer").filter(
            paid=0, salesperson=house.people["kofi"], status="issued"
        )
        taken = Payment.objects.filter(status__in=["pending", "asked"]).values("customer")
        return rows.exclude(customer__in=taken).order_by("created_at", "pk").last()


def waiting(house: House, count: int) -> list[Payment]:
    """So many payments that wait, recorded by Efua."""
    with house.inside():
        efua = house.people["efua"]
        invoices = Invoice.objects.filter(paid=0, status="issued").order_by("pk")[:count]
        drafts = [
            PaymentDraft(
                customer=each.customer,
                amount=each.left,
                currency=each.currency,
                method="cash",
                paid_on=clock.now().date(),
                shares=[Share(each.pk, each.left)],
                remarks="Counted twice.",
            )
            for each in invoices
        ]
        return [payments.record_payment(each, by=efua, at=clock.now()) for each in drafts]


def status_of(house: House, pk: Any) -> str:
    """What the database says of a payment."""
    with house.inside():
        return str(Payment.objects.get(pk=pk).status)


def pk_in(page: Page) -> UUID:
    """The id in a page's address."""
    return UUID(page.url.rstrip("/").rsplit("/", 1)[-1])


def record(page: Page, invoice: Invoice) -> UUID:
    """Record a payment of an invoice as a salesperson does."""
    write(page, invoice)
    page.get_by_role("button", name="Record payment").click()
    expect(page.locator("#payment-story")).to_be_visible()
    return pk_in(page)


def write(page: Page, invoice: Invoice) -> None:
    """Fill in the form of a payment."""
    page.goto(f"/billing/invoices/{invoice.pk}/")
    page.get_by_role("link", name="Record a payment").click()
    page.get_by_label("Method").select_option("bank")
    page.get_by_label("Reference").fill(f"TT-{time.monotonic_ns()}")
    page.get_by_label("Remarks").fill("As agreed by phone.")
    page.locator("input[name=proof]").set_input_files(slip())


def test_a_payment_appears_before_the_verifier_and_its_verdict_before_the_recorder_without_reload(
    house, sits
):
    kofi, yaw = sits("kofi", "/"), sits("yaw", "/verify/")
    expect(yaw.locator("#live-state")).to_have_attribute("data-live-state", "open")
    yaw.evaluate("window.stayed = true")
    before = yaw.locator(".verify-item").count()

    write(kofi, unpaid(house))
    began = time.monotonic()
    kofi.get_by_role("button", name="Record payment").click(no_wait_after=True)
    expect(yaw.locator(".verify-item")).to_have_count(before + 1, timeout=SOON)
    print(f"\nseen by the verifier {time.monotonic() - began:.2f} s after the click")
    assert yaw.evaluate("window.stayed") is True

    expect(kofi.locator("#payment-story")).to_be_visible()
    pk = pk_in(kofi)
    kofi.evaluate("window.stayed = true")
    yaw.goto(f"/verify/{pk}/")
    expect(yaw.locator(".verify-proof img")).to_be_visible()
    began = time.monotonic()
    yaw.get_by_role("button", name="Verify payment").click(no_wait_after=True)
    expect(kofi.locator("#payment-story .headline")).to_contain_text("Verified", timeout=SOON)
    print(f"seen by the recorder {time.monotonic() - began:.2f} s after the click")
    expect(yaw.locator("#toasts")).to_contain_text("is verified")
    receipt = kofi.locator("#payment-story").get_by_role("link", name="RCT-")
    expect(receipt).to_be_visible(timeout=60_000)
    assert kofi.evaluate("window.stayed") is True

    answer = kofi.request.get(receipt.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


def turn_to(page: Page, made: set[Any]) -> UUID:
    """Turn the queue's pages until one of these is open; some of the others need a second person."""
    for _page in range(60):
        if ID.search(page.url) and pk_in(page) in made:
            expect(page.locator("#decide")).to_be_visible()
            made.discard(pk_in(page))
            return pk_in(page)
        before = page.url
        page.keyboard.press("j")
        page.wait_for_url(lambda url, before=before: url != before)
    raise AssertionError("None of them is in the queue.")


def test_a_queue_is_worked_off_with_keys_alone(house, sits):
    made = {each.pk for each in waiting(house, 4)}
    page = sits("esi", "/verify/")

    first = turn_to(page, made)
    page.keyboard.press("v")
    page.wait_for_url(lambda url: str(first) not in url)
    assert status_of(house, first) == "verified"

    denied = turn_to(page, made)
    page.keyboard.press("d")
    expect(page.get_by_label("Why is it denied?")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Not on the statement.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: str(denied) not in url)
    assert status_of(house, denied) == "denied"

    asked = turn_to(page, made)
    page.keyboard.press("a")
    expect(page.get_by_label("What do you need to know?")).to_be_focused()
    page.keyboard.type("Which account?")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: str(asked) not in url)
    assert status_of(house, asked) == "asked"


def test_keys_are_left_alone_while_somebody_writes(house, sits):
    waiting(house, 1)
    page = sits("esi", "/verify/")
    page.keyboard.press("j")
    page.locator("summary", has_text="Ask back").click()
    current = pk_in(page)

    page.get_by_label("What do you need to know?").press_sequentially("vada vjk?")

    expect(page.get_by_label("What do you need to know?")).to_have_value("vada vjk?")
    assert pk_in(page) == current
    assert status_of(house, current) == "pending"


def test_a_proof_is_zoomed_turned_and_dragged_within_the_policy(house, sits):
    kofi, yaw = sits("kofi", "/"), sits("yaw", "/")
    pk = record(kofi, unpaid(house))
    yaw.goto(f"/verify/{pk}/")
    image = yaw.locator(".verify-proof img")
    expect(image).to_be_visible()

    yaw.locator("[data-proof-act=in]").click()
    yaw.locator("[data-proof-act=turn]").click()

    style = image.evaluate("each => getComputedStyle(each).transform")
    assert style != "none"


def test_the_main_job_is_done_without_scripts(house: House, browser: Browser):
    invoice = unpaid(house)
    kofi = plain(house, browser, "kofi")
    pk = record(kofi, invoice)
    yaw = plain(house, browser, "yaw")
    yaw.goto("/verify/")
    yaw.get_by_role("button", name=invoice.customer.name).last.click()
    assert pk_in(yaw) == pk
    expect(yaw.locator(".verify-proof img")).to_be_visible()
    yaw.get_by_role("button", name="Verify payment").click()
    expect(yaw.locator("#toasts")).to_contain_text("is verified")
    kofi.reload()
    expect(kofi.locator("#payment-story")).to_contain_text("Verified")
    kofi.goto("/billing/invoices/?state=paid")
    kofi.get_by_label("Number or customer").fill(invoice.number)
    kofi.get_by_label("Number or customer").press("Enter")
    expect(kofi.get_by_role("link", name=invoice.number, exact=True)).to_be_visible()
    for page in (kofi, yaw):
        page.context.close()


def plain(house: House, browser: Browser, name: str) -> Page:
    """A window of a person whose browser runs no scripts, signed in by its form."""
    context = browser.new_context(java_script_enabled=False, viewport=DESK, base_url=house.address)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(house.people[name].user.email)
    page.get_by_label("Password", exact=True).fill(house.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#sidebar")).to_be_visible()
    return page
