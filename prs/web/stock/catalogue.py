"""What products are sorted by, counted in and taxed with: categories, brands, units, taxes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.masterdata.catalog import permissions, selectors
from prs.masterdata.catalog import services as catalog
from prs.masterdata.catalog.models import Category, Product, ProductTax
from prs.web.kit.access import found, requires
from prs.web.kit.screens import screen
from prs.web.stock.catalogue_forms import BrandForm, CategoryForm, TaxForm, UnitForm
from prs.web.stock.catalogue_tables import BRANDS, TAXES, UNITS, in_use
from prs.web.stock.editing import adding, changing, posted


def numbered(rows: QuerySet[Any], field: str) -> QuerySet[Any]:
    """Rows with the number of products that name them in a field."""
    own = Product.objects.filter(**{field: OuterRef("pk")}).order_by().values(field)
    number = own.annotate(number=Count("pk")).values("number")
    return rows.annotate(products=Coalesce(Subquery(number, IntegerField()), 0))


# --- categories -----------------------------------------------------------------------------------


@requires(permissions.VIEW)
@require_GET
def categories(request: Any) -> HttpResponse:
    """The tree of categories, with how many products lie on each shelf."""
    shelves = selectors.tree()
    numbers = dict(
        Product.objects.order_by()
        .values_list("category")
        .annotate(number=Count("pk"))
        .filter(category__isnull=False)
    )
    # From the bottom up: a shelf counts what lies on those below it, as its filter shows it.
    for shelf in reversed(shelves):
        above = shelf.category.parent_id
        if above is not None:
            numbers[above] = numbers.get(above, 0) + numbers.get(shelf.category.pk, 0)
    context = {
        "shelves": [
            (shelf, numbers.get(shelf.category.pk, 0), in_use(shelf.category.active))
            for shelf in shelves
        ],
        "loose": Product.objects.filter(category__isnull=True).count(),
        "may_edit": request.member.may(permissions.EDIT),
        "section": "categories",
    }
    return screen(request, "stock/categories.html", context)


def category_words(title: str, save: str) -> dict[str, Any]:
    """What the form of a category says."""
    back = reverse("stock:categories")
    return {"title": title, "save": save, "cancel": back, "crumbs": [(_("Categories"), back)]}


@requires(permissions.EDIT)
def add_category(request: Any) -> HttpResponse:
    """Add a category, below the one that the address names."""
    above = Category.objects.filter(pk=uuid_in(request.GET.get("below", ""))).first()
    form = CategoryForm(*posted(request), initial={"parent": above})
    words = category_words(_("Add a category"), _("Add category"))
    return adding(
        request,
        form,
        catalog.add_category,
        back=lambda _row: reverse("stock:categories"),
        words=words,
    )


def uuid_in(text: str) -> UUID | None:
    """An id that came as text, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


@requires(permissions.EDIT)
def category(request: Any, pk: UUID) -> HttpResponse:
    """Change a category, or move it with everything below it."""
    row = found(selectors.categories(), pk=pk)
    words = category_words(row.name, _("Save category"))
    form = CategoryForm(*posted(request), instance=row)
    return changing(request, form, catalog.change_category, back=words["cancel"], words=words)


@requires(permissions.EDIT)
@require_POST
def move_category(request: Any, pk: UUID) -> HttpResponse:
    """Move a category one place up or down among its neighbours."""
    row = found(selectors.categories(), pk=pk)
    catalog.move_category(row, by=request.member, at=clock.now(), up="up" in request.POST)
    return redirect("stock:categories")


# --- brands ---------------------------------------------------------------------------------------


@requires(permissions.VIEW)
def brands(request: Any) -> HttpResponse:
    """Who makes what is sold."""
    return BRANDS.show(request, numbered(selectors.brands(), "brand"))


@requires(permissions.EDIT)
def add_brand(request: Any) -> HttpResponse:
    """Add a brand."""
    return added_to(request, BrandForm, catalog.add_brand, "brands", _("Add a brand"))


@requires(permissions.EDIT)
def brand(request: Any, pk: UUID) -> HttpResponse:
    """Change a brand."""
    row = found(selectors.brands(), pk=pk)
    return changed_in(request, BrandForm, row, catalog.change_brand, "brands")


def added_to(request: Any, form_type: Any, verb: Any, listed: str, title: str) -> HttpResponse:  # noqa: PLR0917
    """The form that adds a row to a list of the catalogue."""
    back = reverse(f"stock:{listed}")
    words = {"title": title, "save": _("Add"), "cancel": back}
    return adding(request, form_type(*posted(request)), verb, back=lambda _row: back, words=words)


def changed_in(request: Any, form_type: Any, row: Any, verb: Any, listed: str) -> HttpResponse:  # noqa: PLR0917
    """The form that changes a row of a list of the catalogue."""
    back = reverse(f"stock:{listed}")
    words = {"title": str(row), "save": _("Save"), "cancel": back}
    form = form_type(*posted(request), instance=row)
    return changing(request, form, verb, back=back, words=words)


# --- units ----------------------------------------------------------------------------------------


@requires(permissions.VIEW)
def units(request: Any) -> HttpResponse:
    """What products are counted in."""
    return UNITS.show(request, numbered(selectors.units(), "unit"))


@requires(permissions.EDIT)
def add_unit(request: Any) -> HttpResponse:
    """Add a unit."""
    return added_to(request, UnitForm, catalog.add_unit, "units", _("Add a unit"))


@requires(permissions.EDIT)
def unit(request: Any, pk: UUID) -> HttpResponse:
    """Change a unit."""
    row = found(selectors.units(), pk=pk)
    return changed_in(request, UnitForm, row, catalog.change_unit, "units")


# --- taxes ----------------------------------------------------------------------------------------


@requires(permissions.VIEW)
def taxes(request: Any) -> HttpResponse:
    """The rates of every tax over time."""
    own = ProductTax.objects.filter(code=OuterRef("code")).order_by().values("code")
    number = own.annotate(number=Count("pk")).values("number")
    rows = selectors.tax_rates().annotate(products=Coalesce(Subquery(number, IntegerField()), 0))
    return TAXES.show(request, rows)


@requires(permissions.PRICES)
def add_tax_rate(request: Any) -> HttpResponse:
    """Add a rate of a tax."""
    return added_to(request, TaxForm, catalog.add_tax_rate, "taxes", _("Add a tax rate"))


@requires(permissions.PRICES)
def tax_rate(request: Any, pk: UUID) -> HttpResponse:
    """Change a rate."""
    row = found(selectors.tax_rates(), pk=pk)
    return changed_in(request, TaxForm, row, catalog.change_tax_rate, "taxes")
