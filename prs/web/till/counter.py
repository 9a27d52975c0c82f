"""The till's screen: the shelf on the left, the basket on the right."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from csp.decorators import csp_update
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.kernel.identity import badges
from prs.kernel.money import NotAnAmount, parse_amount
from prs.kernel.tenancy.models import StoredFile
from prs.masterdata.catalog import selectors as catalog
from prs.masterdata.catalog.models import Product
from prs.operations.till import permissions, rules, services
from prs.operations.till.models import Till
from prs.operations.till.selectors import sales, shelves, shifts
from prs.web.kit.access import found, requires
from prs.web.kit.downloads import file_response
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.till.counter_state import (
    SELLER,
    TILL,
    Counter,
    basket_answer,
    basket_words,
    counter_of,
    filled_answer,
    refusal_part,
    sell_as,
    seller,
    selling,
    shelf_words,
)

TIMES = re.compile(r"^(\d{1,5}(?:[.,]\d{1,3})?)\s*[*x×]\s*(.+)$")
KEYS = (
    ("Enter", lazy("Add what is typed or scanned; with nothing typed, pay")),
    ("5*", lazy("Before a code: so many of it")),
    ("↑ ↓", lazy("Choose a line of the basket")),
    ("+ -", lazy("One more, one less")),
    ("Del", lazy("Take the line out")),
    ("F2", lazy("Customer")),
    ("F3", lazy("Discount on the line")),
    ("F4", lazy("Retail or wholesale prices")),
    ("F6", lazy("Put the basket aside")),
    ("F7", lazy("Take a basket up again")),
    ("F8", lazy("Cash in or out")),
    ("F9", lazy("Pay")),
    ("F10", lazy("Somebody else sells")),
    ("Esc", lazy("Close, or empty the search")),
    ("?", lazy("Show these keys")),
)


# The camera's reader is WebAssembly.
@csp_update({"script-src": ["'wasm-unsafe-eval'"]})
@requires(permissions.SELL)
def counter(request: Any) -> HttpResponse:
    """The till; without an open drawer, the page on which one is opened."""
    here = counter_of(request)
    if here is None:
        return opening(request)
    words = {
        **basket_words(here),
        **shelf_words(request, here),
        "keys": KEYS,
        "level": here.level,
    }
    return screen(request, "till/counter.html", words)


def opening(request: Any, *, error: str = "", status: int = 200) -> HttpResponse:
    """Where a drawer is opened: the free tills, and those where somebody else's is open."""
    busy = {shift.till_id: shift for shift in shifts.open_shifts()}
    by = seller(request)
    tills = [(till, busy.get(till.pk)) for till in shifts.tills_for(by)]
    words = {
        "tills": tills,
        "first_free": next((till for till, shift in tills if shift is None), None),
        "by": by,
        "error": error,
        "currency": request.organization.currency,
    }
    return screen(request, "till/opening.html", words, status=status)


@require_POST
@requires(permissions.SELL)
def open_shift(request: Any) -> HttpResponse:
    """Open a drawer with its float."""
    till = chosen_till(request)
    amount = read_amount(request, request.POST.get("opening", "") or "0")
    if amount is None or amount < 0:
        return opening(request, error=_("Enter the float as an amount."), status=422)
    services.open_shift(till, opening=amount, by=seller(request), at=clock.now())
    request.session[TILL] = str(till.pk)
    return redirect("till:counter")


@require_POST
@requires(permissions.SELL)
def join(request: Any) -> HttpResponse:
    """Sell at a till whose drawer is open."""
    request.session[TILL] = str(chosen_till(request).pk)
    return redirect("till:counter")


@require_POST
@requires(permissions.SELL)
def leave(request: Any) -> HttpResponse:
    """Leave the till without closing its drawer; whoever is signed in is the seller again."""
    for word in (TILL, SELLER):
        request.session.pop(word, None)
    return redirect("shell:home")


def chosen_till(request: Any) -> Till:
    """The till that a form names, among those where the seller may sell."""
    try:
        pk = UUID(request.POST.get("till", ""))
    except ValueError as error:
        raise Http404 from error
    return found(shifts.tills_for(seller(request)), pk=pk)


def read_amount(request: Any, text: str) -> Decimal | None:
    """An amount as it was typed; None when it is none."""
    try:
        return parse_amount(text, reader().language, currency=request.organization.currency)
    except NotAnAmount:
        return None


# --- the shelf ------------------------------------------------------------------------------------


