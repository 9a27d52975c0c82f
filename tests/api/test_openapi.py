"""The document says what the addresses do: a generator reads it and tries to prove otherwise."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
import schemathesis
from bs4 import BeautifulSoup
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from prs.api import openapi
from prs.api.examples import CORRECTION, IMPORT
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from tests.cast import NOON


def test_the_examples_of_the_document_work(caller, cast):
    taken = caller.post(IMPORT)
    invoices.return_for_correction(Invoice.objects.get(), reason="Short", by=cast.anna, at=NOON)
    corrected = caller.patch(CORRECTION)

    example = openapi.import_operation()["responses"]["201"]["content"]["application/json"][
        "example"
    ]
    assert taken.status_code == 201
    assert taken.json()["data"].keys() == example["data"].keys()
    assert taken.json()["data"]["total_amount"] == example["data"]["total_amount"]
    assert corrected.status_code == 200


def test_the_document_names_every_address_of_the_current_version():
    paths = openapi.document()["paths"]

    assert [reverse("api:import"), reverse("api:correct"), "/api/v1/invoices/{invoice_no}"] == list(
        paths
    )


@pytest.mark.django_db
def test_anybody_may_read_the_document_and_its_page():
    document = Client().get("/api/openapi.json")
    page = BeautifulSoup(Client().get("/api/docs").content, "html.parser")

    assert document.json()["openapi"] == "3.1.0"
    assert {each["id"] for each in page.select("section[id]")} >= {
        "importInvoices",
        "correctInvoice",
        "readInvoice",
    }
    shown = {each.get_text() for each in page.select("#importInvoices td code")}
    assert {"invoice_no", "customer.code", "items[].mrp"} <= shown
    assert page.select_one("#status-409")
    assert not page.select("script[src^='http'], link[href^='http'], [style]")


EXAMPLES = 60
CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def contract(caller, settings):
    """The document, read through the application itself."""
    settings.API_RATE_LIMIT = 10**6
    # As Django's own test client does: the connection is in the middle of the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi(reverse("api:document"), get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def tried(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> dict[int, list[Any]]:
    """Send what a generator makes of an operation, check every answer, and keep it by status."""
    seen: dict[int, list[Any]] = defaultdict(list)

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKED, headers=headers)
        # What is wrong may be a header that the test's own replaces; the body is what counts here.
        body = case.meta.components.get(ParameterLocation.BODY)
        if body is None or body.mode is mode:
            seen[response.status_code].append(case.body)

    send()
    return seen


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/invoices/import"),
        ("PATCH", "/api/v1/invoices/correct"),
        ("GET", "/api/v1/invoices/{invoice_no}"),
    ],
)
def test_what_the_document_allows_is_taken_or_refused_as_it_says(contract, caller, method, path):
    seen = tried(contract[path][method], GenerationMode.POSITIVE, caller.headers)

    assert set(seen) <= {200, 201, 404, 409, 422}
    # A generator repeats itself: the same number with other content was read, and refused for that.
    assert method != "POST" or len(seen[201]) + len(seen[409]) > EXAMPLES / 3


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/v1/invoices/import"), ("PATCH", "/api/v1/invoices/correct")],
)
def test_what_the_document_forbids_is_refused(contract, caller, method, path):
    seen = tried(contract[path][method], GenerationMode.NEGATIVE, caller.headers)

    assert [sent for status, sent in seen.items() if status < 300] == []
