"""Writes about logins: passwords, profile, platform staff. A login knows no business data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.errors import Refusal
from prs.kernel.identity import events
from prs.kernel.identity.models import Member, User
from prs.kernel.identity.security_kinds import PASSWORD_FORCED, PLATFORM_ROLE
from prs.kernel.identity.services import mail, security
from prs.kernel.tenancy.models import Organization

WARNED_BEFORE: Final = timedelta(days=7)
WELCOME_SALT: Final = "prs.welcome"
WELCOME_DAYS: Final = 7
PROFILE: Final = ("name", "language", "time_zone", "theme", "density")


class LastPlatformOwner(Refusal):
    """Without an owner nobody could make another one."""

    sentence = _("Somebody has to own the platform. Make another person its owner first.")


class BelongsToOrganization(Refusal):
    """Platform staff belong to no organization, so that nobody oversees their own business."""

    sentence = _("{email} belongs to an organization. Platform staff need a login of their own.")


class AlreadyStaff(Refusal):
    """The person is there already."""

    sentence = _("{email} is among the platform's people already.")


class WelcomeUsed(Refusal):
    """The link of a welcome mail works once, for some days."""

    sentence = _("This link has been used or is too old. Ask for a new one, or reset the password.")


# Passwords


@transaction.atomic
def set_password(user: User, password: str, *, at: datetime) -> None:
    """Give a user the password that they chose; what demanded a new one is satisfied."""
    user.set_password(password)
    user.must_change_password = False
    user.password_changed_at = at
    if user._state.adding:
        user.save()
    else:
        user.save(update_fields=["password", "must_change_password", "password_changed_at"])


@transaction.atomic
def demand_new_passwords(organization: Organization, *, by: Member, at: datetime) -> int:
    """Let everybody of an organization but the one who asks choose a new password. Says how many."""
    ids = list(
        Member.objects.filter(active=True).exclude(pk=by.pk).values_list("user_id", flat=True)
    )
    User.objects.filter(pk__in=ids).update(must_change_password=True)
    for user in User.objects.filter(pk__in=ids).order_by("pk"):
        security.note(PASSWORD_FORCED, user, at=at, by=by.label)
        words = {"organization": organization, "name": user.name}
        mail.write("password_demanded", user.email, words, at=at, language=user.language)
    record(events.PASSWORDS_DEMANDED, organization, by=by, at=at, words={"count": len(ids)})
    return len(ids)


def password_expires_at(user: User, organization: Organization | None) -> datetime | None:
    """When a user's password expires; None where the organization lets passwords live on."""
    days = organization.password_expiry_days if organization else None
    if not days or user.password_changed_at is None:
        return None
    return user.password_changed_at + timedelta(days=days)


def days_left(user: User, organization: Organization | None, *, at: datetime) -> int | None:
    """Whole days until the password expires, once that is near; None while it is far off."""
    expires_at = password_expires_at(user, organization)
    if expires_at is None or expires_at - at > WARNED_BEFORE:
        return None
    return max(0, (expires_at - at).days)


def needs_new_password(user: User, organization: Organization | None, *, at: datetime) -> bool:
    """Whether the user must choose a password before anything else."""
    expires_at = password_expires_at(user, organization)
    return user.must_change_password or (expires_at is not None and expires_at <= at)


# Profile


@transaction.atomic
def change_profile(user: User, member: Member | None, *, at: datetime, **fields: str) -> None:
    """Change a user's own name and preferences. The name is also the member's."""
    unknown = set(fields) - set(PROFILE)
    if unknown:
        raise TypeError(f"Not part of a profile: {', '.join(sorted(unknown))}.")
    before = {name: getattr(user, name) for name in fields}
    for name, value in fields.items():
        setattr(user, name, value)
    user.save(update_fields=list(fields))
    if member is None:
        return
    if fields.get("name"):
        member.name = fields["name"]
        member.save(update_fields=["name"])
    record(events.PROFILE_CHANGED, member, by=member, at=at, before=before, after=fields)


# Logins that somebody else opened


