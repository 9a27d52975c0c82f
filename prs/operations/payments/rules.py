"""What a payment must bring with it, and how its money is shared out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

LEASE = timedelta(minutes=10)
WAITS_TOO_LONG = timedelta(hours=24)
REMARKS_ABOVE = Decimal(10_000)
OLDEST = timedelta(days=365)
# Where the money of a method lies once it is verified: account codes of the default chart.
HOLDS_MONEY = {"cash": "1000", "bank": "1010", "card": "1020", "mobile": "1030", "cheque": "1040"}
NEEDS_PROOF = frozenset({"bank", "cheque", "mobile"})


@dataclass(frozen=True)
class Share:
    """What a payment pays of one invoice."""

    invoice_id: UUID
    amount: Decimal


def shared_out(amount: Decimal, open_amounts: Sequence[tuple[UUID, Decimal]]) -> list[Share]:
    """Spread an amount over invoices in their order, each up to what it has left."""
    shares, left = [], amount
    for invoice_id, open_amount in open_amounts:
        part = min(left, open_amount)
        if part > 0:
            shares.append(Share(invoice_id, part))
            left -= part
    return shares


def capped(
    shares: Sequence[Share], amount: Decimal, open_amounts: dict[UUID, Decimal]
) -> list[Share]:
    """What shares come to when less was verified, or an invoice was paid from elsewhere meanwhile."""
    result, left = [], amount
    for share in shares:
        part = min(share.amount, open_amounts.get(share.invoice_id, Decimal(0)), left)
        result.append(Share(share.invoice_id, part))
        left -= part
    return result


def date_fault(paid_on: date, today: date) -> str:
    """Why a payment's date can't be right: "future", "old", or an empty string.

    Source: reference 4.2.
    """
    if paid_on > today:
        return "future"
    return "old" if paid_on < today - OLDEST else ""


def taken_back(
    amount: Decimal, standing: Sequence[tuple[UUID, Decimal]]
) -> list[tuple[UUID, Decimal]]:
    """Which of a payment's parts an amount is taken from: the last paid first, each to its end."""
    taken, left = [], amount
    for key, part in reversed(standing):
        share = min(left, part)
        if share > 0:
            taken.append((key, share))
            left -= share
    return taken
