"""Lists of what lies where: levels, batches and movements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock.permissions import COSTS
from prs.ledgers.stock.rules import EXPIRY_DAYS
from prs.masterdata.catalog import selectors as catalog
from prs.masterdata.catalog.permissions import EDIT as EDIT_CATALOGUE
from prs.masterdata.places import selectors as where
from prs.web.kit.columns import Age, Amount, Choice, Column, Day, Lead, Status, Table, Text, Writer
from prs.web.kit.filters import DayFilter
from prs.web.kit.lists import Empty, Figure, List
from prs.web.kit.reader import Reader, reader
from prs.web.stock import picking

SOON = timedelta(days=EXPIRY_DAYS)
LEVELS_SHOWN = {
    "out": ("stopped", _("Out")),
    "low": ("attention", _("Low")),
    "normal": ("done", _("In stock")),
    "high": ("waiting", _("High")),
}


class Quantity(Column):
    """How much, without zeros at the end; the unit may follow."""

    css = "num"

    def writer(self, reader: Reader) -> Writer:
        def written(value: Decimal | None, unit: str = "") -> str:
            if value is None:
                return "—"
            return f"{reader.number(Decimal(format(value.normalize(), 'f')))} {unit}".rstrip()

        return written


def shown_level(level: str) -> tuple[str, Any]:
    """Meaning and word of how much lies there."""
    return LEVELS_SHOWN[level]


class LevelTable(Table):
    name = Lead(_("Product"), to="stock:level", under="sku")
    level = Status(_("Status"), shows=shown_level, orderable=False)
    on_hand = Quantity(_("On hand"), needs=("on_hand", "unit__symbol"))
    kept = Quantity(_("Kept"), visible=False)
    free = Quantity(_("Available"))
    moving = Quantity(_("In transit"), css="num mid")
    reorder_point = Quantity(_("Order again at"), visible=False)
    category = Text(_("Category"), accessor="category__name", visible=False)
    worth = Amount(_("Worth"), currency="home_currency")

    class Meta:
        order_by = ("name", "pk")


class LevelTableWithoutCosts(LevelTable):
    worth = None  # type: ignore[assignment]


class LevelFilter(django_filters.FilterSet):
    place = django_filters.ModelChoiceFilter(
        label=_("Place"), queryset=picking.places, method="at_place"
    )
    level = django_filters.ChoiceFilter(
        label=_("Status"), choices=[(code, word) for code, (_m, word) in LEVELS_SHOWN.items()]
    )
    category = django_filters.ModelChoiceFilter(
        label=_("Category"), queryset=lambda _request: catalog.categories(), method="in_category"
    )
    holds = django_filters.ChoiceFilter(
        label=_("With"),
        choices=[
            ("stock", _("Something on hand")),
            ("kept", _("Something kept")),
            ("moving", _("Something in transit")),
            ("past", _("Something expired")),
        ],
        method="holding",
    )

    def at_place(self, rows: QuerySet[Any], _name: str, _value: Any) -> QuerySet[Any]:
        """The view counts what lies at the place; every product stays in the list."""
        return rows

    def in_category(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        """Goods of a category and of all below it."""
        return rows.filter(category__in=catalog.within(value))

    def holding(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Goods of which there is something."""
        path = {"stock": "on_hand", "kept": "kept", "moving": "moving", "past": "past"}[value]
        return rows.filter(**{f"{path}__gt": 0})


def chosen_place(request: Any) -> Any:
    """The place that the address names, if it is one."""
    try:
        return where.places().filter(pk=UUID(request.GET.get("place", ""))).first()
    except ValueError:
        return None


def level_figures(request: Any, _rows: QuerySet[Any]) -> Sequence[Figure]:
    """How many products are low or out, and what everything is worth."""
    words, sums = reader(), stock.level_sums(place=chosen_place(request))
    out = sums.goods - sums.lying
    figures = [
        Figure(_("In stock"), words.number(sums.lying), "holds=stock"),
        Figure(_("Low"), words.number(sums.low), "level=low", meaning=attention(sums.low)),
        Figure(_("Out"), words.number(out), "level=out", meaning=attention(out)),
    ]
    if request.member.may(COSTS):
        currency = request.organization.currency
        figures.append(Figure(_("Worth"), words.figure(sums.worth, currency), None, currency))
    return figures


