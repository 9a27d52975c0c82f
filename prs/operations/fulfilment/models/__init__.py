"""Tables of the warehouse's work."""

from prs.operations.fulfilment.models.goods import FulfilmentLine, Scan
from prs.operations.fulfilment.models.work import Fulfilment, StateChange, WorkSession

__all__ = [
    "Fulfilment",
    "FulfilmentLine",
    "Scan",
    "StateChange",
    "WorkSession",
]
