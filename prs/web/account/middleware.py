"""What is checked of every signed-in person before a page, and written down after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext

from prs.kernel import clock
from prs.kernel.identity.models import SecondFactor
from prs.kernel.identity.services import accounts, security
from prs.web.account import sessions
from prs.web.kit.middleware import client_address

DOORS: Final = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "account_email_verification_sent",
        "account:second_factor",
        "account:strength",
        "set_language",
        "shell:healthz",
        "shell:readyz",
        "shell:preferences",
    }
)
PROVING: Final = frozenset({"mfa_reauthenticate", "mfa_reauthenticate_webauthn"})
SETTING_UP: Final = frozenset({"mfa_activate_totp", "mfa_add_webauthn"})
KEPT_BY_FACTOR: Final = SETTING_UP | {
    "mfa_deactivate_totp",
    "mfa_remove_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
}
PASSWORD_DOORS: Final = frozenset({"account_change_password", "account_set_password"})
STRANGER_DOORS: Final = frozenset({"account:open"})
LIVE: Final = "shell:live"
WARNED: Final = "warned_of_expiry"


class VisitMiddleware:
    """Stands outside the organization's transaction, which a page that is read may not write in."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            at = clock.now()
            sessions.touch(request, at=at)
            if response.status_code == 403:
                security.note_denial(
                    request.user,
                    at=at,
                    address=client_address(request),
                    agent=sessions.agent_of(request),
                    path=request.path,
                )
        return as_whole_page(request, response)


def as_whole_page(request: Any, response: HttpResponse) -> HttpResponse:
    """A part that is answered with a door opens the door's page instead of swapping it in."""
    location = response.headers.get("Location", "")
    if not request.htmx or response.status_code != 302 or not location.startswith("/account"):
        return response
    answer = HttpResponse()
    answer.cookies = response.cookies
    answer["HX-Redirect"] = location
    return answer


class DoorMiddleware:
    """Before any page: a password that is due, a second factor that is owed, a missing organization."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, *_view: Any) -> HttpResponse | None:
        """Send the person to what comes first, if anything does."""
        name = request.resolver_match.view_name
        if not request.user.is_authenticated or name in DOORS:
            return None
        door = first_door(request, name)
        if door and name == LIVE:
            return HttpResponse(status=401)
        return redirect(door) if door else None


def first_door(request: Any, name: str) -> str:
    """The page that a signed-in person must pass first, or nothing."""
    # Their pages stand without the shell, whose every link would lead back to them.
    request.owes_password = accounts.needs_new_password(
        request.user, request.organization, at=clock.now()
    )
    request.owes_factor = owes_second_factor(request)
    if request.owes_password:
        return "" if name in PASSWORD_DOORS else "account_change_password"
    if request.owes_factor or name in KEPT_BY_FACTOR:
        return "" if may_go_to(request, name) else "account:second_factor"
    if belongs_nowhere(request) and not open_to_strangers(name):
        return "account:open"
    warn_of_expiry(request)
    return ""


def may_go_to(request: Any, name: str) -> bool:
    """Whether a session without its second factor may open a page about second factors.

    Proving one is always open. Setting one up is, while there is none: a stolen password must not
    add a factor beside the owner's, nor take the owner's away.
    """
    if name in PROVING or request.user.is_verified():
        return True
    none_yet = not SecondFactor.objects.devices_for_user(request.user).exists()
    return none_yet and (name in SETTING_UP or not request.owes_factor)


def warn_of_expiry(request: Any) -> None:
    """Say once a session that the password expires within a week."""
    days = accounts.days_left(request.user, request.organization, at=clock.now())
    if days is None or request.session.get(WARNED):
        return
    request.session[WARNED] = True
    sentence = ngettext(
        "Your password expires in %(days)d day. Choose a new one under “Password and security”.",
        "Your password expires in %(days)d days. Choose a new one under “Password and security”.",
        days,
    )
    messages.warning(request, sentence % {"days": days})


def owes_second_factor(request: Any) -> bool:
    """Whether policy asks for a second factor that this session has not proven.

    Of platform staff always; of members where the organization says so and the role matters.
    """
    member, organization = request.member, request.organization
    asked = bool(request.user.platform_role) or (
        member is not None and organization.mfa_required and member.role.needs_mfa
    )
    return asked and not request.user.is_verified()


def belongs_nowhere(request: Any) -> bool:
    """Neither a member of an organization nor platform staff."""
    return request.member is None and not request.user.platform_role


def open_to_strangers(name: str) -> bool:
    """Pages of the login itself."""
    return name.startswith(("account", "mfa_", "usersessions")) or name in STRANGER_DOORS
