"""The two database roles: the owner migrates, the application role owns nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

ROLE_FACTS = """
    SELECT current_user, r.rolsuper, r.rolbypassrls,
           EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'public' AND c.relowner = r.oid)
    FROM pg_roles r WHERE r.rolname = current_user
"""


def become(role: str, alias: str = "default") -> None:
    """Let the next connection of this process log in as the owner or as the application."""
    connection = connections[alias]
    connection.close()
    login: dict[str, Any] = settings.DATABASE_LOGINS[role]
    connection.settings_dict.update(login)


def refuse_powerful_role(alias: str = "default") -> None:
    """Raise unless the role that this process runs as is held by row security.

    :raises ImproperlyConfigured: the role is a superuser, bypasses row security or owns tables.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(ROLE_FACTS)
        name, superuser, bypasses, owns = cursor.fetchone()
    if superuser or bypasses or owns:
        raise ImproperlyConfigured(
            f"The database role {name} can step around row security. Let DATABASE_URL name the "
            "application role, which is no superuser, has no BYPASSRLS and owns no table."
        )
