"""What lies where: levels, one product's stock, batches, movements, and stock as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db.models import CharField, OuterRef, Subquery, Value
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.ledgers.stock import rules, services
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock.permissions import ADJUST, COSTS, VIEW
from prs.masterdata.catalog import permissions as catalog_permissions
from prs.masterdata.catalog.models import Product
from prs.masterdata.parties.models import Supplier
from prs.masterdata.places import selectors as where
from prs.operations.purchasing import permissions as buying
from prs.operations.purchasing import rules as prices
from prs.web.kit.access import found, requires
from prs.web.kit.fields import DayField, MoneyField
from prs.web.kit.forms import EditForm, edit_screen
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.stock import level_tables as tables

RECENT = 12


def home(request: Any) -> Value:
    """The organization's currency, as a column of a list reads it."""
    return Value(request.organization.currency, output_field=CharField())


@requires(VIEW)
def levels(request: Any) -> HttpResponse:
    """What lies of each product, everywhere or at a place."""
    rows = stock.levels(at=clock.now(), on=reader().today, place=tables.chosen_place(request))
    shown = tables.LEVELS if request.member.may(COSTS) else tables.LEVELS_WITHOUT_COSTS
    return shown.show(request, rows.annotate(home_currency=home(request)))


@dataclass(frozen=True)
class Term:
    """A term of the reconciliation: what it is called, its sign and its quantity."""

    label: Any
    sign: str
    quantity: Decimal


def terms_shown(terms: rules.Terms) -> tuple[list[Term], list[Term]]:
    """What should lie there, and what does, term by term."""
    should = [
        Term(_("Received"), "+", terms.received),
        Term(_("Adjusted upwards"), "+", terms.increased),
        Term(_("Sold and picked"), "\N{MINUS SIGN}", terms.sold),
        Term(_("Returned"), "+", terms.returned),
        Term(_("Adjusted downwards"), "\N{MINUS SIGN}", terms.decreased),
    ]
    there = [Term(_("On hand"), "+", terms.on_hand), Term(_("In transit"), "+", terms.in_transit)]
    return should, there


@requires(VIEW)
def level(request: Any, pk: UUID) -> HttpResponse:
    """One product: where it lies, batch by batch, who keeps it, how long it lasts, and whether it all
    adds up.
    """
    now, today = clock.now(), reader().today
    rows = stock.levels(at=now, on=today)
    product = found(rows, pk=pk)
    terms = stock.terms_of(product)
    should, there = terms_shown(terms)
    sold = stock.sold_since(today - timedelta(days=stock.VELOCITY_DAYS)).get(pk, Decimal(0))
    lying = list(stock.at_places(product, at=now))
    context = {
        "product": product,
        "shown": tables.shown_level(product.level),
        "places": [(place, list(group)) for place, group in groupby(lying, lambda row: row.place)],
        "terms": terms,
        "should": should,
        "there": there,
        "expected": terms.on_hand + terms.in_transit - terms.delta,
        "outlook": rules.outlook(
            product.on_hand, max(sold, Decimal(0)), over_days=stock.VELOCITY_DAYS, today=today
        ),
        "never": rules.NEVER,
        "sold": sold,
        "turns": rules.velocity(max(sold, Decimal(0)), product.on_hand),
        "kept": stock.reservations_of(product, at=now)[:RECENT],
        "movements": stock.movements()
        .filter(product=product)
        .select_related("place", "batch")
        .order_by("-at", "-pk")[:RECENT],
        "currency": request.organization.currency,
        "sees_costs": request.member.may(COSTS),
        "may_adjust": request.member.may(ADJUST),
        "may_order": request.member.may(buying.ORDER),
        "today": today,
    }
    return screen(request, "stock/level.html", context)


@requires(VIEW)
def batches(request: Any) -> HttpResponse:
    """Every intake of a product."""
    supplier = Supplier.objects.filter(pk=OuterRef("supplier_id")).values("name")
    rows = stock.batches().annotate(home_currency=home(request), supplier_name=Subquery(supplier))
    shown = tables.BATCHES if request.member.may(COSTS) else tables.BATCHES_WITHOUT_COSTS
    return shown.show(request, rows)


