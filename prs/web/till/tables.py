"""Lists of sales, returns and shifts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from prs.masterdata.places.models import Place
from prs.operations.till.models import Return, Sale, Shift, Till
from prs.operations.till.permissions import SELL
from prs.web.kit import choices
from prs.web.kit.columns import Age, Amount, Choice, Lead, Number, Status, Table, Text
from prs.web.kit.filters import DayFilter
from prs.web.kit.lists import Action, Empty, List

SHIFT_STATES: dict[str, tuple[str, Any]] = {
    "open": ("waiting", _("Open")),
    "closed": ("attention", _("To confirm")),
    "confirmed": ("done", _("Confirmed")),
}


def sale_state(state: str, total: Decimal, returned: Decimal, on_credit: Decimal) -> Any:
    """Meaning and word of a sale's state."""
    if state == "voided":
        return ("stopped", _("Voided"))
    if returned and returned >= total:
        return ("plain", _("Taken back"))
    if returned:
        return ("attention", _("Partly taken back"))
    return ("waiting", _("On credit")) if on_credit else ("done", _("Paid"))


def shift_state(state: str) -> tuple[str, Any]:
    """Meaning and word of a shift's state."""
    return SHIFT_STATES[state]


def places(_request: Any) -> Any:
    """Storefronts, for a filter."""
    return Place.objects.filter(kind="storefront").order_by("name")


def tills(_request: Any) -> Any:
    """Tills, for a filter."""
    return Till.objects.order_by("name")


class SaleTable(Table):
    number = Lead(_("Receipt"), to="till:sale")
    completed_at = Age(_("When"))
    customer = Text(_("Customer"), accessor="customer__name")
    seller = Text(_("Sold by"), accessor="seller__name", css="wide")
    place = Text(_("Storefront"), accessor="place__name", css="wide")
    till = Text(_("Till"), accessor="till__name", visible=False)
    level = Choice(_("Prices"), choices=Sale.Level, visible=False)
    state = Status(
        _("State"),
        shows=sale_state,
        needs=("state", "total", "returned", "on_credit"),
        orderable=False,
    )
    discount = Amount(_("Discounts"), currency="currency", visible=False)
    total = Amount(_("Total"), currency="currency")

    class Meta:
        model = Sale
        fields = ()
        order_by = ("-completed_at", "-pk")


class SaleFilter(django_filters.FilterSet):
    day = DayFilter(label=_("Day"), field_name="completed_on")
    place = django_filters.ModelChoiceFilter(label=_("Storefront"), queryset=places)
    till = django_filters.ModelChoiceFilter(label=_("Till"), queryset=tills)
    seller = django_filters.ModelChoiceFilter(label=_("Sold by"), queryset=choices.members)
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("completed", _("Sold")), ("voided", _("Voided"))],
    )
    owed = django_filters.BooleanFilter(label=_("On credit"), method="by_credit")
    level = django_filters.ChoiceFilter(label=_("Prices"), choices=Sale.Level.choices)

    def by_credit(self, rows: Any, _name: str, value: bool) -> Any:  # noqa: FBT001
        """Sales of which something stayed owed."""
        return rows.exclude(on_credit=0) if value else rows.filter(on_credit=0)


SALES = List(
    name="till_sales",
    title=_("Sales"),
    table=SaleTable,
    filters=SaleFilter,
    search=("number", "customer__name"),
    live="sale",
    template="till/list.html",
    empty=Empty(
        "receipt", _("Nothing was sold yet."), _("Sales of the tills stand here."), "/till/"
    ),
    main=Action(_("Open the till"), "/till/", "cash-register", SELL),
)


class ReturnTable(Table):
    number = Lead(_("Number"), to="till:return")
    at = Age(_("When"))
    sale = Text(_("Receipt"), accessor="sale__number")
    reason = Text(_("Why"))
    by = Text(_("Taken back by"), accessor="by__name", css="wide")
    approved_by = Text(_("Approved by"), accessor="approved_by__name", css="wide")
    place = Text(_("Storefront"), accessor="place__name", visible=False)
    total = Amount(_("Total"), currency="currency")

    class Meta:
        model = Return
        fields = ()
        order_by = ("-at", "-pk")


class ReturnFilter(django_filters.FilterSet):
    place = django_filters.ModelChoiceFilter(label=_("Storefront"), queryset=places)
    by = django_filters.ModelChoiceFilter(label=_("Taken back by"), queryset=choices.members)
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=[("return", _("Return")), ("exchange", _("Exchange"))]
    )


RETURNS = List(
    name="till_returns",
    title=_("Returns"),
    table=ReturnTable,
    filters=ReturnFilter,
    search=("number", "sale__number"),
    live="sale",
    template="till/list.html",
    empty=Empty(
        "receipt-refund",
        _("Nothing came back yet."),
        _("Goods that customers brought back stand here."),
    ),
    main=Action(_("Take goods back"), "/till/returns/add/", "arrow-back-up", SELL),
)


class ShiftTable(Table):
    number = Lead(_("Shift"), to="till:shift")
    opened_at = Age(_("Opened"))
    till = Text(_("Till"), accessor="till__name", css="wide")
    place = Text(_("Storefront"), accessor="till__place__name", css="wide")
    member = Text(_("Cashier"), accessor="member__name")
    state = Status(_("State"), shows=shift_state, orderable=False)
    sales_count = Number(_("Sales"), css="num wide")
    sales_total = Amount(_("Sold"), currency="currency")
    difference = Amount(_("Difference"), currency="currency")

    class Meta:
        model = Shift
        fields = ()
        order_by = ("-opened_at", "-pk")


class ShiftFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=[(code, word) for code, (_m, word) in SHIFT_STATES.items()]
    )
    till = django_filters.ModelChoiceFilter(label=_("Till"), queryset=tills)
    member = django_filters.ModelChoiceFilter(label=_("Cashier"), queryset=choices.members)


SHIFTS = List(
    name="till_shifts",
    title=_("Shifts"),
    table=ShiftTable,
    filters=ShiftFilter,
    search=("number",),
    live="shift",
    template="till/list.html",
    empty=Empty("lock-open", _("No shift was opened yet."), _("Drawers stand here."), "/till/"),
    main=Action(_("Open the till"), "/till/", "cash-register", SELL),
)
