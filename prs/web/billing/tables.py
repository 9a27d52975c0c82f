"""The lists of invoices and payments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from prs.operations.invoicing import permissions as invoice_rights
from prs.operations.invoicing import selectors
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import figures
from prs.operations.payments.models import Payment
from prs.web.kit import choices
from prs.web.kit.columns import Age, Amount, Choice, Day, Lead, Status, Table, Text
from prs.web.kit.filters import DayFilter, Named, OfTeam
from prs.web.kit.lists import Action, Empty, Figure, List
from prs.web.kit.moments import between
from prs.web.kit.reader import reader
from prs.web.kit.states import invoice_state, payment_state


class InvoiceTable(Table):
    number = Lead(_("Invoice"), to="billing:invoice")
    customer = Text(_("Customer"), accessor="customer__name")
    state = Status(
        _("Status"),
        needs=("status", "billing", "total", "paid", "credited", "lost", "due_date"),
        shows=invoice_state,
        orderable=False,
    )
    total = Amount(_("Total"), currency="currency")
    open_amount = Amount(_("Left to pay"), currency="currency")
    invoice_date = Day(_("Date"), css="wide")
    due_date = Day(_("Due"))
    salesperson_name = Text(_("Salesperson"), css="wide")
    origin = Choice(_("Origin"), choices=Invoice.Origin, visible=False)
    priority = Choice(_("Priority"), choices=Invoice.Priority, visible=False)
    created_at = Age(_("Arrived"), css="num wide")

    class Meta:
        model = Invoice
        fields = ()
        order_by = ("-created_at", "-pk")


SHOWN = (
    ("open", _("Open")),
    ("overdue", _("Overdue")),
    ("paid", _("Paid")),
    ("written_off", _("Written off")),
    ("review", _("In review")),
)


class InvoiceFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("Status"), choices=SHOWN, method="in_state")
    customer = Named(
        "customer", label=_("Customer"), queryset=choices.customers, by="customer__name"
    )
    salesperson = django_filters.ModelChoiceFilter(label=_("Salesperson"), queryset=choices.members)
    origin = django_filters.ChoiceFilter(label=_("Origin"), choices=Invoice.Origin)
    since = DayFilter(label=_("From"), field_name="invoice_date", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="invoice_date", lookup_expr="lte")

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows in a state that is derived."""
        match value:
            case "open":
                return rows.filter(selectors.OPEN)
            case "overdue":
                return selectors.overdue(rows, on=reader().today)
            case "paid":
                ended = rows.filter(status=Invoice.Status.ISSUED, total=F("paid") + F("credited"))
                return ended.filter(lost__lte=0)
            case "written_off":
                return selectors.written_off(rows)
            case _:
                return rows.filter(billing=Invoice.Billing.REVIEW)


def invoice_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What is open, late and in review, in the organization's currency."""
    currency = request.organization.currency
    sums = selectors.summary(rows.filter(currency=currency), on=reader().today)
    words = reader()
    return (
        Figure(
            _("Left to pay"),
            words.figure(sums["open_amount"], currency),
            "state=open",
            currency,
            _("%(count)s open") % {"count": words.number(sums["open_count"])},
        ),
        Figure(
            _("Overdue"),
            words.figure(sums["late_amount"], currency),
            "state=overdue",
            currency,
            _("%(count)s late") % {"count": words.number(sums["late_count"])},
            "attention" if sums["late_count"] else "",
        ),
        Figure(_("In review"), words.number(sums["review_count"]), "state=review"),
    )


INVOICES = List(
    name="invoices",
    title=_("Invoices"),
    table=InvoiceTable,
    filters=InvoiceFilter,
    summary=invoice_figures,
    search=("number", "customer__name"),
    search_label=_("Number or customer"),
    empty=Empty(
        "file-invoice",
        _("What do your customers owe?"),
        _("Invoices stand here, written by hand or posted by another system."),
        "/billing/invoices/add/",
        _("Write an invoice"),
        invoice_rights.EDIT,
    ),
    main=Action(_("Write an invoice"), "/billing/invoices/add/", "plus", invoice_rights.EDIT),
    live="invoice",
)


class PaymentTable(Table):
    number = Lead(_("Payment"), to="billing:payment")
    customer = Text(_("Customer"), accessor="customer__name")
    status = Status(_("Status"), shows=payment_state)
    amount = Amount(_("Amount"), currency="currency")
    home = Amount(_("In home currency"), currency="home_currency", visible=False, orderable=False)
    method = Choice(_("Method"), choices=Payment.Method)
    paid_on = Day(_("Paid on"))
    reference = Text(_("Reference"), visible=False)
    recorded_by = Text(_("Recorded by"), accessor="recorded_by__name", css="wide")
    recorded_at = Age(_("Recorded"), css="num wide")

    class Meta:
        model = Payment
        fields = ()
        order_by = ("-recorded_at", "-pk")


PAYMENT_STATES = (
    ("pending", _("Pending")),
    ("completed", _("Completed")),
    ("unsuccessful", _("Unsuccessful")),
)


class PaymentFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("State"), choices=PAYMENT_STATES, method="in_state")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Payment.Status)
    method = django_filters.ChoiceFilter(label=_("Method"), choices=Payment.Method)
    customer = Named(
        "customer", label=_("Customer"), queryset=choices.customers, by="customer__name"
    )
    recorded_by = django_filters.ModelChoiceFilter(label=_("Recorded by"), queryset=choices.members)
    team = OfTeam("recorded_by")
    since = DayFilter(label=_("From"), field_name="paid_on", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="paid_on", lookup_expr="lte")
    recorded_from = DayFilter(label=_("Recorded from"), method="from_recorded")
    recorded_to = DayFilter(label=_("Recorded to"), method="to_recorded")

    decided_from = DayFilter(label=_("Verified from"), method="from_verified")
    decided_to = DayFilter(label=_("Verified to"), method="to_verified")

    def from_verified(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows that were verified on a day or later."""
        return between(rows.filter(verified_amount__isnull=False), "decided_at", first=day)

    def to_verified(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows that were verified on a day or earlier."""
        return between(rows.filter(verified_amount__isnull=False), "decided_at", last=day)

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows that wait, or that ended well or not."""
        return figures.in_state(rows, value)

    def from_recorded(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows recorded on a day or later."""
        return between(rows, "recorded_at", first=day)

    def to_recorded(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """Rows recorded on a day or earlier."""
        return between(rows, "recorded_at", last=day)


PAYMENTS = List(
    name="payments",
    title=_("Payments"),
    table=PaymentTable,
    filters=PaymentFilter,
    search=("number", "reference", "customer__name"),
    search_label=_("Number, reference or customer"),
    empty=Empty(
        "cash",
        _("Which money came in?"),
        _("Open a customer or an invoice and record what was paid, with its proof."),
        "/billing/invoices/?state=open",
        _("See open invoices"),
    ),
    live="payment",
)
