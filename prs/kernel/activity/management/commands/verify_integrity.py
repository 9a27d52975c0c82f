"""Verify that history, books and counters are whole."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prs.kernel.activity.integrity import checks, findings
from prs.kernel.tenancy.context import platform_context
from prs.kernel.tenancy.models import Organization


class Command(BaseCommand):
    help = (
        "Checks audit chains, balances and counters, and names the first bad row. Exits 1 on any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", help="Only this organization (its id).")

    def handle(self, *args: Any, **options: Any) -> None:
        with platform_context():
            rows = Organization.objects.order_by("name", "pk")
            if options["organization"]:
                rows = rows.filter(pk=options["organization"])
            organizations = list(rows.values_list("pk", "name"))
        found = 0
        for pk, name in organizations:
            for finding in findings(pk):
                found += 1
                self.stdout.write(f"{name}: {finding.check}: {finding.sentence}")
        if found:
            raise CommandError(f"{found} findings in {len(organizations)} organizations.")
        self.stdout.write(f"{len(checks())} checks hold in {len(organizations)} organizations.")
