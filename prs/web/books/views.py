"""The ledger as people read it: trial balance, accounts, entries and periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.ledgers.bookkeeping import permissions, selectors, services
from prs.web.books.forms import PeriodForm, SpanForm
from prs.web.kit.access import found, requires
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen

SHOWN_LINES = 500


def fiscal_year_start(today: date, month: int) -> date:
    """The first day of the fiscal year that a day lies in."""
    return date(today.year if today.month >= month else today.year - 1, month, 1)


def asked_span(request: Any) -> tuple[SpanForm, date, date]:
    """The stretch of time that the address names; the fiscal year until today without one."""
    today = reader().today
    start = fiscal_year_start(today, request.organization.fiscal_year_start_month)
    initial = {"first": start, "last": today}
    form = SpanForm(request.GET if "first" in request.GET else None, initial=initial)
    if form.is_bound and form.is_valid():
        return form, form.cleaned_data["first"], form.cleaned_data["last"]
    return form, start, today


@requires(permissions.VIEW)
def trial_balance(request: Any) -> HttpResponse:
    """Debits and credits of every account, and that they are equal."""
    form, first, last = asked_span(request)
    balance = selectors.trial_balance(first, last)
    shown = [row for row in balance.rows if row.debit or row.credit]
    context = {"balance": balance, "rows": shown, "form": form, "first": first, "last": last}
    return screen(request, "books/trial_balance.html", context)


@dataclass(frozen=True)
class RunningLine:
    """A posting with the balance after it."""

    line: Any
    balance: Decimal


@requires(permissions.VIEW)
def account(request: Any, pk: UUID) -> HttpResponse:
    """One account: its postings with a running balance."""
    row = found(selectors.accounts(), pk=pk)
    form, first, last = asked_span(request)
    opening = selectors.opening_balance(row, first)
    lines = list(selectors.ledger_of(row, first, last)[: SHOWN_LINES + 1])
    running, shown = opening, []
    for line in lines[:SHOWN_LINES]:
        running += line.home_amount
        shown.append(RunningLine(line, running))
    context = {
        "account": row,
        "form": form,
        "first": first,
        "last": last,
        "opening": opening,
        "lines": shown,
        "closing": running,
        "more": len(lines) > SHOWN_LINES,
    }
    return screen(request, "books/account.html", context)


@requires(permissions.VIEW)
def entry(request: Any, pk: UUID) -> HttpResponse:
    """One journal entry with its lines."""
    row = found(selectors.entries().select_related("reverses"), pk=pk)
    context = {"entry": row, "lines": selectors.lines_of([row.pk])}
    return screen(request, "books/entry.html", context)


@requires(permissions.VIEW)
def periods(request: Any) -> HttpResponse:
    """Which stretches of the books are closed."""
    context = {
        "periods": selectors.periods(),
        "form": PeriodForm(),
        "may_edit": request.member.may(permissions.EDIT),
    }
    return screen(request, "books/periods.html", context)


@requires(permissions.EDIT)
@require_POST
def close_period(request: Any) -> HttpResponse:
    """Close a stretch of the books."""
    form = PeriodForm(request.POST)
    if not form.is_valid():
        context = {"periods": selectors.periods(), "form": form, "may_edit": True}
        return screen(request, "books/periods.html", context, status=422)
    period = services.close_period(by=request.member, at=clock.now(), **form.cleaned_data)
    messages.info(request, _("%(name)s is closed.") % {"name": period.name})
    return redirect("books:periods")


@requires(permissions.EDIT)
@require_POST
def open_period(request: Any, pk: UUID) -> HttpResponse:
    """Open a closed period again."""
    period = found(selectors.periods(), pk=pk)
    services.open_period(period, by=request.member, at=clock.now())
    return redirect("books:periods")
