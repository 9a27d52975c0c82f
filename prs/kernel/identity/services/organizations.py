"""Organizations: opened with their first member, and changed by those who may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.db.ids import new_id
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Invalid
from prs.kernel.files import Kind, checked
from prs.kernel.identity import events
from prs.kernel.identity.models import Member, MenuItem, Role, RoleMenu, User
from prs.kernel.identity.rules import MenuSeed
from prs.kernel.identity.seeds import menu_seeds, permissions, role_seeds
from prs.kernel.identity.services import mail
from prs.kernel.tenancy import rules
from prs.kernel.tenancy.context import required_organization, tenant_context
from prs.kernel.tenancy.countries import Country
from prs.kernel.tenancy.models import Organization
from prs.kernel.tenancy.services import keep_file


@transaction.atomic
def open_organization(
    *,
    name: str,
    owner: User,
    at: datetime,
    currency: str = "USD",
    mfa_required: bool = True,
    by: User | None = None,
) -> Member:
    """Create an organization with its roles and menus, and make `owner` its first member.

    Those who run the platform are told, but for `by`, who opens it for somebody.
    """
    organization = Organization(
        pk=new_id(), name=name, currency=currency, mfa_required=mfa_required
    )
    with tenant_context(organization.pk):
        organization.save(force_insert=True)
        seed_roles()
        seed_menus()
        role = Role.objects.get(key="owner")
        member = Member.objects.create(
            organization=organization, user=owner, name=owner.name or owner.email, role=role
        )
        record(events.ORGANIZATION_CREATED, organization, by=member, at=at)
    tell_platform(organization, owner, by=by or owner, at=at)
    return member


def tell_platform(organization: Organization, owner: User, *, by: User, at: datetime) -> None:
    """Write to those who run the platform that an organization is new. Never to who opened it."""
    roles = (User.PlatformRole.OWNER, User.PlatformRole.ADMIN)
    people = User.objects.filter(platform_role__in=roles, is_active=True).exclude(pk=by.pk)
    for person in people.order_by("pk"):
        words = {
            "name": person.label,
            "organization": organization,
            "owner": owner,
            "link": reverse("operator:organization", args=[organization.pk]),
        }
        mail.write("organization_opened", person.email, words, at=at, language=person.language)


def seed_roles() -> None:
    """Add the seeded roles that the organization lacks. Roles it changed stay as they are."""
    organization_id = required_organization()
    existing = set(Role.objects.exclude(key="").values_list("key", flat=True))
    # The owner's role holds every right there is, so that none is out of everybody's reach.
    every = {"owner": permissions()}
    Role.objects.bulk_create(
        Role(
            organization_id=organization_id,
            key=seed.key,
            name=str(seed.name),
            scope=seed.scope,
            permissions=sorted({*seed.permissions, *every.get(seed.key, ())}),
            needs_mfa=seed.needs_mfa,
        )
        for seed in role_seeds()
        if seed.key not in existing
    )


def seed_menus() -> None:
    """Bring the sidebar's places up to date, and show new ones to the roles seeded with them."""
    existing = set(MenuItem.objects.values_list("code", flat=True))
    added = [seed for seed in menu_seeds() if seed.code not in existing]
    organization_id = required_organization()
    MenuItem.objects.bulk_create(
        [
            MenuItem(
                organization_id=organization_id,
                code=seed.code,
                parent_code=seed.parent,
                icon=seed.icon,
                url_name=seed.url_name,
                permission=seed.permission,
                order=seed.order,
            )
            for seed in menu_seeds()
        ],
        update_conflicts=True,
        unique_fields=["organization", "code"],
        update_fields=["parent_code", "icon", "url_name", "permission", "order"],
    )
    show_to_roles(added)


def show_to_roles(seeds: Iterable[MenuSeed]) -> None:
    """Assign menu items to the seeded roles that show them by default."""
    organization_id, wanted = required_organization(), {seed.code for seed in seeds}
    items = dict(MenuItem.objects.filter(code__in=wanted).values_list("code", "pk"))
    roles = dict(Role.objects.exclude(key="").values_list("key", "pk"))
    RoleMenu.objects.bulk_create(
        [
            RoleMenu(organization_id=organization_id, role_id=roles[seed.key], item_id=items[code])
            for seed in role_seeds()
            for code in dict.fromkeys(seed.menus)
            if seed.key in roles and code in items
        ],
        ignore_conflicts=True,
    )


