"""Verified money of sales, row by row: what goals, standings and the dashboard count."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Count, QuerySet, Sum, Value
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from prs.operations.deals.permissions import VIEW as SEE_DEALS
from prs.operations.incentives import selectors
from prs.operations.incentives.models import SalesMoney
from prs.operations.payments.permissions import VIEW
from prs.web.kit import choices
from prs.web.kit.access import requires
from prs.web.kit.columns import Amount, Day, Lead, Status, Table, Text
from prs.web.kit.filters import DayFilter, Named, OfTeam
from prs.web.kit.lists import Empty, Figure, List, Shown
from prs.web.kit.reader import reader

KINDS: dict[str, tuple[str, Any]] = {
    "verified": ("done", _("Verified")),
    "refund": ("plain", _("Refunded")),
    "chargeback": ("stopped", _("Charged back")),
    "bounce": ("stopped", _("Bounced")),
}


def money_kind(kind: str) -> tuple[str, Any]:
    """Meaning and word of what happened to money."""
    return KINDS[kind]


class MoneyTable(Table):
    invoice = Lead(_("Invoice"), to="billing:invoice", accessor="invoice__number", key="invoice_id")
    customer = Text(_("Customer"), accessor="invoice__customer__name")
    kind = Status(_("Status"), shows=money_kind)
    amount = Amount(_("Amount"), currency="currency", visible=False)
    home = Amount(_("In home currency"), currency="home_currency")
    payment = Text(_("Payment"), accessor="payment__number", css="mid")
    deal = Text(_("Deal"), accessor="deal__number", css="mid")
    salesperson = Text(_("Salesperson"), accessor="member__name", css="wide")
    happened_on = Day(_("Date"))

    class Meta:
        model = SalesMoney
        fields = ()
        order_by = ("-happened_on", "-pk")


class MoneyFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Status"), choices=SalesMoney.Kind)
    customer = Named(
        "invoice__customer",
        label=_("Customer"),
        queryset=choices.customers,
        by="invoice__customer__name",
    )
    salesperson = django_filters.ModelChoiceFilter(
        field_name="member", label=_("Salesperson"), queryset=choices.members
    )
    team = OfTeam("member")
    since = DayFilter(label=_("From"), field_name="happened_on", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="happened_on", lookup_expr="lte")


def money_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What the rows that the address asks for come to, in home currency."""
    shown, words = Shown(MONEY, request, rows).rows, reader()
    currency = request.organization.currency
    sums = shown.order_by().aggregate(count=Count("pk"), total=Sum("home", default=Decimal(0)))
    total = sums["total"].quantize(Decimal("0.01"))
    return (
        Figure(_("Sum"), words.figure(total, currency), None, currency),
        Figure(_("Rows"), words.number(sums["count"])),
    )


def to_dashboard(request: Any) -> Sequence[tuple[Any, str]]:
    """The way back to the figures, for those who may see them."""
    return [(_("Dashboard"), reverse("sales:dashboard"))] if request.member.may(SEE_DEALS) else []


MONEY = List(
    name="sales-money",
    title=_("Verified money"),
    table=MoneyTable,
    filters=MoneyFilter,
    summary=money_figures,
    empty=Empty(
        "cash",
        _("No money was verified yet"),
        _("What a verifier accepts stands here, and what went back, for whoever sold."),
    ),
    live="payment",
    crumbs=to_dashboard,
)


@requires(VIEW)
def money(request: Any) -> HttpResponse:
    """The money of sales: what came in, less what went back."""
    rows = selectors.money_visible_to(request.member)
    return MONEY.show(request, rows.annotate(home_currency=Value(request.organization.currency)))
