"""What allauth asks of us: our mail, our locks, our passwords, our secrets."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from prs.kernel import clock
from prs.kernel.identity.models import User
from prs.kernel.identity.sealing import seal, unseal
from prs.kernel.identity.security_kinds import (
    LOCKED_OUT,
    PASSWORD_RESET_ASKED,
    SIGN_IN_FAILED,
    SIGNED_IN,
)
from prs.kernel.identity.services import accounts, mail, security
from prs.web.account import sessions
from prs.web.account.agents import described
from prs.web.kit.middleware import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Signing in, signing up and passwords."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The address and the password don't belong together."),
        "too_many_login_attempts": _(
            "Too many failed attempts. Wait half an hour, or reset your password."
        ),
        "incorrect_code": _("This code isn't right, or it is too old."),
        "rate_limited": _("Too many requests. Wait a moment and try again."),
    }

    # Mail

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail; no request waits for a mail server."""
        words = {"email": email, "current_site": get_current_site(self.request), **context}
        words |= {"request": self.request, "site_url": settings.SITE_URL}
        message = self.render_mail(template_prefix, email, words)
        mail.queue(email, message.subject, str(message.body), at=clock.now())

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        security.note(
            PASSWORD_RESET_ASKED, user, at=clock.now(), agent=sessions.agent_of(self.request)
        )
        super().send_password_reset_mail(user, email, context)

    # Locks

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104  (a request without an address)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a locked address, whether the password is right and the address known or not."""
        if security.locked(credentials.get("email", "")):
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note the failure, and lock the address at the fifth."""
        email, at = credentials.get("email", "").lower(), clock.now()
        user, agent = User.objects.filter(email=email).first(), sessions.agent_of(request)
        security.note(SIGN_IN_FAILED, user, at=at, agent=agent)
        may_go_on = ratelimit.consume(
            request,
            app="allauth.account",
            action="login_failed",
            key=self._get_login_attempts_cache_key(request, **credentials),
            dry_run=True,
        )
        if not may_go_on:
            security.lock(email)
            security.note(LOCKED_OUT, user, at=at, agent=agent)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        super()._delete_login_attempts_cached_email(request, **credentials)
        security.unlock(credentials.get("email", ""))

    # Signing in

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """An address that somebody of ours vouched for, by opening the login, needs no code.

        A sign-up writes its unproven address down, so a login without any was opened by us.
        """
        if not EmailAddress.objects.filter(user=user).exists():
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request: Any, user: Any, **kwargs: Any) -> HttpResponse:
        """What follows a complete sign-in, with every step of it passed."""
        at = clock.now()
        response = super().post_login(request, user, **kwargs)
        factors = [
            record
            for record in get_authentication_records(request, user)
            if record.get("method") == "mfa"
        ]
        if factors:
            sessions.verify(request, factors[-1]["id"])
        self.write_down(request, response, user, at=at)
        sessions.open_wished_organization(request, user, at=at)
        return response

    @transaction.atomic
    def write_down(
        self, request: HttpRequest, response: HttpResponse, user: User, *, at: datetime
    ) -> None:
        """Count the sign-in, note it, and look at the device."""
        User.objects.filter(pk=user.pk).update(login_count=F("login_count") + 1)
        security.note(SIGNED_IN, user, at=at, agent=sessions.agent_of(request))
        sessions.recognise_device(request, response, user, at=at)
        sessions.end_surplus(request, user, at=at)

    # Passwords and sign-up

    def set_password(self, user: Any, password: str) -> None:
        accounts.set_password(user, password, at=clock.now())

    def save_user(
        self,
        request: HttpRequest,
        user: Any,
        form: Any,
        commit: bool = True,  # noqa: FBT001, FBT002
    ) -> Any:
        user = super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data.get("name", "")
        user.password_changed_at = clock.now()
        user.save()
        return user

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just proven the password isn't asked for it again within five minutes."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        records = get_authentication_records(self.request, self.request.user)
        oldest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
        return not any(record["at"] >= oldest for record in records)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account:security")


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are sealed at rest."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code isn't right, or it was used already."),
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002
        """A passkey lives on the device that makes it, so the device names it."""
        return described(sessions.agent_of(self.request))

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)
