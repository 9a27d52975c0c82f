"""Lists of transfers, requests, adjustments, counts and alerts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from prs.kernel import clock
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock.permissions import (
    ADJUST,
    APPROVE_ADJUSTMENTS,
    COSTS,
    TRANSFER,
)
from prs.web.kit import choices
from prs.web.kit.columns import Age, Choice, Lead, Number, Status, Table, Text
from prs.web.kit.filters import DayFilter
from prs.web.kit.lists import Action, Empty, Figure, List
from prs.web.kit.reader import reader
from prs.web.stock import picking
from prs.web.stock.level_tables import Quantity, attention

MONTH = timedelta(days=30)
TRANSFERS_SHOWN = {
    "draft": ("plain", _("Draft")),
    "requested": ("waiting", _("Requested")),
    "approved": ("waiting", _("Approved")),
    "rejected": ("stopped", _("Rejected")),
    "dispatched": ("waiting", _("On the way")),
    "received": ("done", _("Received")),
    "cancelled": ("stopped", _("Cancelled")),
}
REQUESTS_SHOWN = {
    "new": ("waiting", _("New")),
    "assigned": ("waiting", _("Assigned")),
    "fulfilled": ("done", _("Fulfilled")),
    "cancelled": ("stopped", _("Cancelled")),
}
ADJUSTMENTS_SHOWN = {
    "pending": ("waiting", _("Waits for approval")),
    "completed": ("done", _("Carried out")),
    "rejected": ("stopped", _("Rejected")),
}
COUNTS_SHOWN = {
    "open": ("waiting", _("Counting")),
    "completed": ("done", _("Completed")),
    "cancelled": ("stopped", _("Given up")),
}
ALERTS_SHOWN = {
    "low": ("attention", _("Low")),
    "out": ("stopped", _("Out of stock")),
    "expiring": ("attention", _("Expires soon")),
}
PRIORITIES = {
    "high": ("attention", _("High")),
    "medium": ("plain", _("Medium")),
    "low": ("plain", _("Low")),
}


Shown = dict[str, tuple[str, Any]]


def shown_by(words: Shown) -> Callable[[str], tuple[str, Any]]:
    """The meaning and the word of each value, as a column and a page ask for it."""
    return words.__getitem__


transfer_state = shown_by(TRANSFERS_SHOWN)
request_state = shown_by(REQUESTS_SHOWN)
adjustment_state = shown_by(ADJUSTMENTS_SHOWN)
count_state = shown_by(COUNTS_SHOWN)
alert_kind = shown_by(ALERTS_SHOWN)
priority_of = shown_by(PRIORITIES)


def place_filter(label: Any, *, every: bool = False) -> django_filters.ModelChoiceFilter:
    """A choice of places; with `every` also of the way between them and those out of use."""
    return django_filters.ModelChoiceFilter(
        label=label, queryset=picking.every_place if every else picking.places
    )


def choice_filter(label: Any, choices: Any) -> django_filters.ChoiceFilter:
    """A choice among the values of a field."""
    return django_filters.ChoiceFilter(label=label, choices=choices)


class TransferTable(Table):
    number = Lead(_("Transfer"), to="stock:transfer")
    state = Status(_("Status"), shows=transfer_state, orderable=False)
    origin = Text(_("From"), accessor="origin__name")
    destination = Text(_("To"), accessor="destination__name")
    products = Number(_("Products"), css="num wide")
    priority = Status(_("Priority"), shows=priority_of, orderable=False)
    requested_by = Text(_("Asked for by"), accessor="requested_by__name", visible=False)
    requested_at = Age(_("Asked for"), css="num wide")

    class Meta:
        order_by = ("-requested_at", "-pk")


class TransferFilter(django_filters.FilterSet):
    state = choice_filter(_("Status"), stock.TransferState)
    origin = place_filter(_("From"))
    destination = place_filter(_("To"))
    priority = choice_filter(_("Priority"), stock.Priority)


def transfer_figures(_request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What waits for whom."""
    words = reader()
    sums = rows.order_by().aggregate(
        **{
            state: Count("pk", filter=Q(state=state))
            for state in ("requested", "approved", "dispatched")
        }
    )
    return (
        Figure(_("To approve"), words.number(sums["requested"]), "state=requested"),
        Figure(_("To send"), words.number(sums["approved"]), "state=approved"),
        Figure(_("To receive"), words.number(sums["dispatched"]), "state=dispatched"),
    )


