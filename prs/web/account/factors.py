"""Second factors as they are entered: a code is taken once, however fast it is sent again."""

from __future__ import annotations

from typing import Any, Final

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddKeyForm
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

# With a tolerance of one period on either side a code is good for ninety seconds. allauth remembers
# a used one for thirty, and does not remember the one that set the app up.
REMEMBERED: Final = 120


class Once(forms.Form):
    """Mixed into a form with a field `code` and a `user`."""

    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Code")
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs |= {"autofocus": True, "inputmode": "numeric"}

    def clean_code(self) -> str:
        """The code, if it is right and was not used before."""
        code: str = super().clean_code()  # type: ignore[misc]
        key = f"code-used:{self.user.pk}:{normalize_user_code(code)}"
        if not cache.add(key, value=1, timeout=REMEMBERED):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(Once, AllauthAuthenticateForm):
    """While signing in."""


class ReauthenticateForm(Once, AllauthReauthenticateForm):
    """In a running session."""


class ActivateForm(Once, AllauthActivateForm):
    """The first code of an app that is being set up."""


class AddKeyForm(AllauthAddKeyForm):
    """A passkey or a security key. Most keys of today can stand in for the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("So that you know it again, such as “My phone”.")
        field = self.fields["passwordless"]
        field.initial = True
        field.label = _("Sign in with it in place of the password")
        field.help_text = _("Needs a fingerprint, a face or a PIN. Untick it for a simple key.")
