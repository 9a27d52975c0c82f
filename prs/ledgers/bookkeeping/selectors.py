"""Reads of the books."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from prs.kernel.tenancy.context import required_organization
from prs.ledgers.bookkeeping.models import Account, Balance, Entry, Line, Period
from prs.ledgers.bookkeeping.rules import DEBIT_NORMAL

ZERO = Decimal(0)
TRIAL_BALANCE = """
    SELECT a.id, a.code, a.name, a.kind,
           coalesce(sum(greatest(l.home_amount, 0)), 0),
           coalesce(sum(greatest(-l.home_amount, 0)), 0)
    FROM bookkeeping_account a
    LEFT JOIN (SELECT l.account_id, l.home_amount FROM bookkeeping_line l
               JOIN bookkeeping_entry e ON e.id = l.entry_id
               WHERE l.organization_id = %(org)s AND e.entry_date BETWEEN %(first)s AND %(last)s) l
           ON l.account_id = a.id
    WHERE a.organization_id = %(org)s
    GROUP BY a.id, a.code, a.name, a.kind ORDER BY a.code
"""
UNTRUE_BALANCES = """
    SELECT a.code, p.period
    FROM (SELECT l.account_id, to_char(e.entry_date, 'YYYY-MM') AS period,
                 sum(greatest(l.home_amount, 0)) AS debit, sum(greatest(-l.home_amount, 0)) AS credit
          FROM bookkeeping_line l JOIN bookkeeping_entry e ON e.id = l.entry_id
          WHERE l.organization_id = %(org)s GROUP BY 1, 2) p
    FULL JOIN (SELECT * FROM bookkeeping_balance WHERE organization_id = %(org)s) b
      ON b.account_id = p.account_id AND b.period = p.period
    JOIN bookkeeping_account a ON a.id = coalesce(p.account_id, b.account_id)
    WHERE p.debit IS DISTINCT FROM b.debit OR p.credit IS DISTINCT FROM b.credit
    ORDER BY 1, 2
"""


@dataclass(frozen=True)
class TrialRow:
    """One account in the trial balance. Amounts are in the home currency."""

    account_id: UUID
    code: str
    name: str
    kind: str
    debit: Decimal
    credit: Decimal

    @property
    def net(self) -> Decimal:
        """Debits less credits."""
        return self.debit - self.credit

    @property
    def balance(self) -> Decimal:
        """The balance as the account's kind reads it."""
        return self.net if self.kind in DEBIT_NORMAL else -self.net


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
    def balanced(self) -> bool:
        return self.debit == self.credit


def trial_balance(first: date, last: date) -> TrialBalance:
    """Debits and credits of every account between two days, both included."""
    with connection.cursor() as cursor:
        cursor.execute(
            TRIAL_BALANCE, {"org": required_organization(), "first": first, "last": last}
        )
        rows = tuple(TrialRow(*row) for row in cursor.fetchall())
    return TrialBalance(rows, first, last)


def accounts() -> QuerySet[Account]:
    """The chart of accounts, in the order of codes."""
    return Account.objects.order_by("code")


def entries() -> QuerySet[Entry]:
    """The journal."""
    return Entry.objects.all()


def entries_of(source_id: UUID) -> QuerySet[Entry]:
    """What one source posted, oldest first."""
    return Entry.objects.filter(source_id=source_id).order_by("posted_at", "number")


def lines_of(entry_ids: list[UUID]) -> QuerySet[Line]:
    """The lines of entries, with their accounts, in order."""
    return (
        Line.objects.filter(entry__in=entry_ids)
        .select_related("account", "entry")
        .order_by("entry__number", "position")
    )


def ledger_of(account: Account, first: date, last: date) -> QuerySet[Line]:
    """The postings on one account between two days, oldest first."""
    return (
        Line.objects.filter(account=account, entry__entry_date__range=(first, last))
        .select_related("entry")
        .order_by("entry__entry_date", "entry__number", "position")
    )


def opening_balance(account: Account, first: date) -> Decimal:
    """Debits less credits on an account before a day."""
    total = Line.objects.filter(account=account, entry__entry_date__lt=first).aggregate(
        total=Sum("home_amount")
    )["total"]
    return total or ZERO


def receivable_of(party_id: UUID, account: str) -> Decimal:
    """Debits less credits of one party on an account."""
    lines = Line.objects.filter(party_id=party_id, account__code=account)
    return lines.aggregate(total=Sum("home_amount"))["total"] or ZERO


def periods() -> QuerySet[Period]:
    """The periods, newest first."""
    return Period.objects.order_by("-starts_on")


def balances() -> QuerySet[Balance]:
    """Monthly sums of the accounts."""
    return Balance.objects.all()


def findings() -> Iterator[str]:
    """What is wrong in the books of the current organization; nothing when all is well."""
    values: dict[str, Any] = {"org": required_organization()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.number FROM bookkeeping_entry e JOIN bookkeeping_line l ON l.entry_id = e.id "
            "WHERE e.organization_id = %(org)s GROUP BY e.id, e.number, e.line_count, e.total "
            "HAVING sum(l.home_amount) <> 0 OR count(*) <> e.line_count "
            "ORDER BY e.number LIMIT 1",
            values,
        )
        for (number,) in cursor.fetchall():
            yield _("Entry {number} does not balance.").format(number=number)
        cursor.execute(UNTRUE_BALANCES, values)
        for code, period in cursor.fetchmany(1):
            yield _(
                "The balance of account {code} in {period} is not the sum of its lines."
            ).format(code=code, period=period)


@dataclass(frozen=True)
class PartyMovement:
    """What one entry did to the account of a party, in the home currency: debits less credits."""

    entry_id: UUID
    on: date
    number: str
    description: str
    source_kind: str
    source_id: UUID
    source_event: str
    reverses_id: UUID | None
    amount: Decimal


def movements_of(
    party_ids: Sequence[UUID], accounts: Sequence[str], *, until: date
) -> list[PartyMovement]:
    """What happened on accounts to some parties up to a day, oldest first, one for each entry."""
    rows = (
        Line.objects.filter(
            party_id__in=party_ids, account__code__in=accounts, entry__entry_date__lte=until
        )
        .order_by("entry__entry_date", "entry__number", "entry__pk")
        .values_list(
            "entry__pk",
            "entry__entry_date",
            "entry__number",
            "entry__description",
            "entry__source_kind",
            "entry__source_id",
            "entry__source_event",
            "entry__reverses_id",
        )
        .annotate(amount=Sum("home_amount"))
    )
    return [PartyMovement(*row) for row in rows]


def party_balance(party_ids: Sequence[UUID], accounts: Sequence[str], *, until: date) -> Decimal:
    """Debits less credits of some parties on accounts up to a day, in the home currency."""
    lines = Line.objects.filter(
        party_id__in=party_ids, account__code__in=accounts, entry__entry_date__lte=until
    )
    return lines.aggregate(total=Sum("home_amount"))["total"] or ZERO
