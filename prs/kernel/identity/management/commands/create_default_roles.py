"""`create_default_roles`: every organization has the roles that a new one gets."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from prs.kernel.identity.models import Role
from prs.kernel.identity.selectors import organization_ids
from prs.kernel.identity.services import organizations
from prs.kernel.tenancy.context import tenant_context


class Command(BaseCommand):
    help = "Add the seeded roles that organizations lack; roles they changed stay as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        added = 0
        for organization_id in organization_ids():
            with tenant_context(organization_id):
                before = Role.objects.count()
                organizations.seed_roles()
                added += Role.objects.count() - before
                if options["dry_run"]:
                    transaction.set_rollback(True)
        self.stdout.write(f"{added} roles added.")
