"""Verify that invoices, allocations, customers and the account of receivables say the same."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prs.kernel.tenancy.context import platform_context, tenant_context
from prs.kernel.tenancy.models import Organization
from prs.operations.invoicing import selectors as invoices
from prs.operations.payments import selectors as payments
from prs.operations.receivables import selectors


class Command(BaseCommand):
    help = "Checks receivables against invoices, allocations and customers. Exits 1 on any finding."

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
            with tenant_context(pk, read_only=True):
                for sentence in chain(
                    invoices.findings(), payments.findings(), selectors.findings()
                ):
                    found += 1
                    self.stdout.write(f"{name}: {sentence}")
        if found:
            raise CommandError(f"{found} findings in {len(organizations)} organizations.")
        self.stdout.write(f"Receivables hold in {len(organizations)} organizations.")
