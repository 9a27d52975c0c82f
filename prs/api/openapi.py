"""The OpenAPI 3.1 document of the API, made from the models that do the work, and its page."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from prs.api import answers, payloads
from prs.api.examples import CORRECTION, IMPORT, TAKEN
from prs.api.problems import MEDIA_TYPE, TITLES
from prs.kernel.identity.permissions import CORRECT_INVOICES, IMPORT_INVOICES

INPUTS: Final[tuple[type[BaseModel], ...]] = (payloads.Invoice, payloads.Correction)
OUTPUTS: Final[tuple[type[BaseModel], ...]] = (
    answers.ImportAnswer,
    answers.ImportListAnswer,
    answers.CorrectionAnswer,
    answers.InvoiceAnswer,
    answers.Problem,
)
REFUSALS: Final = (400, 401, 403, 409, 413, 415, 422, 429, 500, 503)
READ_REFUSALS: Final = (401, 403, 404, 429, 500, 503)
LIMIT_HEADERS: Final = {
    "RateLimit-Limit": "Requests a minute that the key may make.",
    "RateLimit-Remaining": "Requests that it may still make at once.",
    "RateLimit-Reset": "Seconds until the allowance is whole again.",
}
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A repetition with the same key and body gets the first answer again, for 7 days.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
}


def ref(model: type[BaseModel], kind: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind}{model.__name__}"}


def schemas(models: tuple[type[BaseModel], ...], kind: str) -> dict[str, Any]:
    """The schemas of models and of what they hold, each named after its side of the door."""
    mode: Any = "validation" if kind == "Sent" else "serialization"
    template = f"#/components/schemas/{kind}{{model}}"
    _names, found = models_json_schema([(each, mode) for each in models], ref_template=template)
    return {f"{kind}{name}": schema for name, schema in found["$defs"].items()}


def answer(description: str, schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": schema}
    if example is not None:
        media["example"] = example
    headers = {
        name: {"description": text, "schema": {"type": "integer"}}
        for name, text in LIMIT_HEADERS.items()
    }
    return {
        "description": description,
        "headers": headers,
        "content": {"application/json": media},
    }


def refusals(*statuses: int) -> dict[str, Any]:
    schema = ref(answers.Problem, "Answered")
    return {
        str(status): {
            "description": str(TITLES[status]),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def body(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    media = {"schema": schema, "example": example}
    return {"required": True, "content": {"application/json": media}}


def import_operation() -> dict[str, Any]:
    one = ref(payloads.Invoice, "Sent")
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": payloads.MOST_INVOICES}
    kinds = [ref(answers.ImportAnswer, "Answered"), ref(answers.ImportListAnswer, "Answered")]
    taken = {"success": True, "message": "Invoice imported.", "data": TAKEN, "warnings": []}
    return {
        "operationId": "importInvoices",
        "summary": "Import invoices",
        "description": "Takes one invoice, or a list of up to 200 of which all are taken or none. "
        "The same invoice_no with the same content is answered 200 with the invoice that is there; "
        f"with other content 409, with every difference. The key needs {IMPORT_INVOICES}.",
        "parameters": [IDEMPOTENCY_KEY],
        "requestBody": body({"anyOf": [one, many]}, IMPORT),
        "responses": {
            "201": answer("At least one invoice is new.", {"anyOf": kinds}, taken),
            "200": answer("Every invoice was there already.", {"anyOf": kinds}),
            **refusals(*REFUSALS),
        },
    }


def correct_operation() -> dict[str, Any]:
    return {
        "operationId": "correctInvoice",
        "summary": "Correct an invoice in review",
        "description": "Changes what is sent and keeps the rest. Items are found by barcode, then by "
        "item_code; the others are added and must be complete. With replace_items only the sent "
        f"items stay. The key needs {CORRECT_INVOICES}.",
        "parameters": [IDEMPOTENCY_KEY],
        "requestBody": body(ref(payloads.Correction, "Sent"), CORRECTION),
        "responses": {
            "200": answer("It is corrected.", ref(answers.CorrectionAnswer, "Answered")),
            **refusals(*sorted({*REFUSALS, 404})),
        },
    }


def read_operation() -> dict[str, Any]:
    number = {"name": "invoice_no", "in": "path", "required": True}
    schema = {"type": "string", "minLength": 1, "maxLength": 100}
    return {
        "operationId": "readInvoice",
        "summary": "Read an imported invoice",
        "description": f"The invoice as it stands. The key needs {IMPORT_INVOICES}.",
        "parameters": [{**number, "schema": schema, "example": TAKEN["invoice_no"]}],
        "responses": {
            "200": answer("The invoice.", ref(answers.InvoiceAnswer, "Answered")),
            **refusals(*READ_REFUSALS),
        },
    }


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    found = {**schemas(INPUTS, "Sent"), **schemas(OUTPUTS, "Answered")}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PRS",
            "version": "1",
            "description": "Invoices from other systems. Everything else happens in the browser.",
        },
        "servers": [{"url": settings.SITE_URL}],
        "security": [{"key": []}, {"bearer": []}],
        "paths": {
            reverse("api:import"): {"post": import_operation()},
            reverse("api:correct"): {"patch": correct_operation()},
            reverse("api:invoice", args=["NUMBER"]).replace("NUMBER", "{invoice_no}"): {
                "get": read_operation()
            },
        },
        "components": {
            "schemas": found,
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-KEY"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }
