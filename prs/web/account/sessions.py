"""A session's own facts: where it is seen, whether it is verified, what it will do after sign-up."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import django_otp
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse

from prs.kernel.activity.services import announce
from prs.kernel.identity.models import SecondFactor, User
from prs.kernel.identity.security_kinds import SESSION_ENDED
from prs.kernel.identity.services import mail, organizations, security
from prs.web.account.agents import described, is_handheld
from prs.web.kit.middleware import client_address

DEVICE_COOKIE: Final = "prs_device"
DEVICE_SALT: Final = "prs.device"
DEVICE_AGE: Final = 400 * 24 * 60 * 60
AT_ONCE: Final = 5
SEEN: Final = "seen_at"
SEEN_EVERY: Final = 5 * 60
TO_OPEN: Final = "organization_to_open"


def agent_of(request: HttpRequest) -> str:
    """What the browser calls itself."""
    return request.headers.get("User-Agent", "")[:300]


def verify(request: Any, factor_id: int) -> None:
    """Count this session as verified, by the second factor that was just proven."""
    factor = SecondFactor.objects.filter(pk=factor_id).first()
    if factor is not None:
        django_otp.login(request, factor)


def recognise_device(request: Any, response: HttpResponse, user: User, *, at: datetime) -> None:
    """Note the device that somebody signed in from, and mail them when it is a new one."""
    agent = agent_of(request)
    name = described(agent)
    kept = request.get_signed_cookie(DEVICE_COOKIE, "", salt=DEVICE_SALT)
    token, is_new = security.recognise(user, kept, description=name, at=at)
    response.set_signed_cookie(
        DEVICE_COOKIE,
        token,
        salt=DEVICE_SALT,
        max_age=DEVICE_AGE,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    if is_new:
        security.note_new_device(user, at=at, agent=agent, description=name)
        words = {"name": user.name, "device": name, "address": client_address(request), "at": at}
        mail.write("new_device", user.email, words, at=at, language=user.language)


def touch(request: Any, *, at: datetime) -> None:
    """Write down that a session is in use, at most every five minutes."""
    now = int(time.time())
    if now - request.session.get(SEEN, 0) < SEEN_EVERY:
        return
    request.session[SEEN] = now
    UserSession.objects.filter(
        session_key=request.session.session_key, user_id=request.user.pk
    ).update(last_seen_at=at, ip=client_address(request) or "0.0.0.0")  # noqa: S104  (no address)


def end_surplus(request: Any, user: User, *, at: datetime) -> int:
    """End the sessions that were used least lately, so that no more than five go on."""
    rows = UserSession.objects.filter(user_id=user.pk).order_by("-last_seen_at", "-pk")
    others = rows.exclude(session_key=request.session.session_key)
    return end(request, others[AT_ONCE - 1 :], at=at)


def open_wished_organization(request: Any, user: User, *, at: datetime) -> None:
    """Open the organization that was named at sign-up, now that the address is proven."""
    wish = request.session.pop(TO_OPEN, None)
    if not isinstance(wish, dict) or wish.pop("email", "") != user.email:
        return
    organizations.open_organization(owner=user, at=at, **wish)


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner reads it."""

    pk: int
    device: str
    handheld: bool
    address: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


def open_sessions(request: Any) -> list[OpenSession]:
    """The user's sessions that still work: this one first, then the latest used."""
    rows = UserSession.objects.filter(user_id=request.user.pk).order_by("-last_seen_at", "-pk")
    live = set(
        Session.objects.filter(session_key__in=[row.session_key for row in rows]).values_list(
            "session_key", flat=True
        )
    )
    here = request.session.session_key
    found = [
        OpenSession(
            row.pk,
            described(row.user_agent),
            is_handheld(row.user_agent),
            row.ip,
            row.created_at,
            row.last_seen_at,
            row.session_key == here,
        )
        for row in rows
        if row.session_key in live
    ]
    return sorted(found, key=lambda session: not session.current)


def end(request: Any, rows: Iterable[UserSession], *, at: datetime) -> int:
    """End sessions from another one: their next request is a stranger's. Says how many."""
    ended = 0
    for row in rows:
        security.note(
            SESSION_ENDED, request.user, at=at, agent=agent_of(request), ended=row.user_agent[:100]
        )
        row.end()
        ended += 1
    if ended and getattr(request, "member", None) is not None:
        # Open streams ask anew whether they may go on.
        announce("access", request.member, at=at)
    return ended
