"""What selling earns: the versions of the rules, leads' shares, and deals that are shared out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.errors import Invalid, Refusal
from prs.operations.deals import selectors as deals
from prs.operations.incentives import permissions, selectors
from prs.operations.incentives import services as incentives
from prs.web.kit.access import found, requires
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.sales.commission_forms import EndForm, OverrideForm, RuleForm, SplitForm


@requires(permissions.EDIT, permissions.APPROVE)
def commission_rules(request: Any) -> HttpResponse:
    """Every version of the rules, and what leads earn of their teams."""
    today = reader().today
    context = {
        "rules": [(row, in_force(row, today)) for row in selectors.rules()],
        "overrides": [(row, in_force(row, today)) for row in selectors.overrides()],
        "home": request.organization.currency,
        "may_edit": request.member.may(permissions.EDIT),
    }
    return screen(request, "sales/commission_rules.html", context)


def in_force(row: Any, today: Any) -> tuple[str, Any]:
    """Whether something holds, will hold, or held."""
    if row.starts_on > today:
        return ("waiting", _("To come"))
    if row.ends_on and row.ends_on < today:
        return ("plain", _("Ended"))
    return ("done", _("In force"))


def form_screen(request: Any, form: Any, title: str, save: str, **more: Any) -> HttpResponse:
    """A form with its heading and a way back to the rules."""
    back = reverse("sales:commission_rules")
    context = {"form": form, "title": title, "save": save, "back": back, **more}
    status = 422 if form.is_bound and form.errors else 200
    return screen(request, "sales/commission_form.html", context, status=status)


@requires(permissions.EDIT)
def add_commission_rule(request: Any) -> HttpResponse:
    """Promise something from a day on."""
    currency = request.organization.currency
    first = {"starts_on": reader().today.replace(day=1), "currency": currency}
    form = RuleForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            row = incentives.add_rule(form.values, by=request.member, at=clock.now())
        except incentives.Overlapping as refusal:
            form.add_error("starts_on", str(refusal))
        else:
            messages.success(request, _("%(name)s is added.") % {"name": row.name})
            return redirect("sales:commission_rules")
    words = (_("Add a rule"), _("Add rule"))
    return form_screen(request, form, *words, tiers=form.tiers, currency=currency)


@requires(permissions.EDIT)
@require_POST
def end_commission_rule(request: Any, pk: UUID) -> HttpResponse:
    """Let a rule end."""
    row = found(selectors.rules(), pk=pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        raise Invalid
    incentives.end_rule(row, form.cleaned_data["last"], by=request.member, at=clock.now())
    return redirect("sales:commission_rules")


@requires(permissions.EDIT)
def add_commission_override(request: Any) -> HttpResponse:
    """Give a lead a share of what the team sells."""
    first = {"starts_on": reader().today.replace(day=1)}
    form = OverrideForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            incentives.add_override(form.cleaned_data, by=request.member, at=clock.now())
        except incentives.Overlapping as refusal:
            form.add_error("starts_on", str(refusal))
        else:
            return redirect("sales:commission_rules")
    return form_screen(request, form, _("Add a lead's share"), _("Add share"))


@requires(permissions.EDIT)
@require_POST
def end_commission_override(request: Any, pk: UUID) -> HttpResponse:
    """Let a lead's share end."""
    row = found(selectors.overrides(), pk=pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        raise Invalid
    incentives.end_override(row, form.cleaned_data["last"], by=request.member, at=clock.now())
    return redirect("sales:commission_rules")


@requires(permissions.EDIT)
def commission_split(request: Any, pk: UUID) -> HttpResponse:
    """Share out what a deal earns."""
    deal = found(deals.visible_to(request.member), pk=pk)
    kept = selectors.splits_of(deal)
    first: dict[str, Any] = {}
    for place, row in enumerate(kept, start=1):
        first |= {
            f"member{place}": row.member_id,
            f"percent{place}": f"{row.percent.normalize():f}",
        }
    form = SplitForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            incentives.split_deal(deal, form.shares, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Deal %(number)s is shared out.") % {"number": deal})
            return redirect("sales:commissions")
    title = _("Share deal %(number)s out") % {"number": deal}
    context = {"shares": form.rows, "deal": deal, "back": reverse("sales:commissions")}
    return form_screen(request, form, title, _("Save shares"), **context)
