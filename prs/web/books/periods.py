"""Years and months of the books: set up, closed, locked, opened by two people; opening balances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from prs.kernel import clock, money
from prs.kernel.errors import Refusal
from prs.kernel.files import Kind, checked, table_rows
from prs.ledgers.bookkeeping import permissions, selectors, services
from prs.ledgers.bookkeeping.rules import month_later
from prs.ledgers.bookkeeping.services import CheckItem, LineDraft, Written
from prs.web.books.forms import OpeningForm, WhyForm, YearForm
from prs.web.books.spans import fiscal_year_start
from prs.web.kit.access import found, requires
from prs.web.kit.forms import edit_screen
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen

LARGEST = 1024 * 1024
CODE = ("code", "account", "number")
DEBIT = ("debit", "dr")
CREDIT = ("credit", "cr")


@requires(permissions.VIEW)
@require_safe
def periods(request: Any) -> HttpResponse:
    """Years and their months, what was asked of them, and what may be done."""
    asked = list(selectors.reopenings()[:50])
    waiting = {row.period_id: row for row in asked if row.decided_at is None}
    months: list[dict[str, Any]] = [
        {"row": row, "asked": waiting.get(row.pk)}
        for row in selectors.periods().order_by("starts_on")
    ]
    today = reader().today
    groups = [
        {
            "year": year,
            "months": [each for each in months if each["row"].year_id == year.pk],
            "over": today > year.ends_on,
        }
        for year in selectors.years()
    ]
    first = next_year(request, [group["year"] for group in groups])
    context = {
        "groups": groups,
        "others": [each for each in months if each["row"].year_id is None],
        "decided": [row for row in asked if row.decided_at is not None][:10],
        "form": YearForm(initial={"first": first}),
        "may": request.member.may(permissions.PERIODS),
        "may_open": request.member.may(permissions.EDIT),
        "me": request.member.pk,
        "today": today,
    }
    return screen(request, "books/periods.html", context)


def next_year(request: Any, years: list[Any]) -> Any:
    """The first day of the year that is set up next."""
    if years:
        return month_later(years[0].starts_on, 12)
    return fiscal_year_start(reader().today, request.organization.fiscal_year_start_month)


@requires(permissions.PERIODS)
@require_POST
def set_up_year(request: Any) -> HttpResponse:
    """Set up a fiscal year with its months."""
    form = YearForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["first"])))
        return redirect("books:periods")
    year = services.set_up_year(first=form.cleaned_data["first"], by=request.member, at=clock.now())
    messages.info(request, _("%(year)s is set up, all its months are open.") % {"year": year.name})
    return redirect("books:periods")


@requires(permissions.PERIODS)
@once
def close_period(request: Any, pk: UUID) -> HttpResponse:
    """Close a month, after looking through what must be well before."""
    row = found(selectors.periods(), pk=pk)
    items = services.checklist(row.starts_on, row.ends_on)
    if request.method == "POST":
        services.close_period(
            name=row.name, first=row.starts_on, last=row.ends_on, by=request.member, at=clock.now()
        )
        messages.info(request, _("%(name)s is closed.") % {"name": row.name})
        return redirect("books:periods")
    context = {
        "period": row,
        "items": items,
        "stops": any(item.stops and not item.well for item in items),
        "drafts": selectors.unposted(row.starts_on, row.ends_on)[:20],
    }
    return screen(request, "books/period_close.html", context)


@requires(permissions.PERIODS)
@require_POST
def lock_period(request: Any, pk: UUID) -> HttpResponse:
    """Lock a closed month for good."""
    row = found(selectors.periods(), pk=pk)
    services.lock_period(row, by=request.member, at=clock.now())
    return redirect("books:periods")


@requires(permissions.PERIODS)
def ask_to_open(request: Any, pk: UUID) -> HttpResponse:
    """Ask somebody else to open a closed month again."""
    row = found(selectors.periods(), pk=pk)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.ask_to_open(
            row, reason=form.cleaned_data["reason"], by=request.member, at=clock.now()
        )
        return redirect("books:periods")
    words = {
        "title": _("Open %(name)s again") % {"name": row.name},
        "why": _(
            "Somebody else who may close periods decides. Both names and the reason are kept."
        ),
        "press": _("Ask for it"),
        "back": redirect("books:periods").url,
    }
    return edit_screen(request, "books/step.html", form, words)


def deciding(*, granted: bool) -> Callable[..., HttpResponse]:
    """A view that decides what somebody else asked."""

    def view(request: Any, pk: UUID) -> HttpResponse:
        row = found(selectors.reopenings(), pk=pk)
        services.decide_opening(row, granted=granted, by=request.member, at=clock.now())
        return redirect("books:periods")

    return view


grant_opening = requires(permissions.PERIODS)(require_POST(deciding(granted=True)))
refuse_opening = requires(permissions.PERIODS)(require_POST(deciding(granted=False)))


@requires(permissions.PERIODS)
@once
def close_year(request: Any, pk: UUID) -> HttpResponse:
    """Close a year: its result moves into retained earnings."""
    row = found(selectors.years(), pk=pk)
    if request.method == "POST":
        services.close_year(row, by=request.member, at=clock.now())
        messages.info(request, _("%(name)s is closed.") % {"name": row.name})
        return redirect("books:periods")
    sums = selectors.sums(row.starts_on, row.ends_on)
    kinds = dict(selectors.accounts().values_list("pk", "kind"))
    result = -sum(
        (each.net for key, each in sums.items() if kinds[key] in {"revenue", "expense"}), Decimal(0)
    )
    items = services.checklist(row.starts_on, row.ends_on)
    if not services.last_month_open(row):
        items.append(CheckItem(well=False, text=str(services.LastMonthClosed()), stops=True))
    context = {
        "year": row,
        "result": result,
        "loss": -result,
        "retained": selectors.account_for("3900"),
        "currency": request.organization.currency,
        "items": items,
        "stops": any(item.stops and not item.well for item in items),
    }
    return screen(request, "books/year_close.html", context)


# --- opening balances ---------------------------------------------------------------------------------


@requires(permissions.EDIT)
@once
def opening(request: Any) -> HttpResponse:
    """Opening balances from a file: they become a draft, which is looked over, approved and posted."""
    start = fiscal_year_start(reader().today, request.organization.fiscal_year_start_month)
    first = {"on": start - timedelta(days=1)}
    form = OpeningForm(request.POST or None, request.FILES or None, initial=first)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            file = checked(
                form.cleaned_data["file"], kinds={Kind.CSV, Kind.XLSX}, limit_bytes=LARGEST
            )
            lines, faults = balances_of(table_rows(file.bytes, file.kind, most=2_000))
            if not faults:
                return redirect("books:draft", write_opening(request, form, lines).pk)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    status = 422 if form.is_bound and (form.errors or faults) else 200
    return screen(request, "books/opening.html", {"form": form, "faults": faults}, status=status)


def write_opening(request: Any, form: OpeningForm, lines: list[LineDraft]) -> Any:
    """The draft of opening balances."""
    written = Written(
        form.cleaned_data["on"], _("Opening balances"), request.organization.currency, lines
    )
    services.check(written)
    return services.write(written, by=request.member, at=clock.now(), kind="opening")


def balances_of(rows: list[list[str]]) -> tuple[list[LineDraft], list[str]]:
    """The lines of a file of balances, with what is wrong in it."""
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    places = [place_of(head, words) for words in (CODE, DEBIT, CREDIT)]
    if places[0] is None or (places[1] is None and places[2] is None):
        return [], [_("The head names code, debit and credit.")]
    known = {row.code: row for row in selectors.leaves()}
    lines, faults = [], []
    for number, row in enumerate(rows[1:], start=2):
        code, debit, credit = (
            row[place].strip() if place is not None and place < len(row) else "" for place in places
        )
        if not code:
            continue
        try:
            amount = typed(debit) - typed(credit)
        except Refusal:
            faults.append(_("Row %(row)s: the amount can't be read.") % {"row": number})
            continue
        if code not in known:
            words = {"row": number, "code": code}
            faults.append(_("Row %(row)s: no account in use has the code %(code)s.") % words)
        elif amount:
            lines.append(LineDraft(known[code], amount))
    return lines, faults


def place_of(head: list[str], words: tuple[str, ...]) -> int | None:
    """The column whose head is one of these words."""
    return next((head.index(word) for word in words if word in head), None)


def typed(text: str) -> Decimal:
    """An amount in a file; empty is nothing."""
    return money.parse_amount(text, reader().language) if text else Decimal(0)
