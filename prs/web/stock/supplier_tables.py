"""The lists of suppliers and of places."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from prs.masterdata.parties.models import Supplier
from prs.masterdata.parties.permissions import EDIT_SUPPLIERS
from prs.masterdata.places.models import Place
from prs.masterdata.places.permissions import EDIT_PLACES
from prs.web.kit.columns import Age, Amount, Choice, Lead, Number, Status, Table, Text
from prs.web.kit.lists import Action, Empty, List


def in_use(active: bool) -> tuple[str, Any]:  # noqa: FBT001  (a column's value)
    """Whether something is still used."""
    return ("done", _("In use")) if active else ("plain", _("Out of use"))


class SupplierTable(Table):
    name = Lead(_("Supplier"), to="stock:supplier", under="code")
    contact_person = Text(_("Contact"))
    phone = Text(_("Phone"), css="wide")
    email = Text(_("E-mail"), visible=False)
    lead_days = Number(_("Days to deliver"), css="num mid")
    terms_days = Number(_("Days to pay"), css="num mid")
    minimum_order = Amount(_("Smallest order"), currency="currency", orderable=False)
    active = Status(_("Status"), shows=in_use)
    created_at = Age(_("Added"), visible=False)

    class Meta:
        model = Supplier
        fields = ()
        order_by = ("name", "pk")


class SupplierFilter(django_filters.FilterSet):
    currency = django_filters.CharFilter(label=_("Currency"), lookup_expr="exact")
    active = django_filters.BooleanFilter(label=_("In use"))


SUPPLIERS = List(
    name="suppliers",
    title=_("Suppliers"),
    table=SupplierTable,
    filters=SupplierFilter,
    search=("name",),
    search_label=_("Name, code or contact"),
    empty=Empty(
        "truck",
        _("Who do you buy from?"),
        _("A supplier has its terms: days to pay, days to deliver, the smallest order."),
        "/stock/suppliers/add/",
        _("Add a supplier"),
        EDIT_SUPPLIERS,
    ),
    main=Action(_("Add a supplier"), "/stock/suppliers/add/", "plus", EDIT_SUPPLIERS),
    live="supplier",
)


class PlaceTable(Table):
    name = Lead(_("Place"), to="stock:place", under="code")
    kind = Choice(_("Kind"), choices=Place.Kind)
    branch = Text(_("Branch"), accessor="branch__name")
    address = Text(_("Address"), css="wide clip")
    active = Status(_("Status"), shows=in_use)

    class Meta:
        model = Place
        fields = ()
        order_by = ("name", "pk")


KINDS = [choice for choice in Place.Kind.choices if choice[0] != Place.Kind.TRANSIT]


class PlaceFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=KINDS)
    active = django_filters.BooleanFilter(label=_("In use"))


PLACES = List(
    name="places",
    title=_("Warehouses and shops"),
    table=PlaceTable,
    filters=PlaceFilter,
    search=("name", "code"),
    search_label=_("Name or code"),
    empty=Empty(
        "building-warehouse",
        _("Where do goods lie?"),
        _("A warehouse keeps goods, a storefront sells them."),
        "/stock/places/add/",
        _("Add a place"),
        EDIT_PLACES,
    ),
    main=Action(_("Add a place"), "/stock/places/add/", "plus", EDIT_PLACES),
    live="place",
)
