"""The first minutes of an organization: a few short steps, any of which can be left for later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from prs.kernel import clock
from prs.kernel.identity.models import Invitation, Member
from prs.kernel.identity.permissions import EDIT_ORGANIZATION
from prs.kernel.identity.services import invitations, organizations
from prs.kernel.tenancy.countries import BY_CODE, COUNTRIES
from prs.kernel.tenancy.rules import SETUP_STEPS
from prs.masterdata.places import services as places
from prs.masterdata.places.models import Branch
from prs.masterdata.places.services import BranchCodeTaken, BranchNameTaken
from prs.operations.invoicing.models import Invoice
from prs.web.kit.access import requires
from prs.web.kit.forms import edit_screen
from prs.web.office.forms import (
    BranchForm,
    InviteForm,
    ProfileForm,
    carried_out,
    currency_choices,
)
from prs.web.office.pages import posted

STEPS = SETUP_STEPS[:-1]
TITLES = {
    "profile": gettext_lazy("Your business"),
    "money": gettext_lazy("Country and currency"),
    "people": gettext_lazy("Colleagues"),
    "places": gettext_lazy("Branches"),
    "invoice": gettext_lazy("First invoice"),
}
WHY = {
    "profile": gettext_lazy("This stands at the top of every invoice and receipt."),
    "money": gettext_lazy("The country fills in the rest; you can change each of it."),
    "people": gettext_lazy(
        "Invite at least one: whoever records a payment can't be the one who verifies it."
    ),
    "places": gettext_lazy(
        "Add your branches if you work in several places. One place needs none."
    ),
    "invoice": gettext_lazy("Everything is ready. Who owes you money?"),
}


class BusinessForm(ProfileForm):
    class Meta(ProfileForm.Meta):
        fields: Any = ("name", "address", "phone", "tax_id")

    website = country = currency = time_zone = language = None  # type: ignore[assignment]
    fiscal_year_start_month = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **options: Any) -> None:
        super(ProfileForm, self).__init__(*args, **options)


class MoneyForm(forms.Form):
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        choices=lambda: [
            ("", gettext_lazy("Another country")),
            *((each.code, each.name) for each in COUNTRIES),
        ],
        help_text=gettext_lazy(
            "It sets time zone, fiscal year, and how days and numbers are written."
        ),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        required=False,
        choices=lambda: [("", gettext_lazy("The country's own")), *currency_choices()],
        help_text=gettext_lazy("The home currency of your books."),
    )


TEMPLATES = {
    "profile": "office/start_profile.html",
    "money": "office/start_money.html",
    "people": "office/start_people.html",
    "places": "office/start_places.html",
    "invoice": "office/start_invoice.html",
}


def next_of(step: str) -> str:
    """The step after a step; "done" after the last."""
    return SETUP_STEPS[SETUP_STEPS.index(step) + 1]


def onward(request: Any, step: str) -> HttpResponse:
    """To the next step, which is remembered; home after the last."""
    following = next_of(step)
    organizations.reach_step(request.organization, following)
    if following == "done":
        return redirect("shell:home")
    return redirect("office:start", following)


def first(request: Any) -> HttpResponse:
    """To the step that was left."""
    reached = request.organization.setup_step
    return redirect("office:start", reached if reached in STEPS else STEPS[0])


first_step = requires(EDIT_ORGANIZATION)(first)


@requires(EDIT_ORGANIZATION)
def start(request: Any, step: str) -> HttpResponse:
    """One step: its form, what is there already, a way on and a way out."""
    if step not in STEPS:
        raise Http404
    if request.method == "POST" and "later" in request.POST:
        return onward(request, step)
    return SCREENS[step](request)


def step_screen(request: Any, step: str, form: Any, **context: Any) -> HttpResponse:
    """The page of a step, with the steps before and after it."""
    reached = request.organization.setup_step
    behind = SETUP_STEPS.index(reached) if reached in SETUP_STEPS else 0
    steps = [
        {
            "label": TITLES[each],
            "url": reverse("office:start", args=[each]),
            "done": at < behind,
            "here": each == step,
        }
        for at, each in enumerate(STEPS)
    ]
    words = {"steps": steps, "step": step, "title": TITLES[step], "why": WHY[step], **context}
    return edit_screen(request, TEMPLATES[step], form, words)


def business(request: Any) -> HttpResponse:
    """Name, address, phone, tax number."""
    form = BusinessForm(posted(request), instance=request.organization)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(organizations.change_profile, by=request.member, at=clock.now())
    ):
        return onward(request, "profile")
    return step_screen(request, "profile", form)


def money(request: Any) -> HttpResponse:
    """A country's preset, and the currency when it is another one."""
    organization, at = request.organization, clock.now()
    initial = {"country": organization.country, "currency": organization.currency}
    form = MoneyForm(posted(request), initial=initial if organization.country else {})
    settled = Invoice.objects.exists()
    if request.method == "POST" and form.is_valid() and not settled:
        country = BY_CODE.get(form.cleaned_data["country"])
        if country is not None:
            organizations.apply_country(organization, country, by=request.member, at=at)
        currency = form.cleaned_data["currency"]
        if currency and currency != organization.currency:
            fields = {"currency": currency}
            organizations.change_profile(organization, fields, by=request.member, at=at)
        return onward(request, "money")
    return step_screen(request, "money", form, settled=settled)


def people(request: Any) -> HttpResponse:
    """Invite a colleague; the step stays, for the next one."""
    form = InviteForm(posted(request), giver=request.member)
    if request.method == "POST" and form.is_valid():
        made = carried_out(
            form,
            lambda: invitations.invite(**form.cleaned_data, by=request.member, at=clock.now()),
            {invitations.AlreadyInvited: "email", invitations.AlreadyMember: "email"},
        )
        if made is not None:
            return redirect("office:start", "people")
    invited = Invitation.objects.filter(state=Invitation.State.PENDING).select_related("role")
    members = Member.objects.filter(active=True).select_related("role").order_by("name", "pk")
    return step_screen(
        request, "people", form, invited=invited.order_by("email", "pk"), members=members[:20]
    )


def branches(request: Any) -> HttpResponse:
    """Add a branch; the step stays, for the next one."""
    form = StartBranchForm(posted(request))
    if request.method == "POST" and form.is_valid():
        made = carried_out(
            form,
            lambda: places.add(form.cleaned_data, by=request.member, at=clock.now()),
            {BranchNameTaken: "name", BranchCodeTaken: "code"},
        )
        if made is not None:
            return redirect("office:start", "places")
    return step_screen(request, "places", form, branches=Branch.objects.order_by("name", "pk"))


class StartBranchForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta(BranchForm.Meta):
        fields: Any = ("name", "code", "address")


def invoice(request: Any) -> HttpResponse:
    """The way to the first invoice."""
    if request.method == "POST":
        organizations.reach_step(request.organization, "done")
        return redirect("billing:add_invoice")
    return step_screen(request, "invoice", forms.Form())


SCREENS: dict[str, Callable[[Any], HttpResponse]] = {
    "profile": business,
    "money": money,
    "people": people,
    "places": branches,
    "invoice": invoice,
}
