"""The list of commissions, and how their states are shown."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from prs.operations.incentives.models import Commission
from prs.operations.incentives.permissions import APPROVE, EDIT
from prs.web.kit import choices
from prs.web.kit.columns import Amount, Day, Lead, Status, Table, Text
from prs.web.kit.filters import DayFilter, OfTeam
from prs.web.kit.lists import Action, Empty, List

STATES: dict[str, tuple[str, Any]] = {
    "draft": ("plain", _("Draft")),
    "approved": ("waiting", _("Approved")),
    "disputed": ("attention", _("Disputed")),
    "paid": ("done", _("Paid out")),
}


def commission_state(state: str) -> tuple[str, Any]:
    """Meaning and word of a commission's state."""
    return STATES[state]


class CommissionTable(Table):
    member = Lead(_("Member"), to="sales:commission", accessor="member__name", under="number")
    starts_on = Day(_("From"))
    ends_on = Day(_("Until"))
    state = Status(_("Status"), shows=commission_state)
    sales = Amount(_("Sales"), currency="home_currency")
    earned = Amount(_("Commission"), currency="home_currency")
    bonus = Amount(_("Bonus"), currency="currency", visible=False)
    penalty = Amount(_("Penalty"), currency="currency", visible=False)
    receivable = Amount(_("To be paid"), currency="currency")
    rule = Text(_("Rule"), accessor="rule__name", visible=False)

    class Meta:
        model = Commission
        fields = ()
        order_by = ("-starts_on", "-pk")


class CommissionFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("Status"), choices=Commission.State)
    member = django_filters.ModelChoiceFilter(label=_("Member"), queryset=choices.members)
    team = OfTeam("member")
    since = DayFilter(label=_("From"), field_name="starts_on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="ends_on", lookup_expr="lte")


COMMISSIONS = List(
    name="commissions",
    title=_("Commissions"),
    table=CommissionTable,
    filters=CommissionFilter,
    search=("member__name", "number"),
    live="commission",
    empty=Empty(
        "percentage",
        _("No commission has been calculated yet"),
        _("It follows from verified money, and each line says from which payment."),
        "/sales/commissions/grid/",
        _("Calculate a month"),
        EDIT,
    ),
    main=Action(_("Calculate a month"), "/sales/commissions/grid/", "percentage", EDIT),
    bulk=(Action(_("Approve"), "/sales/commissions/approve/", "check", APPROVE),),
)