TRANSFERS = List(
    name="transfers",
    title=_("Transfers"),
    table=TransferTable,
    filters=TransferFilter,
    summary=transfer_figures,
    search=("number", "origin__name", "destination__name"),
    search_label=_("Number or place"),
    empty=Empty(
        "transfer",
        _("Send goods where they are needed"),
        _("A transfer is asked for, approved, sent and received, each step by somebody."),
        "/stock/transfers/add/",
        _("Draft a transfer"),
        TRANSFER,
    ),
    main=Action(_("Draft a transfer"), "/stock/transfers/add/", "plus", TRANSFER),
    live="stock",
    template="stock/transfers.html",
    extra={"section": "transfers"},
)


class RequestTable(Table):
    number = Lead(_("Request"), to="stock:request")
    state = Status(_("Status"), shows=request_state, orderable=False)
    place = Text(_("For"), accessor="place__name")
    products = Number(_("Products"), css="num wide")
    priority = Status(_("Priority"), shows=priority_of, orderable=False)
    transfer = Text(_("Transfer"), accessor="transfer__number")
    requested_by = Text(_("Asked for by"), accessor="requested_by__name", css="wide")
    requested_at = Age(_("Asked for"))

    class Meta:
        order_by = ("-requested_at", "-pk")


class RequestFilter(django_filters.FilterSet):
    state = choice_filter(_("Status"), stock.RequestState)
    place = place_filter(_("For"))
    priority = choice_filter(_("Priority"), stock.Priority)


REQUESTS = List(
    name="stock-requests",
    title=_("Requests"),
    table=RequestTable,
    filters=RequestFilter,
    search=("number", "place__name"),
    search_label=_("Number or place"),
    empty=Empty(
        "message-question",
        _("Nobody asks for goods"),
        _("A shop that runs short asks here, and the warehouse makes a transfer of it."),
        "/stock/requests/add/",
        _("Ask for goods"),
        TRANSFER,
    ),
    main=Action(_("Ask for goods"), "/stock/requests/add/", "plus", TRANSFER),
    live="stock",
    template="stock/transfers.html",
    extra={"section": "requests"},
)


class AdjustmentTable(Table):
    number = Lead(_("Adjustment"), to="stock:adjustment")
    state = Status(_("Status"), shows=adjustment_state, orderable=False)
    product = Text(_("Product"), accessor="batch__product__name")
    kind = Choice(_("Kind"), choices=stock.AdjustmentKind)
    quantity = Quantity(_("Quantity"), needs=("quantity", "batch__product__unit__symbol"))
    place = Text(_("Place"), accessor="place__name", css="wide")
    reason = Text(_("Why"), visible=False)
    created_by = Text(_("Asked for by"), accessor="created_by__name", css="wide")
    created_at = Age(_("Asked for"))

    class Meta:
        order_by = ("-created_at", "-pk")


class AdjustmentFilter(django_filters.FilterSet):
    state = choice_filter(_("Status"), stock.AdjustmentState)
    kind = choice_filter(_("Kind"), stock.AdjustmentKind)
    place = place_filter(_("Place"), every=True)
    created_by = django_filters.ModelChoiceFilter(label=_("Asked for by"), queryset=choices.members)


