"""Products: the list, one of them with everything that belongs to it, its form and its picture."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from prs.kernel.activity.selectors import timeline
from prs.kernel.identity.models import Member
from prs.masterdata.catalog import permissions, rules, selectors
from prs.masterdata.catalog import services as catalog
from prs.masterdata.catalog.models import Barcode, Product
from prs.web.kit.access import found, requires
from prs.web.kit.downloads import file_response
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.stock.catalogue_forms import BarcodeForm, ProductForm
from prs.web.stock.catalogue_tables import PRODUCTS, counts, in_use, with_prices
from prs.web.stock.editing import adding, changing, posted
from prs.web.stock.product_stock import stock_of

# A stored file never changes under its name, so a browser may keep it.
FOR_GOOD = "private, max-age=31536000, immutable"
PICTURES = ("picture", "no_picture")


@requires(permissions.VIEW)
def products(request: Any) -> HttpResponse:
    """Everything that is sold."""
    currency = request.organization.currency
    rows = selectors.products_visible_to(request.member)
    rows = with_prices(rows, on=reader().today, currency=currency)
    return PRODUCTS.show(request, rows, may_import=request.member.may(permissions.EDIT))


@requires(permissions.VIEW)
@require_GET
def product(request: Any, pk: UUID) -> HttpResponse:
    """One product: its picture, facts, codes, packs, taxes, prices and stock."""
    row = found(selectors.products_visible_to(request.member), pk=pk)
    return screen(request, "stock/product.html", product_page(request, row))


def product_page(request: Any, row: Product, **more: Any) -> dict[str, Any]:
    """What the page of a product shows."""
    today, packs = reader().today, list(selectors.packs_of(row))
    form = BarcodeForm(packs=packs, unit=row.unit.symbol)
    shelf = next((s for s in selectors.tree() if s.category.pk == row.category_id), None)
    taxes = selectors.taxes_of(row, on=today)
    return {
        "product": row,
        "state": in_use(row.active),
        "shelf": shelf,
        "codes": [coded(each) for each in selectors.barcodes_of(row)],
        "packs": packs,
        "taxes": taxes,
        "tax_sum": sum((tax.rate for tax in taxes), start=rules.NOTHING),
        "names": dict(selectors.tax_rates().values_list("code", "name")),
        "prices": [
            (
                price,
                counts(price.price_list.starts_on, price.price_list.ends_on)
                if price.price_list.active
                else in_use(active=False),
            )
            for price in selectors.prices_of(row)
        ],
        "events": timeline(row),
        "barcode_form": form,
        "may_edit": request.member.may(permissions.EDIT),
        "may_price": request.member.may(permissions.PRICES),
        **stock_of(request, row),
        **more,
    }


def coded(row: Barcode) -> dict[str, Any]:
    """A barcode as it is printed, with what kind of number it is."""
    shown = rules.shown(row.code)
    kinds = {8: "EAN-8", 12: "UPC-A", 13: "EAN-13", 14: "GTIN-14"}
    kind = kinds.get(len(shown), "") if rules.is_gtin(shown) else ""
    return {"row": row, "shown": shown, "kind": kind or _("Own code"), "checked": bool(kind)}


@requires(permissions.VIEW)
@require_GET
def picture(request: Any, pk: UUID) -> HttpResponseBase:
    """The picture of a product, large or small."""
    row = found(selectors.products_visible_to(request.member).filter(Q(image=pk) | Q(thumbnail=pk)))
    stored = row.image if row.image_id == pk else row.thumbnail
    response = file_response(stored, inline=True)
    response["Cache-Control"] = FOR_GOOD
    return response


# --- the form -------------------------------------------------------------------------------------


def apart(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A product's own fields, without what is said of its picture."""
    return {name: value for name, value in fields.items() if name not in PICTURES}


def add_verb(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Product:
    """Add a product with its picture."""
    row = catalog.add_product(apart(fields), by=by, at=at)
    if fields.get("picture"):
        catalog.keep_picture(row, fields["picture"], by=by, at=at)
    return row


def change_verb(row: Product, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Product:
    """Change a product, its picture, or both."""
    own = apart(fields)
    if own:
        catalog.change_product(row, own, by=by, at=at)
    if fields.get("picture") or fields.get("no_picture"):
        catalog.keep_picture(row, fields.get("picture"), by=by, at=at)
    return row


def address(row: Product) -> str:
    """Where a product is shown."""
    return reverse("stock:product", args=[row.pk])


@requires(permissions.EDIT)
def add_product(request: Any) -> HttpResponse:
    """Add a product; a code that was scanned and not found comes along as its barcode."""
    unit = selectors.units().filter(symbol="pcs").first()
    form = ProductForm(*posted(request), initial={"unit": unit, "prices_include_tax": True})
    words = {
        "title": _("Add a product"),
        "save": _("Add product"),
        "cancel": reverse("stock:products"),
    }
    return adding(request, form, add_verb, back=address, words=words)


@requires(permissions.EDIT)
def edit_product(request: Any, pk: UUID) -> HttpResponse:
    """Change a product."""
    row = found(selectors.products_visible_to(request.member), pk=pk)
    form = ProductForm(*posted(request), instance=row)
    words = {"title": row.name, "save": _("Save product"), "cancel": address(row)}
    return changing(request, form, change_verb, back=address(row), words=words)
