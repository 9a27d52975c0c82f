"""The list of customers, and how their standing is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.permissions import EDIT
from prs.operations.invoicing import standings
from prs.operations.invoicing.standings import BAD_DEBT, CLEAR, PENDING, STANDINGS
from prs.web.kit import choices
from prs.web.kit.columns import Age, Amount, Choice, Day, Lead, Status, Table, Text
from prs.web.kit.filters import OfTeam
from prs.web.kit.lists import Action, Empty, Figure, List
from prs.web.kit.reader import reader

MEANINGS = {CLEAR: "done", PENDING: "waiting", BAD_DEBT: "stopped"}


def shown_standing(standing: str) -> tuple[str, Any]:
    """Meaning and word of how a customer stands."""
    return MEANINGS[standing], STANDINGS[standing]


def business(active: bool, blocked: bool) -> tuple[str, Any]:  # noqa: FBT001  (a column's values)
    """Whether business goes on with a customer."""
    if not active:
        return ("plain", _("Inactive"))
    return ("attention", _("No credit")) if blocked else ("done", _("Active"))


class CustomerTable(Table):
    name = Lead(_("Customer"), to="sales:customer", under="code")
    standing = Status(_("Standing"), shows=shown_standing, orderable=False)
    owed = Amount(_("Owed"), currency="home_currency", orderable=False)
    late = Amount(_("Overdue"), currency="home_currency", orderable=False, visible=False)
    oldest_due = Day(_("Due since"), orderable=False, css="mid")
    kind = Choice(_("Kind"), choices=Customer.Kind, visible=False)
    area = Text(_("Area"), css="wide")
    city = Text(_("City"), visible=False)
    phone = Text(_("Phone"), css="wide")
    email = Text(_("E-mail"), visible=False)
    tax_id = Text(_("Tax number"), visible=False)
    price_level = Choice(_("Prices"), choices=Customer.PriceLevel, visible=False)
    salesperson = Text(_("Salesperson"), accessor="salesperson__name", css="mid")
    active = Status(
        _("Status"), needs=("active", "credit_blocked"), shows=business, orderable=False
    )
    created_at = Age(_("Added"), visible=False)

    class Meta:
        model = Customer
        fields = ()
        order_by = ("name", "pk")


def tags(request: Any) -> QuerySet[Any]:
    """Every tag, by name."""
    return parties.tags()


OWING = (("owed", _("Something")), ("late", _("Something overdue")))


class CustomerFilter(django_filters.FilterSet):
    standing = django_filters.ChoiceFilter(
        label=_("Standing"), choices=list(STANDINGS.items()), method="in_standing"
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Customer.Kind)
    tag = django_filters.ModelChoiceFilter(label=_("Tag"), queryset=tags, method="with_tag")
    salesperson = django_filters.ModelChoiceFilter(label=_("Salesperson"), queryset=choices.members)
    team = OfTeam("salesperson")
    owing = django_filters.ChoiceFilter(label=_("Owes"), choices=OWING, method="if_owing")
    price_level = django_filters.ChoiceFilter(label=_("Prices"), choices=Customer.PriceLevel)
    credit_blocked = django_filters.BooleanFilter(label=_("No more credit"))
    active = django_filters.BooleanFilter(label=_("Active"))

    def in_standing(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows that stand in one of the three ways."""
        currency = self.request.organization.currency
        return standings.in_standing(rows, value, currency=currency, on=reader().today)

    def if_owing(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows that owe something, or something that is overdue."""
        currency = self.request.organization.currency
        return standings.owing(rows, currency=currency, on=reader().today, late=value == "late")

    def with_tag(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        """Rows with a tag."""
        return parties.tagged(rows, value)


def customer_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What these customers owe, what of it is late, and who gets no more credit."""
    currency = request.organization.currency
    words = reader()
    sums = standings.owed_by(rows, currency=currency, on=words.today)
    return (
        Figure(
            _("Owed"),
            words.figure(sums["owed"], currency),
            None,
            currency,
            ngettext("%(count)s customer", "%(count)s customers", sums["customers"])
            % {"count": words.number(sums["customers"])},
        ),
        Figure(
            _("Overdue"),
            words.figure(sums["late"], currency),
            None,
            currency,
            ngettext("%(count)s customer", "%(count)s customers", sums["late_customers"])
            % {"count": words.number(sums["late_customers"])},
            "attention" if sums["late_customers"] else "",
        ),
        Figure(
            _("No more credit"),
            words.number(rows.filter(credit_blocked=True).count()),
            "credit_blocked=true",
        ),
    )


CUSTOMERS = List(
    name="customers",
    title=_("Customers"),
    table=CustomerTable,
    filters=CustomerFilter,
    summary=customer_figures,
    search=("name", "code", "email"),
    search_label=_("Name, code or e-mail"),
    empty=Empty(
        "users",
        _("Who do you sell to?"),
        _("Customers owe what you invoice. Add one, or let an import bring them."),
        "/sales/customers/add/",
        _("Add a customer"),
        EDIT,
    ),
    main=Action(_("Add a customer"), "/sales/customers/add/", "plus", EDIT),
    live="customer",
    template="sales/customers.html",
)
