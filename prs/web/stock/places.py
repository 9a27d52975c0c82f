"""Warehouses and shops."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from prs.masterdata.places import permissions, selectors
from prs.masterdata.places import services as stores
from prs.web.kit.access import found, requires
from prs.web.stock.editing import adding, changing, posted
from prs.web.stock.supplier_forms import PlaceForm
from prs.web.stock.supplier_tables import PLACES


@requires(permissions.EDIT_PLACES)
def places(request: Any) -> HttpResponse:
    """Where goods lie and where they are sold."""
    return PLACES.show(request, selectors.places())


@requires(permissions.EDIT_PLACES)
def add_place(request: Any) -> HttpResponse:
    """Add a warehouse or a shop."""
    back = reverse("stock:places")
    words = {"title": _("Add a place"), "save": _("Add place"), "cancel": back}
    form = PlaceForm(*posted(request))
    return adding(request, form, stores.add_place, back=lambda _row: back, words=words)


@requires(permissions.EDIT_PLACES)
def place(request: Any, pk: UUID) -> HttpResponse:
    """Change a warehouse or a shop."""
    row = found(selectors.places(), pk=pk)
    back = reverse("stock:places")
    words = {"title": row.name, "save": _("Save place"), "cancel": back}
    form = PlaceForm(*posted(request), instance=row)
    return changing(request, form, stores.change_place, back=back, words=words)