class PricesForm(EditForm):
    """What a batch is sold for."""

    retail_price = MoneyField(
        label=gettext_lazy("Retail price"), required=False, min_value=Decimal(0)
    )
    wholesale_price = MoneyField(
        label=gettext_lazy("Wholesale price"), required=False, min_value=Decimal(0)
    )

    class Meta:
        model = stock.BatchRow
        fields = ("retail_price", "wholesale_price")


@requires(VIEW)
def batch(request: Any, pk: UUID) -> HttpResponse:
    """One batch: what it cost, what it brings, where it lies, and what happened to it."""
    row = found(stock.batches(), pk=pk)
    may_price = request.member.may(buying.RECEIVE)
    form = PricesForm(request.POST or None, instance=row)
    for name in ("retail_price", "wholesale_price"):
        cast("MoneyField", form.fields[name]).currency = request.organization.currency
    sent = request.method == "POST" and may_price and form.is_valid()
    if sent and form.apply(services.change_prices, by=request.member, at=clock.now()):
        messages.success(request, _("The prices are changed."))
        return redirect("stock:batch", row.pk)
    context = {
        "batch": row,
        "expiry": tables.shown_expiry(row.expires_on),
        "supplier": Supplier.objects.filter(pk=row.supplier_id).first(),
        "lying": [
            each for each in stock.at_places(row.product, at=clock.now()) if each.batch_id == pk
        ],
        "movements": stock.movements()
        .filter(batch=row)
        .select_related("place")
        .order_by("-at", "-pk")[:50],
        "margins": margins(row),
        "events": timeline(row),
        "may_price": may_price,
        "may_adjust": request.member.may(ADJUST),
        "may_label": request.member.may(catalog_permissions.VIEW),
        "sees_costs": request.member.may(COSTS),
        "currency": request.organization.currency,
    }
    return edit_screen(request, "stock/batch.html", form, context)


def margins(row: Any) -> Mapping[str, Decimal | None]:
    """What of each price is profit, in per cent."""
    return {
        "retail": prices.margin(row.retail_price, row.unit_cost),
        "wholesale": prices.margin(row.wholesale_price, row.unit_cost),
    }


@requires(VIEW)
def movements(request: Any) -> HttpResponse:
    """Everything that moved."""
    rows = stock.movements().annotate(home_currency=home(request))
    shown = tables.MOVEMENTS if request.member.may(COSTS) else tables.MOVEMENTS_WITHOUT_COSTS
    return shown.show(request, rows)


class MomentForm(forms.Form):
    """A past moment, and perhaps a place."""

    day = DayField(label=gettext_lazy("Day"))
    clock = forms.TimeField(label=gettext_lazy("Time"), required=False)
    place: Any = forms.ModelChoiceField(
        label=gettext_lazy("Place"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Everywhere"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].queryset = where.places()  # type: ignore[attr-defined]

    def moment(self, zone: str) -> datetime:
        """The moment that is meant; without a time, the end of the day."""
        at = self.cleaned_data["clock"] or time.max
        return datetime.combine(self.cleaned_data["day"], at, tzinfo=ZoneInfo(zone))


@requires(VIEW)
def as_of(request: Any) -> HttpResponse:
    """What lay there at a past moment, from the movements until then."""
    words = reader()
    asked = request.GET if "day" in request.GET else None
    form = MomentForm(asked, initial={"day": words.today - timedelta(days=1)})
    rows: Any = Product.objects.none()
    moment = None
    if form.is_bound and form.is_valid():
        moment = form.moment(request.organization.time_zone)
        rows = stock.past_stock(moment, place=form.cleaned_data["place"]).select_related("unit")
    found_rows = list(rows[:2000])
    context = {
        "rows": found_rows,
        "moment": moment,
        "place": form.cleaned_data.get("place") if form.is_bound and form.is_valid() else None,
        "total": sum((row.worth for row in found_rows), Decimal(0)),
        "currency": request.organization.currency,
        "sees_costs": request.member.may(COSTS),
    }
    return edit_screen(request, "stock/as_of.html", form, context)
