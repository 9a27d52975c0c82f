"""Migrations say what the models say, and each has a way back."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from tests.architecture.source import PRS, named, text_of

TELLING = re.compile(r"^\d{4}_[a-z0-9_]+$")


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def our_migrations():
    loader = MigrationLoader(connection=None)
    return [
        migration
        for migration in loader.disk_migrations.values()
        if type(migration).__module__.startswith("prs.")
    ]


@pytest.mark.parametrize("migration", our_migrations(), ids=str)
def test_a_migration_has_a_way_back(migration):
    assert [op.describe() for op in migration.operations if not op.reversible] == []


def test_a_migration_is_named_for_what_it_does():
    paths = list(PRS.rglob("migrations/0*.py"))
    assert [named(path) for path in paths if not TELLING.match(path.stem)] == []
    assert [named(path) for path in paths if "_auto_" in path.stem] == []


def test_each_app_has_one_line_of_migrations():
    loader = MigrationLoader(connection=None)
    assert loader.detect_conflicts() == {}


def test_a_migration_changes_tables_or_rows_but_not_both():
    """Adding a column and filling it in one transaction locks the table for as long as it takes."""
    both = [
        named(path)
        for path in PRS.rglob("migrations/0*.py")
        if "RunPython" in text_of(path) and re.search(r"AddField|AlterField", text_of(path))
    ]
    assert both == []
