"""What a basket comes to: discounts, tax, and the cent that is left over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prs.kernel import money
from prs.kernel.money import Money, TaxMode

ZERO = Decimal(0)


@dataclass(frozen=True)
class Rate:
    """A tax by its code, in per cent."""

    code: str
    rate: Decimal


@dataclass(frozen=True)
class Item:
    """A line before it is priced. `included` says that the price holds the taxes."""

    quantity: Decimal
    unit_price: Decimal
    rates: tuple[Rate, ...] = ()
    included: bool = True
    percent: Decimal = ZERO
    fixed: Decimal = ZERO


@dataclass(frozen=True)
class Priced:
    """A line with its money: net and tax add up to what the customer pays for it."""

    gross: Decimal
    discount: Decimal
    share: Decimal
    net: Decimal
    tax: Decimal
    taxes: tuple[tuple[Rate, Decimal], ...] = ()

    @property
    def total(self) -> Decimal:
        """What the customer pays for it."""
        return self.net + self.tax


def taken_off(amount: Decimal, percent: Decimal, fixed: Decimal, currency: str) -> Decimal:
    """A discount on an amount: never more than the amount."""
    return min(money.rounded(amount * percent / 100, currency) + fixed, amount)


def basket(
    items: Sequence[Item], currency: str, *, percent: Decimal = ZERO, fixed: Decimal = ZERO
) -> list[Priced]:
    """Price a whole basket: each line's own discount, then its share of the basket's, then its taxes."""
    gross = [money.rounded(item.quantity * item.unit_price, currency) for item in items]
    own = [
        taken_off(amount, item.percent, item.fixed, currency)
        for item, amount in zip(items, gross, strict=True)
    ]
    left = [amount - off for amount, off in zip(gross, own, strict=True)]
    shares = shared_out(taken_off(sum(left, ZERO), percent, fixed, currency), left, currency)
    return [
        taxed(item, gross[at], own[at], share=shares[at], currency=currency)
        for at, item in enumerate(items)
    ]


def shared_out(discount: Decimal, left: Sequence[Decimal], currency: str) -> list[Decimal]:
    """A basket's discount on its lines, in proportion to what they cost."""
    if not discount:
        return [ZERO for _amount in left]
    return [part.amount for part in money.allocate(Money(currency, discount), left)]


def taxed(item: Item, gross: Decimal, own: Decimal, *, share: Decimal, currency: str) -> Priced:
    """A line with its taxes; several of them stand side by side on the same net amount."""
    amount = Money(currency, gross - own - share)
    if item.included:
        whole = sum((each.rate for each in item.rates), ZERO)
        split = money.split_inclusive(amount, whole)
        parts = apart(split.tax, item.rates)
        net = split.net.amount
    else:
        parts = [money.tax_of(amount, each.rate, TaxMode.PER_LINE).amount for each in item.rates]
        net = amount.amount
    taxes = tuple(zip(item.rates, parts, strict=True))
    return Priced(gross, own, share, net, sum(parts, ZERO), taxes)


def apart(tax: Money, rates: Sequence[Rate]) -> list[Decimal]:
    """The tax in a price by each of its taxes."""
    if not any(each.rate for each in rates):
        return [ZERO for _rate in rates]
    return [part.amount for part in money.allocate(tax, [each.rate for each in rates])]
