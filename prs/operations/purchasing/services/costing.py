"""What goods cost once they are here: their price, and their share of freight and duties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prs.kernel import money
from prs.kernel.money import Money

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Bought:
    """Goods of one line as they were bought: in the document's currency, without tax."""

    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal = ZERO


@dataclass(frozen=True)
class Landed:
    """What a line cost. `net` and `tax` are in the document's currency, the rest is in our own:
    `goods` is the price (with the tax that nobody gives back), `extra` its share of the freight.
    """

    net: Decimal
    tax: Decimal
    goods: Decimal
    extra: Decimal

    @property
    def cost(self) -> Decimal:
        """What the line's goods are worth to us."""
        return self.goods + self.extra


def minor(amount: Decimal, currency: str) -> Decimal:
    """An amount at its currency's minor unit."""
    return money.rounded(amount, currency)


def landed(
    lines: Sequence[Bought],
    charges: Decimal,
    *,
    by_quantity: bool,
    recoverable: bool,
    currency: str,
    home: str,
    rate: Decimal,
) -> list[Landed]:
    """What each line cost, with freight and duties (in our currency) shared out to the last cent."""
    nets = [minor(line.quantity * line.unit_price, currency) for line in lines]
    taxes = [
        minor(net * line.tax_rate / HUNDRED, currency)
        for net, line in zip(nets, lines, strict=True)
    ]
    goods = [
        minor((net if recoverable else net + tax) * rate, home)
        for net, tax in zip(nets, taxes, strict=True)
    ]
    weights = [line.quantity for line in lines] if by_quantity else goods
    if not any(weights):
        weights = [line.quantity for line in lines]
    extras = (
        [part.amount for part in money.allocate(Money(home, charges), weights)]
        if charges and any(weights)
        else [ZERO] * len(lines)
    )
    return [Landed(*parts) for parts in zip(nets, taxes, goods, extras, strict=True)]
