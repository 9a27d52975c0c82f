"""Posting invoices: what is taken, what is the same, what contradicts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.ledgers.bookkeeping import selectors as books
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice, InvoiceLine
from tests.api.caller import make_item, make_payload
from tests.cast import NOON
from tests.factories.walk import TODAY


def test_an_invoice_is_taken_and_answered_with_what_it_became(caller, cast):
    response = caller.post(make_payload(priority="high"))

    assert response.status_code == 201
    answer = response.json()
    invoice = Invoice.objects.get()
    assert answer == {
        "success": True,
        "message": "Invoice imported.",
        "data": {
            "id": str(invoice.pk),
            "invoice_no": "HB-1",
            "total_amount": "70.00",
            "priority": "HIGH",
            "status": "INVOICED",
            "billing_status": "BILLED",
            "created_at": invoice.created_at.isoformat(),
            "created": True,
        },
        "warnings": [],
    }
    assert invoice.salesperson == cast.sam
    assert Customer.objects.get(external_code="C-1").address3 == "Old Port"


def test_an_import_is_in_the_books_and_in_the_history_under_the_keys_name(caller, check_now):
    caller.post(make_payload())
    check_now()

    balances = {row.code: row.balance for row in books.trial_balance(TODAY, TODAY).rows}
    assert balances["1100"] == balances["4000"] == Decimal(70)
    event = AuditEvent.objects.get(code="invoice.imported")
    assert (event.actor_label, event.address) == ("Counter till", "127.0.0.1")


def test_the_same_invoice_again_is_answered_with_the_one_that_is_there(caller):
    first = caller.post(make_payload())
    again = caller.post(make_payload())

    assert again.status_code == 200
    assert again.json()["data"]["id"] == first.json()["data"]["id"]
    assert again.json()["data"]["created"] is False
    assert Invoice.objects.count() == 1


def test_the_same_invoice_written_otherwise_is_the_same(caller):
    caller.post(make_payload())
    other = make_payload(
        items=[make_item(quantity="20", mrp="3.500", barcode="", shelf_location=None)],
        priority="medium",
        remarks="  ",
        Total="70",
    )

    assert caller.post(other).status_code == 200


def test_the_same_number_with_other_content_names_every_difference(caller):
    first = caller.post(make_payload()).json()["data"]
    other = make_payload(
        customer={"code": "C-1", "name": "Harbor"}, items=[make_item(quantity=21, batch_no="B1")]
    )

    response = caller.post(other)

    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    answer = response.json()
    assert answer["success"] is False
    assert answer["message"] == answer["detail"]
    assert answer["data"] == {"id": first["id"], "invoice_no": "HB-1"}
    assert answer["differences"] == [
        {"path": "customer.address3", "stored": "Old Port", "sent": None},
        {"path": "customer.name", "stored": "Harbour Pharmacy", "sent": "Harbor"},
        {"path": "items[0].batch_no", "stored": None, "sent": "B1"},
        {"path": "items[0].quantity", "stored": 20, "sent": 21},
    ]


def test_a_refused_import_leaves_the_customer_as_it_was(caller):
    caller.post(make_payload())
    caller.post(make_payload(customer={"code": "C-1", "name": "Harbor"}))

    assert Customer.objects.get().name == "Harbour Pharmacy"


def test_a_list_is_taken_whole(caller):
    caller.post(make_payload("HB-2"))

    response = caller.post([make_payload("HB-3"), make_payload("HB-2"), make_payload("HB-1")])

    assert response.status_code == 201
    answer = response.json()
    assert [(one["invoice_no"], one["created"]) for one in answer["data"]] == [
        ("HB-3", True),
        ("HB-2", False),
        ("HB-1", True),
    ]
    assert answer["message"] == "2 invoices imported, 1 were there already."


def test_a_list_in_which_nothing_is_new_is_answered_as_a_repetition(caller):
    caller.post([make_payload("HB-1"), make_payload("HB-2")])

    assert caller.post([make_payload("HB-1"), make_payload("HB-2")]).status_code == 200


def test_a_list_with_one_contradiction_is_refused_whole(caller):
    caller.post(make_payload("HB-2"))

    response = caller.post([make_payload("HB-1"), make_payload("HB-2", remarks="Late")])

    assert response.status_code == 409
    assert response.json()["data"][0]["index"] == 1
    assert response.json()["differences"] == [{"path": "[1].remarks", "stored": "", "sent": "Late"}]
    assert Invoice.objects.count() == 1


def test_a_list_with_one_fault_is_refused_whole(caller):
    response = caller.post([make_payload("HB-1"), make_payload("HB-2", salesman=" ")])

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"path": "[1].salesman", "message": "This can't be blank."}
    ]
    assert not Invoice.objects.exists()


def test_a_list_names_a_number_once(caller):
    response = caller.post([make_payload(), make_payload()])

    assert response.json()["errors"] == [
        {"path": "[1].invoice_no", "message": "The same invoice_no stands at [0]."}
    ]


@pytest.mark.parametrize("count", [0, 201])
def test_a_list_holds_between_one_and_two_hundred_invoices(caller, count):
    assert caller.post([make_payload(str(n)) for n in range(count)]).status_code == 422


def test_the_older_address_does_the_same(caller):
    assert caller.post(make_payload(), "/api/sales/import/invoice/").status_code == 201
    assert caller.post(make_payload()).status_code == 200


def test_an_imported_invoice_can_be_read(caller):
    caller.post(make_payload(temp_name="At the counter", items=[make_item(packing="10x10")]))

    response = caller.get("HB-1")

    assert response.status_code == 200
    shown = response.json()["data"]
    assert shown["customer"]["address3"] == "Old Port"
    assert shown["customer"]["phone1"] == ""
    assert shown["temp_name"] == "At the counter"
    assert shown["Total"] == "70.00"
    line = InvoiceLine.objects.get()
    assert shown["items"][0] == {
        "id": str(line.pk),
        "name": "Salts",
        "item_code": "ORS20",
        "barcode": "",
        "quantity": 20,
        "mrp": "3.5",
        "company_name": "",
        "packing": "10x10",
        "shelf_location": "",
        "batch_no": "",
        "expiry_date": "",
        "remarks": "",
    }


@pytest.mark.parametrize("number", ["HB-9", "a/b", "%00", "%ED%A0%80", "x" * 300])
def test_an_unknown_number_is_not_found(caller, number):
    assert caller.get(number).status_code == 404


def test_a_number_with_a_slash_can_be_read(caller):
    caller.post(make_payload("2026/11/7"))

    assert caller.get("2026/11/7").json()["data"]["invoice_no"] == "2026/11/7"


def test_an_invoice_written_by_hand_is_not_an_imported_one(caller, cast):
    hand = invoices.take_import(
        invoices.imported_from(
            {
                **make_payload(items=[{**make_item(), "barcode": "", "mrp": "3.5"}]),
                "priority": "LOW",
                "remarks": "",
            }
        ),
        organization=cast.acme,
        by=cast.olga,
        at=NOON,
    ).invoice

    assert caller.get(hand.number).status_code == 200
    assert caller.get("INV-2026-0001").status_code == 404
