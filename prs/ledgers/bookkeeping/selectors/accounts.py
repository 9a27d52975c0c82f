"""One account or one party as the ledger has it: lines with a running balance, page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum

from prs.kernel.tenancy.context import required_organization
from prs.ledgers.bookkeeping.models import Account, Balance, Line
from prs.ledgers.bookkeeping.rules import CUSTOMER_DEPOSITS, PAYABLE, RECEIVABLE
from prs.ledgers.bookkeeping.selectors.chart import account_ids
from prs.ledgers.bookkeeping.selectors.sums import ZERO, Slice

PAGE = 100
CUSTOMERS = (RECEIVABLE, CUSTOMER_DEPOSITS)
SUPPLIERS = (PAYABLE,)
PARTIES = """
    SELECT l.party_id, sum(l.home_amount) FILTER (WHERE l.entry_date < %(first)s),
           sum(greatest(l.home_amount, 0)) FILTER (WHERE l.entry_date >= %(first)s),
           sum(greatest(-l.home_amount, 0)) FILTER (WHERE l.entry_date >= %(first)s)
    FROM bookkeeping_line l
    WHERE l.organization_id = %(org)s AND l.account_id = ANY(%(accounts)s)
      AND l.entry_date <= %(last)s
    GROUP BY l.party_id
"""


def ledger_of(
    account: Account, first: date, last: date, part: Slice | None = None
) -> QuerySet[Line]:
    """The postings on one account between two days, oldest first."""
    rows = Line.objects.filter(account=account, entry_date__range=(first, last))
    return sliced(rows, part).select_related("entry").order_by("entry_date", "pk")


def sliced(rows: QuerySet[Line], part: Slice | None) -> QuerySet[Line]:
    """Only the lines of a branch, a project or a member."""
    if part is None:
        return rows
    for name, value in (
        ("branch_id", part.branch),
        ("project_id", part.project),
        ("member_id", part.member),
    ):
        if value is not None:
            rows = rows.filter(**{name: value})
    return rows


def opening_balance(account: Account, first: date) -> Decimal:
    """Debits less credits on an account before a day: kept months, and the days of the last one."""
    kept = Balance.objects.filter(account=account, period__lt=first.isoformat()[:7])
    months = kept.aggregate(net=Sum(F("debit") - F("credit")))["net"] or ZERO
    days = Line.objects.filter(
        account=account, entry_date__gte=first.replace(day=1), entry_date__lt=first
    )
    return months + (days.aggregate(net=Sum("home_amount"))["net"] or ZERO)


@dataclass(frozen=True)
class Running:
    """A posting with the balance after it."""

    line: Line
    balance: Decimal


@dataclass(frozen=True)
class LedgerPage:
    """A page of an account: what lay there before its first line, its lines, and its neighbours."""

    opening: Decimal
    lines: list[Running]
    before: str
    after: str

    @property
    def closing(self) -> Decimal:
        return self.lines[-1].balance if self.lines else self.opening


Place = tuple[date, UUID]


def place_of(text: str) -> Place | None:
    """The place in an account that an address names; None when it can't be read."""
    day, _dot, pk = text.partition(".")
    try:
        return date.fromisoformat(day), UUID(pk)
    except ValueError:
        return None


def named(line: Line) -> str:
    """How an address names the place of a line."""
    return f"{line.entry_date}.{line.pk}"


def later(place: Place) -> Q:
    return Q(entry_date__gt=place[0]) | Q(entry_date=place[0], pk__gt=place[1])


def earlier(place: Place) -> Q:
    return Q(entry_date__lt=place[0]) | Q(entry_date=place[0], pk__lt=place[1])


def cut(
    rows: QuerySet[Line], after: Place | None, before: Place | None
) -> tuple[list[Line], bool, bool]:
    """The lines of one page, and whether there are others before and after it.

    The bound on the day alone is what the index answers; the rest sorts out one day.
    """
    if before is not None:
        chosen = rows.filter(earlier(before), entry_date__lte=before[0])
        lines = list(chosen.order_by("-entry_date", "-pk")[: PAGE + 1])[::-1]
        return lines[-PAGE:], len(lines) > PAGE, True
    chosen = rows if after is None else rows.filter(later(after), entry_date__gte=after[0])
    lines = list(chosen[: PAGE + 1])
    return lines[:PAGE], after is not None, len(lines) > PAGE


def page_of(
    rows: QuerySet[Line],
    balance_before: Callable[[Line | None], Decimal],
    *,
    after: Place | None = None,
    before: Place | None = None,
) -> LedgerPage:
    """One page of ordered lines, with the balance carried into it."""
    lines, more_before, more_after = cut(rows, after, before)
    opening = running = balance_before(lines[0] if lines else None)
    shown = []
    for line in lines:
        running += line.home_amount
        shown.append(Running(line, running))
    return LedgerPage(
        opening,
        shown,
        named(lines[0]) if lines and more_before else "",
        named(lines[-1]) if lines and more_after else "",
    )


def added_before(rows: QuerySet[Line], first: date, line: Line | None) -> Decimal:
    """What lines amount to before a day, or before one of them."""
    if line is None:
        chosen = rows.filter(entry_date__lt=first)
    else:
        place = (line.entry_date, line.pk)
        chosen = rows.filter(earlier(place), entry_date__lte=place[0])
    return chosen.order_by().aggregate(net=Sum("home_amount"))["net"] or ZERO


def account_page(
    account: Account,
    first: date,
    last: date,
    *,
    after: Place | None = None,
    before: Place | None = None,
    part: Slice | None = None,
) -> LedgerPage:
    """A page of one account. However deep it lies, whole months before it come from the kept sums."""
    every = sliced(Line.objects.filter(account=account), part)

    def balance_before(line: Line | None) -> Decimal:
        if part:
            return added_before(every, first, line)
        day = first if line is None else line.entry_date
        there = opening_balance(account, day)
        if line is not None:
            same_day = every.filter(entry_date=day, pk__lt=line.pk)
            there += same_day.aggregate(net=Sum("home_amount"))["net"] or ZERO
        return there

    rows = ledger_of(account, first, last, part)
    return page_of(rows, balance_before, after=after, before=before)


@dataclass(frozen=True)
class PartyRow:
    """A customer or a supplier in the sub-ledger: debits less credits."""

    party_id: UUID | None
    before: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def after(self) -> Decimal:
        return self.before + self.debit - self.credit


def parties(headings: Sequence[str], first: date, last: date) -> list[PartyRow]:
    """Everybody with something on the accounts of headings, the largest balances first."""
    values: dict[str, Any] = {
        "org": required_organization(),
        "accounts": account_ids(headings),
        "first": first,
        "last": last,
    }
    with connection.cursor() as cursor:
        cursor.execute(PARTIES, values)
        found = [
            PartyRow(party, *(amount or ZERO for amount in amounts))
            for party, *amounts in cursor.fetchall()
        ]
    shown = [row for row in found if row.after or row.debit or row.credit]
    return sorted(shown, key=lambda row: (-abs(row.after), str(row.party_id)))


def party_page(
    party_id: UUID,
    headings: Sequence[str],
    first: date,
    last: date,
    *,
    after: Place | None = None,
    before: Place | None = None,
) -> LedgerPage:
    """A page of what concerns one customer or supplier."""
    theirs = Line.objects.filter(party_id=party_id, account__in=account_ids(headings))
    rows = theirs.filter(entry_date__range=(first, last)).select_related("entry", "account")
    return page_of(
        rows.order_by("entry_date", "pk"),
        lambda line: added_before(theirs, first, line),
        after=after,
        before=before,
    )
