"""One's own account, and the doors that our own mail leads to."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import view_recovery_codes
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.errors import TooMany
from prs.kernel.identity import passwords
from prs.kernel.identity.models import SecondFactor, SecurityEvent, User
from prs.kernel.identity.security_kinds import KINDS, RATE_LIMITED
from prs.kernel.identity.services import accounts, invitations, organizations
from prs.kernel.identity.services import security as safety
from prs.web.account import sessions as own
from prs.web.account.agents import described
from prs.web.account.forms import FirstPasswordForm, JoinForm, OpenForm, ProfileForm
from prs.web.kit.access import found, public, signed_in
from prs.web.kit.errors import error_page
from prs.web.kit.screens import screen

# One's own account


@signed_in
def profile(request: Any) -> HttpResponse:
    """Name, language, time zone and how things look."""
    user = request.user
    initial = {name: getattr(user, name) for name in accounts.PROFILE}
    form = ProfileForm(request.POST or None, initial=initial)
    if form.is_valid():
        accounts.change_profile(user, request.member, at=clock.now(), **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("account:profile")
    context = {"form": form, "member": request.member, "section": "profile"}
    return screen(request, "account/profile.html", context, status=422 if form.errors else 200)


@signed_in
def security(request: Any) -> HttpResponse:
    """Password, second factors, and what happened lately."""
    factors: dict[str, list[Authenticator]] = {}
    for factor in Authenticator.objects.filter(user=request.user).order_by("created_at"):
        factors.setdefault(factor.type, []).append(factor)
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "section": "security",
        "apps": factors.get(Authenticator.Type.TOTP, []),
        "keys": factors.get(Authenticator.Type.WEBAUTHN, []),
        "codes": codes,
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else 0,
        "events": lines(SecurityEvent.objects.filter(user=request.user).order_by("-at", "-pk")[:5]),
        "expires_at": accounts.password_expires_at(request.user, request.organization),
    }
    return screen(request, "account/security.html", context)


def lines(rows: Any) -> list[dict[str, Any]]:
    """Security events as they are read."""
    return [
        {
            "label": KINDS[row.kind].label if row.kind in KINDS else row.kind,
            "severity": row.severity,
            "severity_word": row.get_severity_display(),
            "at": row.at,
            "address": row.address,
            "device": described(row.agent) if row.agent else "",
        }
        for row in rows
    ]


@signed_in
def events(request: Any) -> HttpResponse:
    """Everything that concerned the safety of one's login, newest first."""
    severity = request.GET.get("severity", "")
    rows = SecurityEvent.objects.filter(user=request.user).order_by("-at", "-pk")
    if severity in SecurityEvent.Severity.values:
        rows = rows.filter(severity=severity)
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    context = {
        "section": "security",
        "page": page,
        "events": lines(page.object_list),
        "severity": severity,
        "severities": SecurityEvent.Severity.choices,
    }
    return screen(request, "account/events.html", context)


@signed_in
def sessions(request: Any) -> HttpResponse:
    """Where one is signed in."""
    context = {"section": "sessions", "sessions": own.open_sessions(request)}
    return screen(request, "account/sessions.html", context)


@signed_in
@require_POST
def end_session(request: Any, pk: int) -> HttpResponse:
    """Sign one other session out."""
    others = UserSession.objects.exclude(session_key=request.session.session_key)
    row = found(others.filter(user_id=request.user.pk), pk=pk)
    own.end(request, [row], at=clock.now())
    messages.success(request, _("That session is ended."))
    return redirect("account:sessions")


@signed_in
@require_POST
def end_others(request: Any) -> HttpResponse:
    """Sign every other session out."""
    rows = UserSession.objects.filter(user_id=request.user.pk)
    count = own.end(request, rows.exclude(session_key=request.session.session_key), at=clock.now())
    sentence = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count)
    messages.success(request, sentence % {"count": count})
    return redirect("account:sessions")


