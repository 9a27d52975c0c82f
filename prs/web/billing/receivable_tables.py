"""The lists of receivables: open claims, write-offs, and credit given against the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from prs.masterdata.parties import selectors as parties
from prs.operations.invoicing.models import CreditOverride, Invoice
from prs.operations.receivables import selectors
from prs.operations.receivables.models import WriteOff
from prs.operations.receivables.permissions import COLLECT, SETTINGS
from prs.operations.receivables.rules import CURRENT, NINETY, SIXTY, THIRTY
from prs.web.kit import choices
from prs.web.kit.columns import (
    Age,
    Amount,
    Choice,
    Column,
    Day,
    Lead,
    Status,
    Table,
    Text,
    Writer,
    status,
)
from prs.web.kit.filters import DayFilter, Named
from prs.web.kit.lists import Action, Empty, Figure, List, Shown
from prs.web.kit.reader import Reader, reader

AGES: dict[str, Any] = {
    CURRENT: _("Up to 30 days"),
    THIRTY: _("31 to 60 days"),
    SIXTY: _("61 to 90 days"),
    NINETY: _("Over 90 days"),
}
WRITE_OFF: dict[str, tuple[str, Any]] = {
    "requested": ("attention", _("Waiting for approval")),
    "approved": ("stopped", _("Written off")),
    "refused": ("plain", _("Refused")),
}
SINCE = (("due", _("The due day")), ("issued", _("The invoice date")))


def write_off_state(state: str) -> tuple[str, Any]:
    """Meaning and word of a write-off's state."""
    return WRITE_OFF[state]


class Lateness(Column):
    """How many days a claim is past its due day, or until then, with a mark by its age."""

    css = "num"

    def writer(self, reader: Reader) -> Writer:
        def written(due: date, on: date) -> str:
            days = (on - due).days
            if days <= 0:
                return status("plain", _("Not due"))
            words = ngettext("%(count)s day late", "%(count)s days late", days)
            meaning = "stopped" if days > 90 else "attention" if days > 30 else "waiting"
            return status(meaning, words % {"count": reader.number(days)})

        return written

    def plain(self, *values: Any) -> Any:
        """In days; below zero while it isn't due."""
        due, on = values
        return (on - due).days


class ClaimTable(Table):
    number = Lead(_("Invoice"), to="billing:invoice")
    customer = Text(_("Customer"), accessor="customer__name")
    late = Lateness(_("Age"), needs=("due_date", "day"), orderable=False)
    left_then = Amount(_("Left to pay"), currency="currency", orderable=False)
    total = Amount(_("Total"), currency="currency", visible=False)
    invoice_date = Day(_("Date"), visible=False)
    due_date = Day(_("Due"))
    reminded_at = Age(_("Reminded"), orderable=False, css="mid")
    assignee = Text(_("In collection with"), orderable=False, css="wide")
    salesperson_name = Text(_("Salesperson"), css="wide")
    origin = Choice(_("Origin"), choices=Invoice.Origin, visible=False)

    class Meta:
        model = Invoice
        fields = ()
        order_by = ("due_date", "pk")


