"""Screens that exist for the tests of the kit."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.http import HttpResponse
from django.urls import path

from prs.config.urls import handler404, handler500
from prs.config.urls import urlpatterns as product
from prs.kernel import clock
from prs.masterdata.parties import services as customers
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.selectors import visible_to
from prs.web.kit.access import found, members_only
from prs.web.kit.columns import Age, Choice, Lead, Number, Status, Table, Text
from prs.web.kit.fields import DayField, MoneyField
from prs.web.kit.forms import EditForm, edit_screen
from prs.web.kit.lists import Action, Empty, Figure, List, picked
from prs.web.kit.once import once


def going(active: bool) -> tuple[str, str]:
    return ("done", "Going") if active else ("stopped", "Over")


class Filters(django_filters.FilterSet):
    area = django_filters.CharFilter(label="Area")
    kind = django_filters.ChoiceFilter(label="Kind", choices=Customer.Kind.choices)
    terms = django_filters.NumberFilter("terms_days", lookup_expr="gte", label="Days at least")

    class Meta:
        model = Customer
        fields = ()


class CustomerTable(Table):
    name = Lead("Name", to="test_customer", under="code")
    area = Text("Area")
    kind = Choice("Kind", choices=Customer.Kind)
    salesperson = Text("Salesperson", accessor="salesperson__name")
    terms_days = Number("Days")
    status = Status("Status", needs="active", shows=going)
    created_at = Age("Since")
    city = Text("City", visible=False)

    class Meta:
        order_by = ("name",)


def figures(request: Any, rows: Any) -> list[Figure]:
    return [Figure("North", str(rows.filter(area="North").count()), query="area=North")]


CUSTOMERS = List(
    name="test-customers",
    title="Customers",
    table=CustomerTable,
    filters=Filters,
    summary=figures,
    search=("name", "code"),
    empty=Empty("users", "No customers yet", "They owe you money.", "/begin", "Add one"),
    bulk=(Action("Greet", "/test/greet", "check"),),
    live="customer",
)


@members_only
def the_list(request: Any) -> HttpResponse:
    return CUSTOMERS.show(request, visible_to(request.member))


@members_only
def customer(request: Any, pk: Any) -> HttpResponse:
    return HttpResponse(found(visible_to(request.member), pk=pk).name)


@members_only
def greet(request: Any) -> HttpResponse:
    rows = picked(request, visible_to(request.member)).order_by("name")
    return HttpResponse(", ".join(row.name for row in rows))


class CustomerForm(EditForm):
    taken = {customers.CodeTaken: "code"}

    class Meta:
        model = Customer
        fields = ("name", "code", "area", "salesperson", "active")


@members_only
def edit(request: Any, pk: Any) -> HttpResponse:
    row = found(visible_to(request.member), pk=pk)
    form = CustomerForm(request.POST or None, instance=row)
    if form.is_valid() and form.apply(customers.change, by=request.member, at=clock.now()):
        return HttpResponse("kept")
    return edit_screen(request, "test_edit.html", form)


class Typed(forms.Form):
    day = DayField()
    amount = MoneyField(currency="EUR")


@members_only
@once
def add(request: Any) -> HttpResponse:
    name = request.POST["name"]
    customers.add(
        {"name": name, "code": request.POST.get("code", "")}, by=request.member, at=clock.now()
    )
    return HttpResponse(f"{Customer.objects.count()}")


urlpatterns = [
    path("test/customers", the_list, name="test_customers"),
    path("test/customers/<uuid:pk>", customer, name="test_customer"),
    path("test/customers/<uuid:pk>/edit", edit, name="test_edit"),
    path("test/greet", greet),
    path("test/add", add),
    *product,
]
__all__ = ["Typed", "handler404", "handler500", "urlpatterns"]
