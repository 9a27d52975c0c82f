"""Tables of the stock ledger, and of what asks for goods or warns of them."""

from __future__ import annotations

from prs.ledgers.stock.models.asking import StockAlert, StockRequest, StockRequestLine
from prs.ledgers.stock.models.correcting import Adjustment, Count, CountLine
from prs.ledgers.stock.models.keeping import Reservation
from prs.ledgers.stock.models.ledger import Balance, Batch, Movement
from prs.ledgers.stock.models.reporting import StockWeek
from prs.ledgers.stock.models.transferring import Transfer, TransferLine

__all__ = [
    "Adjustment",
    "Balance",
    "Batch",
    "Count",
    "CountLine",
    "Movement",
    "Reservation",
    "StockAlert",
    "StockRequest",
    "StockRequestLine",
    "StockWeek",
    "Transfer",
    "TransferLine",
]