class ClaimFilter(django_filters.FilterSet):
    bucket = django_filters.ChoiceFilter(label=_("Age"), choices=list(AGES.items()))
    customer = Named(
        "customer", label=_("Customer"), queryset=choices.customers, by="customer__name"
    )
    account = django_filters.ModelChoiceFilter(
        label=_("Account of"), queryset=choices.customers, method="of_account"
    )
    salesperson = django_filters.ModelChoiceFilter(label=_("Salesperson"), queryset=choices.members)
    assignee = django_filters.ModelChoiceFilter(
        label=_("In collection with"), queryset=choices.members, method="held_by"
    )
    collecting = django_filters.BooleanFilter(
        label=_("In collection"), field_name="assignee_id", lookup_expr="isnull", exclude=True
    )
    reminded = django_filters.BooleanFilter(
        label=_("Reminded"), field_name="reminded_at", lookup_expr="isnull", exclude=True
    )
    origin = django_filters.ChoiceFilter(label=_("Origin"), choices=Invoice.Origin)
    since = django_filters.ChoiceFilter(label=_("Age counts from"), choices=SINCE, method="as_is")
    on = DayFilter(label=_("As of"), method="as_is")

    def as_is(self, rows: QuerySet[Any], _name: str, _value: Any) -> QuerySet[Any]:
        """The claims are those of the day already."""
        return rows

    def of_account(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        """Claims on a customer and on everybody merged into it."""
        return rows.filter(customer__in=parties.family(value))

    def held_by(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        """Claims that a member has in hand."""
        return rows.filter(assignee_id=value.pk)


def claim_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What the claims that the address asks for come to by age, in home currency."""
    currency, words = request.organization.currency, reader()
    params = request.GET.copy()
    params.pop("bucket", None)
    shown = Shown(CLAIMS, request, rows)
    shown.params = params
    sums = selectors.by_bucket(shown.rows, currency)
    count = sum(each for each, _sum in sums.values())
    total = sum((each for _count, each in sums.values()), Decimal(0))
    figures = [
        Figure(
            _("Left to pay"),
            words.figure(total, currency),
            "",
            currency,
            ngettext("%(count)s claim", "%(count)s claims", count) % {"count": words.number(count)},
        )
    ]
    for bucket, (number, amount) in sums.items():
        note = ngettext("%(count)s claim", "%(count)s claims", number)
        figures.append(
            Figure(
                AGES[bucket],
                words.figure(amount, currency),
                f"bucket={bucket}",
                currency,
                note % {"count": words.number(number)},
                "attention" if number and bucket in {SIXTY, NINETY} else "",
            )
        )
    return figures


CLAIMS = List(
    name="receivables",
    title=_("Receivables"),
    table=ClaimTable,
    filters=ClaimFilter,
    summary=claim_figures,
    search=("number", "customer__name"),
    search_label=_("Number or customer"),
    empty=Empty(
        "hourglass",
        _("Nobody owes anything"),
        _("Issued invoices with something left to pay stand here by age."),
        "/billing/invoices/",
        _("See invoices"),
    ),
    bulk=(Action(_("Send reminders"), "/billing/receivables/remind/", "mail", COLLECT),),
    live="invoice",
    template="billing/receivables.html",
)


class WriteOffTable(Table):
    invoice = Lead(_("Invoice"), to="billing:write_off", accessor="invoice__number")
    customer = Text(_("Customer"), accessor="invoice__customer__name")
    state = Status(_("Status"), shows=write_off_state)
    amount = Amount(_("Amount"), currency="invoice__currency")
    reason = Text(_("Reason"), css="wide")
    requested_by = Text(_("Asked by"), accessor="requested_by__name")
    decided_by = Text(_("Decided by"), accessor="decided_by__name", css="mid")
    requested_at = Age(_("Asked"))

    class Meta:
        model = WriteOff
        fields = ()
        order_by = ("-requested_at", "-pk")


class WriteOffFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("Status"), choices=WriteOff.State)
    customer = Named(
        "invoice__customer",
        label=_("Customer"),
        queryset=choices.customers,
        by="invoice__customer__name",
    )
    requested_by = django_filters.ModelChoiceFilter(label=_("Asked by"), queryset=choices.members)


WRITE_OFFS = List(
    name="write-offs",
    title=_("Write-offs"),
    table=WriteOffTable,
    filters=WriteOffFilter,
    search=("invoice__number", "invoice__customer__name"),
    search_label=_("Number or customer"),
    empty=Empty(
        "circle-off",
        _("Nothing was written off"),
        _("Who gives up a claim asks on its invoice. Somebody else approves it here."),
    ),
    live="write_off",
    template="billing/receivables.html",
)


class OverrideTable(Table):
    invoice = Lead(_("Invoice"), to="billing:invoice", accessor="invoice__number", key="invoice_id")
    customer = Text(_("Customer"), accessor="customer__name")
    rule = Choice(_("Rule set aside"), choices=CreditOverride.Rule)
    amount = Amount(_("Amount"), currency="currency")
    credit_limit = Amount(_("Limit"), currency="currency", visible=False)
    outstanding = Amount(_("Outstanding then"), currency="currency", visible=False)
    overdue = Amount(_("Overdue then"), currency="currency", visible=False)
    reason = Text(_("Why"))
    granted_by = Text(_("Allowed by"), accessor="granted_by__name")
    sold_by = Text(_("Sold by"), accessor="sold_by__name", visible=False)
    at = Age(_("When"))

    class Meta:
        model = CreditOverride
        fields = ()
        order_by = ("-at", "-pk")


class OverrideFilter(django_filters.FilterSet):
    rule = django_filters.ChoiceFilter(label=_("Rule set aside"), choices=CreditOverride.Rule)
    customer = Named(
        "customer", label=_("Customer"), queryset=choices.customers, by="customer__name"
    )
    granted_by = django_filters.ModelChoiceFilter(label=_("Allowed by"), queryset=choices.members)
    sold_by = django_filters.ModelChoiceFilter(label=_("Sold by"), queryset=choices.members)


OVERRIDES = List(
    name="credit-overrides",
    title=_("Credit against the rules"),
    table=OverrideTable,
    filters=OverrideFilter,
    search=("invoice__number", "customer__name"),
    search_label=_("Number or customer"),
    empty=Empty(
        "shield-check",
        _("The rules of credit were never set aside"),
        _(
            "When a manager gives credit to somebody who is blocked, late or past the limit, it is kept here."
        ),
    ),
    live="invoice",
    template="billing/receivables.html",
)


def tabs(request: Any, current: str) -> list[tuple[Any, str, bool]]:
    """The ways to look at receivables: word, address, whether it is open."""
    places = (
        ("receivables", _("Open claims")),
        ("ageing", _("By customer")),
        ("credit", _("Credit used")),
        ("collected", _("Collected")),
        ("write_offs", _("Write-offs")),
        ("overrides", _("Against the rules")),
        *([("reminder_texts", _("Reminder texts"))] if request.member.may(SETTINGS) else []),
    )
    return [(word, reverse(f"billing:{name}"), name == current) for name, word in places]