@require_GET
@selling
def shelf(request: Any) -> HttpResponse:
    """The products that were searched for."""
    words = {**shelf_words(request, request.counter), "counter": request.counter}
    return TemplateResponse(request, "till/_till_shelf.html", words)


@require_GET
@requires(permissions.SELL)
def picture(request: Any, pk: UUID) -> HttpResponseBase:
    """The picture of a product. Its address names the file, so a browser may keep it."""
    found(Product.objects.filter(image__isnull=False).order_by(), image=pk)
    stored = found(StoredFile.objects.all(), pk=pk)
    response = file_response(stored, inline=True)
    response["Cache-Control"] = "private, max-age=604800, immutable"
    return response


# --- into the basket ------------------------------------------------------------------------------


@require_POST
@selling
def scan(request: Any) -> HttpResponse:
    """What was scanned or typed: a badge, a code, or words that name one product."""
    here: Counter = request.counter
    text = request.POST.get("q", "").strip()[:200]
    if text.startswith(badges.PREFIX):
        return change_seller(request, text)
    times = TIMES.match(text)
    quantity = Decimal(times[1].replace(",", ".")) if times else Decimal(1)
    wanted = times[2].strip() if times else text
    product, in_pack = named(wanted)
    if product is None:
        return refusal_part(request, _("Nothing is called “%(text)s”.") % {"text": wanted}, 422)
    filled = services.put_in(here.till, product, quantity * in_pack, by=here.by, at=clock.now())
    return filled_answer(request, here, filled)


def named(text: str) -> tuple[Product | None, Decimal]:
    """The one product that a text names, and how many a pack of it holds."""
    row = catalog.find_by_code(text)
    if row is not None and row.product.active:
        return row.product, row.quantity
    rows = list(shelves.matching(text)[:2]) if text else []
    return (rows[0] if len(rows) == 1 else None), Decimal(1)


def change_seller(request: Any, badge: str) -> HttpResponse:
    """Somebody showed a badge: from now on they sell."""
    member = badges.read(badge, at=clock.now())
    if not member.may(permissions.SELL):
        raise services.NoRightToApprove(name=member.name)
    sell_as(request, member)
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response if request.htmx else redirect("till:counter")


@require_POST
@selling
def add(request: Any, pk: UUID) -> HttpResponse:
    """A product of the shelf was pressed."""
    product = found(shelves.sold_here(), pk=pk)
    here: Counter = request.counter
    filled = services.put_in(here.till, product, by=here.by, at=clock.now())
    return filled_answer(request, here, filled)


@require_POST
@selling
def quantity(request: Any, pk: UUID) -> HttpResponse:
    """So many of a line; none takes it out. `to` is a step's button, `quantity` what was typed."""
    here: Counter = request.counter
    line = found(sales.open_lines(pk, here.till))
    text = request.POST.get("to") or request.POST.get("quantity", "")
    try:
        wanted = Decimal(text.replace(",", "."))
        if not wanted.is_finite():
            raise services.NotInPieces(product=line.name, unit=line.unit)
    except InvalidOperation as error:
        raise services.NotInPieces(product=line.name, unit=line.unit) from error
    services.change_quantity(line, max(wanted, rules.ZERO), by=here.by, at=clock.now())
    return basket_answer(request, here, fresh=line.pk)


@require_GET
@selling
def basket(request: Any) -> HttpResponse:
    """The basket anew: something of it changed elsewhere."""
    return basket_answer(request, request.counter)


@require_POST
@selling
def level(request: Any) -> HttpResponse:
    """Retail or wholesale prices."""
    here: Counter = request.counter
    if here.basket is not None:
        other = "retail" if here.basket.level == "wholesale" else "wholesale"
        services.set_level(here.basket, other, at=clock.now())
    return basket_answer(request, here, "level")


@require_POST
@selling
def hold(request: Any) -> HttpResponse:
    """Put the basket aside."""
    here: Counter = request.counter
    if here.basket is None or not here.lines:
        raise services.BasketEmpty
    name = request.POST.get("name", "") or (here.basket.customer or "")
    services.hold(here.basket, name=str(name), by=here.by, at=clock.now())
    return basket_answer(request, here, "close")


@require_POST
@selling
def abandon(request: Any) -> HttpResponse:
    """Leave the basket: nothing is sold."""
    here: Counter = request.counter
    if here.basket is not None:
        services.abandon(here.basket, by=here.by, at=clock.now())
    return basket_answer(request, here, "close")
