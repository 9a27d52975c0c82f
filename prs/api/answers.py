"""What other systems are answered. Amounts are text, so that no reader rounds them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel, Field

from prs.kernel.money import minor_units
from prs.operations.invoicing import selectors
from prs.operations.invoicing.models import Invoice

BUYER: Final = dict.fromkeys(
    (
        "code",
        "name",
        "area",
        "address1",
        "address2",
        "address3",
        "pincode",
        "phone1",
        "phone2",
        "email",
    ),
    "",
)
LINE: Final = dict.fromkeys(
    (
        "name",
        "item_code",
        "barcode",
        "quantity",
        "mrp",
        "company_name",
        "packing",
        "shelf_location",
        "batch_no",
        "expiry_date",
        "remarks",
    ),
    "",
)


class LeftOut(BaseModel):
    """A field that was left out."""

    path: str
    message: str


class Taken(BaseModel):
    """What became of one imported invoice."""

    id: str
    invoice_no: str
    total_amount: str
    priority: str
    status: str
    billing_status: str
    created_at: str
    created: bool


class ImportAnswer(BaseModel):
    """The answer to one imported invoice."""

    success: bool
    message: str
    data: Taken
    warnings: list[LeftOut] = Field(default_factory=list)


class ImportListAnswer(BaseModel):
    """The answer to a list of imported invoices, in the order in which they were sent."""

    success: bool
    message: str
    data: list[Taken]
    warnings: list[LeftOut] = Field(default_factory=list)


class Corrected(BaseModel):
    """What became of a correction."""

    id: str
    invoice_no: str
    status: str
    billing_status: str
    total_amount: str
    items_count: int
    revision: int
    returned_from_section: str
    resolution_notes: str


class Buyer(BaseModel):
    """The customer of an invoice."""

    code: str
    name: str
    area: str
    address1: str
    address2: str
    address3: str
    pincode: str
    phone1: str
    phone2: str
    email: str


class Line(BaseModel):
    """A line of an invoice."""

    id: str
    name: str
    item_code: str
    barcode: str
    quantity: int
    mrp: str
    company_name: str
    packing: str
    shelf_location: str
    batch_no: str
    expiry_date: str
    remarks: str


class Salesman(BaseModel):
    """Who sold; `id` is empty when no colleague has that name."""

    id: str
    name: str


class Return(BaseModel):
    """Why an invoice came back."""

    return_reason: str


class FullInvoice(BaseModel):
    """An invoice as it stands."""

    id: str
    invoice_no: str
    invoice_date: str
    due_date: str
    customer: Buyer
    salesman: Salesman
    items: list[Line]
    Total: str
    currency: str
    paid: str
    status: str
    billing_status: str
    priority: str
    revision: int
    created_by: str
    temp_name: str
    remarks: str
    created_at: str
    return_info: Return | None


class InvoiceAnswer(BaseModel):
    """One invoice."""

    success: bool
    data: FullInvoice


class CorrectionAnswer(BaseModel):
    """The answer to a correction, and the invoice as it stands."""

    success: bool
    message: str
    data: Corrected
    invoice: FullInvoice
    warnings: list[LeftOut] = Field(default_factory=list)


class Fault(BaseModel):
    """A value that can't be used."""

    path: str
    message: str


class Difference(BaseModel):
    """Where what is there and what was sent differ; null stands for nothing."""

    path: str
    stored: Any
    sent: Any


class Existing(BaseModel):
    """The invoice that has the number; `index` is the place in the list that was sent."""

    id: str
    invoice_no: str
    index: int | None = None


class Problem(BaseModel):
    """Problem details (RFC 9457); `success` and `message` are there for older clients."""

    type: str
    title: str
    status: int
    detail: str
    success: bool
    message: str
    errors: list[Fault] | None = None
    differences: list[Difference] | None = None
    data: Existing | list[Existing] | None = None


def amount(value: Decimal, currency: str) -> str:
    """An amount with the decimals that its currency has."""
    return f"{value:.{minor_units(currency)}f}"


def status_of(invoice: Invoice) -> str:
    """Where the goods are: an invoice just imported waits to be picked."""
    return {"issued": "INVOICED"}.get(invoice.status, invoice.status.upper())


def taken(invoice: Invoice, *, created: bool) -> dict[str, Any]:
    """One invoice in the answer to an import."""
    return {
        "id": str(invoice.pk),
        "invoice_no": invoice.number,
        "total_amount": amount(invoice.total, invoice.currency),
        "priority": invoice.priority,
        "status": status_of(invoice),
        "billing_status": invoice.billing.upper(),
        "created_at": invoice.created_at.isoformat(),
        "created": created,
    }


def existing(invoice: Invoice, index: int | None = None) -> dict[str, Any]:
    """The invoice that is in the way."""
    shown: dict[str, Any] = {"id": str(invoice.pk), "invoice_no": invoice.number}
    return shown if index is None else {**shown, "index": index}


def corrected(invoice: Invoice, *, notes: str) -> dict[str, Any]:
    """The summary of a correction."""
    return {
        "id": str(invoice.pk),
        "invoice_no": invoice.number,
        "status": status_of(invoice),
        "billing_status": invoice.billing.upper(),
        "total_amount": amount(invoice.total, invoice.currency),
        "items_count": invoice.line_count,
        "revision": invoice.revision,
        # Which section sends an invoice back is known once goods are picked and packed here.
        "returned_from_section": "",
        "resolution_notes": notes,
    }


def full(invoice: Invoice) -> dict[str, Any]:
    """An invoice as it stands, with its lines."""
    content = selectors.content_of(invoice)
    ids = selectors.lines_of(invoice).values_list("pk", flat=True)
    seller = {"id": str(invoice.salesperson_id or ""), "name": invoice.salesperson_name}
    reason = invoice.review_reason
    return {
        **content,
        "id": str(invoice.pk),
        "due_date": invoice.due_date.isoformat(),
        "customer": BUYER | content["customer"],
        "salesman": seller,
        "items": [
            {"id": str(pk), **LINE, **line} for pk, line in zip(ids, content["items"], strict=True)
        ],
        "Total": amount(invoice.total, invoice.currency),
        "currency": invoice.currency,
        "paid": amount(invoice.paid, invoice.currency),
        "status": status_of(invoice),
        "billing_status": invoice.billing.upper(),
        "revision": invoice.revision,
        "created_at": invoice.created_at.isoformat(),
        "return_info": {"return_reason": reason} if reason else None,
    }
