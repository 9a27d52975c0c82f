"""`seed_menus`: bring every organization's sidebar places up to date with the table they come from."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from prs.kernel import clock
from prs.kernel.activity.rules import SYSTEM
from prs.kernel.identity.services import menus, organizations
from prs.kernel.tenancy.context import platform_context, tenant_context
from prs.kernel.tenancy.models import Organization


class Command(BaseCommand):
    help = (
        "Bring the sidebar places of every organization up to date. May be run again at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clear", action="store_true", help="forget members' own choices")
        parser.add_argument("--assign", action="store_true", help="show roles their defaults again")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        with platform_context():
            ids = list(Organization.objects.values_list("pk", flat=True))
        for organization_id in ids:
            with tenant_context(organization_id):
                self.seed(options)
                if options["dry_run"]:
                    transaction.set_rollback(True)
        if options["verbosity"] > 1 or options["dry_run"]:
            self.stdout.write(f"Menus of {len(ids)} organizations are up to date.")

    def seed(self, options: dict[str, Any]) -> None:
        organizations.seed_menus()
        if options["clear"]:
            menus.reset(by=SYSTEM, at=clock.now())
        if options["assign"]:
            menus.assign_seeded(by=SYSTEM, at=clock.now())
