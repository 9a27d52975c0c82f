"""The chart a new organization gets, and what a posting is made of. Source: reference 12."""

from __future__ import annotations

import itertools
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypedDict, Unpack
from uuid import UUID

CASH = "1000"
TILLS = "1005"
BANK = "1010"
CARD_CLEARING = "1020"
MOBILE_MONEY = "1030"
CHEQUES = "1040"
RECEIVABLE = "1100"
INVENTORY = "1200"
IN_TRANSIT = "1210"
INPUT_TAX = "1300"
PAYABLE = "2000"
RECEIVED_NOT_BILLED = "2010"
TAX_PAYABLE = "2100"
CUSTOMER_DEPOSITS = "2200"
SALES = "4000"
WHOLESALE = "4010"
SALES_RETURNS = "4100"
SALES_DISCOUNTS = "4200"
INVENTORY_GAINS = "4910"
COST_OF_GOODS = "5000"
SHRINKAGE = "5100"
CASH_DIFFERENCES = "5110"
CASH_ROUNDING = "5120"
PRICE_DIFFERENCES = "5130"
COMMISSIONS = "5200"
BAD_DEBT = "5300"
EXCHANGE_REALISED = "5400"
EXCHANGE_UNREALISED = "5410"
CAPITAL = "3000"
RETAINED_EARNINGS = "3900"
COMMISSIONS_PAYABLE = "2300"

CHART: tuple[tuple[str, str, str], ...] = (
    (CASH, "Cash", "asset"),
    (TILLS, "Cash in tills", "asset"),
    (BANK, "Bank", "asset"),
    (CARD_CLEARING, "Card clearing", "asset"),
    (MOBILE_MONEY, "Mobile money", "asset"),
    (CHEQUES, "Cheques in hand", "asset"),
    (RECEIVABLE, "Accounts receivable", "asset"),
    (INVENTORY, "Inventory", "asset"),
    (IN_TRANSIT, "Inventory in transit", "asset"),
    (INPUT_TAX, "Input tax", "asset"),
    (PAYABLE, "Accounts payable", "liability"),
    (RECEIVED_NOT_BILLED, "Goods received, not billed", "liability"),
    (TAX_PAYABLE, "Tax payable", "liability"),
    (CUSTOMER_DEPOSITS, "Customer deposits", "liability"),
    (COMMISSIONS_PAYABLE, "Commissions payable", "liability"),
    (CAPITAL, "Capital", "equity"),
    (RETAINED_EARNINGS, "Retained earnings", "equity"),
    (SALES, "Retail sales", "revenue"),
    (WHOLESALE, "Wholesale sales", "revenue"),
    ("4020", "Service revenue", "revenue"),
    (SALES_RETURNS, "Sales returns", "revenue"),
    (SALES_DISCOUNTS, "Sales discounts", "revenue"),
    ("4900", "Other income", "revenue"),
    (INVENTORY_GAINS, "Inventory gains", "revenue"),
    (COST_OF_GOODS, "Cost of goods sold", "expense"),
    (SHRINKAGE, "Shrinkage", "expense"),
    (CASH_DIFFERENCES, "Cash over and short", "expense"),
    (CASH_ROUNDING, "Cash rounding", "expense"),
    (PRICE_DIFFERENCES, "Purchase price differences", "expense"),
    (COMMISSIONS, "Commissions", "expense"),
    (BAD_DEBT, "Bad debt", "expense"),
    (EXCHANGE_REALISED, "Exchange differences, realised", "expense"),
    (EXCHANGE_UNREALISED, "Exchange differences, unrealised", "expense"),
    ("6000", "Operating expenses", "expense"),
)
DEBIT_NORMAL = frozenset({"asset", "expense"})
# Accounts of the chart that nothing posts to by itself.
BY_HAND = frozenset({CAPITAL, "4020", "4900", "6000"})
HEADINGS = tuple(code for code, _name, _kind in CHART if code not in BY_HAND)
# Headings whose account no other heading shares: what lies there is counted against other records.
CONTROLLED = frozenset(
    {
        RECEIVABLE,
        CUSTOMER_DEPOSITS,
        PAYABLE,
        RECEIVED_NOT_BILLED,
        INVENTORY,
        IN_TRANSIT,
        TILLS,
        RETAINED_EARNINGS,
        COMMISSIONS_PAYABLE,
    }
)
CASH_FLOWS = {
    **dict.fromkeys((CASH, TILLS, BANK, CARD_CLEARING, MOBILE_MONEY, CHEQUES), "cash"),
    CAPITAL: "financing",
    RETAINED_EARNINGS: "financing",
}
TAXES = {INPUT_TAX: "input", TAX_PAYABLE: "output"}
# What people write and what the books write themselves, by the kind of their source.
DRAFT = "bookkeeping.draft"
YEAR = "bookkeeping.year"
REVALUATION = "bookkeeping.revaluation"
REVERSAL = "bookkeeping.reversal"


