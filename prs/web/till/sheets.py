"""What opens over the till: the customer, discounts, baskets put aside, cash, and who sells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from prs.kernel import clock
from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import standings
from prs.operations.till import permissions, services
from prs.operations.till.models import CashMovement, SaleLine
from prs.operations.till.selectors import sales, shifts
from prs.web.kit.access import found, requires
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.till.counter import read_amount
from prs.web.till.counter_state import (
    Counter,
    approving,
    basket_answer,
    identified,
    refusal_part,
    sell_as,
    selling,
    tell,
)

MOST = 8


def sheet(request: Any, part: str, words: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A sheet over the till; a page of its own where there is no script."""
    words = {"counter": request.counter, "part": part, **words}
    parts = {"sheet-body": part}
    return screen(request, "till/sheet.html", words, parts=parts, status=status)


@selling
def customer(request: Any) -> HttpResponse:
    """Who buys: found by name, code or phone, each with what they owe and may still owe."""
    here: Counter = request.counter
    if request.method == "POST":
        return choose_customer(request, here)
    text = " ".join(request.GET.get("q", "").split())[:80]
    rows = at_the_till()
    rows = parties.by_words(rows, text) if text else rows.order_by("name", "pk")
    currency, today = here.shift.currency, reader().today
    shown = [(row, standings.account_of(row, currency=currency, on=today)) for row in rows[:MOST]]
    return sheet(
        request, "till/_customer.html", {"customers": shown, "text": text, "currency": currency}
    )


def at_the_till() -> Any:
    """Whoever may buy here: a counter serves every customer of the house, whoever looks after them."""
    return Customer.objects.filter(active=True, merged_into__isnull=True)


def choose_customer(request: Any, here: Counter) -> HttpResponse:
    """Put the customer's name on the basket, or take it off."""
    chosen: Customer | None = None
    if request.POST.get("customer"):
        chosen = found(at_the_till(), pk=request.POST["customer"])
    if here.basket is None:
        raise services.BasketEmpty
    services.set_customer(here.basket, chosen, at=clock.now())
    return basket_answer(request, here, "close", "level")


@approving
@selling
def discount(request: Any, pk: UUID | None = None) -> HttpResponse:
    """Take something off a line, or off the whole basket."""
    here: Counter = request.counter
    if here.basket is None:
        raise services.BasketEmpty
    line = found(sales.open_lines(pk, here.till)) if pk else None
    if request.method == "POST":
        return give_discount(request, here, line)
    words = {
        "line": line,
        "limit": services.limits_of(here.by)[0 if line else 1],
        "approvers": shifts.with_pin(permissions.DISCOUNT),
        "choices": (5, 10, 15, 20, 50),
        "currency": here.shift.currency,
    }
    return sheet(request, "till/_discount.html", words)


def give_discount(request: Any, here: Counter, line: SaleLine | None) -> HttpResponse:
    """Carry the discount out, by its own right or somebody's approval."""
    text = request.POST.get("percent_button") or request.POST.get("value", "")
    value = read_amount(request, text.strip() or "0")
    if value is None:
        return refusal_part(request, _("Enter a number."))
    as_percent = bool(request.POST.get("percent_button")) or request.POST.get("kind") == "percent"
    words: dict[str, Any] = {
        "percent": value if as_percent else Decimal(0),
        "fixed": Decimal(0) if as_percent else value,
        "by": here.by,
        "at": clock.now(),
        "approved_by": request.approver,
    }
    if line is not None:
        services.discount_line(line, **words)
    elif here.basket is not None:
        services.discount_basket(here.basket, **words)
    return basket_answer(request, here, "close")


@selling
def held(request: Any) -> HttpResponse:
    """Baskets put aside at this storefront, by whomever."""
    here: Counter = request.counter
    if request.method == "POST":
        row = found(sales.held_at(here.place), pk=request.POST.get("basket") or None)
        services.recall(row, here.till, by=here.by, at=clock.now())
        return basket_answer(request, here, "close", "level")
    return sheet(request, "till/_held.html", {"baskets": sales.held_at(here.place)[:40]})


@selling
@once
def cash(request: Any) -> HttpResponse:
    """Bring cash into the drawer, or take some out."""
    here: Counter = request.counter
    if request.method == "POST":
        amount = read_amount(request, request.POST.get("amount", ""))
        if amount is None:
            return refusal_part(request, _("Enter an amount."))
        services.move_cash(
            here.shift,
            request.POST.get("kind", ""),
            amount,
            reason=request.POST.get("reason", ""),
            by=here.by,
            at=clock.now(),
        )
        return basket_answer(request, here, "close", "moved")
    kinds = [each for each in CashMovement.Kind.choices if each[0] != CashMovement.Kind.FLOAT]
    words = {"kinds": kinds, "moved": shifts.movements_of(here.shift)}
    return sheet(request, "till/_cash.html", {**words, "currency": here.shift.currency})


@selling
def switch(request: Any) -> HttpResponse:
    """Somebody else sells from now on: who they are, they say by PIN; a badge is just scanned."""
    if request.method == "POST":
        member = identified(request) if request.POST.get("pin") else None
        if member is None or not member.may(permissions.SELL):
            return refusal_part(request, _("The PIN is wrong, or was tried too often."))
        sell_as(request, member)
        return tell(basket_answer(request, request.counter), "reload")
    return sheet(request, "till/_switch.html", {"people": shifts.with_pin(permissions.SELL)})


@requires(permissions.SELL)
def own_pin(request: Any) -> HttpResponse:
    """Set one's own PIN. Only whoever is signed in may, with their own password behind them."""
    error, status = "", 200
    if request.method == "POST":
        digits = request.POST.get("pin", "")
        if digits != request.POST.get("again"):
            error, status = _("The two PINs differ."), 422
        else:
            services.set_pin(request.member, digits, by=request.member, at=clock.now())
            messages.success(request, _("Your PIN is set."))
            return redirect("shell:home")
    return screen(request, "till/pin.html", {"error": error}, status=status)
