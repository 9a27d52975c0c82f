"""Price lists, and the grid in which their prices are set."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.kernel.errors import Refusal
from prs.kernel.money import parse_amount
from prs.masterdata.catalog import permissions, selectors
from prs.masterdata.catalog import services as catalog
from prs.masterdata.catalog.models import Price, PriceList, Product
from prs.web.kit.access import found, requires
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.kit.searching import matching
from prs.web.stock.catalogue_forms import PriceListForm
from prs.web.stock.catalogue_tables import PRICE_LISTS, coded, counts, in_use
from prs.web.stock.editing import adding, changing, posted

ONE = Decimal(1)
PER_PAGE = 50
NEW = "new"


@requires(permissions.VIEW)
def price_lists(request: Any) -> HttpResponse:
    """What is asked of whom, and when."""
    own = Price.objects.filter(price_list=OuterRef("pk")).order_by().values("price_list")
    number = own.annotate(number=Count("pk")).values("number")
    rows = selectors.price_lists().annotate(prices=Coalesce(Subquery(number, IntegerField()), 0))
    return PRICE_LISTS.show(request, rows)


def address(row: PriceList) -> str:
    """Where a list's prices are."""
    return reverse("stock:price_list", args=[row.pk])


@requires(permissions.PRICES)
def add_price_list(request: Any) -> HttpResponse:
    """Add a price list."""
    form = PriceListForm(*posted(request), initial={"currency": request.organization.currency})
    words = {
        "title": _("Add a price list"),
        "save": _("Add price list"),
        "cancel": reverse("stock:price_lists"),
    }
    return adding(request, form, catalog.add_price_list, back=address, words=words)


@requires(permissions.PRICES)
def edit_price_list(request: Any, pk: UUID) -> HttpResponse:
    """Change a price list's name, level, time or whether it counts."""
    row = found(selectors.price_lists(), pk=pk)
    form = PriceListForm(*posted(request), instance=row)
    words = {"title": row.name, "save": _("Save price list"), "cancel": address(row)}
    verb = catalog.change_price_list
    return changing(request, form, verb, back=address(row), words=words)


@requires(permissions.VIEW)
@require_GET
def price_list(request: Any, pk: UUID) -> HttpResponse:
    """The prices of a list, each beside its product: a grid for those who may set them."""
    row = found(selectors.price_lists(), pk=pk)
    return screen(request, "stock/price_list.html", grid(request, row))


def asked(request: Any) -> QuerySet[Product]:
    """The products that the address asks for: by words, by shelf, priced or not."""
    rows = selectors.products_visible_to(request.member).filter(active=True)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if text:
        rows = rows.filter(matching(Product, ("name",), text) | coded(text))
    return rows.order_by("name", "pk")


def grid(
    request: Any,
    row: PriceList,
    *,
    entered: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A page of products with their prices in a list; what was entered wrongly stays as typed."""
    products = asked(request)
    if request.GET.get("which") == "priced":
        products = products.filter(pk__in=Price.objects.filter(price_list=row).values("product"))
    page = Paginator(products, PER_PAGE).get_page(request.GET.get("page"))
    steps: dict[UUID, list[Price]] = {}
    found_prices = Price.objects.filter(price_list=row, product__in=[each.pk for each in page])
    for price in found_prices.order_by("from_quantity", "pk"):
        steps.setdefault(price.product_id, []).append(price)
    words = reader()
    return {
        "price_list": row,
        "state": counts(row.starts_on, row.ends_on) if row.active else in_use(row.active),
        "page": page,
        "rows": [
            (each, cells(each, steps.get(each.pk, []), row, entered or {}, faults or {}))
            for each in page
        ],
        "faults": faults or {},
        "q": request.GET.get("q", ""),
        "which": request.GET.get("which", ""),
        "may_price": request.member.may(permissions.PRICES),
        "count": words.number(page.paginator.count),
    }


def cells(  # noqa: PLR0917
    product: Product,
    prices: list[Price],
    row: PriceList,
    entered: Mapping[str, str],
    faults: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The cells of a product: a price from one on, one for each further step, and an empty step."""
    words = reader()
    known = {price.from_quantity: price.amount for price in prices}
    steps = sorted({ONE, *known})
    made = [
        cell(
            f"{product.pk}:{step.normalize():f}",
            words.number(Decimal(format(step.normalize(), "f"))),
            words.figure(known[step], row.currency) if step in known else "",
            entered,
            faults,
        )
        for step in steps
    ]
    blank = cell(f"{product.pk}:{NEW}", "", "", entered, faults)
    return [*made, {**blank, "new": True, "step": entered.get(f"step-{product.pk}", "")}]


def cell(  # noqa: PLR0917
    name: str, label: str, shown: str, entered: Mapping[str, str], faults: Mapping[str, str]
) -> dict[str, Any]:
    """One cell of the grid."""
    return {
        "name": name,
        "label": label,
        "shown": shown,
        "value": entered.get(f"price-{name}", shown),
        "fault": faults.get(name, ""),
    }


@requires(permissions.PRICES)
@require_POST
def set_prices(request: Any, pk: UUID) -> HttpResponse:
    """Set the prices that were touched, all of them or none."""
    row = found(selectors.price_lists(), pk=pk)
    amounts, faults = entered_prices(request, row)
    if faults:
        context = grid(request, row, entered=request.POST.dict(), faults=faults)
        return screen(request, "stock/price_list.html", context, status=422)
    version = request.POST.get("version", "")
    row.version = int(version) if version.isascii() and version.isdigit() else 0
    count = catalog.set_prices(row, amounts, by=request.member, at=clock.now())
    text = ngettext("%(count)s price is set.", "%(count)s prices are set.", count)
    messages.success(request, text % {"count": reader().number(count)})
    return redirect(f"{address(row)}?{request.GET.urlencode()}")


def touched(request: Any) -> list[tuple[str, str, str, str]]:
    """The cells whose text is another than the page had shown: name, product, step, text."""
    found = []
    for key, text in request.POST.items():
        name = key.removeprefix("price-")
        product, _colon, step = name.partition(":")
        if name != key and text != request.POST.get(f"was-{name}", ""):
            found.append((name, product, step, text.strip()))
    return found


def entered_prices(
    request: Any, row: PriceList
) -> tuple[dict[tuple[UUID, Decimal], Decimal | None], dict[str, str]]:
    """What was entered anew, by product and quantity; and what can't be read, by cell."""
    amounts: dict[tuple[UUID, Decimal], Decimal | None] = {}
    faults: dict[str, str] = {}
    cells_touched = touched(request)
    asked_for = [pk for _name, product, _step, _text in cells_touched if (pk := uuid_in(product))]
    rows = selectors.products_visible_to(request.member).filter(pk__in=asked_for)
    known = {str(pk): pk for pk in rows.values_list("pk", flat=True)}
    for name, product, step, text in cells_touched:
        if product not in known:
            continue
        try:
            typed = request.POST.get(f"step-{product}", "")
            quantity = read(typed) if step == NEW else Decimal(step)
            amounts[known[product], quantity] = read(text, row.currency) if text else None
        except Refusal as refusal:
            faults[name] = str(refusal)
        except ArithmeticError:
            faults[name] = _("Enter a quantity.")
    return amounts, faults


def uuid_in(text: str) -> UUID | None:
    """An id that came as text, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def read(text: str, currency: str = "") -> Decimal:
    """An amount, or a quantity, as a person types it. Raises a refusal."""
    return parse_amount(text, get_language() or "en", currency=currency or None)
