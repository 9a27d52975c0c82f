"""Takes a demonstration away again."""

from __future__ import annotations

from django.db import connection, transaction

from prs.kernel.db.roles import become
from prs.kernel.identity.models import User
from prs.kernel.tenancy.models import Organization

TENANT_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND a.attname = 'organization_id' AND NOT a.attisdropped
    AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""


def remove(organization: Organization) -> None:
    """Take the demonstration away, as the owner of the tables: nothing else may delete what is posted."""
    become("owner")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT user_id FROM identity_member WHERE organization_id = %s", [organization.pk]
            )
            users = [row[0] for row in cursor.fetchall()]
            cursor.execute(TENANT_TABLES)
            tables = [row[0] for row in cursor.fetchall()] + ["identity_securityevent"]
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for table in tables[:-1]:
                cursor.execute(f"DELETE FROM {table} WHERE organization_id = %s", [organization.pk])  # noqa: S608
            cursor.execute("DELETE FROM tenancy_organization WHERE id = %s", [organization.pk])
            User.objects.filter(pk__in=users).delete()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    finally:
        become("app")
