"""What other systems send, as a whole: its shape, its faults, and its plain form.

Fields that we don't know are left out, and named in the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, TypeVar

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from prs.api.fields import (
    MOST_TOTAL,
    SENTENCES,
    Day,
    DayOrBlank,
    Email,
    Price,
    Priority,
    Quantity,
    Text,
    Total,
)
from prs.api.problems import Faulty

MOST_ITEMS: Final = 1000
MOST_INVOICES: Final = 200
MOST_WARNINGS: Final = 100


class Sent(BaseModel):
    """Something that was sent."""

    model_config = ConfigDict(extra="ignore")
    # Fields of ours that the client may send under these names.
    names: ClassVar[frozenset[str]]

    @classmethod
    def __pydantic_init_subclass__(cls, **_kwargs: Any) -> None:
        cls.names = frozenset(each.alias or name for name, each in cls.model_fields.items())


class Buyer(Sent):
    """The customer. `code` is what it is found by."""

    code: Annotated[str, Text(60, filled=True, code=True)]
    name: Annotated[str, Text(200, filled=True)]
    area: Annotated[str, Text(120)] = ""
    address1: Annotated[str, Text(200)] = ""
    address2: Annotated[str, Text(200)] = ""
    address3: Annotated[str, Text(200)] = ""
    pincode: Annotated[str, Text(10, code=True)] = ""
    phone1: Annotated[str, Text(20, code=True)] = ""
    phone2: Annotated[str, Text(20, code=True)] = ""
    email: Email = ""


class Item(Sent):
    """One line."""

    name: Annotated[str, Text(300, filled=True)]
    item_code: Annotated[str, Text(60, filled=True, code=True)]
    quantity: Quantity
    mrp: Price
    barcode: Annotated[str, Text(60, code=True)] = ""
    shelf_location: Annotated[str, Text(60, code=True)] = ""
    company_name: Annotated[str, Text(200)] = ""
    packing: Annotated[str, Text(60, code=True)] = ""
    batch_no: Annotated[str, Text(60, code=True)] = ""
    expiry_date: DayOrBlank = ""
    remarks: Annotated[str, Text(500)] = ""


class Invoice(Sent):
    """One invoice to import."""

    invoice_no: Annotated[str, Text(100, filled=True, code=True)]
    invoice_date: Day
    salesman: Annotated[str, Text(150, filled=True)]
    customer: Buyer
    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_ITEMS)]
    total: Total = None
    priority: Priority = "MEDIUM"
    created_by: Annotated[str, Text(200)] = ""
    temp_name: Annotated[str, Text(200)] = ""
    remarks: Annotated[str, Text(2000)] = ""


class BuyerChange(Sent):
    """What changes of the customer; what is not sent stays."""

    code: Annotated[str, Text(60, filled=True, code=True)] | None = None
    name: Annotated[str, Text(200, filled=True)] | None = None
    area: Annotated[str, Text(120)] | None = None
    address1: Annotated[str, Text(200)] | None = None
    address2: Annotated[str, Text(200)] | None = None
    address3: Annotated[str, Text(200)] | None = None
    pincode: Annotated[str, Text(10, code=True)] | None = None
    phone1: Annotated[str, Text(20, code=True)] | None = None
    phone2: Annotated[str, Text(20, code=True)] | None = None
    email: Email | None = None


class ItemChange(Sent):
    """A line, found by barcode, then by item_code. A line that is new must be complete."""

    barcode: Annotated[str, Text(60, code=True)] | None = None
    item_code: Annotated[str, Text(60, filled=True, code=True)] | None = None
    name: Annotated[str, Text(300, filled=True)] | None = None
    quantity: Quantity | None = None
    mrp: Price | None = None
    shelf_location: Annotated[str, Text(60, code=True)] | None = None
    company_name: Annotated[str, Text(200)] | None = None
    packing: Annotated[str, Text(60, code=True)] | None = None
    batch_no: Annotated[str, Text(60, code=True)] | None = None
    expiry_date: DayOrBlank | None = None
    remarks: Annotated[str, Text(500)] | None = None


class Correction(Sent):
    """A correction of an invoice in review; what is not sent stays as it is."""

    invoice_no: Annotated[str, Text(100, filled=True, code=True)]
    invoice_date: Day | None = None
    salesman: Annotated[str, Text(150, filled=True)] | None = None
    customer: BuyerChange | None = None
    items: Annotated[list[ItemChange], Field(min_length=1, max_length=MOST_ITEMS)] | None = None
    replace_items: bool = False
    total: Total = None
    priority: Priority | None = None
    temp_name: Annotated[str, Text(200)] | None = None
    remarks: Annotated[str, Text(2000)] | None = None
    resolution_notes: Annotated[str, Text(1000)] = ""


# --- reading one -------------------------------------------------------------------------------

S = TypeVar("S", bound=Sent)
Errors = list[dict[str, str]]


def path_of(location: Iterable[int | str], before: str = "") -> str:
    """Where something stands: `items[3].mrp`."""
    path = before
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step[:60]}" if path else step[:60]
    return path


def sentence_of(error: ErrorDetails) -> str:
    sentence = SENTENCES.get(error["type"])
    return str(sentence).format(**error.get("ctx", {})) if sentence else error["msg"]


def errors_of(error: ValidationError, before: str = "") -> Errors:
    """Every fault, with its path and a sentence."""
    details = error.errors(include_url=False, include_input=False)
    return [
        {"path": path_of(each["loc"], before), "message": sentence_of(each)} for each in details
    ]


def one_total(sent: Any) -> Any:
    """The older spelling of Total, as Total."""
    if not isinstance(sent, dict) or "total" not in sent:
        return sent
    rest = {name: value for name, value in sent.items() if name != "total"}
    return {"Total": sent["total"], **rest}


def read(model: type[S], sent: Any, before: str = "") -> tuple[S | None, Errors]:
    """What was sent, or its faults."""
    if (
        isinstance(sent, dict)
        and "total" in sent
        and sent.get("Total", sent["total"]) != sent["total"]
    ):
        return None, [
            {"path": path_of(["Total"], before), "message": str(SENTENCES["both_totals"])}
        ]
    try:
        return model.model_validate(one_total(sent)), []
    except ValidationError as error:
        return None, errors_of(error, before)


def strangers(sent: Mapping[str, Any], known: frozenset[str], before: str) -> list[str]:
    return [path_of([name], before) for name in sent if name not in known]


def unknown(
    model: type[Invoice | Correction], sent: Mapping[str, Any], before: str = ""
) -> list[str]:
    """The paths of fields that nobody here knows."""
    buyer, item = (Buyer, Item) if model is Invoice else (BuyerChange, ItemChange)
    found = strangers(sent, model.names | {"total"}, before)
    found += strangers(sent.get("customer", {}), buyer.names, path_of(["customer"], before))
    for place, line in enumerate(sent.get("items", ())):
        if not line.keys() <= item.names:
            found += strangers(line, item.names, path_of(["items", place], before))
    return found


def warnings(paths: Sequence[str]) -> list[dict[str, str]]:
    """What the answer says of fields that were left out."""
    message = _("This field isn't known here. It was left out.")
    return [{"path": path, "message": message} for path in paths[:MOST_WARNINGS]]


def total_faults(sent: Decimal | None, nets: Sequence[Decimal], before: str = "") -> Errors:
    """Faults of a total: it must agree with the lines within a hundredth for each of them."""
    total = sum(nets, Decimal(0))
    if total > MOST_TOTAL:
        message = _("The lines come to more than an invoice can hold.")
    elif sent is not None and abs(sent - total) > len(nets) * Decimal("0.01"):
        message = _("The lines come to {total}.").format(total=plain(total))
    else:
        return []
    return [{"path": path_of(["Total"], before), "message": message}]


def plain(number: Decimal) -> str:
    """A number without exponent and without zeros at its end."""
    return format(number.normalize(), "f")


# --- the plain form ------------------------------------------------------------------------------

LINE_DETAILS: Final = (
    "shelf_location",
    "company_name",
    "packing",
    "batch_no",
    "expiry_date",
    "remarks",
)


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in ("", None)}


def plain_line(item: Item) -> dict[str, Any]:
    """A line as it is kept and compared."""
    values = item.__dict__
    return {
        "name": item.name,
        "item_code": item.item_code,
        "barcode": item.barcode,
        "quantity": item.quantity,
        "mrp": plain(item.mrp),
        **{name: values[name] for name in LINE_DETAILS if values[name]},
    }


def plain_invoice(invoice: Invoice) -> dict[str, Any]:
    """An invoice as it is kept and compared; two that mean the same are equal."""
    return {
        "invoice_no": invoice.invoice_no,
        "invoice_date": invoice.invoice_date.isoformat(),
        "salesman": invoice.salesman,
        "priority": invoice.priority,
        "remarks": invoice.remarks,
        "temp_name": invoice.temp_name,
        "created_by": invoice.created_by,
        "customer": filled(invoice.customer.__dict__),
        "items": [plain_line(item) for item in invoice.items],
    }


def net(item: Item | Mapping[str, Any]) -> Decimal:
    """What a line comes to, before it is rounded to the currency's coins."""
    if isinstance(item, Item):
        return item.quantity * item.mrp
    return item["quantity"] * Decimal(item["mrp"])


