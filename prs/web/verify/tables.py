"""The verifiers' lists: every payment with how it was decided, and money that went back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import django_filters
from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from prs.masterdata.places.models import Branch
from prs.operations.payments import figures
from prs.operations.payments.models import Decision, Payment, Reversal
from prs.web.kit import choices
from prs.web.kit.columns import (
    NOTHING,
    Age,
    Amount,
    Choice,
    Column,
    Lead,
    Status,
    Table,
    Text,
    Writer,
)
from prs.web.kit.filters import DayFilter, Named
from prs.web.kit.lists import Empty, Figure, List, Shown
from prs.web.kit.moments import between
from prs.web.kit.paging import counted
from prs.web.kit.reader import Reader, reader
from prs.web.kit.states import payment_state

STATES = (
    ("pending", _("Pending")),
    ("completed", _("Completed")),
    ("unsuccessful", _("Unsuccessful")),
)
REASONS = [(code, label) for code, label in Decision.Reason.choices if code]
# Beyond so many rows nobody waits for their sum; what is narrowed down is summed to the cent.
MOST_SUMMED = 50_000
REVERSAL: dict[str, tuple[str, Any]] = {
    "requested": ("attention", _("Waiting for approval")),
    "done": ("done", _("Done")),
    "refused": ("stopped", _("Refused")),
}


def reversal_state(status: str) -> tuple[str, Any]:
    """Meaning and word of a reversal's state."""
    return REVERSAL[status]


class Took(Column):
    """How long a decision took."""

    css = "num"

    def writer(self, reader: Reader) -> Writer:
        def written(start: datetime, end: datetime | None) -> str:
            # The age of something as long ago as the decision took.
            return NOTHING if end is None else reader.age(reader.now - (end - start))

        return written

    def plain(self, *values: Any) -> Any:
        """In hours, to be averaged."""
        start, end = values
        return "" if end is None else round((end - start).total_seconds() / 3600)


class RecordTable(Table):
    number = Lead(_("Payment"), to="verify:record")
    customer = Text(_("Customer"), accessor="customer__name")
    status = Status(_("Status"), shows=payment_state)
    amount = Amount(_("Claimed"), currency="currency")
    verified_amount = Amount(_("Verified"), currency="currency")
    method = Choice(_("Method"), choices=Payment.Method, css="wide")
    decided_by = Text(_("Decided by"), accessor="decided_by__name", css="wide")
    denial = Choice(_("Reason"), choices=Decision.Reason, visible=False)
    proof = Text(_("File"), accessor="proof__display_name", visible=False)
    recorded_by = Text(_("Recorded by"), accessor="recorded_by__name", visible=False)
    took = Took(_("Took"), needs=("recorded_at", "decided_at"), css="num wide", orderable=False)
    recorded_at = Age(_("Recorded"))

    class Meta:
        model = Payment
        fields = ()
        order_by = ("-recorded_at", "-pk")


class RecordFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, method="in_state")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Payment.Status)
    method = django_filters.ChoiceFilter(label=_("Method"), choices=Payment.Method)
    place = django_filters.ModelChoiceFilter(
        label=_("Place"), queryset=lambda _request: Branch.objects.order_by("name", "pk")
    )
    currency = django_filters.CharFilter(label=_("Currency"), lookup_expr="exact")
    reason = django_filters.ChoiceFilter(
        label=_("Reason of denial"), choices=REASONS, method="denied_for"
    )
    customer = Named(
        "customer", label=_("Customer"), queryset=choices.customers, by="customer__name"
    )
    decided_by = django_filters.ModelChoiceFilter(label=_("Decided by"), queryset=choices.members)
    recorded_from = DayFilter(label=_("Recorded from"), method="from_recorded")
    recorded_to = DayFilter(label=_("Recorded to"), method="to_recorded")
    decided_from = DayFilter(label=_("Decided from"), method="from_decided")
    decided_to = DayFilter(label=_("Decided to"), method="to_decided")

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows that wait, or that ended well or not."""
        return figures.in_state(rows, value)

    def denied_for(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows that were denied for a reason."""
        told = Decision.objects.filter(kind=Decision.Kind.DENY, reason=value)
        return rows.filter(pk__in=told.values("payment"))

    def from_recorded(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows recorded on a day or later."""
        return between(rows, "recorded_at", first=day)

    def to_recorded(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows recorded on a day or earlier."""
        return between(rows, "recorded_at", last=day)

    def from_decided(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows decided on a day or later."""
        return between(rows, "decided_at", first=day)

    def to_decided(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows decided on a day or earlier."""
        return between(rows, "decided_at", last=day)


def with_denial(rows: QuerySet[Payment]) -> QuerySet[Payment]:
    """Payments with the reason of their denial."""
    told = Decision.objects.filter(payment=OuterRef("pk"), kind=Decision.Kind.DENY)
    return rows.annotate(denial=Coalesce(Subquery(told.values("reason")[:1]), Value("")))


def sums_of(rows: QuerySet[Any], *, amount: str, currency: str = "currency") -> list[Figure]:
    """Count and sum of what a list shows, by currency; above a bound only that it is more."""
    words = reader()
    if counted(rows, up_to=MOST_SUMMED) < 0:
        more = f"{words.number(MOST_SUMMED)}+"
        return [Figure(_("Rows"), more, note=_("Narrow the list to see what it comes to"))]
    tallies = figures.tallies(rows, amount=amount, currency=currency)
    count = Figure(_("Rows"), words.number(sum(each.count for each in tallies)))
    return [count, *(summed(each, words) for each in tallies[:4])]


def summed(tally: figures.Tally, words: Reader) -> Figure:
    """The sum of one currency."""
    note = ngettext("%(count)s payment", "%(count)s payments", tally.count) % {
        "count": words.number(tally.count)
    }
    figure = words.figure(tally.amount, tally.currency)
    return Figure(_("Sum"), figure, None, tally.currency, note)


def record_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What the rows that the address asks for come to: verified money, or what is claimed."""
    shown = Shown(RECORDS, request, rows).rows
    proven = request.GET.get("state") == "completed"
    return sums_of(shown, amount="verified_amount" if proven else "amount")


RECORDS = List(
    name="verify-history",
    title=_("Decisions on payments"),
    table=RecordTable,
    filters=RecordFilter,
    summary=record_figures,
    search=("number", "reference", "customer__name"),
    search_label=_("Number, reference or customer"),
    empty=Empty(
        "history",
        _("Nothing was recorded yet"),
        _("Each payment stands here with who verified or denied it, and how long that took."),
    ),
    live="payment",
    template="verify/history.html",
)


class ReversalTable(Table):
    number = Lead(_("Number"), to="verify:reversal")
    customer = Text(_("Customer"), accessor="payment__customer__name")
    kind = Choice(_("Kind"), choices=Reversal.Kind)
    status = Status(_("Status"), shows=reversal_state)
    amount = Amount(_("Amount"), currency="payment__currency")
    payment = Text(_("Payment"), accessor="payment__number")
    requested_by = Text(_("Asked by"), accessor="requested_by__name")
    decided_by = Text(_("Decided by"), accessor="decided_by__name", visible=False)
    decided_at = Age(_("Decided"), visible=False)
    requested_at = Age(_("Asked"))

    class Meta:
        model = Reversal
        fields = ()
        order_by = ("settled", "-requested_at", "-pk")


class ReversalFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Reversal.Kind)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Reversal.Status)
    currency = django_filters.CharFilter(
        label=_("Currency"), field_name="payment__currency", lookup_expr="exact"
    )
    decided_from = DayFilter(label=_("Decided from"), method="from_decided")
    decided_to = DayFilter(label=_("Decided to"), method="to_decided")

    def from_decided(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows decided on a day or later."""
        return between(rows, "decided_at", first=day)

    def to_decided(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows decided on a day or earlier."""
        return between(rows, "decided_at", last=day)


def waiting_first(rows: QuerySet[Reversal]) -> QuerySet[Reversal]:
    """Reversals with those that somebody must decide in front."""
    waits = When(status=Reversal.Status.REQUESTED, then=Value(0))
    return rows.annotate(settled=Case(waits, default=Value(1), output_field=IntegerField()))


def reversal_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What the rows that the address asks for come to."""
    shown = Shown(REVERSALS, request, rows).rows
    return sums_of(shown, amount="amount", currency="payment__currency")


REVERSALS = List(
    name="verify-refunds",
    title=_("Refunds and chargebacks"),
    table=ReversalTable,
    filters=ReversalFilter,
    summary=reversal_figures,
    search=("number", "payment__number", "payment__customer__name"),
    search_label=_("Number, payment or customer"),
    empty=Empty(
        "receipt-refund",
        _("No money went back"),
        _("Open a verified payment to ask for a refund, or to book what a bank took back."),
        "/verify/history/?state=completed",
        _("See verified payments"),
    ),
    live="refund",
    template="verify/refunds.html",
)
