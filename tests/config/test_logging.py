"""Logs tell what happened and to which ids, never who people are or what opens a door."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from prs.config.logging import configured, no_probe, scrubbed, scrubbed_text

MEMBER = "01a1fd98-b35a-72f5-9b63-94656b848330"


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("mail to amina.diallo+till@shop.example.org bounced", "amina"),
        ("login failed: password='hunter2 again'", "hunter2"),
        ('{"new_password": "hunter2"}', "hunter2"),
        ("GET /x?access_token=abc123&page=2", "abc123"),
        ("Authorization: Bearer eyJhbGciOi.J9", "eyJhbGciOi"),
        ("Cookie: sessionid=abc; csrftoken=def", "abc"),
        ("set-cookie: theme=dark; other=very-private", "very-private"),
        ("postgres://prs_app:s3cret@db/prs refused", "s3cret"),
        ("GET /accounts/password/reset/key/1k-cx3p0k-a1b2c3/ 302", "cx3p0k"),
        ("paid with 4111 1111 1111 1111 today", "1111"),
        ("key prs_Zx81kqP0aYt3LmWvB6nR2sDf9GhJ4cEu", "Zx81kqP0"),
        ('DETAIL:  Key (email)=(a) already exists for "Amina".', "Amina"),
        ("api_key: 12345", "12345"),
    ],
)
def test_a_line_is_logged_without_what_must_stay_private(line, secret):
    assert secret not in scrubbed_text(line)


@pytest.mark.parametrize(
    "line",
    [
        f"invoice {MEMBER} issued",
        "GET /sales/invoices?status=open&page=2 200 in 12.5 ms",
        "1234 5678 9012 3456 is no card",
        "job prs.operations.payments.tasks.send_receipt given up after 5 attempts",
    ],
)
def test_what_helps_to_find_a_fault_stays(line):
    assert scrubbed_text(line) == line


def test_values_are_hidden_by_their_name_at_any_depth():
    seen = scrubbed(
        {"user": {"email": "x", "api_key": "y", "id": 7}, "cookies": ["z"], "n": (1, 2)}
    )

    assert seen == {
        "user": {"email": "[hidden]", "api_key": "[hidden]", "id": 7},
        "cookies": "[hidden]",
        "n": [1, 2],
    }


@pytest.fixture
def json_lines():
    """A logger in production's form; returns what was written, one dict a line."""
    formatter = dict(configured(form="json", level="INFO")["formatters"]["lines"])
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter.pop("()")(**formatter))
    logger = logging.getLogger("test.lines")
    logger.addHandler(handler)
    logger.setLevel("INFO")
    logger.propagate = False
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logger.removeHandler(handler)


def test_a_line_names_request_member_and_organization(json_lines):
    with structlog.contextvars.bound_contextvars(
        request_id="5f" * 16, member=MEMBER, organization=MEMBER
    ):
        structlog.get_logger("test.lines").info("invoice.issued", number="INV-1")
        logging.getLogger("test.lines").warning("plain %s", "words")

    first, second = json_lines()
    assert first["event"] == "invoice.issued"
    assert first["number"] == "INV-1"
    assert second["event"] == "plain words"
    for line in (first, second):
        assert (line["request_id"], line["member"], line["organization"]) == (
            "5f" * 16,
            MEMBER,
            MEMBER,
        )


def test_an_exceptions_text_is_scrubbed_too(json_lines):
    try:
        int("amina@shop.example.org")
    except ValueError:
        logging.getLogger("test.lines").exception("failed")

    (line,) = json_lines()
    assert "ValueError" in line["exception"]
    assert "amina" not in line["exception"]


@pytest.mark.parametrize(("path", "written"), [("/readyz", False), ("/sales/", True)])
def test_a_health_check_that_says_not_ready_is_no_error(path, written, rf):
    record = logging.makeLogRecord({"request": rf.get(path), "msg": "Service Unavailable"})

    assert no_probe(record) is written
    assert configured(form="json", level="INFO")["loggers"]["django.request"]["filters"]
