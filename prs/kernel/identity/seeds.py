"""What an organization starts with, and what there is to grant: tables that settings and apps name."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from prs.kernel.activity.catalogue import declared
from prs.kernel.identity.rules import KeyScope, MenuSeed, Permission, RoleSeed


def role_seeds() -> tuple[RoleSeed, ...]:
    """The roles of a new organization, from the table that settings name."""
    seeds: tuple[RoleSeed, ...] = import_string(settings.PRS_ROLES)
    return seeds


def menu_seeds() -> tuple[MenuSeed, ...]:
    """The sidebar of a new organization, from the table that settings name."""
    seeds: tuple[MenuSeed, ...] = import_string(settings.PRS_MENUS)
    return seeds


@cache
def permissions() -> dict[str, Permission]:
    """Every permission that any app declares, by its code."""
    return {permission.code: permission for permission in declared(Permission, "permissions")}


@cache
def key_scopes() -> dict[str, KeyScope]:
    """What API keys can be allowed to do, by code."""
    return {scope.code: scope for scope in declared(KeyScope, "permissions")}
