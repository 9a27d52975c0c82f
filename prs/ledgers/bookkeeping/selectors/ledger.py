"""Reads of entries and lines, and what is wrong with them."""

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
from prs.ledgers.bookkeeping.models import Balance, Entry, FiscalYear, Line
from prs.ledgers.bookkeeping.rules import YEAR
from prs.ledgers.bookkeeping.selectors.chart import account_ids

ZERO = Decimal(0)
UNTRUE_BALANCES = """
    SELECT a.code, p.period
    FROM (SELECT l.account_id, to_char(l.entry_date, 'YYYY-MM') AS period,
                 sum(greatest(l.home_amount, 0)) AS debit, sum(greatest(-l.home_amount, 0)) AS credit
          FROM bookkeeping_line l
          WHERE l.organization_id = %(org)s GROUP BY 1, 2) p
    FULL JOIN (SELECT * FROM bookkeeping_balance WHERE organization_id = %(org)s) b
      ON b.account_id = p.account_id AND b.period = p.period
    JOIN bookkeeping_account a ON a.id = coalesce(p.account_id, b.account_id)
    WHERE p.debit IS DISTINCT FROM b.debit OR p.credit IS DISTINCT FROM b.credit
    ORDER BY 1, 2
"""


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


def receivable_of(party_id: UUID, account: str) -> Decimal:
    """Debits less credits of one party on the account of a heading."""
    lines = Line.objects.filter(party_id=party_id, account__in=account_ids([account]))
    return lines.aggregate(total=Sum("home_amount"))["total"] or ZERO


def net_of(heading: str) -> Decimal:
    """Debits less credits on the accounts of a heading, added up from their lines."""
    lines = Line.objects.filter(account__in=account_ids([heading]))
    return lines.aggregate(total=Sum("home_amount"))["total"] or ZERO


def source_of(entry: Entry) -> Entry:
    """The entry that a reversal undoes, or the entry itself: whose document is meant."""
    return entry.reverses if entry.reverses is not None else entry


def reversal_of(entry: Entry) -> Entry | None:
    """The entry that undid this one."""
    return Entry.objects.filter(reverses=entry).first()


def balances() -> QuerySet[Balance]:
    """Monthly sums of the accounts."""
    return Balance.objects.all()


UNBALANCED = """
    SELECT e.number FROM bookkeeping_entry e JOIN bookkeeping_line l ON l.entry_id = e.id
    WHERE e.organization_id = %(org)s GROUP BY e.id, e.number, e.line_count, e.entry_date
    HAVING sum(l.home_amount) <> 0 OR count(*) <> e.line_count
        OR bool_or(l.entry_date IS DISTINCT FROM e.entry_date)
    ORDER BY e.number LIMIT 1
"""
UNBALANCED_IN_CURRENCY = """
    SELECT e.number FROM bookkeeping_entry e
    JOIN (SELECT l.entry_id FROM bookkeeping_line l WHERE l.organization_id = %(org)s
          GROUP BY l.entry_id, l.currency HAVING sum(l.amount) <> 0) x ON x.entry_id = e.id
    ORDER BY e.number LIMIT 1
"""
LEFT_BY_CLOSING = """
    SELECT sum(l.home_amount) FROM bookkeeping_line l
    JOIN bookkeeping_account a ON a.id = l.account_id AND a.kind IN ('revenue', 'expense')
    WHERE l.organization_id = %(org)s AND l.entry_date BETWEEN %(first)s AND %(last)s
    GROUP BY l.account_id HAVING sum(l.home_amount) <> 0 LIMIT 1
"""


def findings() -> Iterator[str]:
    """What is wrong in the books of the current organization; nothing when all is well."""
    values: dict[str, Any] = {"org": required_organization()}
    with connection.cursor() as cursor:
        for sql in (UNBALANCED, UNBALANCED_IN_CURRENCY):
            cursor.execute(sql, values)
            for (number,) in cursor.fetchall():
                yield _("Entry {number} does not balance.").format(number=number)
        cursor.execute(UNTRUE_BALANCES, values)
        for code, period in cursor.fetchmany(1):
            yield _(
                "The balance of account {code} in {period} is not the sum of its lines."
            ).format(code=code, period=period)
        for year in FiscalYear.objects.filter(closing__isnull=False).order_by("starts_on"):
            span = {"first": year.starts_on, "last": year.ends_on}
            cursor.execute(LEFT_BY_CLOSING, {**values, **span})
            if cursor.fetchone():
                yield _("The closing of {year} leaves something in its result.").format(
                    year=year.name
                )


def closings(first: date, last: date) -> QuerySet[Entry]:
    """Entries that closed a year or took a closing back, between two days."""
    return Entry.objects.filter(source_kind=YEAR, entry_date__range=(first, last))


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
            party_id__in=party_ids, account__in=account_ids(accounts), entry_date__lte=until
        )
        .order_by("entry_date", "entry__number", "entry__pk")
        .values_list(
            "entry__pk",
            "entry_date",
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
        party_id__in=party_ids, account__in=account_ids(accounts), entry_date__lte=until
    )
    return lines.aggregate(total=Sum("home_amount"))["total"] or ZERO
