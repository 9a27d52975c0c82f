"""Goods that come back, and sales that are voided."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.ledgers.bookkeeping import selectors as books
from prs.masterdata.catalog import selectors as catalog
from prs.operations.till import permissions, services
from prs.operations.till.models import Sale, SaleLine, Tender
from prs.operations.till.selectors import sales, shelves, shifts
from prs.operations.till.services import Back
from prs.web.kit.access import found, requires
from prs.web.kit.once import once
from prs.web.kit.screens import screen
from prs.web.till.counter_state import approving, counter_of, selling
from prs.web.till.tables import RETURNS
from prs.web.till.tabs import tabs_of


@requires(permissions.SELL, permissions.SHIFTS)
def returned(request: Any) -> HttpResponse:
    """What came back."""
    rows = sales.returns_visible_to(request.member)
    return RETURNS.show(request, rows, tabs=tabs_of("returns", request.member))


@requires(permissions.SELL, permissions.SHIFTS)
def detail(request: Any, pk: UUID) -> HttpResponse:
    """One return."""
    row = found(sales.returns_visible_to(request.member), pk=pk)
    words = {
        "row": row,
        "lines": sales.return_lines_of(row),
        "tenders": sales.return_tenders_of(row),
        "credit_left": sales.credit_left(row) if row.kind == "exchange" else None,
        "entries": books.entries_of(row.pk) if request.member.may("books.view") else (),
    }
    return screen(request, "till/return.html", words)


def quantity_of(text: str) -> Decimal:
    """A quantity as it was typed; nothing when it is none."""
    try:
        number = Decimal(text.strip().replace(",", ".") or "0")
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)


@approving
@selling
@once
def return_sale(request: Any, pk: UUID) -> HttpResponse:
    """Take back goods of a sale: how much of each line, to the shelf or lost, and how money goes back."""
    sale = found(sales.sales_visible_to(request.counter.by), pk=pk)
    if sale.state != Sale.State.COMPLETED:
        raise services.NotSold
    lines = sales.lines_of(sale)
    if request.method == "POST":
        return take_back(request, sale, backs_of(request, lines))
    currency = sale.currency
    words = {
        "sale": sale,
        "lines": lines,
        "methods": methods_of(sale),
        "limit": shifts.setting_of(currency).return_limit,
        "approvers": shifts.with_pin(permissions.REFUND),
        "whole": request.GET.get("all") is not None,
    }
    return screen(request, "till/return_form.html", words)


def methods_of(sale: Sale | None) -> list[tuple[str, str]]:
    """How money can be given back; first as it came."""
    came = [each.method for each in sales.tenders_of(sale)] if sale else []
    ways = sorted(Tender.Method, key=lambda way: (way not in came, way != Tender.Method.CASH))
    return [(way.value, str(way.label)) for way in ways]


def backs_of(request: Any, lines: list[SaleLine]) -> list[Back]:
    """What of each line comes back."""
    return [
        Back(wanted, restock=not request.POST.get(f"lost-{line.pk}"), line=line)
        for line in lines
        if (wanted := quantity_of(request.POST.get(f"back-{line.pk}", "")))
    ]


def take_back(request: Any, sale: Sale | None, backs: list[Back]) -> HttpResponse:
    """Carry a return out; an exchange leads on to the till."""
    row = services.take_back(
        sale,
        backs,
        shift=request.counter.shift,
        method=request.POST.get("method", ""),
        reason=request.POST.get("reason", ""),
        key=UUID(request.POST["once"]),
        by=request.counter.by,
        at=clock.now(),
        approved_by=request.approver,
    )
    if row.kind == "exchange":
        words = {"number": row.number}
        messages.success(request, _("Pay the new basket with the credit of %(number)s.") % words)
    else:
        messages.success(request, _("The goods are taken back."))
    return redirect("till:return", row.pk)


@approving
@selling
@once
def without_receipt(request: Any) -> HttpResponse:
    """Take back goods of which nobody has the receipt; somebody else approves it."""
    text = request.GET.get("q", "").strip()
    if request.method == "POST":
        product = found(shelves.sold_here(), pk=request.POST.get("product") or None)
        back = Back(
            quantity_of(request.POST.get("quantity", "1")),
            restock=not request.POST.get("lost"),
            product=product,
        )
        return take_back(request, None, [back])
    receipt = sales.numbered(request.counter.by, text) if text else None
    if receipt is not None:
        return redirect("till:return_sale", receipt.pk)
    code = catalog.find_by_code(text) if text else None
    products = [code.product] if code else list(shelves.matching(text)[:8]) if text else []
    words = {
        "text": text,
        "products": products,
        "methods": methods_of(None),
        "approvers": shifts.with_pin(permissions.REFUND),
        "counter": request.counter,
    }
    return screen(request, "till/return_goods.html", words)


@require_POST
@approving
@requires(permissions.SELL)
@once
def void(request: Any, pk: UUID) -> HttpResponse:
    """Undo a sale while its drawer is open."""
    counter = counter_of(request)
    by = counter.by if counter else request.member
    sale = found(sales.sales_visible_to(by), pk=pk)
    services.void(
        sale,
        reason=request.POST.get("reason", ""),
        key=UUID(request.POST["once"]),
        by=by,
        at=clock.now(),
        approved_by=request.approver,
    )
    messages.success(request, _("The sale is voided."))
    return redirect("till:sale", sale.pk)
