"""Forms of the platform area."""

from __future__ import annotations

from babel.numbers import list_currencies
from django import forms
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import User


def currencies() -> list[tuple[str, str]]:
    """Every current currency by its code."""
    return [(code, code) for code in sorted(list_currencies()) if len(code) == 3]


class OpenForm(forms.Form):
    """An organization and its first owner."""

    name = forms.CharField(label=_("Organization"), max_length=200)
    currency = forms.ChoiceField(label=_("Home currency"), choices=currencies, initial="USD")
    owner_name = forms.CharField(label=_("First owner's name"), max_length=150)
    owner_email = forms.EmailField(
        label=_("First owner's e-mail"),
        help_text=_("Gets a link, good for seven days, to choose a password."),
    )


class ReasonForm(forms.Form):
    """Why something is done to somebody else's organization; it stands in their audit log."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The organization's people read this in their audit log."),
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


class StaffForm(forms.Form):
    """Somebody who works for the platform."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(
        label=_("E-mail"), help_text=_("A login of its own, that belongs to no organization.")
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[c for c in User.PlatformRole.choices if c[0]], initial="staff"
    )


class RoleForm(forms.Form):
    """A new role for somebody of the platform; empty takes them off."""

    role = forms.ChoiceField(
        choices=[("", _("No longer staff")), *(c for c in User.PlatformRole.choices if c[0])],
        required=False,
    )
