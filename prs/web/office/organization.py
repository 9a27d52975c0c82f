"""The organization: its profile and logo, its settings, its security policy."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.kernel.identity.permissions import EDIT_ORGANIZATION
from prs.kernel.identity.services import accounts, organizations
from prs.kernel.tenancy.rules import DEFAULTS, merged
from prs.operations.invoicing.models import Invoice
from prs.web.kit.access import members_only, requires
from prs.web.kit.downloads import file_response
from prs.web.kit.forms import edit_screen
from prs.web.kit.screens import screen
from prs.web.office.forms import LogoForm, ProfileForm, SecurityForm, SettingsForm
from prs.web.office.pages import posted

GROUPS = {
    "regional": gettext_lazy("Regional"),
    "appearance": gettext_lazy("Appearance"),
    "notifications": gettext_lazy("Notifications"),
    "receipt": gettext_lazy("Receipts"),
}
WHY = {
    "regional": gettext_lazy(
        "How days, times and numbers are written for everybody who chose nothing."
    ),
    "appearance": gettext_lazy("How PRS looks to everybody who chose nothing."),
    "notifications": gettext_lazy("What people are told unless they chose otherwise."),
    "receipt": gettext_lazy("What stands on receipts, and on which paper."),
}


def tabs(section: str) -> dict[str, Any]:
    """What the tabs of the organization's pages need."""
    return {"section": section, "groups": GROUPS}


@requires(EDIT_ORGANIZATION)
def profile(request: Any) -> HttpResponse:
    """Who the organization is, as its documents say it."""
    form = ProfileForm(
        posted(request),
        instance=request.organization,
        keeps_currency=Invoice.objects.exists(),
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(organizations.change_profile, by=request.member, at=clock.now())
    ):
        messages.success(request, _("The profile is saved."))
        return redirect("office:organization")
    context = {**tabs("profile"), "logo_form": LogoForm(), "logo": request.organization.logo}
    return edit_screen(request, "office/organization.html", form, context)


@requires(EDIT_ORGANIZATION)
@require_POST
def change_logo(request: Any) -> HttpResponse:
    """Take a new logo, or take the present one away."""
    if "remove" in request.POST:
        organizations.set_logo(request.organization, None, by=request.member, at=clock.now())
        return redirect("office:organization")
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["logo"]
        organizations.set_logo(request.organization, upload, by=request.member, at=clock.now())
        messages.success(request, _("The logo is saved. It stands on documents from now on."))
    else:
        messages.error(request, _("Choose a picture first."))
    return redirect("office:organization")


@members_only
@require_GET
def logo(request: Any) -> HttpResponseBase:
    """The organization's logo, for its own people."""
    if request.organization.logo is None:
        raise Http404
    return file_response(request.organization.logo, inline=True)


@requires(EDIT_ORGANIZATION)
def settings(request: Any, group: str) -> HttpResponse:
    """One group of settings."""
    if group not in GROUPS:
        raise Http404
    organization, at = request.organization, clock.now()
    initial = {**merged(organization.settings)[group], "version": organization.version}
    form = SettingsForm(posted(request), initial=initial, group=group)
    if request.method == "POST" and form.is_valid():
        organization.version = form.cleaned_data["version"]
        changed = {key: value for key, value in form.values.items() if value != initial[key]}
        if changed:
            organizations.change_settings(organization, group, changed, by=request.member, at=at)
        messages.success(request, _("The settings are saved."))
        return redirect("office:settings", group)
    differs = any(initial[key] != value for key, value in DEFAULTS[group].items())
    context = {
        **tabs(group),
        "title": GROUPS[group],
        "why": WHY[group],
        "group": group,
        "differs": differs,
    }
    return edit_screen(request, "office/settings.html", form, context)


@requires(EDIT_ORGANIZATION)
@require_POST
def reset_settings(request: Any, group: str) -> HttpResponse:
    """Bring one group of settings back to its defaults."""
    organizations.reset_settings(request.organization, group, by=request.member, at=clock.now())
    messages.success(request, _("The settings are as they were at the beginning."))
    return redirect("office:settings", group)


@requires(EDIT_ORGANIZATION)
def security(request: Any) -> HttpResponse:
    """Second factors, and passwords that expire."""
    form = SecurityForm(posted(request), instance=request.organization)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(organizations.change_security, by=request.member, at=clock.now())
    ):
        messages.success(request, _("The security policy is saved."))
        return redirect("office:security")
    return edit_screen(request, "office/security.html", form, tabs("security"))


@requires(EDIT_ORGANIZATION)
def demand_passwords(request: Any) -> HttpResponse:
    """Let everybody choose a new password at their next sign-in; asked first."""
    if request.method == "POST":
        count = accounts.demand_new_passwords(
            request.organization, by=request.member, at=clock.now()
        )
        words = {"count": count}
        messages.success(request, _("%(count)d people choose a new password next time.") % words)
        return redirect("office:security")
    return screen(request, "office/demand_passwords.html")
