"""Tables of the warehouse's work."""

from prs.operations.fulfilment.models.delivering import Courier, Delivery
from prs.operations.fulfilment.models.goods import FulfilmentLine, Scan
from prs.operations.fulfilment.models.packing import Box, BoxContent, Tray, TrayUse
from prs.operations.fulfilment.models.work import Fulfilment, StateChange, WorkSession

__all__ = [
    "Box",
    "BoxContent",
    "Courier",
    "Delivery",
    "Fulfilment",
    "FulfilmentLine",
    "Scan",
    "StateChange",
    "Tray",
    "TrayUse",
    "WorkSession",
]
