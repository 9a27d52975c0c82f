"""Exchange rates and revaluations, and the whole books as plain text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.services import record
from prs.kernel.errors import Refusal
from prs.kernel.files import Kind, checked, table_rows
from prs.kernel.identity.permissions import EXPORT
from prs.ledgers.bookkeeping import permissions, selectors, services
from prs.ledgers.bookkeeping.selectors import plaintext
from prs.web import events
from prs.web.books.forms import RateForm, RatesFileForm, RevalueForm
from prs.web.books.sheets import attached
from prs.web.kit.access import requires
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen

LARGEST = 1024 * 1024
FORMATS = {"beancount": "beancount", "hledger": "journal"}


@requires(permissions.VIEW)
def rates(request: Any) -> HttpResponse:
    """What other currencies are worth; a rate is entered here."""
    home = request.organization.currency
    form = RateForm(None, initial={"on": reader().today}, home=home)
    if request.method == "POST":
        return enter_rate(request, home)
    return rates_screen(request, form)


def enter_rate(request: Any, home: str) -> HttpResponse:
    """Enter one rate."""
    if not request.member.may(permissions.SETTINGS):
        return redirect("books:rates")
    form = RateForm(request.POST, home=home)
    if form.is_valid():
        try:
            services.set_rate(**form.cleaned_data, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("books:rates")
    return rates_screen(request, form, status=422)


def rates_screen(
    request: Any, form: Any, *, faults: list[str] | None = None, status: int = 200
) -> HttpResponse:
    """The page of rates."""
    today = reader().today
    held = services.held_abroad(today)
    names = {row.pk: row for row in selectors.accounts()}
    rows = selectors.rates().order_by("-day", "currency")[:200]
    context = {
        "form": form,
        "file": RatesFileForm(),
        "revalue": RevalueForm(initial={"on": today}),
        "rates": rows,
        "held": [{"held": row, "account": names[row.account_id]} for row in held],
        "revaluations": selectors.revaluations()[:24],
        "faults": faults or [],
        "may_set": request.member.may(permissions.SETTINGS),
        "may_export": request.member.may(EXPORT),
        "may_revalue": request.member.may(permissions.PERIODS),
        "currency": request.organization.currency,
    }
    return screen(request, "books/rates.html", context, status=status)


@requires(permissions.SETTINGS)
@require_POST
def import_rates(request: Any) -> HttpResponse:
    """Rates from a file, all or none."""
    form = RatesFileForm(request.POST, request.FILES)
    entered = RateForm(None, initial={"on": reader().today}, home=request.organization.currency)
    if not form.is_valid():
        return rates_screen(request, entered, faults=[_("Choose a file.")], status=422)
    try:
        file = checked(form.cleaned_data["file"], kinds={Kind.CSV, Kind.XLSX}, limit_bytes=LARGEST)
        rows, faults = rates_of(table_rows(file.bytes, file.kind, most=20_000))
        if not faults:
            count = services.import_rates(rows, by=request.member, at=clock.now())
            messages.info(request, _("%(count)s rates were entered.") % {"count": count})
            return redirect("books:rates")
    except Refusal as refusal:
        faults = [str(refusal)]
    return rates_screen(request, entered, faults=faults[:20], status=422)


def rates_of(rows: list[list[str]]) -> tuple[list[tuple[str, date, Decimal]], list[str]]:
    """Rates of a file: date, currency, rate in this order. A head is passed over."""
    found, faults = [], []
    for number, row in enumerate(rows, start=1):
        if not any(row):
            continue
        try:
            day, currency, rate = row[:3]
            found.append((currency.strip().upper(), date.fromisoformat(day.strip()), Decimal(rate)))
        except (ValueError, InvalidOperation):
            if number > 1:
                faults.append(
                    _("Row %(row)s: date, currency and rate can't be read.") % {"row": number}
                )
    if not found and not faults:
        faults.append(_("The file holds no rates."))
    return found, faults


@requires(permissions.PERIODS)
@once
def revalue(request: Any) -> HttpResponse:
    """Count what is held in other currencies at the rates of a day."""
    form = RevalueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.revalue(on=form.cleaned_data["on"], by=request.member, at=clock.now())
        messages.info(request, _("The difference is posted, and taken back on the next day."))
    return redirect("books:rates")


@requires(EXPORT)
def plain_text(request: Any, form: str) -> HttpResponse:
    """The whole books as a plain-text accounting file."""
    if form not in FORMATS or not request.member.may(permissions.VIEW):
        raise Http404
    if request.method != "POST":
        return redirect("books:periods")
    content = plaintext.written(form)
    words = {"rows": content.count("\n"), "list": _("Books"), "format": form, "query": ""}
    record(
        events.LIST_EXPORTED, request.organization, by=request.member, at=clock.now(), words=words
    )
    name = f"{slugify(request.organization.name) or 'books'}-{reader().today}.{FORMATS[form]}"
    return attached(content.encode(), name, "text/plain; charset=utf-8")
