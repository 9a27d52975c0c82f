"""Debits and credits of accounts between two days, from the sums that the database keeps.

Whole months come from the kept sums, the days left over at the ends from the lines. A slice (one
branch, project or member) is added up from its lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from prs.kernel.tenancy.context import required_organization
from prs.ledgers.bookkeeping.rules import YEAR, whole_months

ZERO = Decimal(0)
BEGINNING = date(1900, 1, 1)
KEPT = """
    SELECT s.account_id, sum(s.debit), sum(s.credit) FROM (
      SELECT b.account_id, b.debit, b.credit FROM bookkeeping_balance b
      WHERE b.organization_id = %(org)s AND b.period BETWEEN %(from)s AND %(to)s
      UNION ALL
      SELECT l.account_id, greatest(l.home_amount, 0), greatest(-l.home_amount, 0)
      FROM bookkeeping_account a
      JOIN bookkeeping_line l ON l.organization_id = a.organization_id AND l.account_id = a.id
       AND (l.entry_date BETWEEN %(first)s AND %(first_end)s
            OR l.entry_date BETWEEN %(second)s AND %(second_end)s)
      WHERE a.organization_id = %(org)s AND %(rest)s
    ) s GROUP BY s.account_id
"""
SLICED = """
    SELECT l.account_id, sum(greatest(l.home_amount, 0)), sum(greatest(-l.home_amount, 0))
    FROM bookkeeping_line l
    WHERE l.organization_id = %(org)s AND l.entry_date BETWEEN %(first)s AND %(last)s
      AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s)
      AND (%(project)s::uuid IS NULL OR l.project_id = %(project)s)
      AND (%(member)s::uuid IS NULL OR l.member_id = %(member)s)
    GROUP BY l.account_id
"""
CLOSINGS = """
    SELECT l.account_id, sum(greatest(l.home_amount, 0)), sum(greatest(-l.home_amount, 0))
    FROM bookkeeping_entry e JOIN bookkeeping_line l ON l.entry_id = e.id
    WHERE e.organization_id = %(org)s AND e.source_kind = %(kind)s
      AND e.entry_date BETWEEN %(first)s AND %(last)s
    GROUP BY l.account_id
"""
NEVER = date(1, 1, 1)


@dataclass(frozen=True)
class Slice:
    """A part of the books: what one branch, one project or one member has to do with."""

    branch: UUID | None = None
    project: UUID | None = None
    member: UUID | None = None

    def __bool__(self) -> bool:
        return any((self.branch, self.project, self.member))


@dataclass(frozen=True)
class Sums:
    """Debits and credits of one account."""

    debit: Decimal
    credit: Decimal

    @property
    def net(self) -> Decimal:
        """Debits less credits."""
        return self.debit - self.credit


NOTHING = Sums(ZERO, ZERO)
WHOLE = Slice()
ByAccount = dict[UUID, Sums]


def asked(sql: str, values: Mapping[str, Any]) -> ByAccount:
    """Sums by account."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"org": required_organization(), **values})
        return {pk: Sums(debit, credit) for pk, debit, credit in cursor.fetchall()}


def sums(first: date, last: date, part: Slice = WHOLE) -> ByAccount:
    """Debits and credits of every account with any, between two days, both included."""
    if part:
        ids = {"branch": part.branch, "project": part.project, "member": part.member}
        return asked(SLICED, {"first": first, "last": last, **ids})
    start, end, rest = whole_months(first, last)
    (one, one_end), (two, two_end) = [*rest, (NEVER, NEVER), (NEVER, NEVER)][:2]
    return asked(
        KEPT,
        {
            "from": start,
            "to": end,
            "first": one,
            "first_end": one_end,
            "second": two,
            "second_end": two_end,
            "rest": bool(rest),
        },
    )


def sums_before_closing(first: date, last: date, part: Slice = WHOLE) -> ByAccount:
    """The same without the entries that close a year: what was earned and spent."""
    found = sums(first, last, part)
    if part:
        # Closing entries name no branch, project or member.
        return found
    for pk, closed in asked(CLOSINGS, {"kind": YEAR, "first": first, "last": last}).items():
        had = found.get(pk, NOTHING)
        found[pk] = Sums(had.debit - closed.debit, had.credit - closed.credit)
    return found


def until(last: date) -> ByAccount:
    """Debits and credits of every account from the beginning to a day."""
    return sums(BEGINNING, last)
