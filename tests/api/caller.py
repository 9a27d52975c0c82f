"""Another system: it has a key, and sends JSON."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from prs.kernel.identity.models import Member
from prs.kernel.identity.services import keys
from prs.kernel.tenancy.context import tenant_context
from tests.cast import NOON

IMPORT = "/api/v1/invoices/import"
CORRECT = "/api/v1/invoices/correct"


def make_key(by: Member, *scopes: str, **fields: Any) -> keys.NewKey:
    """A key of a member's organization."""
    with tenant_context(by.organization_id):
        granted = scopes or ("invoices.import", "invoices.correct")
        return keys.make(name="Counter till", scopes=granted, by=by, at=NOON, **fields)


def make_item(**fields: Any) -> dict[str, Any]:
    return {"name": "Salts", "item_code": "ORS20", "quantity": 20, "mrp": 3.5, **fields}


def make_payload(number: str = "HB-1", **fields: Any) -> dict[str, Any]:
    return {
        "invoice_no": number,
        "invoice_date": "2026-11-20",
        "salesman": "Sam",
        "customer": {"code": "C-1", "name": "Harbour Pharmacy", "address3": "Old Port"},
        "items": [make_item()],
        **fields,
    }


class Caller:
    """Sends with one key."""

    def __init__(self, secret: str, **headers: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"X-API-KEY": secret, **headers}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.generic(
            method, path, content, "application/json", headers={**self.headers, **headers}
        )

    def post(self, body: Any, path: str = IMPORT, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def patch(self, body: Any, path: str = CORRECT, **headers: str) -> Any:
        return self.send("PATCH", path, body, **headers)

    def get(self, number: str) -> Any:
        return self.client.get(f"/api/v1/invoices/{number}", headers=self.headers)
