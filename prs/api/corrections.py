"""What an invoice says after a correction: what was sent, laid over what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from prs.api.payloads import (
    LINE_DETAILS,
    MOST_ITEMS,
    Correction,
    Errors,
    ItemChange,
    filled,
    net,
    plain,
    total_faults,
)
from prs.api.problems import Faulty

NEEDED: Final = ("name", "item_code", "quantity", "mrp")
SIMPLE: Final = ("salesman", "priority", "remarks", "temp_name")

Line = dict[str, Any]


def corrected(stored: Mapping[str, Any], sent: Correction) -> dict[str, Any]:
    """The whole invoice after the correction, in its plain form.

    :raises Faulty: a new line lacks something, a line can't be told apart, or the total disagrees.
    """
    said = {name: getattr(sent, name) for name in SIMPLE if getattr(sent, name) is not None}
    content = {**stored, **said}
    if sent.invoice_date is not None:
        content["invoice_date"] = sent.invoice_date.isoformat()
    if sent.customer is not None:
        changes = sent.customer.model_dump(exclude_unset=True)
        content["customer"] = filled({**stored["customer"], **changes})
    if sent.items is not None:
        content["items"] = merged(stored["items"], sent.items, replace=sent.replace_items)
    errors = total_faults(sent.total, [net(line) for line in content["items"]])
    if errors:
        raise Faulty(errors)
    return content


def merged(
    stored: Sequence[Mapping[str, Any]], sent: Sequence[ItemChange], *, replace: bool
) -> list[Line]:
    """The lines after the correction: changed ones in their place, new ones behind them.

    With `replace` only the sent lines are left, in the order in which they were sent.

    :raises Faulty: see `corrected`.
    """
    errors: Errors = []
    changed: dict[int, Line] = {}
    order: list[Line] = []
    added: list[Line] = []
    for place, change in enumerate(sent):
        found = matches(stored, change, taken=changed)
        if len(found) > 1 and not replace:
            errors.append(ambiguous(place, len(found)))
            continue
        line = changed_line(stored[found[0]] if found else {}, change)
        errors += incomplete(place, line)
        order.append(line)
        if found:
            changed[found[0]] = line
        else:
            added.append(line)
    kept = [changed.get(place, dict(line)) for place, line in enumerate(stored)]
    lines = order if replace else kept + added
    if len(lines) > MOST_ITEMS:
        message = _("An invoice has at most {most} items.").format(most=MOST_ITEMS)
        errors.append({"path": "items", "message": message})
    if errors:
        raise Faulty(errors)
    return lines


def matches(
    stored: Sequence[Mapping[str, Any]], change: ItemChange, *, taken: Mapping[int, Line]
) -> list[int]:
    """The places of the lines that a change may mean: by barcode, else by item_code.

    Where several are left, the batch decides, if it was sent.
    """
    for name in ("barcode", "item_code"):
        value = getattr(change, name)
        found = [
            place
            for place, line in enumerate(stored)
            if value and line.get(name) == value and place not in taken
        ]
        if len(found) > 1 and change.batch_no:
            same = [place for place in found if stored[place].get("batch_no") == change.batch_no]
            found = same or found
        if found:
            return found
    return []


def changed_line(stored: Mapping[str, Any], change: ItemChange) -> Line:
    """A line with what was sent laid over it."""
    said = change.model_dump(exclude_unset=True)
    if "mrp" in said:
        said["mrp"] = plain(Decimal(said["mrp"]))
    line = {"barcode": "", **stored, **said}
    details = filled({name: line.get(name, "") for name in LINE_DETAILS})
    return {name: value for name, value in line.items() if name not in LINE_DETAILS} | details


def incomplete(place: int, line: Line) -> Errors:
    """What a new line lacks."""
    return [
        {"path": f"items[{place}].{name}", "message": _("A new item needs this.")}
        for name in NEEDED
        if name not in line
    ]


def ambiguous(place: int, count: int) -> dict[str, str]:
    """A change that could mean several lines."""
    message = _("This could mean {count} lines. Send their batch_no, or replace_items.")
    return {"path": f"items[{place}]", "message": message.format(count=count)}
