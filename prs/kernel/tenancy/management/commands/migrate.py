"""`migrate`, logged in as the owner of the tables, so that the application never is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections

from prs.kernel.db.roles import become

GRANTS = """
    GRANT USAGE ON SCHEMA public TO {role};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
"""


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
            super().handle(*args, **options)
        finally:
            if before != owner:
                become("app", alias)
