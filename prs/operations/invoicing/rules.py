"""What an invoice says of itself, and how two versions of one are compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

TOLERANCE = Decimal("0.01")


@dataclass(frozen=True)
class LineDraft:
    """A line before it is written. The price is for one unit, the tax rate in per cent."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal = Decimal(0)
    item_code: str = ""
    barcode: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def state(
    status: str, *, total: Decimal, paid: Decimal, credited: Decimal, due: date, today: date
) -> str:
    """The state a person reads: paid, credited and overdue are derived, never stored."""
    if status != "issued":
        return status
    if paid + credited >= total:
        return "paid" if paid or not total else "credited"
    if due < today:
        return "overdue"
    return "partly_paid" if paid else "issued"


def digest(content: Mapping[str, Any]) -> str:
    """A fingerprint of what another system sent, whatever the order of its fields."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(ours: Any, theirs: Any, path: str = "") -> list[dict[str, Any]]:
    """Where two contents differ, each with its path and both values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted({*ours, *theirs}):
            inner = f"{path}.{key}" if path else key
            found += differences(ours.get(key), theirs.get(key), inner)
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        found = []
        for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            found += differences(mine, other, f"{path}[{index}]")
        return found
    return [] if ours == theirs else [{"path": path, "stored": ours, "sent": theirs}]
