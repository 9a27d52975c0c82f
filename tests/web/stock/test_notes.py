"""Papers that go with goods: what is read on them is what moved."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from pypdf import PdfReader

from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock import services
from tests.cast import NOON
from tests.factories.goods import make_place, make_product, make_stock, make_supplier

NAME = "Shea Soap with a name that is long enough for two lines of a delivery note 有机 ቡና"


@pytest.fixture
def store(cast):
    return make_place("Store", address="7 Quay Road\nTema")


@pytest.fixture
def shop(cast):
    return make_place("Corner Shop", code="CS", kind="storefront", address="1 High Street")


@pytest.fixture
def soap(cast, store):
    row = make_product("SOAP-1", name=NAME)
    make_stock(row, store, 30, by=cast.olga, expires_on=date(2027, 12, 31), lot="LOT-A")
    make_stock(row, store, 50, by=cast.olga, expires_on=date(2028, 6, 30), lot="LOT-B")
    return row


def text_of(response):
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    return " ".join(text.split())


def sent(cast, soap, store, shop, quantity=40):
    by = {"by": cast.olga, "at": NOON}
    ends = {"origin": store, "destination": shop, "notes": "Handle with care"}
    row = services.draft_transfer(ends, {soap: Decimal(quantity)}, **by)
    services.request_transfer(row, **by)
    services.approve_transfer(row, {}, **by)
    return services.dispatch_transfer(row, {}, **by)


def test_a_delivery_note_names_every_batch_that_was_sent_and_no_cost(
    browser, cast, soap, store, shop
):
    row = sent(cast, soap, store, shop)
    client = browser(cast.olga)

    text = text_of(client.get(reverse("stock:transfer_note", args=[row.pk])))

    assert f"Delivery note {row.number}" in text
    assert "Deliver to Corner Shop 1 High Street" in text
    assert "From Store" in text
    assert "LOT-A" in text
    assert "Dec 31, 2027 30" in text or "31 Dec 2027 30" in text
    assert "LOT-B" in text
    assert "2028 10" in text
    assert "Handle with care" in text
    assert "Received whole" in text
    assert cast.olga.organization.currency not in text
    assert (
        reverse("stock:transfer_note", args=[row.pk])
        in client.get(reverse("stock:transfer", args=[row.pk])).content.decode()
    )


def test_what_arrived_and_what_was_said_of_it_stands_on_the_note(browser, cast, soap, store, shop):
    row = sent(cast, soap, store, shop)
    (line,) = stock.transfer_lines(row)
    remarks = {line.pk: "Two boxes wet"}
    services.receive_transfer(row, {line.pk: Decimal(38)}, by=cast.sam, at=NOON, remarks=remarks)

    text = text_of(browser(cast.olga).get(reverse("stock:transfer_note", args=[row.pk])))

    assert "Two boxes wet" in text
    assert f"Received by {cast.sam.name}" in text


def test_before_goods_are_sent_there_is_no_delivery_note(browser, cast, soap, store, shop):
    ends = {"origin": store, "destination": shop}
    row = services.draft_transfer(ends, {soap: Decimal(2)}, by=cast.olga, at=NOON)

    answer = browser(cast.olga).get(reverse("stock:transfer_note", args=[row.pk]))

    assert answer.status_code == 404


def returned(cast, batch, store, kind, quantity=3):
    said = {
        "kind": kind,
        "quantity": Decimal(quantity),
        "reason": "Scent is off",
        "reference": "RMA-9",
    }
    return services.ask_adjustment(batch, store, said, by=cast.sam, at=NOON)


def test_goods_that_go_back_to_their_supplier_carry_a_note_addressed_to_them(browser, cast, store):
    mill = make_supplier(cast.olga, address="Mill Lane 4\nKumasi")
    oil = make_product("OIL-1", name="Palm oil")
    batch = make_stock(oil, store, 10, by=cast.olga, supplier_id=mill.pk)
    row = returned(cast, batch, store, "supplier_return")
    client = browser(cast.olga)
    note = reverse("stock:return_note", args=[row.pk])
    assert client.get(note).status_code == 404, "nothing went back yet"
    services.approve_adjustment(row, by=cast.olga, at=NOON)

    text = text_of(client.get(note))

    assert f"Return to supplier {row.number}" in text
    assert f"Supplier {mill.name} Mill Lane 4 Kumasi" in text
    assert "RMA-9" in text
    assert f"Palm oil OIL-1 {batch.number} 3" in text
    assert "Scent is off" in text
    page = client.get(reverse("stock:adjustment", args=[row.pk])).content.decode()
    assert note in page


def test_what_a_customer_brought_back_has_a_note_and_what_broke_has_none(browser, cast, store):
    oil = make_product("OIL-1", name="Palm oil")
    batch = make_stock(oil, store, 10, by=cast.olga)
    back, broken = (returned(cast, batch, store, kind) for kind in ("customer_return", "damage"))
    for row in (back, broken):
        services.approve_adjustment(row, by=cast.olga, at=NOON)
    client = browser(cast.olga)

    text = text_of(client.get(reverse("stock:return_note", args=[back.pk])))

    assert "Return of goods" in text
    assert "Taken back at Store" in text
    assert client.get(reverse("stock:return_note", args=[broken.pk])).status_code == 404