@dataclass(frozen=True)
class Side:
    """One line to post: an amount on an account, positive to debit and negative to credit.

    `account` is a heading of the system, which the organization's posting rules turn into an account,
    or the code of an account; `account_id` names one account and no other. `home` is the amount in the
    organization's currency; without it, the entry's rate decides. Branch, project and member are for
    reports by them; who posts says those that it knows.
    """

    account: str
    amount: Decimal
    party_id: UUID | None = None
    memo: str = ""
    home: Decimal | None = None
    account_id: UUID | None = None
    branch_id: UUID | None = None
    project_id: UUID | None = None
    member_id: UUID | None = None


class Dimensions(TypedDict, total=False):
    """What a line says besides its account and its amount."""

    party_id: UUID | None
    memo: str
    home: Decimal | None
    branch_id: UUID | None
    project_id: UUID | None
    member_id: UUID | None


def debit(account: str, amount: Decimal, **said: Unpack[Dimensions]) -> Side:
    """A debit of an amount."""
    return Side(account, amount, **said)


def credit(account: str, amount: Decimal, **said: Unpack[Dimensions]) -> Side:
    """A credit of an amount. `home`, where it is given, is below zero."""
    return Side(account, -amount, **said)


def valued(sides: Sequence[Side], rate: Decimal, unit: Decimal) -> list[Side]:
    """Each line with its amount in the home currency, rounded to its unit, together still zero.

    What rounding leaves over goes to the largest line whose home amount is free, where it weighs least.
    """
    homes = [
        side.home
        if side.home is not None
        else (side.amount * rate).quantize(unit, rounding=ROUND_HALF_UP)
        for side in sides
    ]
    free = [place for place, side in enumerate(sides) if side.home is None]
    if free and rate != 1:
        largest = max(free, key=lambda index: abs(homes[index]))
        homes[largest] -= sum(homes)
    return [replace(side, home=home) for side, home in zip(sides, homes, strict=True)]


def without_zeros(sides: tuple[Side, ...]) -> list[Side]:
    """The lines worth posting: a zero tells nothing."""
    return [side for side in sides if side.amount or side.home]


@dataclass(frozen=True)
class ChartRow:
    """An account as a file has it."""

    code: str
    name: str
    kind: str
    parent: str = ""
    cash_flow: str = ""
    tax: str = ""


KIND_WORDS = {
    "asset": ("asset", "assets", "bank", "cash", "receivable"),
    "liability": ("liability", "liabilities", "payable", "creditor"),
    "equity": ("equity", "capital"),
    "revenue": ("revenue", "income", "sales", "turnover"),
    "expense": ("expense", "expenses", "cost", "costs"),
}


def kind_of(word: str) -> str:
    """The kind that a word of a published chart means; empty when it means none."""
    typed = word.strip().lower().split(".")[0].replace("_", " ")
    for kind, words in KIND_WORDS.items():
        if typed in words or any(part in words for part in typed.split()):
            return kind
    return ""


def in_order(rows: Sequence[ChartRow]) -> list[ChartRow]:
    """The rows with what is above before what is part of it. Circles come last, as they are."""
    left = list(rows)
    placed: set[str] = set()
    found: list[ChartRow] = []
    codes = {row.code for row in rows}
    while left:
        ready = [row for row in left if row.parent not in codes or row.parent in placed]
        if not ready:
            return found + left
        found += ready
        placed |= {row.code for row in ready}
        left = [row for row in left if row.code not in placed]
    return found


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row of a file."""

    row: int
    value: str
    why: str


def months_of(first: date, count: int = 12) -> list[tuple[date, date]]:
    """The months of a year that begins on a day, each with its first and last day."""
    starts = [month_later(first, n) for n in range(count + 1)]
    return [(start, end - timedelta(days=1)) for start, end in itertools.pairwise(starts)]


def month_later(day: date, months: int) -> date:
    """The same day some months on; the month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_on(first: date, every: str, number: int) -> date:
    """The day on which something recurring is due for the n-th time, counted from zero."""
    if every == "week":
        return first + timedelta(weeks=number)
    return month_later(first, number * {"month": 1, "quarter": 3, "year": 12}[every])


def whole_months(first: date, last: date) -> tuple[str, str, list[tuple[date, date]]]:
    """The whole months between two days as `YYYY-MM` (from, to; from above to when there are none),
    and the stretches of days left over at the ends.
    """
    start = first if first.day == 1 else month_later(first.replace(day=1), 1)
    end = (last + timedelta(days=1)).replace(day=1)
    if start >= end:
        return "9999-99", "0000-00", [(first, last)]
    rest = []
    if first < start:
        rest.append((first, start - timedelta(days=1)))
    if end <= last:
        rest.append((end, last))
    return start.isoformat()[:7], (end - timedelta(days=1)).isoformat()[:7], rest
