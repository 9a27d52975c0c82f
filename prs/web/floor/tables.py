"""The list of what stands in the warehouse, and how its states are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from prs.masterdata.places import selectors as where
from prs.operations.fulfilment.models import Fulfilment
from prs.web.kit.columns import Age, Lead, Status, Table, Text
from prs.web.kit.lists import Empty, Figure, List
from prs.web.kit.reader import reader

State, Priority = Fulfilment.State, Fulfilment.Priority
MEANINGS = {
    State.INVOICED: "attention",
    State.PICKING: "waiting",
    State.PICKED: "waiting",
    State.PACKING: "waiting",
    State.BOXING: "waiting",
    State.PACKED: "waiting",
    State.DISPATCHED: "waiting",
    State.DELIVERED: "done",
    State.REVIEW: "stopped",
}
URGENCY = {Priority.HIGH: "attention", Priority.MEDIUM: "plain", Priority.LOW: "plain"}


def shown_state(state: str) -> tuple[str, Any]:
    """Meaning and word of where an invoice stands."""
    return MEANINGS[State(state)], State(state).label


def shown_priority(priority: int) -> tuple[str, Any]:
    """Meaning and word of how urgent it is."""
    return URGENCY[Priority(priority)], Priority(priority).label


class QueueTable(Table):
    number = Lead(_("Invoice"), to="floor:work")
    customer = Text(_("Customer"), accessor="invoice__customer__name")
    state = Status(_("Status"), shows=shown_state, orderable=False)
    priority = Status(_("Priority"), shows=shown_priority)
    place = Text(_("Picked at"), accessor="place__name", css="wide")
    opened_at = Age(_("Since"))
    moved_at = Age(_("Last step"), css="num wide")

    class Meta:
        model = Fulfilment
        fields = ()
        order_by = ("priority", "opened_at", "pk")


class QueueFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("Status"), choices=State)
    priority = django_filters.ChoiceFilter(label=_("Priority"), choices=Priority)
    place = django_filters.ModelChoiceFilter(
        label=_("Picked at"), queryset=lambda request: where.places_of(request.member)
    )


def queue_figures(_request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """How much waits at each stage."""
    words = reader()
    shown = (State.INVOICED, State.PICKED, State.PACKED, State.DISPATCHED, State.REVIEW)
    sums = rows.order_by().aggregate(
        **{str(state): Count("pk", filter=Q(state=state)) for state in shown}
    )
    return [
        Figure(state.label, words.number(sums[str(state)]), f"state={state}") for state in shown
    ]


QUEUE = List(
    name="floor",
    title=_("Warehouse"),
    table=QueueTable,
    filters=QueueFilter,
    summary=queue_figures,
    search=("number", "invoice__customer__name"),
    search_label=_("Invoice or customer"),
    empty=Empty(
        "package",
        _("Nothing to do"),
        _("Invoices whose goods leave the house stand here from the moment they are issued."),
    ),
    live="fulfilment",
)
