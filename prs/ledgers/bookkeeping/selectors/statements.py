"""What the books say of a time: trial balance, income statement, balance sheet, cash flow, tax."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from prs.kernel.tenancy.context import required_organization
from prs.ledgers.bookkeeping.models import Account
from prs.ledgers.bookkeeping.rules import (
    COST_OF_GOODS,
    DEBIT_NORMAL,
    PRICE_DIFFERENCES,
    SHRINKAGE,
)
from prs.ledgers.bookkeeping.selectors.chart import account_ids, accounts
from prs.ledgers.bookkeeping.selectors.sums import (
    NOTHING,
    WHOLE,
    ZERO,
    ByAccount,
    Slice,
    sums,
    sums_before_closing,
    until,
)

RESULT = ("revenue", "expense")


@dataclass(frozen=True)
class TrialRow:
    """One account in the trial balance. Amounts are in the home currency."""

    account_id: UUID
    code: str
    name: str
    kind: str
    debit: Decimal
    credit: Decimal
    before: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """Debits less credits."""
        return self.debit - self.credit

    @property
    def balance(self) -> Decimal:
        """The balance as the account's kind reads it."""
        return self.net if self.kind in DEBIT_NORMAL else -self.net

    @property
    def after(self) -> Decimal:
        """Debits less credits at the end."""
        return self.before + self.net


@dataclass(frozen=True)
class TrialBalance:
    """The accounts of a stretch of time, with totals that must be equal."""

    rows: tuple[TrialRow, ...]
    first: date
    last: date

    @property
    def debit(self) -> Decimal:
        return sum((row.debit for row in self.rows), ZERO)

    @property
    def credit(self) -> Decimal:
        return sum((row.credit for row in self.rows), ZERO)

    @property
    def before(self) -> Decimal:
        return sum((row.before for row in self.rows), ZERO)

    @property
    def after(self) -> Decimal:
        return sum((row.after for row in self.rows), ZERO)

    @property
    def balanced(self) -> bool:
        return self.debit == self.credit


def trial_balance(first: date, last: date, part: Slice = WHOLE) -> TrialBalance:
    """Debits and credits of every account between two days, both included, and what lay there before."""
    inside = sums(first, last, part)
    earlier = {} if part else until(first - timedelta(days=1))
    rows = []
    for row in accounts():
        here, there = inside.get(row.pk, NOTHING), earlier.get(row.pk, NOTHING)
        rows.append(
            TrialRow(row.pk, row.code, row.name, row.kind, here.debit, here.credit, there.net)
        )
    return TrialBalance(tuple(rows), first, last)


# --- statements with columns --------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A column of a statement: a stretch of time, of the whole or of a part of the books."""

    label: str
    first: date
    last: date
    part: Slice = WHOLE


@dataclass(frozen=True)
class Row:
    """A line of a statement, with an amount for each column.

    `style` is head, account, sum or total; `account_id` leads to the lines behind the figures.
    """

    label: str
    amounts: tuple[Decimal, ...] = ()
    style: str = "account"
    depth: int = 0
    code: str = ""
    account_id: UUID | None = None
    from_start: bool = False


@dataclass
class Statement:
    """A statement: its columns, its lines, and whether what must be equal is."""

    kind: str
    title: str
    spans: Sequence[Span]
    rows: list[Row] = field(default_factory=list)
    true: bool = True

    def head(self, label: str) -> None:
        self.rows.append(Row(label, style="head"))

    def total(
        self, label: str, amounts: Sequence[Decimal], style: str = "sum"
    ) -> tuple[Decimal, ...]:
        self.rows.append(Row(label, tuple(amounts), style))
        return tuple(amounts)


Sign = Callable[[Decimal], Decimal]


def minus(value: Decimal) -> Decimal:
    return -value


def plus(value: Decimal) -> Decimal:
    return value


