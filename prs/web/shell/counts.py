"""The live counts of the sidebar: what waits for this member, by menu code."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from prs.kernel.identity.models import Member
from prs.kernel.identity.rules import Permission
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping.permissions import APPROVE
from prs.operations.payments import selectors as payments
from prs.operations.payments.permissions import VERIFY

MOST = 99


class Count(NamedTuple):
    """How many things wait, and who is shown the number."""

    permission: Permission
    waiting: Callable[[Member], int]


def waiting_payments(member: Member) -> int:
    """Payments that this member may decide, counted up to a hundred."""
    return payments.waiting(member).order_by().values("pk")[: MOST + 1].count()


def waiting_entries(member: Member) -> int:
    """Entries by hand that others handed in, counted up to a hundred."""
    rows = books.waiting().exclude(submitted_by=member)
    return rows.order_by().values("pk")[: MOST + 1].count()


COUNTS: dict[str, Count] = {
    "verify": Count(VERIFY, waiting_payments),
    "books_journal": Count(APPROVE, waiting_entries),
}


def counts_for(member: Member) -> dict[str, str]:
    """The numbers beside the menu, as text; a menu code without rights is not among them."""
    found = {
        code: count.waiting(member)
        for code, count in COUNTS.items()
        if member.may(count.permission)
    }
    return {code: f"{MOST}+" if n > MOST else str(n or "") for code, n in found.items()}
