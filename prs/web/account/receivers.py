"""What allauth announces and nobody else would hear of. Connected when the web app starts."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import email_changed, password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from prs.kernel import clock
from prs.kernel.identity import security_kinds as kinds
from prs.kernel.identity.services import security
from prs.web.account import sessions

PROOFS = frozenset({Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN})


def note(kind: kinds.Kind, request: Any, user: Any, **details: Any) -> None:
    """A security event of a request."""
    security.note(kind, user, at=clock.now(), agent=sessions.agent_of(request), **details)


@receiver(authenticator_added)
def factor_added(request: Any, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    """Setting up a factor proves that one holds it, so the session is verified at once."""
    if authenticator.type in PROOFS:
        note(kinds.FACTOR_ADDED, request, user, factor=authenticator.type)
        sessions.verify(request, authenticator.pk)


@receiver(authenticator_used)
def factor_used(request: Any, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    """Proving a factor again verifies the running session; while signing in, `post_login` does."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        note(kinds.CODE_USED, request, user)
    if request.user.is_authenticated:
        sessions.verify(request, authenticator.pk)


@receiver(authenticator_removed)
def factor_removed(request: Any, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    note(kinds.FACTOR_REMOVED, request, user, factor=authenticator.type)


@receiver(authenticator_reset)
def codes_made(request: Any, user: Any, **_more: Any) -> None:
    note(kinds.CODES_MADE, request, user)


@receiver(authentication_failed)
def factor_failed(request: Any, user: Any, **_more: Any) -> None:
    note(kinds.FACTOR_FAILED, request, user)


@receiver([password_changed, password_set])
def changed_password(request: Any, user: Any, **_more: Any) -> None:
    note(kinds.PASSWORD_CHANGED, request, user)


@receiver(password_reset)
def reset_password(request: Any, user: Any, **_more: Any) -> None:
    note(kinds.PASSWORD_RESET, request, user)


@receiver(email_changed)
def changed_address(request: Any, user: Any, **_more: Any) -> None:
    note(kinds.ADDRESS_CHANGED, request, user)


@receiver(user_logged_out)
def signed_out(request: Any, user: Any, **_more: Any) -> None:
    if user is not None:
        note(kinds.SIGNED_OUT, request, user)
