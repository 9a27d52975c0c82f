"""Drawers: counting one, confirming it, its report, and what today came to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.till import permissions, services
from prs.operations.till.selectors import sales, shifts
from prs.web.kit.access import found, requires
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.till.counter_state import SELLER, TILL, selling
from prs.web.till.tables import SHIFTS, shift_state
from prs.web.till.tabs import tabs_of

SEEING = (permissions.SELL, permissions.SHIFTS, permissions.VERIFY_SHIFT)


@requires(*SEEING)
def all_shifts(request: Any) -> HttpResponse:
    """Drawers, the newest first."""
    rows = shifts.shifts_visible_to(request.member)
    return SHIFTS.show(request, rows, tabs=tabs_of("shifts", request.member))


@requires(*SEEING)
def detail(request: Any, pk: UUID) -> HttpResponse:
    """One drawer with its X or Z report."""
    row = found(shifts.shifts_visible_to(request.member), pk=pk)
    may_confirm = (
        row.state == "closed"
        and request.member.may(permissions.VERIFY_SHIFT)
        and request.member.pk not in {row.member_id, row.closed_by_id}
    )
    words = {
        "shift": row,
        "state": shift_state(row.state),
        "report": shifts.report(row, reader=request.member),
        "may_confirm": may_confirm,
        "entries": books.entries_of(row.pk) if request.member.may("books.view") else (),
        "timeline": timeline(row),
    }
    return screen(request, "till/shift.html", words)


@selling
@once
def close(request: Any) -> HttpResponse:
    """Count the drawer, piece by piece; what is expected is not told."""
    shift = request.counter.shift
    pieces = [f"{piece.normalize():f}" for piece in shifts.denominations_of(shift)]
    if request.method == "POST":
        counted = {piece: whole(request.POST.get(f"piece-{piece}", "")) for piece in pieces}
        closed = services.close_shift(
            shift,
            counted,
            remarks=request.POST.get("remarks", ""),
            by=request.counter.by,
            at=clock.now(),
        )
        for word in (TILL, SELLER):
            request.session.pop(word, None)
        messages.success(request, _("The shift is counted. Somebody else confirms it."))
        mine = shifts.shifts_visible_to(request.member).filter(pk=closed.pk).exists()
        return redirect("till:shift", closed.pk) if mine else redirect("till:counter")
    basket = request.counter.basket
    words = {
        "shift": shift,
        "pieces": pieces,
        "basket": basket if basket and basket.line_count else None,
        "counter": request.counter,
    }
    return screen(request, "till/close.html", words)


def whole(text: str) -> int:
    """How many pieces were typed."""
    return int(text) if text.strip().isascii() and text.strip().isdigit() else 0


@require_POST
@requires(permissions.VERIFY_SHIFT)
def confirm(request: Any, pk: UUID) -> HttpResponse:
    """Confirm what a drawer held."""
    row = found(shifts.shifts_visible_to(request.member), pk=pk)
    services.confirm_shift(row, by=request.member, at=clock.now())
    messages.success(request, _("The shift is confirmed."))
    return redirect("till:shift", row.pk)


@requires(permissions.SELL, permissions.SHIFTS)
def today(request: Any) -> HttpResponse:
    """What today came to, beside yesterday and the same day last week."""
    day = reader().today
    figures = sales.figures(request.member, first=day, last=day)
    yesterday, last_week = day - timedelta(days=1), day - timedelta(days=7)
    earlier = sales.totals(request.member, [yesterday, last_week])
    words = {
        "day": day,
        "figures": figures,
        "before": earlier[yesterday],
        "week": earlier[last_week],
        "currency": request.organization.currency,
        "top": sales.top_products(request.member, first=day, last=day),
        "open_shifts": shifts.open_shifts() if request.member.may(permissions.SHIFTS) else (),
        "to_confirm": shifts.to_confirm(request.member),
        "tabs": tabs_of("today", request.member),
    }
    return screen(request, "till/today.html", words)