def attention(count: int) -> str:
    """Whether a number asks to be looked at."""
    return "attention" if count else ""


LEVELS = List(
    name="stock-levels",
    title=_("Stock"),
    table=LevelTable,
    filters=LevelFilter,
    summary=level_figures,
    search=("name", "sku"),
    search_label=_("Product or SKU"),
    empty=Empty(
        "package",
        _("What do you sell?"),
        _("Products stand here with what lies of them, once the catalogue has some."),
        "/stock/products/add/",
        _("Add a product"),
        EDIT_CATALOGUE,
    ),
    live="stock",
    template="stock/stock_list.html",
    extra={"section": "levels"},
)
LEVELS_WITHOUT_COSTS = replace(LEVELS, table=LevelTableWithoutCosts)


def shown_expiry(expires_on: date | None) -> tuple[str, Any]:
    """How long a batch is good for."""
    if expires_on is None:
        return ("plain", _("No date"))
    words = reader()
    left = (expires_on - words.today).days
    if left < 0:
        return ("stopped", _("Expired %(day)s") % {"day": words.day(expires_on)})
    return ("attention" if left <= EXPIRY_DAYS else "plain", words.day(expires_on))


def shown_lock(locked: bool) -> tuple[str, Any]:  # noqa: FBT001  (a column passes its value)
    """Whether the intake of a batch can still be corrected."""
    return ("waiting", _("Locked")) if locked else ("plain", _("Open"))


class BatchTable(Table):
    number = Lead(_("Batch"), to="stock:batch", under="lot")
    product = Text(_("Product"), accessor="product__name")
    expires_on = Status(_("Expires"), shows=shown_expiry, order_by=("expires_on",))
    left = Quantity(_("Left"), needs=("left", "product__unit__symbol"))
    intake = Quantity(_("Came in"))
    locked = Status(_("Intake"), shows=shown_lock, orderable=False, css="wide")
    received_on = Day(_("Received"))
    supplier = Text(_("Supplier"), accessor="supplier_name", visible=False, orderable=False)
    retail_price = Amount(_("Retail"), currency="home_currency", css="amount wide")
    wholesale_price = Amount(_("Wholesale"), currency="home_currency", visible=False)
    unit_cost = Amount(_("Cost of a unit"), currency="home_currency", css="amount wide")
    worth = Amount(_("Worth"), currency="home_currency", visible=False)

    class Meta:
        order_by = ("-received_on", "-pk")


class BatchTableWithoutCosts(BatchTable):
    unit_cost = None  # type: ignore[assignment]
    worth = None  # type: ignore[assignment]


