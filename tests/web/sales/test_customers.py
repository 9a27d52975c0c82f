"""Customers on the screen: the list, the board, one of them, and what belongs to it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from prs.masterdata.parties.models import Address, Contact, Customer, CustomerTag, Note
from prs.masterdata.parties.services import details, merging
from prs.operations.payments import services as payments
from tests.cast import NOON
from tests.factories.sales import make_deal
from tests.factories.walk import make_customer, make_invoice, make_payment

pytestmark = pytest.mark.usefixtures("quick_documents")


def page(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200, response.status_code
    return BeautifulSoup(response.content, "html.parser")


def paid(cast, invoice, amount):
    payment = make_payment(cast.sam, invoice=invoice, amount=amount)
    payments.verify(payment, by=cast.vera, at=NOON)


@pytest.fixture
def debtors(cast):
    """One who owes nothing, one who owes a little, one who owes most."""
    clear = make_customer(cast.sam, name="Clear Ltd")
    pending = make_customer(cast.sam, name="Pending Ltd")
    bad = make_customer(cast.sam, name="Bad Ltd", terms_days=0)
    paid(cast, make_invoice(cast.sam, customer=clear), "100.00")
    paid(cast, make_invoice(cast.sam, customer=pending), "60.00")
    make_invoice(cast.sam, customer=bad, amount="70.00")
    return clear, pending, bad


def test_the_list_shows_how_each_stands_and_filters_by_it(browser, cast, debtors):
    client = browser(cast.olga)
    text = page(client, reverse("sales:customers")).text
    assert "Bad debt" in text
    assert "Pending" in text

    soup = page(client, reverse("sales:customers"), standing="pending")
    assert [link.text for link in soup.select("tbody a.row-link")] == ["Pending Ltd"]
    soup = page(client, reverse("sales:customers"), standing="clear")
    assert [link.text for link in soup.select("tbody a.row-link")] == ["Clear Ltd"]


def test_the_board_counts_and_adds_up_each_column(browser, cast, debtors):
    soup = page(browser(cast.olga), reverse("sales:board"))

    columns = {
        column.select_one("h2").text.strip(): [card.b.text for card in column.select(".board-card")]
        for column in soup.select(".board-column")
    }
    assert columns == {"Clear": ["Clear Ltd"], "Pending": ["Pending Ltd"], "Bad debt": ["Bad Ltd"]}
    assert "70.00" in soup.select(".board-sum")[1].text


def test_the_board_and_the_table_share_their_filters(browser, cast, debtors):
    details.tag(debtors[2], "Pharmacy", by=cast.sam, at=NOON)
    tag = CustomerTag.objects.get().tag_id

    soup = page(browser(cast.olga), reverse("sales:board"), tag=str(tag))

    assert [card.b.text for card in soup.select(".board-card")] == ["Bad Ltd"]
    assert str(tag) in soup.select_one(".tabs a")["href"]


def test_a_salesperson_sees_their_own_customers_only(browser, cast, debtors):
    theirs = make_customer(cast.sara, name="Other Ltd")
    client = browser(cast.sam)

    assert "Other Ltd" not in page(client, reverse("sales:customers")).text
    assert "Other Ltd" not in page(client, reverse("sales:board")).text
    assert client.get(reverse("sales:customer", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("sales:statement", args=[theirs.pk])).status_code == 404


def test_the_walk_in_customer_is_on_no_list_and_once_in_each_organization(browser, cast):
    assert Customer.everyone.filter(is_walk_in=True).count() == 1
    assert "Walk-in" not in page(browser(cast.olga), reverse("sales:customers")).text


def test_the_list_takes_as_many_queries_for_many_rows(
    browser, cast, debtors, django_assert_max_num_queries
):
    for number in range(20):
        make_customer(cast.sam, name=f"More {number}")
    client = browser(cast.olga)
    client.get(reverse("sales:customers"))

    with django_assert_max_num_queries(18):
        client.get(reverse("sales:customers"))
    with django_assert_max_num_queries(18):
        client.get(reverse("sales:board"))


def test_the_page_tells_what_is_owed_what_credit_is_left_and_what_happened(browser, cast, debtors):
    client = browser(cast.olga)
    bad = debtors[2]
    client.post(
        reverse("sales:credit", args=[bad.pk]),
        {
            "credit_limit": "1,000",
            "terms_days": bad.terms_days,
            "version": bad.version,
            "initial-credit_limit": "",
        },
    )

    text = page(client, reverse("sales:customer", args=[bad.pk])).text

    assert "70.00" in text
    assert "930.00" in text
    assert "issued invoice" in text


def test_credit_is_set_by_those_who_may_and_stopped_with_a_reason(browser, cast):
    row = make_customer(cast.sam)
    address = reverse("sales:credit", args=[row.pk])
    assert browser(cast.sam).get(address).status_code == 403

    client = browser(cast.anna)
    sent = {
        "credit_limit": "500",
        "credit_blocked": "on",
        "terms_days": row.terms_days,
        "version": row.version,
    }
    assert client.post(address, sent).status_code == 422
    assert client.post(address, {**sent, "credit_reason": "Cheque bounced"}).status_code == 302

    row.refresh_from_db()
    assert row.credit_blocked
    assert "Cheque bounced" in page(client, reverse("sales:customer", args=[row.pk])).text


def test_a_phone_and_a_tax_number_that_cannot_be_right_are_refused_beside_their_fields(
    browser, cast
):
    cast.acme.country = "DE"
    cast.acme.save(update_fields=["country"])
    client = browser(cast.sam)
    sent = {
        "name": "Hafen Apotheke",
        "kind": "company",
        "price_level": "retail",
        "terms_days": "30",
        "salesperson": str(cast.sam.pk),
        "active": "on",
    }

    wrong = client.post(reverse("sales:add_customer"), {**sent, "phone": "call Rosa"})
    assert wrong.status_code == 422
    assert "phone" in wrong.context["form"].errors
    wrong = client.post(reverse("sales:add_customer"), {**sent, "tax_id": "136695977"})
    assert "tax_id" in wrong.context["form"].errors

    good = {**sent, "phone": "030 123456", "tax_id": "DE 136,695 976", "email": "INFO@X.test"}
    assert client.post(reverse("sales:add_customer"), good).status_code == 302
    row = Customer.objects.get()
    assert (row.phone, row.tax_id, row.email) == ("+4930123456", "136695976", "info@x.test")


def test_contacts_are_added_changed_and_removed(browser, cast):
    row, client = make_customer(cast.sam), browser(cast.sam)
    add = reverse("sales:add_contact", args=[row.pk])
    assert client.get(add).status_code == 200

    assert client.post(add, {"first_name": "Rosa", "email": "rosa@x.test"}).status_code == 302
    again = client.post(add, {"first_name": "Rosie", "email": "ROSA@x.test"})
    assert again.status_code == 422
    assert "email" in again.context["form"].errors

    rosa = Contact.objects.get()
    assert rosa.is_primary
    change = {"first_name": "Rosa", "last_name": "Ng", "email": "rosa@x.test", "is_primary": "on"}
    address = reverse("sales:contact", args=[rosa.pk])
    kept = {"version": rosa.version, "initial-is_primary": "True", "initial-first_name": "Rosa"}
    assert client.get(address).status_code == 200
    assert client.post(address, {**change, **kept}).status_code == 302
    assert "Rosa Ng" in page(client, reverse("sales:customer", args=[row.pk])).text

    assert client.post(reverse("sales:remove_contact", args=[rosa.pk])).status_code == 302
    assert not Contact.objects.exists()


def test_addresses_are_added_changed_and_removed(browser, cast):
    row, client = make_customer(cast.sam), browser(cast.sam)
    sent = {"kind": "delivery", "line1": "Gate 4", "city": "Tema", "country": "GH"}
    assert client.post(reverse("sales:add_address", args=[row.pk]), sent).status_code == 302

    gate = Address.objects.get()
    assert gate.is_default
    address = reverse("sales:address", args=[gate.pk])
    kept = {"version": gate.version, "initial-line1": "Gate 4", "initial-is_default": "True"}
    assert (
        client.post(address, {**sent, "line1": "Gate 5", "is_default": "on", **kept}).status_code
        == 302
    )
    assert "Gate 5" in page(client, reverse("sales:customer", args=[row.pk])).text
    assert client.post(reverse("sales:remove_address", args=[gate.pk])).status_code == 302
    assert not Address.objects.exists()


def test_tags_and_notes_stand_on_the_page(browser, cast):
    row, client = make_customer(cast.sam), browser(cast.sam)
    tag = {"tag": "Pharmacy", "colour": "teal"}
    assert client.post(reverse("sales:tag", args=[row.pk]), tag).status_code == 302
    assert client.post(reverse("sales:tag", args=[row.pk]), {"tag": ""}).status_code == 422
    note = {"text": "Closes at four on Fridays."}
    assert client.post(reverse("sales:note", args=[row.pk]), note).status_code == 302
    assert client.post(reverse("sales:note", args=[row.pk]), {"text": ""}).status_code == 422

    soup = page(client, reverse("sales:customer", args=[row.pk]))
    assert soup.select_one(".tag-teal span").text == "Pharmacy"
    assert "Closes at four" in soup.select_one("#customer-notes").text
    assert Note.objects.get().by == cast.sam

    chosen = {"tag": str(CustomerTag.objects.get().tag_id)}
    client.post(reverse("sales:untag", args=[row.pk]), chosen)
    assert not CustomerTag.objects.exists()


def test_who_may_only_look_gets_no_forms(browser, cast):
    row = make_customer(cast.sam)

    soup = page(browser(cast.bill), reverse("sales:customer", args=[row.pk]))

    assert soup.select("main form") == []


def test_duplicates_are_shown_merged_and_taken_apart(browser, cast):
    one = make_customer(cast.sam, name="Harbour Pharmacy", email="a@x.test")
    other = make_customer(cast.sam, name="Harbour Pharmacy Ltd", email="A@x.test")
    client = browser(cast.olga)
    soup = page(client, reverse("sales:duplicates"))
    assert "same e-mail" in soup.text
    assert "nearly the same name" in soup.text

    address = reverse("sales:merge", args=[other.pk])
    assert "Harbour" in page(client, address).text
    assert "is kept" in page(client, address, into=str(one.pk)).text
    assert client.post(address, {"into": str(one.pk), "reason": "Twice"}).status_code == 302

    assert "was merged" in page(client, reverse("sales:customer", args=[one.pk])).text
    assert "another name of" in page(client, reverse("sales:customer", args=[other.pk])).text
    assert [row.text for row in page(client, reverse("sales:customers")).select("a.row-link")] == [
        "Harbour Pharmacy"
    ]
    assert client.post(reverse("sales:unmerge", args=[other.pk])).status_code == 302
    other.refresh_from_db()
    assert other.active
    assert other.merged_into_id is None


def test_a_pair_that_was_told_apart_is_not_shown_again(browser, cast):
    one = make_customer(cast.sam, name="Harbour Pharmacy")
    other = make_customer(cast.sam, name="Harbor Pharmacy")
    client = browser(cast.olga)

    sent = {"one": str(one.pk), "other": str(other.pk)}
    assert client.post(reverse("sales:tell_apart"), sent).status_code == 302

    assert "No two customers look alike" in page(client, reverse("sales:duplicates")).text


def test_somebody_is_found_by_name_to_merge_with(browser, cast):
    row, other = make_customer(cast.sam), make_customer(cast.sam, name="Quite Different")

    soup = page(browser(cast.olga), reverse("sales:merge", args=[row.pk]), q="quite")

    assert str(other.pk) in soup.select_one(".pairs a")["href"]


def test_the_account_of_a_merged_customer_is_that_of_both(browser, cast):
    one, other = make_customer(cast.sam, name="One"), make_customer(cast.sam, name="Other")
    make_invoice(cast.sam, customer=one, amount="70.00")
    make_invoice(cast.sam, customer=other, amount="30.00")
    merging.merge(other, one, by=cast.olga, at=NOON)
    client = browser(cast.olga)

    soup = page(client, reverse("sales:customer", args=[one.pk]))
    assert "100.00" in soup.select_one(".headline-amount").text
    row = page(client, reverse("sales:customers")).select_one("tbody tr")
    assert "100.00" in row.text


def test_the_statement_is_shown_and_handed_out_as_a_document(browser, cast, debtors, monkeypatch):
    client, pending = browser(cast.sam), debtors[1]
    address = reverse("sales:statement", args=[pending.pk])
    span = {"first": "2026-11-01", "last": "2026-11-30"}

    soup = page(client, address, **span)
    assert "40.00" in soup.select_one(".headline-amount").text
    assert "Invoice INV-2026-" in soup.text
    assert client.get(address, {"first": "2026-12-01", "last": "2026-11-01"}).status_code == 422

    answer = client.get(reverse("sales:statement_pdf", args=[pending.pk]), span)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_the_deals_of_a_customer_stand_on_its_page(browser, cast):
    deal = make_deal(cast.sam)

    soup = page(browser(cast.sam), reverse("sales:customer", args=[deal.customer_id]))

    assert deal.number in soup.select_one("#customer-deals").text