@signed_in
@never_cache
def recovery_codes(request: Any) -> HttpResponse:
    """One's recovery codes, shown once. Showing them is written down, so it takes a post."""
    if request.method != "POST":
        owed = Authenticator.objects.filter(
            user=request.user, type=Authenticator.Type.RECOVERY_CODES
        )
        found(owed, user=request.user)
        return screen(request, "mfa/recovery_codes/ask.html")
    request.method = "GET"
    response: HttpResponse = view_recovery_codes(request)
    return response


# Doors


@signed_in
@never_cache
def second_factor(request: Any) -> HttpResponse:
    """Whoever owes a second factor is sent to prove it, or to set one up first."""
    if request.user.is_verified():
        return redirect("shell:home")
    if SecondFactor.objects.devices_for_user(request.user).exists():
        methods = get_adapter().get_reauthentication_methods(request.user)
        address = next(item["url"] for item in methods if item["id"].startswith("mfa_"))
        return redirect(f"{address}?next=/")
    return screen(request, "account/second_factor.html", {"platform": request.member is None})


@signed_in
@never_cache
def open_organization(request: Any) -> HttpResponse:
    """Somebody who belongs nowhere opens an organization."""
    if request.member is not None or request.user.platform_role:
        return redirect("shell:home")
    form = OpenForm(request.POST or None)
    if form.is_valid():
        organizations.open_organization(
            name=form.cleaned_data["organization"],
            currency=form.cleaned_data["currency"],
            owner=request.user,
            at=clock.now(),
        )
        return redirect("office:first_step")
    return screen(request, "account/open.html", {"form": form}, status=422 if form.errors else 200)


@public
@require_POST
@sensitive_post_parameters()
def strength(request: Any) -> HttpResponse:
    """How strong the password is that is being typed. It is neither kept nor logged."""
    refuse_too_many(request, "password_strength")
    email = request.user.email if request.user.is_authenticated else request.POST.get("email", "")
    judgement = passwords.judged(request.POST.get("password1", "")[:200], email[:254])
    return screen(request, "account/_password_strength.html", {"judgement": judgement})


def refuse_too_many(request: HttpRequest, action: str) -> None:
    """Hold an address to the limit of an action.

    :raises TooMany: the limit is used up.
    """
    if not ratelimit.consume(request, action=action):
        raise TooMany


@public
@never_cache
@sensitive_post_parameters()
def welcome(request: Any, token: str) -> HttpResponse:
    """The first password of a login that somebody else opened."""
    refuse_too_many(request, "invitation")
    user = accounts.welcomed(token)
    form = FirstPasswordForm(request.POST or None, user=user)
    if form.is_valid():
        accounts.set_password(user, form.cleaned_data["password1"], at=clock.now())
        return let_in(request, user)
    context = {"form": form, "email": user.email, "name": user.name}
    return screen(request, "account/welcome.html", context, status=422 if form.errors else 200)


@public
@never_cache
@sensitive_post_parameters()
def invitation(request: Any, token: str) -> HttpResponse:
    """Accept an invitation: a name, a password, and one is in."""
    refuse_too_many(request, "invitation")
    offer = invitations.waiting(token, at=clock.now())
    user = User(email=offer.email, name=offer.name)
    form = JoinForm(request.POST or None, user=user, initial={"name": offer.name})
    if request.user.is_authenticated:
        return screen(request, "account/invitation_other.html", {"offer": offer}, status=409)
    if form.is_valid():
        member = invitations.accept(
            token,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password1"],
            at=clock.now(),
        )
        return let_in(request, member.user)
    context = {"form": form, "offer": offer, "email": offer.email}
    return screen(request, "account/invitation.html", context, status=422 if form.errors else 200)


def let_in(request: Any, user: User) -> HttpResponse:
    """Sign in somebody whose mailbox was proven by the link they came with."""
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )
    record_authentication(request, user, method="password", email=user.email)
    response: HttpResponse = perform_login(request, Login(user=user, email=user.email))
    return response


def too_many(request: HttpRequest) -> HttpResponse:
    """The answer of allauth's rate limits, in the product's look."""
    user = request.user if request.user.is_authenticated else None
    safety.note(
        RATE_LIMITED, user, at=clock.now(), agent=own.agent_of(request), path=request.path[:200]
    )
    response = error_page(request, 429)
    response["Retry-After"] = "60"
    return response
