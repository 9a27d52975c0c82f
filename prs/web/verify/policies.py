"""How payments are verified: a rule for each method, everywhere or at a place."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.masterdata.places.models import Branch
from prs.operations.payments import permissions, selectors, services
from prs.operations.payments.models import Payment, VerificationPolicy
from prs.web.kit.access import found, requires
from prs.web.kit.forms import edit_screen
from prs.web.kit.screens import screen
from prs.web.verify.forms import EffectForm, PolicyForm

PARTS = {"policy-effect": "verify/_policy_effect.html"}


@dataclass(frozen=True)
class Cell:
    """What holds for one method at one place: a rule of its own, or that of everywhere."""

    rule: VerificationPolicy | None
    inherited: bool
    url: str


@requires(permissions.POLICY)
def policy(request: Any) -> HttpResponse:
    """Every rule, methods across places."""
    rules = {
        (rule.method, rule.place_id): rule for rule in VerificationPolicy.objects.order_by("pk")
    }
    places: list[Branch | None] = [None, *Branch.objects.filter(active=True).order_by("name", "pk")]
    rows = [
        (label, [cell(rules, method, place) for place in places])
        for method, label in Payment.Method.choices
    ]
    context = {
        "places": places,
        "rows": rows,
        "currency": request.organization.currency,
        "hours": selectors.hours_to_verify(request.organization),
    }
    return screen(request, "verify/policy.html", context)


def cell(rules: dict[Any, VerificationPolicy], method: str, place: Branch | None) -> Cell:
    """One cell of the table of rules."""
    key = place.pk if place else None
    own = rules.get((method, key))
    if own is not None:
        return Cell(own, inherited=False, url=reverse("verify:change_policy", args=[own.pk]))
    url = f"{reverse('verify:add_policy')}?{urlencode({'method': method, 'place': key or ''})}"
    return Cell(rules.get((method, None)), inherited=place is not None, url=url)


@requires(permissions.POLICY)
def add_policy(request: Any) -> HttpResponse:
    """Set a rule where there is none."""
    asked = {name: request.GET[name] for name in ("method", "place") if request.GET.get(name)}
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        initial=asked,
        currency=request.organization.currency,
    )
    if request.method == "POST" and form.is_valid():
        row = form.add(services.add_policy, by=request.member, at=clock.now())
        if row is not None:
            messages.success(request, _("The rule holds from now on."))
            return redirect("verify:policy")
    return edit_screen(request, "verify/policy_form.html", form, form_words(form, None))


@requires(permissions.POLICY)
def change_policy(request: Any, pk: UUID) -> HttpResponse:
    """Change a rule; what waits already follows it."""
    row = found(VerificationPolicy.objects.select_related("place"), pk=pk)
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        instance=row,
        currency=request.organization.currency,
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(services.change_policy, by=request.member, at=clock.now())
    ):
        messages.success(request, _("The rule holds from now on."))
        return redirect("verify:policy")
    words = {**form_words(form, row), "events": timeline(row)}
    return edit_screen(request, "verify/policy_form.html", form, words)


def form_words(form: PolicyForm, row: VerificationPolicy | None) -> dict[str, Any]:
    """What the form of a rule needs besides."""
    return {
        "policy": row,
        "effect": effect_of(row.method, row.place_id, row.second_above) if row else "",
        "events": None,
        "crumbs": [(_("Verification rules"), reverse("verify:policy"))],
    }


@requires(permissions.POLICY)
@require_POST
def remove_policy(request: Any, pk: UUID) -> HttpResponse:
    """Take a rule away: one person verifies, one by one."""
    row = found(VerificationPolicy.objects.select_related("place"), pk=pk)
    services.remove_policy(row, by=request.member, at=clock.now())
    messages.info(request, _("The rule is gone."))
    return redirect("verify:policy")


@requires(permissions.POLICY)
def policy_effect(request: Any) -> HttpResponse:
    """What a rule would change for the payments that wait."""
    form = EffectForm(request.GET)
    effect = ""
    if form.is_valid():
        place, above = form.cleaned_data["place"], form.cleaned_data["second_above"]
        effect = effect_of(form.cleaned_data["method"], place.pk if place else None, above)
    return screen(request, "verify/_policy_effect.html", {"effect": effect})


def effect_of(method: str, place_id: UUID | None, above: Decimal | None) -> str:
    """How many waiting payments a second verifier would have to see."""
    count = selectors.over(selectors.touched_by(method, place_id), above)
    return ngettext(
        "%(count)d waiting payment would need a second verifier.",
        "%(count)d waiting payments would need a second verifier.",
        count,
    ) % {"count": count}
