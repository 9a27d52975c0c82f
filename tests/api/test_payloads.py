"""The limits and tolerances of what is sent. Every fault is named, with its path."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prs.api.payloads import correction_of, invoices_of
from prs.api.problems import Faulty, Problem
from prs.api.reading import parsed
from tests.api.caller import make_item, make_payload


def faults_of(sent: object) -> dict[str, str]:
    """The faults of something sent, by path."""
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    try:
        invoices_of(parsed(body))
    except Faulty as refusal:
        return {each["path"]: each["message"] for each in refusal.extra["errors"]}
    return {}


def content_of(sent: object) -> dict:
    return invoices_of(parsed(json.dumps(sent).encode())).contents[0]


def test_every_fault_is_named_with_its_path():
    sent = make_payload(
        "",
        invoice_date="2026-02-30",
        priority="URGENT",
        customer={"code": "", "email": "nowhere", "pincode": "x" * 11},
        items=[make_item(quantity=0, mrp=-1), {"name": "Gauze"}, 7],
    )
    del sent["salesman"]

    assert faults_of(sent) == {
        "invoice_no": "This can't be blank.",
        "invoice_date": "This must be a day between 2000 and 2099, written 2026-11-21.",
        "salesman": "This is required.",
        "priority": "This must be LOW, MEDIUM or HIGH.",
        "customer.code": "This can't be blank.",
        "customer.name": "This is required.",
        "customer.email": "This isn't an e-mail address.",
        "customer.pincode": "At most 10 characters fit here.",
        "items[0].quantity": "This must be at least 1.",
        "items[0].mrp": "This must be at least 0.",
        "items[1].item_code": "This is required.",
        "items[1].quantity": "This is required.",
        "items[1].mrp": "This is required.",
        "items[2]": "This must be an object.",
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("quantity", 1.5, "This must be a whole number."),
        ("quantity", "many", "This must be a number, such as 12.50."),
        ("quantity", True, "This must be a number, such as 12.50."),
        ("quantity", 1_000_001, "This must be at most 1000000."),
        ("quantity", [1], "This must be a number, such as 12.50."),
        ("mrp", "1.23456", "At most 4 decimals fit here."),
        ("mrp", "1_000", "This must be a number, such as 12.50."),
        ("mrp", "٣", "This must be a number, such as 12.50."),
        ("mrp", "", "This must be a number, such as 12.50."),
        ("mrp", "Infinity", "This must be a number, such as 12.50."),
        ("mrp", "1e400", "This must be at most 1000000000."),
        ("mrp", "1e-400", "At most 4 decimals fit here."),
        ("name", "a\x00b", "This holds characters that can't be printed."),
        ("name", "a\x1bb", "This holds characters that can't be printed."),
        ("name", "\ud800", "This holds characters that can't be printed."),
        ("name", 5, "This must be text."),
        ("name", None, "This is required."),
        ("name", "x" * 301, "At most 300 characters fit here."),
        ("item_code", True, "This must be text."),
        (
            "expiry_date",
            "2026-13-01",
            "This must be a day between 2000 and 2099, written 2026-11-21.",
        ),
    ],
)
def test_what_a_line_cannot_hold_is_refused(field, value, message):
    assert faults_of(make_payload(items=[make_item(**{field: value})])) == {
        f"items[0].{field}": message
    }


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("20", 20), (20, 20), ("20.0", 20), (20.0, 20), (" 20 ", 20), ("2e1", 20)],
)
def test_a_quantity_comes_as_a_number_or_as_text(sent, kept):
    assert (
        content_of(make_payload(items=[make_item(quantity=sent)]))["items"][0]["quantity"] == kept
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"0.1", "0.1"),
        (b"1.10000", "1.1"),
        (b'"1,5"', None),
        (b"999999999.9999", "999999999.9999"),
        (b"100", "100"),
        (b"0", "0"),
        (b"-0", "0"),
        (b"0e99", "0"),
        (b"1E2", "100"),
    ],
)
def test_a_price_never_loses_a_digit(sent, kept):
    body = json.dumps(make_payload(items=[make_item(mrp="PRICE")])).encode()
    body = body.replace(b'"PRICE"', sent)
    if kept is None:
        assert list(faults_of(body)) == ["items[0].mrp"]
    else:
        assert invoices_of(parsed(body)).contents[0]["items"][0]["mrp"] == kept


@pytest.mark.parametrize("priority", ["low", "Low", "LOW"])
def test_a_priority_comes_in_any_case(priority):
    assert content_of(make_payload(priority=priority))["priority"] == "LOW"


@pytest.mark.parametrize("priority", [None, "", " "])
def test_no_priority_is_a_medium_one(priority):
    assert content_of(make_payload(priority=priority))["priority"] == "MEDIUM"


@pytest.mark.parametrize("name", ["Total", "total"])
@pytest.mark.parametrize("total", [70, "70.00", 70.01, "69.99", None])
def test_a_total_agrees_within_a_hundredth_for_each_line(name, total):
    assert faults_of(make_payload(**{name: total})) == {}


@pytest.mark.parametrize("total", [70.02, "69.98", 0])
def test_a_total_that_disagrees_is_refused(total):
    assert faults_of(make_payload(total=total)) == {"Total": "The lines come to 70."}


def test_two_totals_that_differ_are_refused():
    assert faults_of(make_payload(total=70, Total=71)) == {
        "Total": "Total and total differ. Send one."
    }


def test_the_lines_come_to_no_more_than_an_invoice_holds():
    items = [make_item(quantity=10**6, mrp=10**9)]

    message = "The lines come to more than an invoice can hold."
    assert faults_of(make_payload(items=items)) == {"Total": message}


def test_codes_may_come_as_numbers_and_stay_as_they_were_written():
    sent = make_payload(
        100,
        customer={"code": 7, "name": "Quay", "pincode": 60101},
        items=[make_item(barcode=6009801234567)],
    )

    content = content_of(sent)

    assert (content["invoice_no"], content["customer"]["pincode"]) == ("100", "60101")
    assert content["items"][0]["barcode"] == "6009801234567"


def test_a_line_needs_no_shelf_and_a_blank_one_says_nothing():
    assert content_of(make_payload()) == content_of(
        make_payload(items=[make_item(shelf_location="", expiry_date=None, remarks=" ")])
    )


def test_fields_that_nobody_knows_are_named():
    sent = make_payload(colour="red", items=[make_item(), make_item(item_code="B", weight=1)])
    sent["customer"]["vip"] = True

    assert invoices_of(parsed(json.dumps(sent).encode())).left_out == [
        "colour",
        "customer.vip",
        "items[1].weight",
    ]


@pytest.mark.parametrize("items", [[], None, {}, "x", [make_item()] * 1001])
def test_an_invoice_has_one_to_a_thousand_lines(items):
    assert list(faults_of(make_payload(items=items))) == ["items"]


@pytest.mark.parametrize("sent", [5, "x", True, None, [5], [[]], [None]])
def test_an_invoice_is_an_object(sent):
    assert faults_of(sent)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{} {}",
        b"'x'",
    ],
)
def test_what_is_not_plain_json_is_refused(body):
    with pytest.raises(Problem) as refused:
        parsed(body)
    assert refused.value.status == 400


def test_a_mark_of_byte_order_does_no_harm():
    assert parsed(b"\xef\xbb\xbf{}") == {}


def test_a_number_of_a_million_digits_takes_no_time():
    body = json.dumps(make_payload(items=[make_item(mrp="PRICE")])).encode()

    assert faults_of(body.replace(b'"PRICE"', b"9" * 1_000_000)) == {
        "items[0].mrp": "This must be a number, such as 12.50."
    }


def test_a_correction_that_replaces_items_names_them():
    with pytest.raises(Faulty) as refused:
        correction_of({"invoice_no": "HB-1", "replace_items": True})
    assert refused.value.extra["errors"] == [{"path": "items", "message": "This is required."}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)
FIELDS = st.sampled_from([*make_payload(), "Total", "total", "priority", "remarks", "temp_name"])


@given(
    st.dictionaries(FIELDS, JSON, max_size=4),
    st.dictionaries(st.text(max_size=9), JSON, max_size=3),
)
@settings(
    max_examples=300, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
def test_whatever_is_sent_is_read_or_refused(fields, line):
    body = json.dumps({**make_payload(items=[{**make_item(), **line}]), **fields})
    read = False
    with suppress(Problem):
        batch = invoices_of(parsed(body.encode("utf-8", "surrogatepass")))
        read = True

    # Anything but a refusal would have been raised; what was read can be kept, and read again.
    if read:
        kept = json.dumps(batch.contents[0]).encode()
        assert invoices_of(parsed(kept)).contents == batch.contents
