"""Setting up: tills, the smallest coin, and how much each role may take off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.identity.models import Role
from prs.masterdata.places.models import Place
from prs.operations.till import permissions, rules, services
from prs.operations.till.models import Till
from prs.operations.till.selectors import shifts
from prs.web.kit.access import found, requires
from prs.web.kit.fields import MoneyField
from prs.web.kit.forms import EditForm, edit_screen
from prs.web.till.tabs import tabs_of


class TillForm(EditForm):
    taken: ClassVar = {
        services.TillCodeTaken: "code",
        services.TillNameTaken: "name",
        services.NotAStorefront: "place",
    }

    class Meta:
        model = Till
        fields = ("place", "name", "code", "active")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Place.objects.filter(kind=Place.Kind.STOREFRONT, active=True)
        self.fields["place"].queryset = rows.order_by("name")  # type: ignore[attr-defined]


class SettingForm(forms.Form):
    """The smallest coin and the limit of returns."""

    rounding_step = forms.DecimalField(
        label=lazy("Smallest coin"),
        min_value=0,
        max_digits=9,
        decimal_places=4,
        help_text=lazy("Cash is rounded to it; 0 rounds nothing."),
    )
    return_limit = MoneyField(
        label=lazy("Returns need an approval above"),
        help_text=lazy("Returns without a receipt always need one."),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["return_limit"].currency = currency  # type: ignore[attr-defined]


@requires(permissions.SETTINGS)
def settings(request: Any) -> HttpResponse:
    """Everything that is set up at the tills."""
    currency = request.organization.currency
    row = shifts.setting_of(currency)
    kept = {"rounding_step": row.rounding_step.normalize(), "return_limit": row.return_limit}
    form = SettingForm(request.POST or None, currency=currency, initial=kept)
    if form.is_valid():
        by, at = request.member, clock.now()
        services.change_setting(currency, form.cleaned_data, by=by, at=at)
        messages.success(request, _("The rules are saved."))
        return redirect("till:settings")
    words = {
        "tills": shifts.tills(),
        "roles": role_limits(),
        "currency": currency,
        "tabs": tabs_of("settings", request.member),
    }
    return edit_screen(request, "till/settings.html", form, words)


def role_limits() -> list[tuple[Role, Decimal, Decimal]]:
    """The roles that sell, with how much each may take off a line and a basket."""
    kept = shifts.rules_by_role()
    found_ = []
    for role in Role.objects.filter(permissions__contains=["till.sell"]).order_by("name"):
        rule: Any = kept.get(role.pk)
        every = str(permissions.DISCOUNT) in role.permissions
        usual = (
            (rules.HUNDRED,) * 2
            if every
            else (rules.USUAL_LINE_DISCOUNT, rules.USUAL_BASKET_DISCOUNT)
        )
        line, basket = (rule.line_discount, rule.basket_discount) if rule else usual
        found_.append((role, line, basket))
    return found_


class RuleForm(forms.Form):
    """How much a role may take off."""

    line = forms.DecimalField(min_value=0, max_value=100, decimal_places=2)
    basket = forms.DecimalField(min_value=0, max_value=100, decimal_places=2)


@require_POST
@requires(permissions.SETTINGS)
def change_rule(request: Any, pk: UUID) -> HttpResponse:
    """Say how much a role may take off."""
    role = found(Role.objects.all(), pk=pk)
    form = RuleForm(request.POST)
    if form.is_valid():
        by, at = request.member, clock.now()
        services.change_rule(role, **form.cleaned_data, by=by, at=at)
        messages.success(request, _("The limit is saved."))
    else:
        messages.error(request, _("A discount is between 0 and 100 %."))
    return redirect("till:settings")


@requires(permissions.SETTINGS)
def add_till(request: Any) -> HttpResponse:
    """Set up a till."""
    form = TillForm(request.POST or None)
    if form.is_valid() and form.add(services.add_till, by=request.member, at=clock.now()):
        return redirect("till:settings")
    return edit_screen(request, "till/till_form.html", form)


@requires(permissions.SETTINGS)
def change_till(request: Any, pk: UUID) -> HttpResponse:
    """Change a till."""
    row = found(shifts.tills(), pk=pk)
    form = TillForm(request.POST or None, instance=row)
    if form.is_valid() and form.apply(services.change_till, by=request.member, at=clock.now()):
        return redirect("till:settings")
    return edit_screen(request, "till/till_form.html", form, {"till": row})