class Builder:
    """Puts accounts into a statement in the order of the chart, parents above what is part of them."""

    def __init__(self, statement: Statement, nets: Sequence[ByAccount]) -> None:
        self.statement, self.nets = statement, nets
        self.accounts = list(accounts())
        self.children: dict[UUID | None, list[Account]] = {}
        for row in self.accounts:
            self.children.setdefault(row.parent_id, []).append(row)

    def amounts(self, row: Account, sign: Sign) -> tuple[Decimal, ...]:
        return tuple(sign(found.get(row.pk, NOTHING).net) for found in self.nets)

    def nothing(self) -> list[Decimal]:
        return [ZERO] * len(self.nets)

    def add(
        self, wanted: Callable[[Account], bool], sign: Sign, *, from_start: bool = False
    ) -> list[Decimal]:
        """Write the accounts that are wanted and have an amount. Returns the sums by column."""
        totals = self.nothing()
        for top in self.children.get(None, ()):
            self.write(top, totals, wanted=wanted, sign=sign, from_start=from_start)
        return totals

    def write(
        self,
        row: Account,
        totals: list[Decimal],
        *,
        wanted: Callable[[Account], bool],
        sign: Sign,
        from_start: bool,
        depth: int = 0,
    ) -> None:
        below = self.children.get(row.pk, [])
        if below:
            place = len(self.statement.rows)
            for child in below:
                self.write(
                    child,
                    totals,
                    wanted=wanted,
                    sign=sign,
                    from_start=from_start,
                    depth=depth + 1,
                )
            if len(self.statement.rows) > place:
                self.statement.rows.insert(place, Row(row.name, style="group", depth=depth))
            return
        amounts = self.amounts(row, sign)
        if not wanted(row) or not any(amounts):
            return
        for place, amount in enumerate(amounts):
            totals[place] += amount
        self.statement.rows.append(
            Row(
                row.name,
                amounts,
                depth=depth,
                code=row.code,
                account_id=row.pk,
                from_start=from_start,
            )
        )


def added(*columns: Sequence[Decimal]) -> list[Decimal]:
    """Columns added up, place by place."""
    return [sum(each, ZERO) for each in zip(*columns, strict=True)]


def income_statement(spans: Sequence[Span]) -> Statement:
    """What was earned and spent, and what is left of it."""
    statement = Statement("income", _("Income statement"), spans)
    nets = [sums_before_closing(span.first, span.last, span.part) for span in spans]
    builder = Builder(statement, nets)
    costs = set(account_ids((COST_OF_GOODS, SHRINKAGE, PRICE_DIFFERENCES)))
    statement.head(_("Revenue"))
    revenue = builder.add(lambda row: row.kind == "revenue", minus)
    statement.total(_("Total revenue"), revenue)
    statement.head(_("Cost of sales"))
    cost = builder.add(lambda row: row.pk in costs and row.kind == "expense", plus)
    statement.total(_("Total cost of sales"), cost)
    gross = added(revenue, [-each for each in cost])
    statement.total(_("Gross profit"), gross, "total")
    statement.head(_("Expenses"))
    spent = builder.add(lambda row: row.kind == "expense" and row.pk not in costs, plus)
    statement.total(_("Total expenses"), spent)
    statement.total(_("Net result"), added(gross, [-each for each in spent]), "grand")
    return statement


def result_of(found: ByAccount, kinds: dict[UUID, str]) -> Decimal:
    """What sums of accounts earn: revenue less expenses."""
    return -sum((each.net for pk, each in found.items() if kinds.get(pk) in RESULT), ZERO)


def balance_sheet(spans: Sequence[Span]) -> Statement:
    """What is owned and owed at the end of each span."""
    statement = Statement("balance", _("Balance sheet"), spans)
    nets = [until(span.last) for span in spans]
    builder = Builder(statement, nets)
    kinds = {row.pk: row.kind for row in builder.accounts}
    statement.head(_("Assets"))
    assets = builder.add(lambda row: row.kind == "asset", plus, from_start=True)
    statement.total(_("Total assets"), assets, "grand")
    statement.head(_("Liabilities"))
    owed = builder.add(lambda row: row.kind == "liability", minus, from_start=True)
    statement.total(_("Total liabilities"), owed)
    statement.head(_("Equity"))
    equity = builder.add(lambda row: row.kind == "equity", minus, from_start=True)
    result = [result_of(found, kinds) for found in nets]
    if any(result):
        statement.rows.append(Row(_("Result not yet closed"), tuple(result), "result"))
    equity = statement_total = added(equity, result)
    statement.total(_("Total equity"), statement_total)
    both = added(owed, equity)
    statement.total(_("Total liabilities and equity"), both, "grand")
    statement.true = assets == both
    return statement