@transaction.atomic
def open_login(email: str, *, name: str, at: datetime, platform_role: str = "") -> User:
    """Make a login whose owner chooses the password by the link of a welcome mail."""
    user = User.objects.create_user(
        email, None, name=name, platform_role=platform_role, must_change_password=True
    )
    welcome(user, at=at)
    return user


def welcome(user: User, *, at: datetime) -> None:
    """Send the link by which a user chooses the first password. An earlier link goes on working
    until one of them is used."""
    link = reverse("account:welcome", kwargs={"token": welcome_token(user)})
    mail.write(
        "welcome",
        user.email,
        {"name": user.name, "link": link, "days": WELCOME_DAYS},
        at=at,
        language=user.language,
    )


def welcome_token(user: User) -> str:
    """A signed link that dies with the (unusable) password it was made for."""
    return signing.dumps([user.pk.hex, security.digest(user.password)], salt=WELCOME_SALT)


def welcomed(token: str) -> User:
    """The user whom a welcome link lets in.

    :raises WelcomeUsed: it was used, is older than a week, or is no link of ours.
    """
    try:
        user_id, password = signing.loads(
            token, salt=WELCOME_SALT, max_age=timedelta(days=WELCOME_DAYS)
        )
    except signing.BadSignature as error:
        raise WelcomeUsed from error
    user = User.objects.filter(pk=UUID(user_id), is_active=True).first()
    if user is None or security.digest(user.password) != password:
        raise WelcomeUsed
    return user


# Platform staff


def belongs_somewhere(user: User) -> bool:
    """Whether a user is a member of any organization. Asked outside every organization."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM prs_membership(%s)", (user.pk,))
        return cursor.fetchone() is not None


def make_super_admin(email: str, password: str, *, name: str = "", at: datetime) -> User:
    """Make a platform owner with a password that the policy accepts.

    :raises ValidationError: the password is too weak, with every reason.
    :raises AlreadyStaff: there is a login with this address.
    """
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise AlreadyStaff(email=email)
    user = User(email=email, name=name, platform_role=User.PlatformRole.OWNER)
    validate_password(password, user)
    set_password(user, password, at=at)
    security.note(PLATFORM_ROLE, user, at=at, role=user.platform_role, by="create_super_admin")
    return user


@transaction.atomic
def promote_platform_owner(email: str, *, at: datetime) -> User | None:
    """Make the login with this address a platform owner; None when there is none yet."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None or user.platform_role == User.PlatformRole.OWNER:
        return user
    if belongs_somewhere(user):
        raise BelongsToOrganization(email=user.email)
    change_platform_role(user, User.PlatformRole.OWNER, by_label="PLATFORM_OWNER_EMAIL", at=at)
    return user


@transaction.atomic
def add_staff(email: str, *, name: str, role: str, by: User, at: datetime) -> User:
    """Let a person work for the platform: a new login, or one that belongs to no organization."""
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    if user is None:
        user = open_login(email, name=name, at=at, platform_role=role)
        security.note(PLATFORM_ROLE, user, at=at, role=role, by=by.label)
        return user
    if user.platform_role:
        raise AlreadyStaff(email=email)
    if belongs_somewhere(user):
        raise BelongsToOrganization(email=email)
    change_platform_role(user, role, by_label=by.label, at=at)
    return user


@transaction.atomic
def set_staff_role(user: User, role: str, *, by: User, at: datetime) -> None:
    """Change or (with an empty role) take away what a person may do for the platform."""
    # The rows of all owners are locked, so that two who leave at once can't both do so.
    owners = User.objects.select_for_update().filter(
        platform_role=User.PlatformRole.OWNER, is_active=True
    )
    ids = set(owners.order_by("pk").values_list("pk", flat=True))
    if role != User.PlatformRole.OWNER and ids == {user.pk}:
        raise LastPlatformOwner
    change_platform_role(user, role, by_label=by.label, at=at)


def change_platform_role(user: User, role: str, *, by_label: str, at: datetime) -> None:
    """Write the role, and who gave it."""
    before, user.platform_role = user.platform_role, role
    user.save(update_fields=["platform_role"])
    security.note(PLATFORM_ROLE, user, at=at, before=before, role=role, by=by_label)
