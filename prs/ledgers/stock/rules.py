"""Which batches a quantity comes from, what it is worth, and when to order again. Source: reference 8 and 9."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

ZERO = Decimal(0)
# Movements that hand goods to somebody: what is expired stays.
GIVES = frozenset({"sale", "pick"})
# Whose sign the kind decides; any other kind goes either way.
LOSSES = frozenset(
    {"theft", "damage", "expired", "spoilage", "loss", "sample", "write_off", "supplier_return"}
)
FINDS = frozenset({"customer_return", "found"})


@dataclass(frozen=True)
class Held:
    """A batch at a place: how much lies there, what it is worth, and how much others have kept."""

    batch: UUID
    product: UUID
    on_hand: Decimal
    value: Decimal
    expires_on: date | None
    received_on: date
    reserved: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        """What nobody else has kept."""
        return max(self.on_hand - self.reserved, ZERO)

    def expired(self, on: date) -> bool:
        """Whether its last day lies before this one."""
        return self.expires_on is not None and self.expires_on < on


@dataclass(frozen=True)
class Part:
    """A quantity of one batch, with what it is worth."""

    batch: UUID
    quantity: Decimal
    value: Decimal


def first_expired_first(rows: Iterable[Held]) -> list[Held]:
    """Batches in the order in which they should leave: first expired, then first in."""
    return sorted(
        rows,
        key=lambda row: (
            row.expires_on is None,
            row.expires_on or date.max,
            row.received_on,
            row.batch,
        ),
    )


# Ordering again: reference 9.7.

CRITICAL_DAYS, WARNING_DAYS, WATCH_DAYS = 5, 14, 30
CRITICAL_UNITS = 5
COVER_DAYS = 40
NEVER = Decimal(999)
EXPIRY_DAYS = 30
# Beyond this many times what is ordered at once, too much lies there.
TOO_MUCH = 5


@dataclass(frozen=True)
class Outlook:
    """How long a product lasts, and what to order."""

    daily: Decimal
    days_left: Decimal
    level: str
    order: Decimal
    order_by: date


def outlook(
    stock: Decimal, sold: Decimal, *, over_days: int, today: date, lead_days: int = 7
) -> Outlook:
    """How long stock lasts at the pace of the last days, and the order that follows."""
    daily = sold / over_days
    days = stock / daily if daily else NEVER
    if daily:
        wanted = (daily * COVER_DAYS - stock).to_integral_value(rounding=ROUND_CEILING)
        order = max(wanted, Decimal(10))
    else:
        order = Decimal(50)
    level = level_of(stock, days)
    latest = today if level == "critical" or days >= NEVER else later(today, days, lead_days)
    return Outlook(daily, days, level, order, latest)


def level_of(stock: Decimal, days: Decimal) -> str:
    """How urgent it is: critical, warning, watch or fine."""
    if days < CRITICAL_DAYS or stock < CRITICAL_UNITS:
        return "critical"
    if days < WARNING_DAYS:
        return "warning"
    return "watch" if days < WATCH_DAYS else "fine"


def later(today: date, days: Decimal, lead_days: int) -> date:
    """When to order so that goods arrive before the last is gone; not before today."""
    return max(today, today + timedelta(days=int(days) - lead_days))


def velocity(sold: Decimal, stock: Decimal) -> str:
    """How fast a product turns: fast above 6 times, medium above 2, slow above a half, else dead."""
    if not stock:
        return "fast" if sold else "dead"
    turns = sold / stock
    if turns > 6:
        return "fast"
    if turns >= 2:
        return "medium"
    return "slow" if turns >= Decimal("0.5") else "dead"


@dataclass(frozen=True)
class Terms:
    """What came to a product and what left it, each counted on its own."""

    received: Decimal = ZERO
    increased: Decimal = ZERO
    sold: Decimal = ZERO
    returned: Decimal = ZERO
    decreased: Decimal = ZERO
    on_hand: Decimal = ZERO
    in_transit: Decimal = ZERO

    @property
    def delta(self) -> Decimal:
        """What lies here beyond what should: zero when everything is accounted for."""
        should = self.received + self.increased - self.sold + self.returned - self.decreased
        return self.on_hand + self.in_transit - should


def summed(parts: Sequence[Part]) -> Decimal:
    """What parts are worth together."""
    return sum((part.value for part in parts), ZERO)
