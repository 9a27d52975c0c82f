"""Sales that were made: the list, and one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from prs.kernel.activity.selectors import timeline
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.till import permissions
from prs.operations.till.models import Sale
from prs.operations.till.selectors import sales, shifts
from prs.web.kit.access import found, requires
from prs.web.kit.screens import screen
from prs.web.till.tables import SALES, sale_state
from prs.web.till.tabs import tabs_of


@requires(permissions.SELL, permissions.SHIFTS)
def history(request: Any) -> HttpResponse:
    """What was sold."""
    rows = sales.sales_visible_to(request.member)
    return SALES.show(request, rows, tabs=tabs_of("sales", request.member))


@requires(permissions.SELL, permissions.SHIFTS)
def sale(request: Any, pk: UUID) -> HttpResponse:
    """One sale: what was bought, how it was paid, what came back, and what one can do with it."""
    row = found(sales.sales_visible_to(request.member), pk=pk)
    sold = row.state == Sale.State.COMPLETED
    words = {
        "sale": row,
        "state": sale_state(row.state, row.total, row.returned, row.on_credit),
        "lines": sales.lines_of(row),
        "tenders": sales.tenders_of(row),
        "returns": sales.returns_of(row),
        "entries": books.entries_of(row.pk) if request.member.may("books.view") else (),
        "may_return": sold and row.returned < row.total and request.member.may(permissions.SELL),
        "may_void": sold
        and not row.returned
        and row.shift.state == "open"
        and request.member.may(permissions.SELL),
        "approvers": shifts.with_pin(permissions.VOID),
        "timeline": timeline(row),
    }
    return screen(request, "till/sale.html", words)
