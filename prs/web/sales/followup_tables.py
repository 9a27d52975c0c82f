"""Lists of follow-ups: the tracker, alerts and visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from prs.kernel import clock
from prs.masterdata.parties.models import Customer
from prs.operations.followups import rules, selectors
from prs.operations.followups.models import Alert, FollowUp
from prs.web.kit import choices
from prs.web.kit.columns import Age, Amount, Choice, Day, Lead, Number, Status, Table, Text
from prs.web.kit.filters import DayFilter, Named
from prs.web.kit.lists import Empty, Figure, List
from prs.web.kit.reader import reader

RISKS = {
    rules.NONE: ("plain", _("None")),
    rules.LOW: ("done", _("Low")),
    rules.MEDIUM: ("waiting", _("Medium")),
    rules.HIGH: ("attention", _("High")),
}
SEVERITIES = {"low": "plain", "medium": "waiting", "high": "attention"}


def shown_risk(risk: str) -> tuple[str, Any]:
    """Meaning and word of a risk."""
    return RISKS[risk]


def shown_next(next_on: date | None) -> tuple[str, Any]:
    """Whether the next contact is late, today, or ahead."""
    if next_on is None:
        return ("plain", _("Not planned"))
    words, today = reader(), reader().today
    if next_on < today:
        days = (today - next_on).days
        text = ngettext("%(count)s day late", "%(count)s days late", days)
        return ("attention", text % {"count": words.number(days)})
    return ("waiting" if next_on == today else "plain", words.day(next_on))


class TrackerTable(Table):
    name = Lead(_("Customer"), to="sales:followup", under="code")
    risk = Status(_("Risk"), shows=shown_risk, orderable=False)
    owed = Amount(_("Owed"), currency="home_currency", orderable=False)
    oldest_due = Day(_("Due since"), css="wide", orderable=False)
    last_at = Age(_("Last contact"), css="num wide", orderable=False)
    last_outcome = Choice(_("Outcome"), choices=FollowUp.Outcome, css="wide", orderable=False)
    next_on = Status(_("Next contact"), shows=shown_next, orderable=False)
    phone = Text(_("Phone"), visible=False)
    area = Text(_("Area"), visible=False)
    salesperson = Text(_("Salesperson"), accessor="salesperson__name", css="wide")

    class Meta:
        model = Customer
        fields = ()
        order_by = ("name", "pk")


class TrackerFilter(django_filters.FilterSet):
    risk = django_filters.ChoiceFilter(
        label=_("Risk"),
        choices=[(code, word) for code, (_m, word) in RISKS.items() if code != "none"],
    )
    next = django_filters.ChoiceFilter(
        label=_("Next contact"),
        choices=[("late", _("Late")), ("today", _("Today")), ("never", _("Never contacted"))],
        method="by_next",
    )
    salesperson = django_filters.ModelChoiceFilter(label=_("Salesperson"), queryset=choices.members)

    def by_next(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows by when they are to be contacted."""
        if value == "never":
            return rows.filter(last_at__isnull=True)
        today = reader().today
        return rows.filter(next_on__lt=today) if value == "late" else rows.filter(next_on=today)


def tracker_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What is owed, who is late to be called, and who never was."""
    currency, words = request.organization.currency, reader()
    tally = selectors.tally(rows, currency=currency, at=clock.now(), today=words.today)
    return (
        Figure(
            _("Owed"),
            words.figure(tally.owed, currency),
            None,
            currency,
            ngettext("%(count)s customer", "%(count)s customers", tally.customers)
            % {"count": words.number(tally.customers)},
        ),
        Figure(_("High risk"), words.number(tally.high), "risk=high"),
        Figure(
            _("To contact today"),
            words.number(tally.today),
            "next=today",
        ),
        Figure(
            _("Contact is late"),
            words.number(tally.late),
            "next=late",
        ),
    )


TRACKER = List(
    name="followups",
    template="sales/followups.html",
    title=_("Follow-up"),
    table=TrackerTable,
    filters=TrackerFilter,
    summary=tracker_figures,
    search=("name", "code", "phone"),
    search_label=_("Name, code or phone"),
    empty=Empty(
        "phone",
        _("Nobody owes anything"),
        _("Customers with something left to pay stand here, with when they were last contacted."),
    ),
    live="followup",
)


def shown_severity(severity: str, label: str) -> tuple[str, Any]:
    """Meaning of an alert's severity, with what it is about."""
    return SEVERITIES[severity], dict(Alert.Kind.choices)[label]


class AlertTable(Table):
    customer = Lead(
        _("Customer"), to="sales:followup", key="customer_id", accessor="customer__name"
    )
    kind = Status(_("What"), needs=("severity", "kind"), shows=shown_severity)
    owed = Amount(_("Owed"), currency="currency")
    oldest_due_days = Number(_("Days late"))
    assigned_to = Text(_("Assigned to"), accessor="assigned_to__name", css="wide")
    raised_at = Age(_("Raised"), css="num wide")

    class Meta:
        model = Alert
        fields = ()
        order_by = ("-raised_at", "-pk")


class AlertFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("What"), choices=Alert.Kind)
    severity = django_filters.ChoiceFilter(label=_("Severity"), choices=Alert.Severity)
    assigned_to = django_filters.ModelChoiceFilter(label=_("Assigned to"), queryset=choices.members)


ALERTS = List(
    name="followup-alerts",
    template="sales/followups.html",
    title=_("Alerts"),
    table=AlertTable,
    filters=AlertFilter,
    search=("customer__name",),
    search_label=_("Customer"),
    empty=Empty(
        "bell",
        _("Nothing needs attention"),
        _("Accounts that need a contact stand here each morning."),
    ),
    live="alert",
)


class VisitTable(Table):
    customer = Lead(
        _("Customer"), to="sales:followup", key="customer_id", accessor="customer__name"
    )
    place = Text(_("Place"))
    outcome = Choice(_("Outcome"), choices=FollowUp.Outcome)
    promised_amount = Amount(_("Promised"), currency="currency")
    by = Text(_("By"), accessor="by__name")
    at = Age(_("When"))

    class Meta:
        model = FollowUp
        fields = ()
        order_by = ("-at", "-pk")


class VisitFilter(django_filters.FilterSet):
    customer = Named(
        "customer", label=_("Customer"), queryset=choices.customers, by="customer__name"
    )
    by = django_filters.ModelChoiceFilter(label=_("By"), queryset=choices.members)
    outcome = django_filters.ChoiceFilter(label=_("Outcome"), choices=FollowUp.Outcome)
    since = DayFilter(label=_("Next contact from"), field_name="next_on", lookup_expr="gte")


VISITS = List(
    name="followup-visits",
    template="sales/followups.html",
    title=_("Visits"),
    table=VisitTable,
    filters=VisitFilter,
    search=("customer__name", "place"),
    search_label=_("Customer or place"),
    empty=Empty("map-pin", _("No visit yet"), _("Log a visit from a customer's follow-up.")),
    live="followup",
)
