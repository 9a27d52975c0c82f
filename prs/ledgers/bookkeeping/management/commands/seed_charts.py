"""`seed_charts`: every organization gets the accounts that the system posts to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from prs.kernel import clock
from prs.kernel.activity.tasks import organizations
from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import services


class Command(BaseCommand):
    help = "Adds accounts and posting rules that organizations lack. What they have stays as it is."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for organization_id in organizations():
            with tenant_context(organization_id):
                services.seed_chart(at=clock.now())