def adjustment_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What waits, and what was lost and found in thirty days."""
    words, since = reader(), clock.now() - MONTH
    done = Q(state="completed", decided_at__gte=since)
    sums = rows.order_by().aggregate(
        waiting=Count("pk", filter=Q(state="pending")),
        lost=Sum("value", filter=done & Q(value__lt=0)),
        found=Sum("value", filter=done & Q(value__gt=0)),
    )
    waiting = words.number(sums["waiting"])
    figures = [
        Figure(_("Wait for approval"), waiting, "state=pending", meaning=attention(sums["waiting"]))
    ]
    if request.member.may(COSTS):
        currency = request.organization.currency
        lost, gained = -(sums["lost"] or Decimal(0)), sums["found"] or Decimal(0)
        figures += [
            Figure(_("Lost in 30 days"), words.figure(lost, currency), None, currency),
            Figure(_("Found in 30 days"), words.figure(gained, currency), None, currency),
        ]
    return figures


ADJUSTMENTS = List(
    name="adjustments",
    title=_("Adjustments"),
    table=AdjustmentTable,
    filters=AdjustmentFilter,
    summary=adjustment_figures,
    search=("number", "reference", "batch__product__name", "batch__number"),
    search_label=_("Number, product or batch"),
    empty=Empty(
        "scale",
        _("Stock is as it should be"),
        _("What breaks, is found or was counted wrong is asked for here, and another approves it."),
        "/stock/adjustments/add/",
        _("Ask for an adjustment"),
        ADJUST,
    ),
    main=Action(_("Ask for an adjustment"), "/stock/adjustments/add/", "plus", ADJUST),
    bulk=(
        Action(
            _("Approve the picked"),
            "/stock/adjustments/approve/",
            "circle-check",
            APPROVE_ADJUSTMENTS,
        ),
    ),
    live="stock",
)


class CountTable(Table):
    number = Lead(_("Count"), to="stock:count")
    state = Status(_("Status"), shows=count_state, orderable=False)
    place = Text(_("Place"), accessor="place__name")
    batches = Number(_("Batches counted"))
    opened_by = Text(_("Begun by"), accessor="opened_by__name")
    opened_at = Age(_("Begun"))

    class Meta:
        order_by = ("-opened_at", "-pk")


class CountFilter(django_filters.FilterSet):
    state = choice_filter(_("Status"), stock.CountState)
    place = place_filter(_("Place"))


COUNTS = List(
    name="counts",
    title=_("Counts"),
    table=CountTable,
    filters=CountFilter,
    search=("number", "place__name"),
    search_label=_("Number or place"),
    empty=Empty(
        "clipboard-list",
        _("When did somebody count last?"),
        _("A count is blind, and goods may go on being sold while it runs."),
        "/stock/counts/add/",
        _("Begin a count"),
        ADJUST,
    ),
    main=Action(_("Begin a count"), "/stock/counts/add/", "plus", ADJUST),
    live="stock",
)


def shown_end(resolved_at: Any) -> tuple[str, Any]:
    """Whether a warning still holds."""
    return ("attention", _("Open")) if resolved_at is None else ("done", _("Over"))


class AlertTable(Table):
    product = Lead(_("Product"), to="stock:level", key="product_id", accessor="product__name")
    kind = Status(_("What"), shows=alert_kind, orderable=False)
    quantity = Quantity(_("Lies there"), needs=("quantity", "product__unit__symbol"))
    threshold = Quantity(_("Order again at"), css="num wide")
    batch = Text(_("Batch"), accessor="batch__number")
    state = Status(_("Status"), needs=("resolved_at",), shows=shown_end, orderable=False)
    raised_at = Age(_("Raised"), css="num wide")

    class Meta:
        order_by = ("-raised_at", "-pk")


class AlertFilter(django_filters.FilterSet):
    kind = choice_filter(_("What"), stock.AlertKind)
    over = django_filters.ChoiceFilter(
        label=_("Status"), choices=[("no", _("Open")), ("yes", _("Over"))], method="by_end"
    )
    since = DayFilter(label=_("Raised from"), field_name="raised_at", lookup_expr="date__gte")

    def by_end(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Warnings that hold, or are over."""
        return rows.filter(resolved_at__isnull=value == "no")


def alert_figures(_request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """How many warnings of each kind hold."""
    words = reader()
    open_rows = rows.order_by().filter(resolved_at__isnull=True)
    sums = open_rows.aggregate(**{kind: Count("pk", filter=Q(kind=kind)) for kind in ALERTS_SHOWN})
    return [
        Figure(
            word, words.number(sums[kind]), f"over=no&kind={kind}", meaning=attention(sums[kind])
        )
        for kind, (_meaning, word) in ALERTS_SHOWN.items()
    ]


ALERTS = List(
    name="stock-alerts",
    title=_("Alerts"),
    table=AlertTable,
    filters=AlertFilter,
    summary=alert_figures,
    search=("product__name", "product__sku"),
    search_label=_("Product or SKU"),
    empty=Empty(
        "bell",
        _("Nothing runs out"),
        _("Products at their reorder point and batches that expire within 30 days stand here."),
    ),
    live="stock",
    template="stock/stock_list.html",
    extra={"section": "alerts"},
)
