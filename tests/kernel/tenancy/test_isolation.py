"""Organizations are kept apart twice: by the database alone, and by the manager alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from prs.kernel.db.roles import become
from prs.kernel.tenancy.context import NoOrganization, tenant_context
from prs.kernel.tenancy.models import Organization
from tests.factories.world import Worlds, tenant_models

TABLES = [pytest.param(model, id=model._meta.label) for model in tenant_models()]


def undone(sql: str, *values: Any) -> int:
    """Run a statement and take it back; how many rows it reached."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        reached = cursor.rowcount
        transaction.set_rollback(True)
    return int(reached)


# --- the database alone: no manager, no filter -----------------------------------------------------


@pytest.mark.parametrize("model", TABLES)
def test_the_database_alone_shows_no_row_of_another_organization(standing_worlds, model):
    rows = model.unscoped.values_list("organization_id", flat=True)
    assert set(rows) == {standing_worlds.acme.organization.pk}


@pytest.mark.parametrize("model", TABLES)
def test_the_database_alone_shows_nothing_outside_an_organization(standing_worlds, model):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('prs.org', '', true)")
    try:
        assert not model.unscoped.exists()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('prs.org', %s, true)",
                (str(standing_worlds.acme.organization.pk),),
            )


@pytest.mark.parametrize("model", TABLES)
def test_a_statement_without_a_filter_reaches_no_row_of_another_organization(
    standing_worlds, model
):
    table = model._meta.db_table
    with tenant_context(standing_worlds.zenith.organization.pk):
        before = model.objects.count()
    for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        try:
            reached = undone(sql)
        except DatabaseError:
            continue  # history refuses every change, whoever's
        mine = model.unscoped.filter(organization=standing_worlds.acme.organization)
        assert reached <= mine.count()
    with tenant_context(standing_worlds.zenith.organization.pk):
        assert model.objects.count() == before


def test_an_organization_sees_itself_only(standing_worlds):
    assert list(Organization.objects.all()) == [standing_worlds.acme.organization]


def test_the_platform_sees_organizations_and_nothing_inside_them(
    standing_worlds, standing_platform
):
    assert standing_platform["organizations"] >= 2
    assert standing_platform["rows"] == 0


@pytest.fixture
def standing_platform(standing_worlds: Worlds) -> dict[str, int]:
    """What the platform area sees."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('prs.org', '', true), set_config('prs.platform', 'on', true)"
        )
        found = {
            "organizations": Organization.objects.count(),
            "rows": sum(model.unscoped.count() for model in tenant_models()),
        }
        cursor.execute(
            "SELECT set_config('prs.org', %s, true), set_config('prs.platform', '', true)",
            (str(standing_worlds.acme.organization.pk),),
        )
    return found


# --- the manager alone: row security switched off for real ------------------------------------------


def switch(word: str) -> None:
    """Switch the row security of every tenant table."""
    become("owner")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for model in tenant_models():
                cursor.execute(f"ALTER TABLE {model._meta.db_table} {word} ROW LEVEL SECURITY")
    finally:
        become("app")


@pytest.mark.django_db(transaction=True)
def test_the_manager_alone_keeps_organizations_apart(committed_worlds):
    acme = committed_worlds.acme.organization.pk
    switch("DISABLE")
    try:
        with tenant_context(acme):
            for model in tenant_models():
                assert model.unscoped.exclude(organization=acme).exists(), model._meta.label
                assert not model.objects.exclude(organization=acme).exists(), model._meta.label
                changed = model.objects.values_list("organization_id", flat=True).distinct()
                assert set(changed) <= {acme}
        for model in tenant_models():
            with pytest.raises(NoOrganization):
                model.objects.all()
    finally:
        switch("ENABLE")
