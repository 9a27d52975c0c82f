"""What PostgreSQL itself says of the tables: no table escapes row security, no reference the tenant."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from prs.kernel.db.constraints import AppendOnly, WrittenByDatabase
from prs.kernel.db.roles import become, refuse_powerful_role

pytestmark = pytest.mark.django_db

UNPROTECTED = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND a.attname = 'organization_id' AND NOT a.attisdropped
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity
               AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant'
                           AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL
                           AND p.polcmd = '*' AND p.polpermissive
                           AND pg_get_expr(p.polqual, c.oid) LIKE '%%prs.org%%'
                           AND pg_get_expr(p.polwithcheck, c.oid) LIKE '%%prs.org%%'))
    ORDER BY 1
"""
STRANGE_POLICIES = """
    SELECT c.relname, p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE p.polname NOT IN ('tenant', 'owner_all')
       OR (p.polname = 'owner_all' AND p.polroles <> ARRAY[c.relowner])
    ORDER BY 1, 2
"""
TENANT_KEYS = """
    SELECT k.conname FROM pg_constraint k
    JOIN pg_class child ON child.oid = k.conrelid
    JOIN pg_class parent ON parent.oid = k.confrelid
    WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = child.oid
                  AND a.attname = 'organization_id')
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = parent.oid
                  AND a.attname = 'organization_id')
      AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = child.oid
                      AND a.attname = 'organization_id' AND a.attnum = ANY (k.conkey))
    ORDER BY 1
"""
UNKEYED = """
    SELECT k.conname FROM pg_constraint k WHERE k.conrelid = %s::regclass AND k.contype = 'f'
      AND k.conname = %s AND cardinality(k.conkey) = 2
"""
OPEN_VIEWS = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace
      AND (c.relkind = 'm' OR (c.relkind = 'v' AND NOT coalesce(
           'security_invoker=true' = ANY (c.reloptions), false)))
"""
RIGHTS = """
    SELECT priv FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS priv
    WHERE has_table_privilege(%s, %s, priv)
"""
ANY_TRUNCATE = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND has_table_privilege(%s, oid, 'TRUNCATE')
"""
DEFINERS = """
    SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
      AND NOT coalesce(array_to_string(p.proconfig, ',') LIKE 'search_path=public, pg_temp', false)
"""
# Tables outside Django's models that carry an organization's id without being an organization's.
OUTSIDE = {"jobs_job": "names ids only; the worker reads it before it enters an organization"}


def names(sql: str, *values: Any) -> list[str]:
    """The first column of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def ran_as_owner(*statements: str) -> Any:
    """Run statements as the owner of the tables, for the rest of the test's transaction."""
    owner = settings.DATABASE_LOGINS["owner"]["USER"]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return owner


def test_every_table_with_an_organization_has_row_security():
    assert set(names(UNPROTECTED)) <= set(OUTSIDE)


def test_every_policy_is_one_of_the_two_we_write():
    with connection.cursor() as cursor:
        cursor.execute(STRANGE_POLICIES)
        assert cursor.fetchall() == []


def test_every_reference_between_tenant_tables_contains_the_organization():
    assert names(TENANT_KEYS) == []


def same_tenant_rules() -> list[tuple[str, str]]:
    """Every declared same-tenant reference: its table and its name."""
    return [
        (model._meta.db_table, rule.name)
        for model in apps.get_models()
        for rule in model._meta.constraints
        if type(rule).__name__ == "SameTenant"
    ]


@pytest.mark.parametrize(("table", "name"), same_tenant_rules(), ids=lambda value: value)
def test_a_declared_same_tenant_reference_is_in_the_database(table, name):
    assert names(UNKEYED, table, name) == [name]


def test_the_application_role_is_held_by_row_security():
    refuse_powerful_role()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.DATABASE_APP_ROLE,)


@pytest.mark.django_db(transaction=True)
def test_a_role_that_owns_tables_is_refused():
    become("owner")
    try:
        with pytest.raises(ImproperlyConfigured):
            refuse_powerful_role()
    finally:
        become("app")


def test_no_view_looks_through_row_security():
    assert names(OPEN_VIEWS) == []


def test_the_application_can_truncate_nothing():
    assert names(ANY_TRUNCATE, settings.DATABASE_APP_ROLE) == []


def test_functions_that_run_as_the_owner_fix_where_they_look():
    assert names(DEFINERS) == []


def history_tables() -> list[tuple[str, frozenset[str]]]:
    """Tables whose rows are never changed, with the rights that the application keeps on them."""
    found = []
    for model in apps.get_models():
        for rule in model._meta.constraints:
            if isinstance(rule, AppendOnly):
                # What is kept for a time may be deleted after it; a trigger looks at the age.
                kept_for_a_time = ["DELETE"] if rule.kept_days else []
                added = ["INSERT"] if rule.insert else []
                found.append((model._meta.db_table, [*kept_for_a_time, *added]))
            elif isinstance(rule, WrittenByDatabase):
                found.append((model._meta.db_table, []))
    return found


@pytest.mark.parametrize(("table", "rights"), history_tables(), ids=str)
def test_the_application_lacks_the_right_to_rewrite_history(table, rights):
    assert sorted(names(RIGHTS, settings.DATABASE_APP_ROLE, table)) == rights


@pytest.mark.django_db(transaction=True)
def test_a_table_that_escapes_is_noticed():
    become("owner")
    try:
        with transaction.atomic():
            ran_as_owner(
                "CREATE TABLE stray (id uuid, organization_id uuid)",
                "CREATE TABLE half (id uuid, organization_id uuid)",
                "ALTER TABLE half ENABLE ROW LEVEL SECURITY",
                "CREATE VIEW peep AS SELECT * FROM identity_member",
                "ALTER TABLE identity_team DROP CONSTRAINT identity_team_lead_same_tenant",
                "ALTER TABLE identity_team ADD CONSTRAINT bare FOREIGN KEY (lead_id) "
                "REFERENCES identity_member (id)",
                "CREATE FUNCTION loose() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
            )
            assert {"stray", "half"} <= set(names(UNPROTECTED))
            assert names(OPEN_VIEWS) == ["peep"]
            assert names(TENANT_KEYS) == ["bare"]
            assert names(UNKEYED, "identity_team", "identity_team_lead_same_tenant") == []
            assert names(DEFINERS) == ["loose"]
            transaction.set_rollback(True)
    finally:
        become("app")
