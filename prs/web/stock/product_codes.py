"""Barcodes and packs of a product."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.errors import Refusal
from prs.masterdata.catalog import permissions, rules, selectors
from prs.masterdata.catalog import services as catalog
from prs.masterdata.catalog.models import Barcode, Pack, Product
from prs.web.kit.access import found, requires
from prs.web.kit.screens import screen
from prs.web.stock.catalogue_forms import BarcodeForm, PackForm
from prs.web.stock.editing import adding, changing, posted
from prs.web.stock.products import address, product_page


def of(request: Any, pk: UUID) -> Product:
    """The product of an address."""
    row: Product = found(selectors.products_visible_to(request.member), pk=pk)
    return row


@requires(permissions.EDIT)
@require_POST
def add_barcode(request: Any, pk: UUID) -> HttpResponse:
    """Let a code name this product, or a pack of it."""
    row = of(request, pk)
    packs = list(selectors.packs_of(row))
    form = BarcodeForm(request.POST, packs=packs, unit=row.unit.symbol)
    if form.is_valid() and added(request, row, form, packs):
        return redirect("stock:product", row.pk)
    page = product_page(request, row, barcode_form=form)
    return screen(request, "stock/product.html", page, status=422)


def added(request: Any, row: Product, form: BarcodeForm, packs: list[Pack]) -> bool:
    """Add the code that was sent; False, with the reason at its field, when it is refused."""
    pack = next((each for each in packs if str(each.pk) == form.cleaned_data["pack"]), None)
    try:
        catalog.add_barcode(
            row, form.cleaned_data["code"], pack=pack, by=request.member, at=clock.now()
        )
    except Refusal as refusal:
        form.add_error("code", str(refusal))
        return False
    return True


@requires(permissions.EDIT)
@require_POST
def make_barcode(request: Any, pk: UUID) -> HttpResponse:
    """Give a product a number of our own."""
    row = of(request, pk)
    made = catalog.make_barcode(row, by=request.member, at=clock.now())
    messages.success(request, _("Its own barcode is %(code)s.") % {"code": rules.shown(made.code)})
    return redirect("stock:product", row.pk)


@requires(permissions.EDIT)
@require_POST
def remove_barcode(request: Any, pk: UUID) -> HttpResponse:
    """Let a code name nothing any more."""
    code = found(Barcode.objects.select_related("product"), pk=pk)
    catalog.remove_barcode(code, by=request.member, at=clock.now())
    return redirect("stock:product", code.product_id)


def packs_for(request: Any) -> Any:
    """The packs of the products that the member sees."""
    rows = Pack.objects.filter(
        product__in=selectors.products_visible_to(request.member).values("pk")
    )
    return rows.select_related("product__unit")


@requires(permissions.EDIT)
def add_pack(request: Any, pk: UUID) -> HttpResponse:
    """Say that a product comes in a pack too."""
    row = of(request, pk)
    verb = partial(catalog.add_pack, row)
    words = pack_words(row, title=_("Add a pack"), save=_("Add pack"))
    return adding(
        request, PackForm(*posted(request)), verb, back=lambda _: address(row), words=words
    )


def pack_words(row: Product, *, title: str, save: str) -> dict[str, Any]:
    """What the form of a pack says."""
    why = _("How many %(unit)s of %(product)s are in it.") % {
        "unit": row.unit.symbol,
        "product": row.name,
    }
    crumbs = [(row.name, address(row))]
    return {"title": title, "save": save, "why": why, "cancel": address(row), "crumbs": crumbs}


@requires(permissions.EDIT)
def pack(request: Any, pk: UUID) -> HttpResponse:
    """Change a pack."""
    row = found(packs_for(request), pk=pk)
    words = pack_words(row.product, title=row.name, save=_("Save pack"))
    words["remove"] = reverse("stock:remove_pack", args=[row.pk])
    form = PackForm(*posted(request), instance=row)
    return changing(request, form, catalog.change_pack, back=address(row.product), words=words)


@requires(permissions.EDIT)
@require_POST
def remove_pack(request: Any, pk: UUID) -> HttpResponse:
    """Remove a pack with its codes."""
    row = found(packs_for(request), pk=pk)
    catalog.remove_pack(row, by=request.member, at=clock.now())
    return redirect("stock:product", row.product_id)