class BatchFilter(django_filters.FilterSet):
    holds = django_filters.ChoiceFilter(
        label=_("With"),
        choices=[("left", _("Something left")), ("gone", _("Nothing left"))],
        method="holding",
    )
    expiry = django_filters.ChoiceFilter(
        label=_("Expiry"),
        choices=[("past", _("Expired")), ("soon", _("Within 30 days"))],
        method="by_expiry",
    )
    supplier = django_filters.ModelChoiceFilter(
        label=_("Supplier"), queryset=picking.suppliers, method="of_supplier"
    )
    since = DayFilter(label=_("Received from"), field_name="received_on", lookup_expr="gte")
    until = DayFilter(label=_("Received to"), field_name="received_on", lookup_expr="lte")

    def holding(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Batches of which something is left, or nothing."""
        return rows.filter(left__gt=0) if value == "left" else rows.filter(left=0)

    def by_expiry(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Batches that are past their date, or soon will be, and still lie somewhere."""
        today = reader().today
        lying = rows.filter(left__gt=0)
        if value == "past":
            return lying.filter(expires_on__lt=today)
        return lying.filter(expires_on__gte=today, expires_on__lte=today + SOON)

    def of_supplier(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        """Batches that came from a supplier."""
        return rows.filter(supplier_id=value.pk)


def batch_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """How many batches lie there, and how many are past their date or soon will be."""
    words, today = reader(), reader().today
    sums = rows.order_by().aggregate(
        lying=Count("pk", filter=Q(left__gt=0)),
        past=Count("pk", filter=Q(left__gt=0, expires_on__lt=today)),
        soon=Count("pk", filter=Q(left__gt=0, expires_on__gte=today, expires_on__lte=today + SOON)),
    )
    return (
        Figure(_("Batches in stock"), words.number(sums["lying"]), "holds=left"),
        Figure(
            _("Expire within 30 days"),
            words.number(sums["soon"]),
            "expiry=soon",
            meaning=attention(sums["soon"]),
        ),
        Figure(
            _("Expired"), words.number(sums["past"]), "expiry=past", meaning=attention(sums["past"])
        ),
    )


BATCHES = List(
    name="stock-batches",
    title=_("Batches"),
    table=BatchTable,
    filters=BatchFilter,
    summary=batch_figures,
    search=("number", "lot", "product__name", "product__sku"),
    search_label=_("Batch, lot or product"),
    empty=Empty(
        "stack-2",
        _("No goods have come in yet"),
        _("Each delivery makes a batch of each product: its cost, its prices and its expiry date."),
        "/stock/receiving/add/",
        _("Take in goods"),
    ),
    live="stock",
    template="stock/stock_list.html",
    extra={"section": "batches"},
)
BATCHES_WITHOUT_COSTS = replace(BATCHES, table=BatchTableWithoutCosts)

SIGNS = {True: ("done", _("In")), False: ("waiting", _("Out"))}


def shown_way(quantity: Decimal) -> tuple[str, Any]:
    """Whether goods came or went."""
    return SIGNS[quantity > 0]


class MovementTable(Table):
    product = Lead(_("Product"), to="stock:level", key="product_id", accessor="product__name")
    way = Status(_("Way"), needs=("quantity",), shows=shown_way, orderable=False)
    kind = Choice(_("What"), choices=stock.MovementKind)
    quantity = Quantity(_("Quantity"), needs=("quantity", "product__unit__symbol"))
    place = Text(_("Place"), accessor="place__name")
    batch = Text(_("Batch"), accessor="batch__number", css="wide")
    by_label = Text(_("Who"), css="wide")
    value = Amount(_("Worth"), currency="home_currency", css="amount wide")
    on_date = Day(_("Date"), visible=False)
    at = Age(_("When"))

    class Meta:
        order_by = ("-at", "-pk")


class MovementTableWithoutCosts(MovementTable):
    value = None  # type: ignore[assignment]


class MovementFilter(django_filters.FilterSet):
    place = django_filters.ModelChoiceFilter(label=_("Place"), queryset=picking.every_place)
    kind = django_filters.ChoiceFilter(label=_("What"), choices=stock.MovementKind)
    way = django_filters.ChoiceFilter(
        label=_("Way"), choices=[("in", _("In")), ("out", _("Out"))], method="by_way"
    )
    category = django_filters.ModelChoiceFilter(
        label=_("Category"), queryset=lambda _request: catalog.categories(), method="in_category"
    )
    batch = django_filters.UUIDFilter(label=_("Batch"))
    since = DayFilter(label=_("From"), field_name="on_date", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="on_date", lookup_expr="lte")

    def by_way(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """What came, or what went."""
        return rows.filter(quantity__gt=0) if value == "in" else rows.filter(quantity__lt=0)

    def in_category(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        """Movements of goods of a category and of all below it."""
        return rows.filter(product__category__in=catalog.within(value))


MOVEMENTS = List(
    name="stock-movements",
    title=_("Movements"),
    table=MovementTable,
    filters=MovementFilter,
    search=("product__name", "product__sku", "batch__number"),
    search_label=_("Product, SKU or batch"),
    empty=Empty(
        "transfer",
        _("Nothing has moved yet"),
        _("Whatever comes, goes, is sold or adjusted is written here and never changed."),
    ),
    live="stock",
    template="stock/stock_list.html",
    extra={"section": "movements"},
)
MOVEMENTS_WITHOUT_COSTS = replace(MOVEMENTS, table=MovementTableWithoutCosts)
