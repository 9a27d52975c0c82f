"""`setup_permissions`: the owner's role holds every right there is, also those of a new release."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from prs.kernel import clock
from prs.kernel.activity.rules import SYSTEM
from prs.kernel.identity.seeds import permissions
from prs.kernel.identity.selectors import organization_ids
from prs.kernel.identity.services import roles
from prs.kernel.tenancy.context import tenant_context


class Command(BaseCommand):
    help = "Give owners the rights that a release added. May be run again at any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        changed = 0
        for organization_id in organization_ids():
            with tenant_context(organization_id):
                changed += len(roles.complete(roles={roles.OWNER: ()}, by=SYSTEM, at=clock.now()))
                if options["dry_run"]:
                    transaction.set_rollback(True)
        if options["verbosity"] > 1 or changed or options["dry_run"]:
            self.stdout.write(f"{len(permissions())} rights; {changed} owners' roles completed.")