def cash_flow(spans: Sequence[Span]) -> Statement:
    """Where money came from and went, from the result (indirect)."""
    statement = Statement("cash", _("Cash flow"), spans)
    nets = [sums_before_closing(span.first, span.last) for span in spans]
    builder = Builder(statement, nets)
    kinds = {row.pk: row.kind for row in builder.accounts}
    result = [result_of(found, kinds) for found in nets]
    statement.head(_("From operations"))
    statement.rows.append(Row(_("Net result"), tuple(result), "result"))

    def moves(way: str) -> list[Decimal]:
        return builder.add(lambda row: row.kind not in RESULT and row.cash_flow == way, minus)

    operating = added(result, moves("operating"))
    statement.total(_("Cash from operations"), operating)
    statement.head(_("From investments"))
    investing = moves("investing")
    statement.total(_("Cash from investments"), investing)
    statement.head(_("From financing"))
    financing = moves("financing")
    statement.total(_("Cash from financing"), financing)
    change = added(operating, investing, financing)
    statement.total(_("Change in cash"), change, "total")
    cash = {row.pk for row in builder.accounts if row.cash_flow == "cash"}
    before = [held(cash, until(span.first - timedelta(days=1))) for span in spans]
    after = [held(cash, until(span.last)) for span in spans]
    statement.total(_("Cash at the beginning"), before)
    statement.total(_("Cash at the end"), after, "grand")
    statement.true = added(before, change) == after
    return statement


def held(cash: set[UUID], found: ByAccount) -> Decimal:
    """What lies on accounts."""
    return sum((each.net for pk, each in found.items() if pk in cash), ZERO)


# --- tax ----------------------------------------------------------------------------------------------

TAXED = """
    SELECT t.account_id, sum(-t.home_amount), sum(-t.base)
    FROM (SELECT l.account_id, sum(l.home_amount) AS home_amount,
                 coalesce((SELECT sum(b.home_amount) FROM bookkeeping_line b
                           JOIN bookkeeping_account ba ON ba.id = b.account_id
                           WHERE b.entry_id = l.entry_id AND ba.tax = ''
                             AND (a.tax = 'output' AND ba.kind = 'revenue'
                                  OR a.tax = 'input' AND (ba.kind = 'expense'
                                     OR ba.kind = 'asset' AND ba.cash_flow <> 'cash'))), 0) AS base
          FROM bookkeeping_account a
          JOIN bookkeeping_line l ON l.organization_id = a.organization_id AND l.account_id = a.id
           AND l.entry_date BETWEEN %(first)s AND %(last)s
          WHERE a.organization_id = %(org)s AND a.tax <> ''
          GROUP BY l.account_id, l.entry_id, a.tax) t
    GROUP BY t.account_id
"""


@dataclass(frozen=True)
class TaxRow:
    """One tax account: what was taxed, and the tax. What is owed is positive."""

    account: Account
    base: Decimal
    tax: Decimal


@dataclass(frozen=True)
class TaxReport:
    """The tax on sales and on purchases of a time, and what is left to pay."""

    first: date
    last: date
    output: tuple[TaxRow, ...]
    input: tuple[TaxRow, ...]

    @property
    def owed(self) -> Decimal:
        return sum((row.tax for row in self.output), ZERO)

    @property
    def reclaimed(self) -> Decimal:
        return sum((row.tax for row in self.input), ZERO)

    @property
    def payable(self) -> Decimal:
        return self.owed - self.reclaimed


def tax_report(first: date, last: date) -> TaxReport:
    """Tax on sales and on purchases between two days, with what it is a part of."""
    values: dict[str, Any] = {"org": required_organization(), "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(TAXED, values)
        found = {pk: (tax, base) for pk, tax, base in cursor.fetchall()}
    rows: dict[str, list[TaxRow]] = {"output": [], "input": []}
    for row in accounts().exclude(tax=""):
        tax, base = found.get(row.pk, (ZERO, ZERO))
        sign = 1 if row.tax == "output" else -1
        rows[row.tax].append(TaxRow(row, sign * base, sign * tax))
    return TaxReport(first, last, tuple(rows["output"]), tuple(rows["input"]))
