"""The one middleware that owns a request's transaction and knows whose request it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from prs.kernel.activity.context import Origin, acting_from
from prs.kernel.activity.models import OldestTransaction
from prs.kernel.db.ids import new_id
from prs.kernel.db.rows import Rows
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member, Role
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.web.kit.errors import error_page, refused

READS = frozenset({"GET", "HEAD", "OPTIONS"})
PAGES = READS | {"POST"}
READ = Rows(
    "FROM identity_member m"
    " JOIN identity_role r ON r.organization_id = m.organization_id AND r.id = m.role_id"
    " JOIN tenancy_organization o ON o.id = m.organization_id"
    " WHERE m.organization_id = %s AND m.id = %s",
    extra=(OldestTransaction.template,),
    m=Member,
    r=Role,
    o=Organization,
)
REQUEST_ID = re.compile(r"^[\w-]{8,64}$")


@dataclass(frozen=True)
class Membership:
    """Where a user belongs, as the database says before any organization is entered."""

    organization_id: UUID
    member_id: UUID
    open: bool


def membership_of(user_id: UUID) -> Membership | None:
    """The user's membership, or None for platform staff and for users without one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM prs_membership(%s)", (user_id,))
        row = cursor.fetchone()
    return Membership(*row) if row else None


def membership_brought(user: Any) -> Membership | None:
    """The membership of the request's user, who has brought it along if a session named them."""
    row = getattr(user, "membership", None)
    if row is None:
        return membership_of(user.pk)
    return Membership(*row) if row[0] else None


def member_of(membership: Membership, user: Any) -> Member:
    """The member with their role and organization, and the page's place in the stream of events.

    That place is the horizon of its first look at the organization's rows.
    """
    found = READ.first((membership.organization_id, membership.member_id))
    if found is None:
        raise Member.DoesNotExist
    member: Any
    member, member.role, member.organization, member.horizon = found
    member.user = user
    return cast("Member", member)


def client_address(request: HttpRequest) -> str:
    """The caller's address, as seen by the outermost proxy that is ours."""
    trusted = settings.TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop]
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


def origin_of(request: Any) -> Origin:
    """What audit rows say of a request. The session appears as a digest only."""
    key = request.session.session_key or ""
    session = hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""
    return Origin(request_id=request.id, session=session, address=client_address(request))


class TenantMiddleware:
    """Runs the request in its member's organization: one transaction, read-only for reads."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if REQUEST_ID.match(given) else new_id().hex
        request.member = request.organization = None
        request.rollback = False
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)
        with acting_from(origin_of(request)):
            response = self.entered(request)
        response["X-Request-ID"] = request.id
        return response

    def entered(self, request: Any) -> HttpResponse:
        user = request.user
        membership = membership_brought(user) if user.is_authenticated else None
        if membership is None:
            self.speak(user)
            return self.get_response(request)
        if not membership.open:
            logout(request)
            sentence = _("Your access to this organization is closed. Ask its owner.")
            return error_page(request, 403, sentence)
        reads = request.method in READS
        with tenant_context(membership.organization_id, read_only=reads):
            request.member = member_of(membership, user)
            request.organization = request.member.organization
            structlog.contextvars.bind_contextvars(
                member=str(membership.member_id), organization=str(membership.organization_id)
            )
            self.speak(user, request.organization)
            response = self.get_response(request)
            if request.rollback or response.status_code >= 500:
                transaction.set_rollback(True)
            return response

    def speak(self, user: Any, organization: Any = None) -> None:
        """Use the reader's language and time zone for this request."""
        language = getattr(user, "language", "") or getattr(organization, "language", "")
        if language:
            translation.activate(language)
        zone = getattr(user, "time_zone", "") or getattr(organization, "time_zone", "") or "UTC"
        timezone.activate(zone)

    def process_view(self, request: Any, view: Any, *_words: Any) -> HttpResponse | None:
        """Pages are read or posted to; only the API knows other methods."""
        if request.method in PAGES or getattr(view, "access", "api_key") == "api_key":
            return None
        answer = error_page(request, 405)
        answer["Allow"] = ", ".join(sorted(PAGES))
        return answer

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """Undo what the view did; a refusal is answered with its sentence."""
        request.rollback = True
        return refused(request, exception) if isinstance(exception, Refusal) else None