@dataclass(frozen=True)
class Batch:
    """The invoices of one request in their plain form, and the fields that were left out."""

    contents: list[dict[str, Any]]
    left_out: list[str]
    many: bool


def invoices_of(sent: Any) -> Batch:
    """One invoice, or a list of them.

    :raises Faulty: something can't be used; every fault is named, with its path.
    """
    many = isinstance(sent, list)
    errors = size_faults(sent) if many else []
    if errors:
        raise Faulty(errors)
    contents, left_out = [], []
    for place, each in enumerate(sent if many else [sent]):
        before = f"[{place}]" if many else ""
        invoice, faults = read(Invoice, each, before)
        errors += faults
        if invoice is not None:
            errors += total_faults(invoice.total, [net(item) for item in invoice.items], before)
            contents.append(plain_invoice(invoice))
            left_out += unknown(Invoice, each, before)
    if many and not errors:
        errors = repeated(contents)
    if errors:
        raise Faulty(errors)
    return Batch(contents, left_out, many)


def size_faults(sent: Sequence[Any]) -> Errors:
    """Faults of a list of invoices as such."""
    if not sent:
        return [{"path": "", "message": str(SENTENCES["too_short"]).format(min_length=1)}]
    if len(sent) > MOST_INVOICES:
        return [
            {"path": "", "message": str(SENTENCES["too_long"]).format(max_length=MOST_INVOICES)}
        ]
    return []


def repeated(contents: Sequence[Mapping[str, Any]]) -> Errors:
    """Numbers that stand in one list twice."""
    first: dict[str, int] = {}
    errors = []
    for place, content in enumerate(contents):
        earlier = first.setdefault(content["invoice_no"], place)
        if earlier != place:
            message = _("The same invoice_no stands at [{place}].").format(place=earlier)
            errors.append({"path": f"[{place}].invoice_no", "message": message})
    return errors


def correction_of(sent: Any) -> tuple[Correction, list[str]]:
    """A correction, and the paths of fields that were left out.

    :raises Faulty: something can't be used.
    """
    correction, errors = read(Correction, sent)
    if correction is None:
        raise Faulty(errors)
    if correction.replace_items and correction.items is None:
        raise Faulty([{"path": "items", "message": str(SENTENCES["missing"])}])
    return correction, unknown(Correction, sent)
