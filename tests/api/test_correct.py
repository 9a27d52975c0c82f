"""Correcting an invoice in review: what is sent changes, the rest stays, the old is kept."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel import clock
from prs.ledgers.bookkeeping import selectors as books
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import selectors as reads
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice, Revision
from prs.operations.payments import services as payments
from tests.api.caller import make_item, make_payload
from tests.cast import NOON
from tests.factories.walk import TODAY, make_payment


def returned(caller, cast, **fields):
    """An imported invoice that was sent back."""
    assert caller.post(make_payload(**fields)).status_code == 201
    invoice = Invoice.objects.get()
    return invoices.return_for_correction(invoice, reason="Short", by=cast.anna, at=NOON)


def lines(caller):
    return [
        (line["item_code"], line["quantity"], line["mrp"])
        for line in caller.get("HB-1").json()["data"]["items"]
    ]


TWO = [make_item(barcode="600", packing="1x20"), make_item(item_code="AMX", mrp=8)]


def test_a_line_found_by_its_barcode_changes_and_the_rest_stays(caller, cast, check_now):
    invoice = returned(caller, cast, items=TWO)

    response = caller.patch(
        {
            "invoice_no": "HB-1",
            "items": [{"barcode": "600", "quantity": 15}],
            "resolution_notes": "Five were out of stock.",
            "Total": "212.5",
        }
    )

    check_now()
    assert response.status_code == 200
    answer = response.json()
    assert answer["data"] == {
        "id": str(invoice.pk),
        "invoice_no": "HB-1",
        "status": "INVOICED",
        "billing_status": "RE_INVOICED",
        "total_amount": "212.50",
        "items_count": 2,
        "revision": 2,
        "returned_from_section": "",
        "resolution_notes": "Five were out of stock.",
    }
    assert answer["invoice"]["customer"]["address3"] == "Old Port"
    assert answer["invoice"]["return_info"] is None
    assert lines(caller) == [("ORS20", 15, "3.5"), ("AMX", 20, "8")]
    assert answer["invoice"]["items"][0]["packing"] == "1x20"


def test_the_invoice_as_it_was_is_kept_and_the_books_follow(caller, cast, check_now):
    returned(caller, cast)
    caller.patch({"invoice_no": "HB-1", "items": [{"item_code": "ORS20", "quantity": 10}]})
    check_now()

    assert Revision.objects.get().content["items"][0]["quantity"] == 20
    trial = books.trial_balance(TODAY, clock.now().date())
    balances = {row.code: row.balance for row in trial.rows}
    assert balances["1100"] == balances["4000"] == Invoice.objects.get().total == Decimal(35)
    assert trial.balanced


def test_a_line_is_found_by_its_code_when_no_barcode_fits(caller, cast):
    returned(caller, cast, items=TWO)

    change = {"barcode": "601", "item_code": "AMX", "mrp": "7.5"}
    caller.patch({"invoice_no": "HB-1", "items": [change]})

    assert lines(caller) == [("ORS20", 20, "3.5"), ("AMX", 20, "7.5")]
    assert caller.get("HB-1").json()["data"]["items"][1]["barcode"] == "601"


def test_a_line_that_nothing_fits_is_added(caller, cast):
    returned(caller, cast)

    caller.patch({"invoice_no": "HB-1", "items": [make_item(item_code="NEW", quantity=1)]})

    assert lines(caller) == [("ORS20", 20, "3.5"), ("NEW", 1, "3.5")]


def test_a_new_line_must_be_complete(caller, cast):
    returned(caller, cast)

    response = caller.patch({"invoice_no": "HB-1", "items": [{"item_code": "NEW"}, {}]})

    assert response.status_code == 422
    assert {each["path"] for each in response.json()["errors"]} == {
        "items[0].name",
        "items[0].quantity",
        "items[0].mrp",
        "items[1].name",
        "items[1].item_code",
        "items[1].quantity",
        "items[1].mrp",
    }
    assert Invoice.objects.get().billing == "review"


def test_replacing_items_leaves_only_those_sent(caller, cast):
    returned(caller, cast, items=TWO)

    caller.patch(
        {
            "invoice_no": "HB-1",
            "replace_items": True,
            "items": [make_item(item_code="NEW", quantity=1), {"item_code": "AMX", "quantity": 2}],
        }
    )

    assert lines(caller) == [("NEW", 1, "3.5"), ("AMX", 2, "8")]


def test_two_lines_of_one_article_are_told_apart_by_their_batch(caller, cast):
    batches = [make_item(batch_no="B1"), make_item(batch_no="B2")]
    returned(caller, cast, items=batches)

    vague = caller.patch({"invoice_no": "HB-1", "items": [{"item_code": "ORS20", "quantity": 1}]})
    change = {"item_code": "ORS20", "batch_no": "B2", "quantity": 1}
    exact = caller.patch({"invoice_no": "HB-1", "items": [change]})

    assert vague.status_code == 422
    assert vague.json()["errors"][0]["path"] == "items[0]"
    assert exact.status_code == 200
    assert [quantity for _code, quantity, _mrp in lines(caller)] == [20, 1]


def test_the_head_and_the_customer_change_where_something_was_sent(caller, cast):
    returned(caller, cast, remarks="By the back door")

    caller.patch(
        {
            "invoice_no": "HB-1",
            "priority": "low",
            "invoice_date": "2026-11-19",
            "salesman": "Sara",
            "customer": {"phone1": "555"},
        }
    )

    shown = caller.get("HB-1").json()["data"]
    assert (shown["priority"], shown["invoice_date"], shown["remarks"]) == (
        "LOW",
        "2026-11-19",
        "By the back door",
    )
    assert shown["salesman"]["name"] == "Sara"
    assert shown["customer"]["phone1"] == "555"
    assert shown["customer"]["address3"] == "Old Port"
    assert Customer.objects.get().phone == "555"


def test_a_total_that_disagrees_with_the_lines_as_they_became_is_refused(caller, cast):
    returned(caller, cast)

    change = {"items": [{"item_code": "ORS20", "quantity": 10}], "Total": 70}
    response = caller.patch({"invoice_no": "HB-1", **change})

    assert response.status_code == 422
    assert response.json()["errors"] == [{"path": "Total", "message": "The lines come to 35."}]


def test_an_invoice_that_nobody_returned_is_not_corrected(caller):
    caller.post(make_payload())

    response = caller.patch({"invoice_no": "HB-1", "priority": "LOW"})

    assert response.status_code == 409
    assert "not in review" in response.json()["detail"]


def test_an_unknown_number_is_not_found(caller):
    assert caller.patch({"invoice_no": "HB-9", "priority": "LOW"}).status_code == 404


def test_a_correction_is_made_once(caller, cast):
    returned(caller, cast)
    change = {"invoice_no": "HB-1", "priority": "LOW"}

    assert [caller.patch(change).status_code for _ in range(2)] == [200, 409]


def test_after_a_correction_its_content_counts_as_what_was_sent(caller, cast):
    returned(caller, cast)
    caller.patch({"invoice_no": "HB-1", "items": [{"item_code": "ORS20", "quantity": 10}]})

    assert caller.post(make_payload(items=[make_item(quantity=10)])).status_code == 200
    assert caller.post(make_payload()).status_code == 409


def test_a_correction_comes_to_no_less_than_what_is_paid(caller, cast):
    caller.post(make_payload())
    invoice = Invoice.objects.get()
    payment = make_payment(cast.sam, invoice=reads.imported("HB-1"), amount="60.00")
    payments.verify(payment, by=cast.vera, at=NOON)
    invoices.return_for_correction(invoice, reason="Short", by=cast.anna, at=NOON)

    response = caller.patch(
        {"invoice_no": "HB-1", "items": [{"item_code": "ORS20", "quantity": 1}]}
    )

    assert response.status_code == 409
    assert "60" in response.json()["detail"]


def test_an_invoice_that_somebody_pays_keeps_its_customer(caller, cast):
    invoice = returned(caller, cast)
    make_payment(cast.sam, invoice=reads.imported(invoice.number), amount="60.00")

    other = caller.patch({"invoice_no": "HB-1", "customer": {"code": "C-2", "name": "Quay"}})
    same = caller.patch({"invoice_no": "HB-1", "customer": {"name": "Harbour Pharmacy Ltd"}})

    assert other.status_code == 409
    assert same.status_code == 200


def test_the_older_address_does_the_same(caller, cast):
    returned(caller, cast)

    change = {"invoice_no": "HB-1", "priority": "LOW"}
    assert caller.patch(change, "/api/sales/update/invoice/").status_code == 200


def test_fields_that_nobody_knows_are_named(caller, cast):
    returned(caller, cast)

    change = {"invoice_no": "HB-1", "status": "PAID", "items": [{"item_code": "ORS20", "id": 3}]}
    response = caller.patch(change)

    assert [each["path"] for each in response.json()["warnings"]] == ["status", "items[0].id"]


@pytest.mark.parametrize("items", [[], "x", [5]])
def test_items_are_a_list_of_objects(caller, cast, items):
    returned(caller, cast)

    assert caller.patch({"invoice_no": "HB-1", "items": items}).status_code == 422
