"""Tables of the till."""

from prs.operations.till.models.registers import (
    CashMovement,
    Pin,
    Shift,
    Till,
    TillRule,
    TillSetting,
)
from prs.operations.till.models.returns import Return, ReturnLine, Tender
from prs.operations.till.models.sales import Sale, SaleLine

__all__ = [
    "CashMovement",
    "Pin",
    "Return",
    "ReturnLine",
    "Sale",
    "SaleLine",
    "Shift",
    "Tender",
    "Till",
    "TillRule",
    "TillSetting",
]
