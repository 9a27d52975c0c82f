"""Leave baskets that nobody touched for a day, in every organization."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from prs.kernel import clock
from prs.kernel.identity.selectors import organization_ids
from prs.kernel.tenancy.context import tenant_context
from prs.operations.till import services


class Command(BaseCommand):
    help = "Leave baskets that nobody touched for a day; their goods are free again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count them only")

    def handle(self, *args: Any, **options: Any) -> None:
        at, count = clock.now(), 0
        for organization_id in organization_ids():
            with tenant_context(organization_id):
                if options["dry_run"]:
                    count += len(services.left_behind(at=at))
                else:
                    count += services.abandon_left_behind(at=at)
        said = "would be left" if options["dry_run"] else "left"
        self.stdout.write(f"{count} baskets {said}.")
