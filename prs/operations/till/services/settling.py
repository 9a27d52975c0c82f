"""How a total is paid: what was handed over, what comes back as change, and what stays owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prs.kernel import money
from prs.kernel.money import Money
from prs.operations.till import rules
from prs.operations.till.models import Return, Tender, TillSetting
from prs.operations.till.services.refusals import NotEnough, TooMuch, WrongTender

ZERO = Decimal(0)
METHODS = Tender.Method


@dataclass(frozen=True)
class Handed:
    """Something that a customer pays with. `exchange` is the return whose credit is spent."""

    method: str
    amount: Decimal
    reference: str = ""
    exchange: Return | None = None


@dataclass(frozen=True)
class Part:
    """What of something handed over pays the sale, and what goes back as change."""

    handed: Handed
    amount: Decimal
    change: Decimal = ZERO


@dataclass(frozen=True)
class Settlement:
    """How a sale is paid: the parts, what rounding to coins adds, and what stays owed."""

    parts: tuple[Part, ...]
    rounding: Decimal
    owed: Decimal

    @property
    def paid(self) -> Decimal:
        """What was paid over the counter."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def change(self) -> Decimal:
        """What the customer gets back."""
        return sum((part.change for part in self.parts), ZERO)


def settlement(
    total: Decimal, handed: Sequence[Handed], *, step: Decimal, on_credit: bool, currency: str
) -> Settlement:
    """Divide a total among what was handed over: cash pays the rest, in whole coins, and gives change.

    :raises WrongTender: something handed over is nothing, or of no kind that we know.
    :raises TooMuch: what gives no change comes to more than the total.
    :raises NotEnough: something is missing and nothing is to stay owed.
    """
    for each in handed:
        known = each.method in METHODS.values and (each.method == "exchange") == bool(each.exchange)
        if each.amount <= 0 or not known:
            raise WrongTender
    others = [each for each in handed if each.method != METHODS.CASH]
    cash = sum((each.amount for each in handed if each.method == METHODS.CASH), ZERO)
    rest = total - sum((each.amount for each in others), ZERO)
    if rest < 0:
        raise TooMuch
    parts = [Part(each, each.amount) for each in others]
    due = rules.in_coins(rest, step) if cash or not (handed or on_credit) else rest
    if cash >= due:
        if due:
            parts.append(Part(Handed(METHODS.CASH, cash), due, cash - due))
        return Settlement(tuple(parts), due - rest, ZERO)
    if not on_credit:
        raise NotEnough(missing=money.spoken(Money(currency, due - cash)))
    if cash:
        parts.append(Part(Handed(METHODS.CASH, cash), cash))
    return Settlement(tuple(parts), ZERO, rest - cash)


def step_of(currency: str) -> Decimal:
    """The smallest coin of a currency that is in use here; zero when every amount can be paid."""
    row = TillSetting.objects.filter(currency=currency).first()
    return row.rounding_step if row else ZERO
