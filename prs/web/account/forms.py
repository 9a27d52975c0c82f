"""Forms at the door and in one's own account."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from babel.numbers import list_currencies
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import User
from prs.kernel.identity.passwords import LONGEST, judged
from prs.web.account.sessions import TO_OPEN

LEAD = ("USD", "EUR", "GBP", "KES", "GHS", "NGN", "ZAR", "UGX", "TZS", "XOF", "INR", "AED")


def currencies() -> list[tuple[str, str]]:
    """Currency codes: those asked for most first, then every current one."""
    rest = sorted(code for code in list_currencies() if len(code) == 3 and code not in LEAD)
    return [(code, code) for code in (*LEAD, *rest)]


def metered(form: Any, email: str = "") -> None:
    """Let the strength meter follow what is typed, and show how what was sent stands."""
    form.judgement = judged(str(form.data.get("password1", ""))[:LONGEST], email)
    field = form.fields["password1"]
    field.help_text = ""
    field.widget.attrs |= {
        "autocomplete": "new-password",
        "aria-describedby": "password-strength",
        "hx-post": reverse_lazy("account:strength"),
        "hx-trigger": "input changed delay:250ms",
        "hx-target": "#password-strength",
        "hx-swap": "outerHTML",
        "hx-sync": "this:replace",
    }
    field.widget.attrs.pop("placeholder", None)


def unprompted(form: forms.Form) -> None:
    """Take away placeholders: a label stands above every field."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class LoginForm(AllauthLoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unprompted(self)
        self.fields["login"].label = _("E-mail")
        self.fields["login"].widget.attrs |= {"autofocus": True, "autocomplete": "username"}
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Keep me signed in on this device")


class SignupForm(AllauthSignupForm):
    """An organization, its owner, and a password."""

    field_order = ("organization", "name", "email", "password1", "currency")
    organization = forms.CharField(
        label=_("Organization"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    currency = forms.ChoiceField(label=_("Home currency"), choices=currencies, initial="USD")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unprompted(self)
        self.fields["email"].label = _("E-mail")
        self.fields["password1"].label = _("Password")
        metered(self, str(self.data.get("email", "")))

    def signup(self, request: Any, user: User) -> None:
        """Keep the wish until the address is proven; only then the organization is opened."""
        data = self.cleaned_data
        request.session[TO_OPEN] = {
            "email": user.email,
            "name": data["organization"],
            "currency": data["currency"],
        }

    def try_save(self, request: Any) -> Any:
        """Answer a known address like a new one, and take as long over it."""
        if self.account_already_exists:  # type: ignore[has-type]
            User().set_password(self.cleaned_data["password1"])
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            # Somebody signed up with the same address while this form was being checked.
            self.account_already_exists = True
            return super().try_save(request)


class ChangePasswordForm(AllauthChangePasswordForm):
    """The present password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        unprompted(self)
        self.fields["oldpassword"].label = _("Present password")
        self.fields["password1"].label = _("New password")
        metered(self, self.user.email)


class ResetPasswordForm(AllauthResetPasswordForm):
    """The address that a link is sent to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unprompted(self)
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs["autofocus"] = True


class AddEmailForm(AllauthAddEmailForm):
    """The address that one signs in with from now on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unprompted(self)
        self.fields["email"].label = _("New e-mail")


class ResetPasswordKeyForm(AllauthResetPasswordKeyForm):
    """A new password, by the link of a mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["password1"].label = _("New password")
        metered(self, getattr(self.user, "email", ""))


class FirstPasswordForm(forms.Form):
    """The first password of somebody whose login was opened by others."""

    password1 = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autofocus": True})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        metered(self, user.email)

    def clean_password1(self) -> str:
        """The password, when the policy accepts it."""
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password


class JoinForm(FirstPasswordForm):
    """Name and password of somebody who accepts an invitation."""

    field_order = ("name", "password1")
    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].widget.attrs.pop("autofocus", None)


class OpenForm(forms.Form):
    """A new organization of somebody who is signed in and belongs to none."""

    organization = forms.CharField(label=_("Organization"), max_length=200)
    currency = forms.ChoiceField(label=_("Home currency"), choices=currencies, initial="USD")


def time_zones() -> list[tuple[str, str]]:
    """The organization's own zone, then every IANA zone that names a place."""
    named = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
    listed = [
        zone for zone in named if not zone.startswith(("Etc/", "posix/", "right/", "SystemV/"))
    ]
    return [
        ("", str(_("As the organization"))),
        *((zone, zone.replace("_", " ")) for zone in listed),
    ]


class ProfileForm(forms.Form):
    """One's own name and preferences."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=lambda: [("", _("As the organization")), *settings.LANGUAGES],
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=time_zones)
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    density = forms.ChoiceField(
        label=_("Density"),
        choices=[("comfortable", _("Comfortable")), ("compact", _("Compact"))],
        help_text=_("Compact shows more rows on a page."),
    )

    def clean_name(self) -> str:
        """A name that is more than spaces."""
        name: str = self.cleaned_data["name"].strip()
        if not name:
            raise ValidationError(_("Write the name that others see."))
        return name
