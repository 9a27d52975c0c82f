"""`assign_role_permissions`: seeded roles get back the rights of their seed that they lack."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from prs.kernel import clock
from prs.kernel.activity.rules import SYSTEM
from prs.kernel.identity.seeds import role_seeds
from prs.kernel.identity.selectors import organization_ids
from prs.kernel.identity.services import roles
from prs.kernel.tenancy.context import tenant_context


class Command(BaseCommand):
    help = "Give seeded roles the rights of their seed, also those an organization took away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", help="the key of one role, such as verifier")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        seeds = {seed.key: seed.permissions for seed in role_seeds()}
        if options["role"]:
            if options["role"] not in seeds:
                raise CommandError(f"No such role. There are: {', '.join(seeds)}.")
            seeds = {options["role"]: seeds[options["role"]]}
        for organization_id in organization_ids():
            with tenant_context(organization_id):
                for role in roles.complete(roles=seeds, by=SYSTEM, at=clock.now()):
                    self.stdout.write(f"{role.organization}: {role} completed.")
                if options["dry_run"]:
                    transaction.set_rollback(True)
