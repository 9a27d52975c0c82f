"""Paying: the money dialog, the answer with the change, and the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.operations.invoicing import standings
from prs.operations.invoicing.permissions import OVERRIDE
from prs.operations.invoicing.services import Override
from prs.operations.till import permissions, receipts, rules, services
from prs.operations.till.models import Sale, Tender
from prs.operations.till.selectors import sales, shifts
from prs.operations.till.services import Handed
from prs.web.kit.access import found, requires
from prs.web.kit.downloads import document_response
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.till.counter import read_amount
from prs.web.till.counter_state import Counter, approving, refusal_part, selling, tell
from prs.web.till.sheets import sheet

METHODS = (
    ("cash", lazy("Cash"), "cash", "c"),
    ("card", lazy("Card"), "credit-card", "k"),
    ("mobile", lazy("Mobile money"), "device-mobile", "m"),
    ("bank", lazy("Bank transfer"), "building-bank", "b"),
)


@approving
@selling
@once
def pay(request: Any) -> HttpResponse:
    """Take the money for the basket, and sell it."""
    here: Counter = request.counter
    if request.method == "POST":
        return take(request, here)
    if here.basket is None or not here.lines:
        raise services.BasketEmpty
    return sheet(request, "till/_pay.html", pay_words(here))


def pay_words(here: Counter) -> dict[str, Any]:
    """What the dialog shows: the total, what is likely to be handed over, and the credit that is left."""
    basket, currency = here.basket, here.shift.currency
    assert basket is not None  # noqa: S101  (asked before)
    step = services.step_of(currency)
    coins = rules.in_coins(basket.total, step)
    account = None
    if basket.customer is not None:
        account = standings.account_of(basket.customer, currency=currency, on=reader().today)
    return {
        "basket": basket,
        "currency": currency,
        "coins": coins,
        "quick": rules.quick_amounts(coins, currency),
        "methods": METHODS,
        "account": account,
        "approvers": shifts.with_pin(OVERRIDE),
        "step": step,
    }


def read_tenders(request: Any, here: Counter) -> list[Handed] | None:
    """What was handed over, row by row; None when an amount can't be read."""
    rows = zip(
        request.POST.getlist("method"),
        request.POST.getlist("amount"),
        [*request.POST.getlist("reference"), *[""] * 20],
        strict=False,
    )
    found_: list[Handed] = []
    for method, text, reference in rows:
        if not text.strip():
            continue
        amount = read_amount(request, text)
        if amount is None:
            return None
        exchange = sales.exchange_named(reference, here.place) if method == "exchange" else None
        if amount:
            found_.append(Handed(method, amount, reference, exchange))
    return found_


def take(request: Any, here: Counter) -> HttpResponse:
    """Sell the basket that the form names, at the total that was seen."""
    handed = read_tenders(request, here)
    if handed is None:
        return refusal_part(request, _("Enter the amounts as numbers."))
    basket = found(Sale.objects.filter(place=here.place), pk=request.POST.get("basket") or None)
    override = None
    if request.approver is not None or request.POST.get("override_reason"):
        word = request.POST.get("override_reason", "")
        override = Override(request.approver or here.by, word)
    seen = request.POST.get("seen", "")
    sold = services.sell(
        basket,
        handed,
        shift=here.shift,
        key=UUID(request.POST["once"]),
        by=here.by,
        at=clock.now(),
        on_credit=bool(request.POST.get("on_credit")),
        seen=Decimal(seen) if seen else None,
        override=override,
    )
    if not request.htmx:
        return redirect("till:done", sold.sale.pk)
    return tell(sheet(request, "till/_done.html", done_words(sold.sale, sold.tenders)), "sold")


def done_words(sale: Sale, tenders: Sequence[Tender]) -> dict[str, Any]:
    """What is said after a sale: the change, large."""
    return {
        "sale": sale,
        "tenders": tenders,
        "change": sum((each.change for each in tenders), Decimal(0)),
        "by_cash": any(each.method == Tender.Method.CASH for each in tenders),
    }


@require_GET
@selling
def done(request: Any, pk: UUID) -> HttpResponse:
    """The change of a sale, once more."""
    sale = found(sales.sales_visible_to(request.counter.by), pk=pk)
    return sheet(request, "till/_done.html", done_words(sale, sales.tenders_of(sale)))


# --- the receipt ----------------------------------------------------------------------------------


@require_GET
@requires(permissions.SELL, permissions.SHIFTS)
def receipt(request: Any, pk: UUID) -> HttpResponse:
    """The receipt as it comes out of an 80 mm printer; shown again it is marked a copy."""
    sale = found(sales.sales_visible_to(request.member), pk=pk)
    copy = "first" not in request.GET
    words = {"sheet": receipts.sheet_of(sale, request.organization, copy=copy), "sale": sale}
    return screen(request, "till/receipt.html", words)


@require_POST
@requires(permissions.SELL, permissions.SHIFTS)
def receipt_pdf(request: Any, pk: UUID) -> HttpResponseBase:
    """The receipt's document: made once, then always the same bytes."""
    sale = found(sales.sales_visible_to(request.member), pk=pk)
    return document_response(receipts.document_of(sale, at=clock.now()))


@require_POST
@requires(permissions.SELL, permissions.SHIFTS)
def receipt_mail(request: Any, pk: UUID) -> HttpResponse:
    """Mail the receipt to an address."""
    sale = found(sales.sales_visible_to(request.member), pk=pk)
    address = request.POST.get("email", "").strip() or getattr(sale.customer, "email", "")
    if "@" not in address[1:]:
        return refusal_part(request, _("Enter an e-mail address."))
    receipts.mail_to(sale, address, at=clock.now())
    if request.htmx:
        return tell(sheet_sent(request, address), "sent")
    return redirect("till:sale", sale.pk)


def sheet_sent(request: Any, address: str) -> HttpResponse:
    """A word that the mail is on its way."""
    return screen(request, "till/_sent.html", {"address": address})