PROFILE = frozenset(
    {
        "name",
        "legal_name",
        "tax_id",
        "registration_number",
        "email",
        "phone",
        "website",
        "address",
        "payment_instructions",
        "country",
        "currency",
        "time_zone",
        "language",
        "fiscal_year_start_month",
    }
)
SECURITY = frozenset({"mfa_required", "password_expiry_days"})
LOGO_LIMIT = 2 * 1024 * 1024


class UnknownField(Invalid):
    """A form sent something that isn't part of what it edits."""


class BadSetting(Invalid):
    """A setting got a value that it can't hold."""

    sentence = _("{setting} can be: {allowed}.")


@transaction.atomic
def change_profile(
    organization: Organization, fields: Mapping[str, Any], *, by: Member, at: datetime
) -> Organization:
    """Change an organization's profile, unless it changed since it was read.

    Raises `Stale` or `UnknownField`.
    """
    return changed_among(PROFILE, organization, fields, by=by, at=at)


@transaction.atomic
def change_security(
    organization: Organization, fields: Mapping[str, Any], *, by: Member, at: datetime
) -> Organization:
    """Change whether second factors are required, and whether passwords expire.

    Raises `Stale` or `UnknownField`.
    """
    return changed_among(SECURITY, organization, fields, by=by, at=at)


def changed_among(
    known: frozenset[str],
    organization: Organization,
    fields: Mapping[str, Any],
    *,
    by: Member,
    at: datetime,
) -> Organization:
    """Write some of an organization's fields and record it."""
    if not set(fields) <= known:
        raise UnknownField
    before = write_version(organization, fields)
    event = events.SECURITY_CHANGED if known is SECURITY else events.ORGANIZATION_CHANGED
    record(event, organization, by=by, at=at, before=before, after=fields)
    return organization


@transaction.atomic
def change_settings(
    organization: Organization, group: str, values: Mapping[str, Any], *, by: Member, at: datetime
) -> Organization:
    """Merge values into one group of settings; what isn't named stays.

    Raises `BadSetting` or `Stale`.
    """
    for key, allowed in rules.faults(group, dict(values)).items():
        raise BadSetting(setting=key, allowed=allowed)
    settings = rules.merged(organization.settings)
    before = {key: settings[group][key] for key in values}
    settings[group] |= values
    write_version(organization, {"settings": settings})
    record(events.SETTINGS_CHANGED, organization, by=by, at=at, before=before, after=values)
    return organization


@transaction.atomic
def reset_settings(
    organization: Organization, group: str, *, by: Member, at: datetime
) -> Organization:
    """Bring one group of settings back to its defaults.

    :raises BadSetting: there is no such group.
    """
    if group not in rules.DEFAULTS:
        raise BadSetting(setting=group, allowed=", ".join(rules.DEFAULTS))
    return change_settings(organization, group, rules.DEFAULTS[group], by=by, at=at)


@transaction.atomic
def apply_country(
    organization: Organization, country: Country, *, by: Member, at: datetime
) -> Organization:
    """Take over a country's currency, time zone and habits of writing.

    :raises Stale: somebody saved in between.
    """
    fields = {
        "country": country.code,
        "currency": country.currency,
        "time_zone": country.time_zone,
        "fiscal_year_start_month": country.fiscal_month,
    }
    change_profile(organization, fields, by=by, at=at)
    return change_settings(organization, "regional", country.regional, by=by, at=at)


@transaction.atomic
def set_logo(
    organization: Organization, upload: UploadedFile[Any] | None, *, by: Member, at: datetime
) -> Organization:
    """Give an organization a logo, or with None take it away. Earlier documents keep theirs.

    :raises FileRefused: it isn't a picture that can be kept.
    """
    logo = None
    if upload is not None:
        picture = checked(upload, kinds={Kind.IMAGE}, limit_bytes=LOGO_LIMIT)
        logo = keep_file(picture, at=at)
    before = write_version(organization, {"logo": logo})
    record(events.LOGO_CHANGED, organization, by=by, at=at, before=before, after={"logo": logo})
    return organization


def reach_step(organization: Organization, step: str) -> None:
    """Remember how far an organization's first minutes went. Going back forgets nothing."""
    reached = rules.SETUP_STEPS.index(step)
    earlier = rules.SETUP_STEPS[:reached]
    Organization.objects.filter(pk=organization.pk, setup_step__in=earlier).update(setup_step=step)
