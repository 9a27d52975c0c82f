"""Let go what is kept past its time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from prs.kernel import clock
from prs.kernel.tenancy.context import platform_context, tenant_context
from prs.kernel.tenancy.models import Organization
from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock


class Command(BaseCommand):
    help = "Releases reservations whose time is over. With --dry-run it only counts them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Release nothing.")
        parser.add_argument("--verbose", action="store_true", help="Name each reservation.")

    def handle(self, *args: Any, **options: Any) -> None:
        now, total = clock.now(), 0
        with platform_context():
            organizations = list(
                Organization.objects.order_by("name", "pk").values_list("pk", "name")
            )
        for pk, name in organizations:
            with tenant_context(pk):
                if options["verbose"]:
                    for row in selectors.overdue_reservations(at=now):
                        self.stdout.write(
                            f"{name}: {row.quantity.normalize():f} of {row.product} at {row.place},"
                            f" until {row.expires_at:%Y-%m-%d %H:%M}"
                        )
                total += stock.release_expired(at=now, dry_run=options["dry_run"])
        verb = "would be released" if options["dry_run"] else "are released"
        self.stdout.write(f"{total} reservations {verb}.")
