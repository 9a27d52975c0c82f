"""The chart a new organization gets, and what a posting is made of. Source: reference 12."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

CASH = "1000"
BANK = "1010"
CARD_CLEARING = "1020"
MOBILE_MONEY = "1030"
CHEQUES = "1040"
RECEIVABLE = "1100"
TAX_PAYABLE = "2100"
CUSTOMER_DEPOSITS = "2200"
SALES = "4000"
SALES_RETURNS = "4100"
BAD_DEBT = "5300"
COMMISSIONS = "5200"
COMMISSIONS_PAYABLE = "2300"

CHART: tuple[tuple[str, str, str], ...] = (
    (CASH, "Cash", "asset"),
    (BANK, "Bank", "asset"),
    (CARD_CLEARING, "Card clearing", "asset"),
    (MOBILE_MONEY, "Mobile money", "asset"),
    (CHEQUES, "Cheques in hand", "asset"),
    (RECEIVABLE, "Accounts receivable", "asset"),
    ("1200", "Inventory", "asset"),
    ("1210", "Inventory in transit", "asset"),
    ("1300", "Input tax", "asset"),
    ("2000", "Accounts payable", "liability"),
    (TAX_PAYABLE, "Tax payable", "liability"),
    (CUSTOMER_DEPOSITS, "Customer deposits", "liability"),
    (COMMISSIONS_PAYABLE, "Commissions payable", "liability"),
    ("3000", "Capital", "equity"),
    ("3900", "Retained earnings", "equity"),
    (SALES, "Retail sales", "revenue"),
    ("4010", "Wholesale sales", "revenue"),
    ("4020", "Service revenue", "revenue"),
    (SALES_RETURNS, "Sales returns", "revenue"),
    ("4200", "Sales discounts", "revenue"),
    ("4900", "Other income", "revenue"),
    ("5000", "Cost of goods sold", "expense"),
    ("5100", "Shrinkage", "expense"),
    (COMMISSIONS, "Commissions", "expense"),
    (BAD_DEBT, "Bad debt", "expense"),
    ("6000", "Operating expenses", "expense"),
)
DEBIT_NORMAL = frozenset({"asset", "expense"})


@dataclass(frozen=True)
class Side:
    """One line to post: an amount on an account, positive to debit and negative to credit.

    `home` is the amount in the organization's currency; without it, the entry's rate decides.
    """

    account: str
    amount: Decimal
    party_id: UUID | None = None
    memo: str = ""
    home: Decimal | None = None


def debit(account: str, amount: Decimal, *, party_id: UUID | None = None, memo: str = "") -> Side:
    """A debit of an amount."""
    return Side(account, amount, party_id, memo)


def credit(account: str, amount: Decimal, *, party_id: UUID | None = None, memo: str = "") -> Side:
    """A credit of an amount."""
    return Side(account, -amount, party_id, memo)


def valued(sides: Sequence[Side], rate: Decimal, unit: Decimal) -> list[Side]:
    """Each line with its amount in the home currency, rounded to its unit, together still zero.

    What rounding leaves over goes to the largest line, where it weighs least.
    """
    homes = [
        side.home
        if side.home is not None
        else (side.amount * rate).quantize(unit, rounding=ROUND_HALF_UP)
        for side in sides
    ]
    if homes and rate != 1:
        largest = max(range(len(homes)), key=lambda index: abs(homes[index]))
        homes[largest] -= sum(homes)
    return [replace(side, home=home) for side, home in zip(sides, homes, strict=True)]


def without_zeros(sides: tuple[Side, ...]) -> list[Side]:
    """The lines worth posting: a zero tells nothing."""
    return [side for side in sides if side.amount]
