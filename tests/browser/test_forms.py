"""Forms: lines that come and go, saves that meet, and what a second click does."""

from __future__ import annotations

from playwright.sync_api import expect

from prs.masterdata.parties.models import Customer
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.selectors import lines_of
from prs.operations.payments.models import Payment
from tests.browser.house import House


def test_lines_of_an_invoice_are_added_and_removed_and_ctrl_enter_issues_it(house: House, sits):
    page = sits("kofi", "/billing/invoices/add/")
    page.get_by_label("Or a new customer").fill("Corner Kiosk")
    rows = page.locator("[data-formset-row]:visible")
    before = rows.count()

    page.get_by_role("button", name="Add a line").click()
    expect(rows).to_have_count(before + 1)
    rows.last.get_by_label("Description").fill("Not wanted")
    rows.last.get_by_label("Remove this line").click()
    expect(rows).to_have_count(before)
    rows.first.get_by_label("Description").fill("Salts")
    rows.first.get_by_label("Quantity").fill("3")
    rows.first.get_by_label("Price").fill("1,200.50")
    page.keyboard.press("Control+Enter")

    expect(page.locator("h1")).to_contain_text("INV-")
    expect(page.locator("#invoice-sheet")).to_contain_text("3,601.50")
    with house.inside():
        invoice = Invoice.objects.get(customer__name="Corner Kiosk")
        assert [line.description for line in lines_of(invoice)] == ["Salts"]


def test_a_faulty_form_keeps_what_was_written_and_says_what_is_wrong(sits):
    page = sits("kofi", "/billing/invoices/add/")
    page.get_by_label("Remarks").fill("By phone")

    page.get_by_role("button", name="Issue invoice").click()

    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("body")).to_contain_text("Choose a customer, or name a new one.")
    expect(page.get_by_label("Remarks")).to_have_value("By phone")


def test_who_saves_second_sees_both_versions_and_decides(house: House, sits):
    with house.inside():
        customer = Customer.objects.get(external_code="C-6")
    address = f"/sales/customers/{customer.pk}/edit/"
    ama, kwabena = sits("ama", address), sits("kwabena", address)
    for page, area in ((ama, "Airport"), (kwabena, "Beachside")):
        page.get_by_label("Area").fill(area)

    ama.keyboard.press("Control+Enter")
    expect(ama.locator("h1")).to_contain_text(customer.name)
    kwabena.keyboard.press("Control+Enter")

    conflict = kwabena.locator("#conflict")
    expect(conflict).to_contain_text("Ama Mensah changed this")
    expect(conflict.locator(".theirs")).to_have_text("Airport")
    expect(conflict.locator(".yours")).to_have_text("Beachside")
    kwabena.get_by_label("Area").press("Control+Enter")
    expect(conflict).to_have_count(0)
    with house.inside():
        assert Customer.objects.get(pk=customer.pk).area == "Beachside"


def test_two_clicks_record_one_payment(house: House, sits):
    with house.inside():
        customer = Customer.objects.get(external_code="C-9")
        before = count_of(customer)
    page = sits("ama", f"/billing/customers/{customer.pk}/pay/")
    page.get_by_label("Amount").first.fill("5")
    page.get_by_label("Method").select_option("cash")

    page.get_by_role("button", name="Record payment").dblclick()

    expect(page.locator("#payment-story")).to_be_visible()
    with house.inside():
        assert count_of(customer) == before + 1


def count_of(customer: Customer) -> int:
    """How many payments a customer has."""
    return Payment.objects.filter(customer=customer).count()
