"""Suppliers: the list, one of them, its form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from prs.kernel.activity.selectors import timeline
from prs.masterdata.parties import permissions, selectors
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Supplier
from prs.web.kit.access import found, requires
from prs.web.kit.countries import country_name
from prs.web.kit.screens import screen
from prs.web.stock.editing import adding, changing, posted
from prs.web.stock.supplier_forms import SupplierForm
from prs.web.stock.supplier_tables import SUPPLIERS, in_use


@requires(permissions.VIEW_SUPPLIERS)
def suppliers(request: Any) -> HttpResponse:
    """Everyone we buy from."""
    return SUPPLIERS.show(request, selectors.suppliers_visible_to(request.member))


@requires(permissions.VIEW_SUPPLIERS)
@require_GET
def supplier(request: Any, pk: UUID) -> HttpResponse:
    """One supplier: how to reach them, and on what terms they sell."""
    row = found(selectors.suppliers_visible_to(request.member), pk=pk)
    context = {
        "supplier": row,
        "state": in_use(row.active),
        "country": country_name(row.country),
        "events": timeline(row),
        "may_edit": request.member.may(permissions.EDIT_SUPPLIERS),
    }
    return screen(request, "stock/supplier.html", context)


def address(row: Supplier) -> str:
    """Where a supplier is shown."""
    return reverse("stock:supplier", args=[row.pk])


@requires(permissions.EDIT_SUPPLIERS)
def add_supplier(request: Any) -> HttpResponse:
    """Add a supplier."""
    home = request.organization
    start = {"currency": home.currency, "country": home.country}
    form = SupplierForm(*posted(request), initial=start)
    words = {
        "title": _("Add a supplier"),
        "save": _("Add supplier"),
        "cancel": reverse("stock:suppliers"),
    }
    return adding(request, form, parties.add_supplier, back=address, words=words)


@requires(permissions.EDIT_SUPPLIERS)
def edit_supplier(request: Any, pk: UUID) -> HttpResponse:
    """Change a supplier."""
    row = found(selectors.suppliers_visible_to(request.member), pk=pk)
    form = SupplierForm(*posted(request), instance=row)
    words = {"title": row.name, "save": _("Save supplier"), "cancel": address(row)}
    return changing(request, form, parties.change_supplier, back=address(row), words=words)
