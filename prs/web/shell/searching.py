"""Search over everything a member may see: pages, customers, deals, invoices, payments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from prs.kernel.identity.models import Member
from prs.masterdata.catalog import permissions as catalog_rights
from prs.masterdata.catalog import selectors as catalog
from prs.masterdata.catalog.models import Product
from prs.masterdata.parties import permissions as customer_rights
from prs.masterdata.parties import selectors as customers
from prs.masterdata.parties.models import Customer
from prs.operations.deals import permissions as deal_rights
from prs.operations.deals import selectors as deals
from prs.operations.deals.models import Deal
from prs.operations.invoicing import permissions as invoice_rights
from prs.operations.invoicing import selectors as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import permissions as payment_rights
from prs.operations.payments import selectors as payments
from prs.operations.payments.models import Payment
from prs.web.kit.access import Request, members_only
from prs.web.kit.reader import Reader, reader
from prs.web.kit.screens import screen
from prs.web.kit.searching import matching
from prs.web.shell.context import Shell

EACH = 5
SHORTEST = 2


@dataclass(frozen=True)
class Hit:
    """Something found."""

    label: str
    note: str
    icon: str
    url: str


@dataclass(frozen=True)
class Hits:
    """Things of one kind that were found."""

    label: str
    items: list[Hit]


@members_only
@require_GET
def search(request: Request) -> HttpResponse:
    """What begins with the words asked for, as a page or as the palette's list."""
    asked = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]
    context = {"q": asked, "groups": hits(request, asked)}
    parts = {"palette-results": "components/_palette_results.html"}
    return screen(request, "shell/search.html", context, parts=parts)


def hits(request: Request, asked: str) -> list[Hits]:
    """Groups of hits; without words, only the pages."""
    groups = [Hits(_("Pages"), pages(request, asked))]
    if len(asked) >= SHORTEST:
        now = reader()
        groups += [Hits(str(label), find(request.member, asked, now)) for label, find in kinds()]
    return [group for group in groups if group.items]


def kinds() -> list[tuple[str, Callable[[Member, str, Reader], list[Hit]]]]:
    """What is searched, in the order it is shown."""
    return [
        (_("Customers"), found_customers),
        (_("Deals"), found_deals),
        (_("Invoices"), found_invoices),
        (_("Payments"), found_payments),
        (_("Products"), found_products),
    ]


def pages(request: Request, asked: str) -> list[Hit]:
    """Places of the sidebar whose words hold what was asked."""
    items = [item for group in Shell(request).menu for item in group.items]
    return [
        Hit(item.label, "", item.icon, item.url)
        for item in items
        if asked.lower() in item.label.lower()
    ][: EACH if asked else None]


def address(name: str, pk: Any) -> str:
    """The address of a row's screen; empty while there is none."""
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""


def found_customers(member: Member, asked: str, now: Reader) -> list[Hit]:
    """Customers by name, code, or the other system's code."""
    if not member.may(customer_rights.VIEW):
        return []
    rows = customers.visible_to(member).filter(matching(Customer, ("name",), asked))
    found = rows.order_by("name", "pk").values_list("pk", "name", "code")[:EACH]
    return [Hit(name, code, "user", address("sales:customer", pk)) for pk, name, code in found]


def found_products(member: Member, asked: str, now: Reader) -> list[Hit]:
    """Products by name, SKU, or the barcode that was scanned."""
    if not member.may(catalog_rights.VIEW):
        return []
    named = catalog.products_visible_to(member).filter(matching(Product, ("name",), asked))
    rows = [(row.pk, row.name, row.sku) for row in named.order_by("name", "pk")[:EACH]]
    scanned = catalog.find_by_code(asked)
    if scanned is not None and scanned.product.pk not in {row[0] for row in rows}:
        product = scanned.product
        rows = [(product.pk, product.name, product.sku), *rows[: EACH - 1]]
    return [Hit(name, sku, "package", address("stock:product", pk)) for pk, name, sku in rows]


def numbered_first(rows: QuerySet[Any, Any], condition: Q, asked: str) -> list[Any]:
    """The newest rows that match; before them the one whose whole number was asked for."""
    exact = list(rows.filter(number__in=[asked, asked.upper()])[:EACH])
    others = [row for row in rows.filter(condition)[: EACH + len(exact)] if row not in exact]
    return [*exact, *others][:EACH]


def found_deals(member: Member, asked: str, now: Reader) -> list[Hit]:
    """Deals by number, by their own name or by the customer's."""
    if not member.may(deal_rights.VIEW):
        return []
    rows = (
        deals.visible_to(member)
        .order_by("-created_at", "-pk")
        .values_list("pk", "number", "name", "customer__name", "value", "currency")
    )
    found = numbered_first(rows, matching(Deal, ("number", "customer__name"), asked), asked)
    return [
        Hit(
            f"{number} · {name}",
            f"{customer} · {currency} {now.figure(value, currency)}",
            "heart-handshake",
            address("sales:deal", pk),
        )
        for pk, number, name, customer, value, currency in found
    ]


def found_invoices(member: Member, asked: str, now: Reader) -> list[Hit]:
    """Invoices by number or by the customer's name."""
    if not member.may(invoice_rights.VIEW):
        return []
    rows = (
        invoices.visible_to(member)
        .order_by("-created_at", "-pk")
        .values_list("pk", "number", "customer__name", "total", "currency")
    )
    found = numbered_first(rows, matching(Invoice, ("number", "customer__name"), asked), asked)
    return [
        Hit(
            number or _("Draft"),
            f"{customer} · {currency} {now.figure(total, currency)}",
            "file-invoice",
            address("billing:invoice", pk),
        )
        for pk, number, customer, total, currency in found
    ]


def found_payments(member: Member, asked: str, now: Reader) -> list[Hit]:
    """Payments by number, reference or the customer's name."""
    if not member.may(payment_rights.VIEW):
        return []
    rows = (
        payments.visible_to(member)
        .order_by("-recorded_at", "-pk")
        .values_list("pk", "number", "customer__name", "amount", "currency")
    )
    found = numbered_first(rows, matching(Payment, ("number", "customer__name"), asked), asked)
    return [
        Hit(
            number,
            f"{customer} · {currency} {now.figure(amount, currency)}",
            "cash",
            address("billing:payment", pk),
        )
        for pk, number, customer, amount, currency in found
    ]
