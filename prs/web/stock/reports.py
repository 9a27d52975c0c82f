"""Alerts, and reports of stock: what it is worth, what was lost, and how fast it turns."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock.permissions import COSTS, VIEW
from prs.web.kit.access import requires
from prs.web.kit.fields import DayField
from prs.web.kit.forms import edit_screen
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.stock.document_tables import ALERTS

WORDS = {
    "fast": ("done", _("Fast")),
    "medium": ("plain", _("Medium")),
    "slow": ("waiting", _("Slow")),
    "dead": ("attention", _("Dead")),
}


@requires(VIEW)
def alerts(request: Any) -> HttpResponse:
    """What runs out or expires, and what did."""
    return ALERTS.show(request, stock.alerts())


@requires(VIEW)
@require_GET
def reports(request: Any) -> HttpResponse:
    """The reports there are."""
    context = {
        "section": "reports",
        "sees_costs": request.member.may(COSTS),
        "week": stock.weeks().first(),
    }
    return screen(request, "stock/reports.html", context)


class OnDayForm(forms.Form):
    """A day."""

    day = DayField(label=_("At the end of"))


class SpanForm(forms.Form):
    """From a day to a day."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))


def account_at(code: str, day: date) -> Decimal:
    """Debits less credits of an account at the end of a day."""
    account = books.accounts().filter(code=code).first()
    following = day + timedelta(days=1)
    return Decimal(0) if account is None else books.opening_balance(account, following)


@requires(COSTS)
@require_GET
def valuation(request: Any) -> HttpResponse:
    """What stock was worth at the end of a day, product by product, beside what the books say."""
    today = reader().today
    form = OnDayForm(request.GET if "day" in request.GET else None, initial={"day": today})
    day = form.cleaned_data["day"] if form.is_bound and form.is_valid() else today
    found: Any = stock.valued_on(day).select_related("unit")
    rows: list[Any] = list(found.order_by("-worth", "name", "pk")[:5000])
    here = sum((row.worth for row in rows), Decimal(0))
    moving = sum((row.moving_worth for row in rows), Decimal(0))
    lines: list[dict[str, Any]] = [
        {"label": _("On hand"), "worth": here, "posted": account_at(chart.INVENTORY, day)},
        {"label": _("In transit"), "worth": moving, "posted": account_at(chart.IN_TRANSIT, day)},
    ]
    context = {
        "day": day,
        "rows": rows,
        "lines": [{**line, "delta": line["worth"] - line["posted"]} for line in lines],
        "currency": request.organization.currency,
    }
    return edit_screen(request, "stock/valuation.html", form, context)


@requires(COSTS)
@require_GET
def shrinkage(request: Any) -> HttpResponse:
    """What was lost in a stretch of time, by kind and by product."""
    today = reader().today
    first = {"first": today - timedelta(days=30), "last": today}
    form = SpanForm(request.GET if "first" in request.GET else None, initial=first)
    span = form.cleaned_data if form.is_bound and form.is_valid() else first
    context = {
        "report": stock.shrinkage(first=span["first"], last=span["last"]),
        "span": span,
        "currency": request.organization.currency,
    }
    return edit_screen(request, "stock/shrinkage.html", form, context)


@requires(VIEW)
@require_GET
def velocity(request: Any) -> HttpResponse:
    """How fast each product turned over in thirty days."""
    since = reader().today - timedelta(days=stock.VELOCITY_DAYS)
    turns = stock.turns_of(stock.sold_since(since), stock.there_of_each())
    shown = [(row, WORDS[row.word]) for row in turns]
    counts = [
        (meaning, word, sum(1 for row in turns if row.word == key))
        for key, (meaning, word) in WORDS.items()
    ]
    return screen(request, "stock/velocity.html", {"rows": shown[:2000], "counts": counts})
