"""Inviting people into an organization, and letting them in."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.identity import events
from prs.kernel.identity.models import Department, Invitation, Member, Role, User
from prs.kernel.identity.security_kinds import INVITATION_ACCEPTED
from prs.kernel.identity.services import accounts, mail, security
from prs.kernel.identity.services.members import MoreThanOwn, may_give
from prs.kernel.tenancy.context import required_organization, tenant_context

OPEN_FOR: Final = timedelta(days=7)
SALT: Final = "prs.invitation"


class AlreadyInvited(Refusal):
    """One invitation at a time for an address."""

    sentence = _(
        "This address has an invitation that still waits. Send it again, or revoke it first."
    )


class AlreadyMember(Refusal):
    """The person is here already, perhaps deactivated."""

    sentence = _("{email} is a member already. Someone deactivated is reactivated, not invited.")


class NotPending(Refusal):
    """The invitation was accepted or revoked meanwhile."""

    sentence = _("This invitation was accepted or revoked already.")


class UnknownInvitation(Refusal):
    """The link was changed on its way, belongs to nobody, or was replaced by a newer one."""

    sentence = _("This invitation isn't valid, or a newer one replaced it. Use the newest mail.")
    status = 404


class Used(Refusal):
    """An invitation is accepted once."""

    sentence = _("This invitation was used already. Sign in with the address it was sent to.")


class Revoked(Refusal):
    """Whoever invited has changed their mind."""

    sentence = _("This invitation was revoked. Ask whoever invited you.")


class Expired(Refusal):
    """An invitation holds for some days only."""

    sentence = _("This invitation is too old. Ask whoever invited you to send it again.")


class OrganizationClosed(Refusal):
    """Nobody can join a suspended organization."""

    sentence = _("This organization is closed at present. Ask whoever invited you.")


class AddressTaken(Refusal):
    """One user belongs to one organization, and the database holds to it."""

    sentence = _(
        "There is a login with this address already, and one login belongs to one organization. "
        "Ask to be invited with another address."
    )


@transaction.atomic
def invite(
    *,
    email: str,
    role: Role,
    by: Member,
    at: datetime,
    name: str = "",
    department: Department | None = None,
) -> Invitation:
    """Invite an address into the organization and send it the link, which is good for seven days.

    Whether the address has a login elsewhere is not told to the inviter, but to its owner.
    """
    email = email.strip().lower()
    refuse_more_than_held(role, by)
    if Member.objects.filter(user__email=email).exists():
        raise AlreadyMember(email=email)
    Invitation.objects.filter(
        email=email, state=Invitation.State.PENDING, expires_at__lte=at
    ).update(state=Invitation.State.REVOKED)
    secret = secrets.token_urlsafe(32)
    with refusing({"invitation_one_pending_per_address": AlreadyInvited}):
        invitation = Invitation.objects.create(
            email=email,
            name=name.strip(),
            role=role,
            department=department,
            invited_by=by,
            digest=security.digest(secret),
            expires_at=at + OPEN_FOR,
        )
    send_link(invitation, secret, by=by, at=at)
    record(events.MEMBER_INVITED, invitation, by=by, at=at, words={"role": role.name})
    return invitation


def refuse_more_than_held(role: Role, by: Member) -> None:
    """Nobody gives away more than they hold.

    :raises MoreThanOwn: the role holds more, or reaches further, than that of who invites.
    """
    if not may_give(by, role):
        raise MoreThanOwn


@transaction.atomic
def resend(invitation: Invitation, *, by: Member, at: datetime) -> Invitation:
    """Send a new link, good for seven days more. The earlier link ends."""
    refuse_more_than_held(invitation.role, by)
    secret = secrets.token_urlsafe(32)
    changed = Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.PENDING).update(
        digest=security.digest(secret), expires_at=at + OPEN_FOR
    )
    if not changed:
        raise NotPending
    invitation.refresh_from_db(from_queryset=Invitation.objects.select_related("role"))
    send_link(invitation, secret, by=by, at=at)
    record(events.INVITATION_RESENT, invitation, by=by, at=at)
    return invitation


@transaction.atomic
def revoke(invitation: Invitation, *, by: Member, at: datetime) -> None:
    """Take an invitation back. Its link ends."""
    changed = Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.PENDING).update(
        state=Invitation.State.REVOKED
    )
    if not changed:
        raise NotPending
    record(events.INVITATION_REVOKED, invitation, by=by, at=at)


def send_link(invitation: Invitation, secret: str, *, by: Member, at: datetime) -> None:
    """Mail the link. Its secret is written nowhere else; here only its digest is kept."""
    token = signing.dumps([required_organization().hex, secret], salt=SALT)
    words = {
        "name": invitation.name,
        "organization": by.organization,
        "inviter": by.label,
        "role": invitation.role,
        "link": reverse("account:invitation", kwargs={"token": token}),
        "days": OPEN_FOR.days,
    }
    mail.write("invitation", invitation.email, words, at=at, language=by.organization.language)


def read(token: str) -> tuple[UUID, str]:
    """The organization and the secret of a link.

    :raises UnknownInvitation: the link is not one of ours.
    """
    try:
        organization, secret = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise UnknownInvitation from error
    return UUID(organization), secret


def waiting(token: str, *, at: datetime) -> Invitation:
    """The invitation that a link opens, if it can still be accepted. Read from outside.

    :raises Refusal: it is unknown, used, revoked or expired, or the address has a login.
    """
    organization_id, secret = read(token)
    with tenant_context(organization_id):
        return acceptable(secret, at=at)


def acceptable(secret: str, *, at: datetime) -> Invitation:
    """The invitation of a secret inside the current organization, or the reason why not."""
    invitation = (
        Invitation.objects.select_related("organization", "role", "invited_by")
        .filter(digest=security.digest(secret))
        .first()
    )
    if invitation is None:
        raise UnknownInvitation
    refuse_unless_open(invitation, at=at)
    if User.objects.filter(email=invitation.email).exists():
        raise AddressTaken
    return invitation


def refuse_unless_open(invitation: Invitation, *, at: datetime) -> None:
    """Only a pending, young invitation into an open organization lets anyone in."""
    if invitation.state == Invitation.State.ACCEPTED:
        raise Used
    if invitation.state == Invitation.State.REVOKED:
        raise Revoked
    if invitation.expires_at <= at:
        raise Expired
    if invitation.organization.status != "active":
        raise OrganizationClosed


def accept(token: str, *, name: str, password: str, at: datetime) -> Member:
    """Make the login and the membership that an invitation offers. Of two at once, one wins.

    The link came by mail, so the address is proven. The password must have met the policy.
    """
    organization_id, secret = read(token)
    with tenant_context(organization_id):
        invitation = acceptable(secret, at=at)
        won = Invitation.objects.filter(
            pk=invitation.pk, state=Invitation.State.PENDING, expires_at__gt=at
        ).update(state=Invitation.State.ACCEPTED)
        if not won:
            raise Used
        with refusing({"identity_user_email_key": AddressTaken}):
            user = User(email=invitation.email, name=name.strip())
            accounts.set_password(user, password, at=at)
        member = Member.objects.create(
            user=user,
            name=user.name or user.email,
            role=invitation.role,
            department_id=invitation.department_id,
        )
        security.note(INVITATION_ACCEPTED, user, at=at)
        record(events.MEMBER_JOINED, member, by=member, at=at, words={"role": invitation.role.name})
    return member
