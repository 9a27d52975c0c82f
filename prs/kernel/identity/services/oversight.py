"""What the platform does to organizations: open one for somebody, suspend it, reactivate it.

It sees each organization's own row and nothing inside; what it does stands in the organization's
own audit log.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event, SystemActor
from prs.kernel.activity.services import record
from prs.kernel.errors import Refusal
from prs.kernel.identity import events
from prs.kernel.identity.models import Member, User
from prs.kernel.identity.services import accounts, organizations
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization


class OwnerHasLogin(Refusal):
    """The first admin of an organization needs a login of their own for it."""

    sentence = _("{email} has a login already. One login belongs to one organization.")


class AlreadySuspended(Refusal):
    """Somebody was faster."""

    sentence = _("This organization is suspended already.")


class NotSuspended(Refusal):
    """Somebody was faster."""

    sentence = _("This organization isn't suspended.")


class OperatorsOwn(Refusal):
    """The platform can't lock itself out of its own books."""

    sentence = _("This is the platform's own organization. It can't be suspended.")


def platform_actor(user: User) -> SystemActor:
    """How an organization's history names somebody from the platform."""
    return SystemActor(label=f"Platform: {user.label}", pk=user.pk)


@transaction.atomic
def open_for(
    *, name: str, owner_name: str, owner_email: str, currency: str, by: User, at: datetime
) -> Organization:
    """Open an organization for somebody, who gets a link by mail to choose their password."""
    email = owner_email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise OwnerHasLogin(email=email)
    owner = accounts.open_login(email, name=owner_name, at=at)
    member = organizations.open_organization(
        name=name, owner=owner, at=at, currency=currency, by=by
    )
    with tenant_context(member.organization_id):
        words = {"owner": owner.label}
        record(
            events.ORGANIZATION_OPENED,
            member.organization,
            by=platform_actor(by),
            at=at,
            words=words,
        )
    return member.organization


def suspend(organization: Organization, *, reason: str, by: User, at: datetime) -> None:
    """Lock an organization's people out from their next request on. Its data stays as it is."""
    if organization.is_platform:
        raise OperatorsOwn
    to = Organization.Status.SUSPENDED
    if not move(organization, to, events.ORGANIZATION_SUSPENDED, reason=reason, by=by, at=at):
        raise AlreadySuspended


def reactivate(organization: Organization, *, reason: str, by: User, at: datetime) -> None:
    """Let a suspended organization's people in again."""
    to = Organization.Status.ACTIVE
    if not move(organization, to, events.ORGANIZATION_REACTIVATED, reason=reason, by=by, at=at):
        raise NotSuspended


def move(
    organization: Organization, to: str, event: Event, *, reason: str, by: User, at: datetime
) -> bool:
    """Change an organization's status unless it is so already, and record why. Of two, one wins."""
    before = organization.status
    with tenant_context(organization.pk):
        others = Organization.objects.filter(pk=organization.pk).exclude(status=to)
        moved = others.update(status=to)
        if moved:
            record(
                event,
                organization,
                by=platform_actor(by),
                at=at,
                before={"status": before},
                after={"status": to},
                words={"reason": reason},
            )
    return bool(moved)


def resend_welcome(organization: Organization, *, by: User, at: datetime) -> bool:
    """Send the first owner's link again, if the owner has not chosen a password yet."""
    with tenant_context(organization.pk):
        owner = (
            Member.objects.select_related("user")
            .filter(role__key="owner", active=True, user__must_change_password=True)
            .order_by("created_at", "pk")
            .first()
        )
        if owner is None or owner.user.has_usable_password():
            return False
        accounts.welcome(owner.user, at=at)
        record(events.WELCOME_RESENT, organization, by=platform_actor(by), at=at)
    return True
