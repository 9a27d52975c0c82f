"""What a price leaves, and how an order stands. No tables."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)


def margin(price: Decimal | None, cost: Decimal) -> Decimal | None:
    """What of a price is profit, in per cent of it; nothing without a price."""
    if not price:
        return None
    return ((price - cost) / price * HUNDRED).quantize(Decimal("0.1"), ROUND_HALF_UP)


def order_state(lines: Sequence[tuple[Decimal, Decimal]]) -> str:
    """How an order stands by what was ordered and received of each line."""
    if all(received >= ordered for ordered, received in lines):
        return "received"
    return "part" if any(received for _ordered, received in lines) else "sent"
