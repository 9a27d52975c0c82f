"""The safety of logins: what happened, from which devices, and who is locked out for a while."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db import transaction

from prs.kernel.activity.context import current_origin
from prs.kernel.db.ids import new_id
from prs.kernel.identity.models import KnownDevice, SecurityEvent, User
from prs.kernel.identity.rules import SECURITY_EVENTS_KEPT
from prs.kernel.identity.security_kinds import DENIED, NEW_DEVICE, Kind

LOCKED_FOR: Final = timedelta(minutes=30)
ONE_DENIAL_PER: Final = timedelta(minutes=1)


def note(
    kind: Kind,
    user: User | None,
    *,
    at: datetime,
    address: str = "",
    agent: str = "",
    **details: Any,
) -> SecurityEvent:
    """Write down a security event. Without `address` the running request's address is taken."""
    return SecurityEvent.objects.create(
        user=user,
        kind=kind.code,
        severity=kind.severity,
        address=address or current_origin().address,
        agent=agent[:300],
        details=details,
        at=at,
    )


def forget_old(*, at: datetime) -> int:
    """Delete security events older than ninety days; the database refuses younger ones. How many."""
    old = SecurityEvent.objects.filter(at__lt=at - SECURITY_EVENTS_KEPT)
    return old.order_by().delete()[0]


def note_denial(user: User, *, at: datetime, address: str, agent: str, path: str) -> None:
    """Write down that a right was missing; a page that asks again and again counts once a minute."""
    key = f"denied:{user.pk}:{digest(path)}"
    if cache.add(key, value=1, timeout=ONE_DENIAL_PER.total_seconds()):
        note(DENIED, user, at=at, address=address, agent=agent, path=path[:200])


def digest(text: str) -> str:
    """A short digest, for keys that must not hold the text itself."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# The cache is the database's own (or Redis), so a lock holds in every process.


def lock(email: str) -> None:
    """Refuse every sign-in with this address for half an hour, whether or not it is known here."""
    cache.set(f"locked:{digest(email.lower())}", value=1, timeout=LOCKED_FOR.total_seconds())


def locked(email: str) -> bool:
    """Whether sign-in with this address is refused at present."""
    return cache.get(f"locked:{digest(email.lower())}") is not None


def unlock(email: str) -> None:
    """Let this address sign in again: its owner has proven the mailbox."""
    cache.delete(f"locked:{digest(email.lower())}")


@transaction.atomic
def recognise(user: User, token: str, *, description: str, at: datetime) -> tuple[str, bool]:
    """Take note of the device that a user signs in from.

    `token` is what the device kept from an earlier visit, or nothing. Returns the token to keep and
    whether this user was never seen on it; the very first device of a user is not news.
    """
    token = token or new_id().hex
    devices = KnownDevice.objects.filter(user=user)
    first = not devices.exists()
    _device, created = KnownDevice.objects.update_or_create(
        user=user,
        fingerprint=digest(token),
        defaults={"last_seen_at": at, "description": description[:200]},
        create_defaults={
            "description": description[:200],
            "first_seen_at": at,
            "last_seen_at": at,
        },
    )
    return token, created and not first


def note_new_device(user: User, *, at: datetime, agent: str, description: str) -> None:
    """Write down a sign-in from a device that the user was never seen on."""
    note(NEW_DEVICE, user, at=at, agent=agent, device=description)
