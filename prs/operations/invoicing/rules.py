"""What an invoice says of itself, and how two versions of one are compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


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
    status: str,
    *,
    total: Decimal,
    paid: Decimal,
    credited: Decimal,
    lost: Decimal,
    due: date,
    today: date,
) -> str:
    """The state a person reads: paid, credited, written off and overdue are derived, never stored.

    `lost` is what of the credited part is written off: an invoice that ends with a loss was not paid.
    """
    if status != "issued":
        return status
    if paid + credited >= total:
        if lost > 0:
            return "written_off"
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


@dataclass(frozen=True)
class CreditStanding:
    """What decides whether somebody gets credit. `available` is None where there is no limit."""

    walk_in: bool
    blocked: bool
    active: bool
    available: Decimal | None
    overdue: Decimal


# In the order in which they are asked, and whether a manager may set the rule aside. Source: reference 11.
CREDIT_RULES = {
    "walk_in": False,
    "blocked": True,
    "inactive": False,
    "limit": True,
    "overdue": True,
}


def credit_faults(standing: CreditStanding, amount: Decimal) -> list[str]:
    """The rules by which an amount can't be sold on credit, the first to be said first."""
    broken = {
        "walk_in": standing.walk_in,
        "blocked": standing.blocked,
        "inactive": not standing.active,
        "limit": standing.available is not None and amount > standing.available,
        "overdue": standing.overdue > 0,
    }
    return [rule for rule in CREDIT_RULES if broken[rule]]
