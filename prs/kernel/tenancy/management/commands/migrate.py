"""`migrate`, logged in as the owner of the tables, so that the application never is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.state import ProjectState

from prs.kernel.db.roles import become

GRANTS = """
    GRANT USAGE ON SCHEMA public TO {role};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
"""


def append(  # noqa: PLR0917  (called as Django calls its own)
    state: ProjectState, app_label: str, model_name: str, option_name: str, rule: Any
) -> None:
    """Add a rule to a table as migrations see it, and to nothing else."""
    options = state.models[app_label, model_name].options
    options[option_name] = [*options.get(option_name, ()), rule]
    if "apps" in state.__dict__:
        meta = state.apps.get_model(app_label, model_name)._meta
        setattr(meta, option_name, [*getattr(meta, option_name), rule])


@contextmanager
def rules_in_place() -> Iterator[None]:
    """Let a rule or an index change its own table's list only.

    Django draws every related model anew for each of them; with some six hundred that is nine tenths of
    the time of a migration from nothing.
    """
    usual = ProjectState._append_option  # type: ignore[attr-defined]  # noqa: SLF001
    ProjectState._append_option = append  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        yield
    finally:
        ProjectState._append_option = usual  # type: ignore[attr-defined]  # noqa: SLF001


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        alias = options["database"]
        before = connections[alias].settings_dict["USER"]
        owner = settings.DATABASE_LOGINS["owner"]["USER"]
        if before != owner:
            become("owner", alias)
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(GRANTS.format(role=settings.DATABASE_APP_ROLE))
            with rules_in_place():
                super().handle(*args, **options)
        finally:
            if before != owner:
                become("app", alias)
