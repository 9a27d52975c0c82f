"""Replay the days of streaks in every organization."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from prs.kernel import clock
from prs.kernel.identity.selectors import organization_ids
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.operations.incentives import selectors, services


class Command(BaseCommand):
    help = (
        "Replay the days of streaks. Running it again changes nothing; days to come are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat)
        parser.add_argument("--to", dest="last", type=date.fromisoformat)

    def handle(
        self, *_args: Any, first: date | None = None, last: date | None = None, **_options: Any
    ) -> None:
        at, changed = clock.now(), 0
        for pk in organization_ids():
            with tenant_context(pk):
                organization = Organization.objects.get(pk=pk)
                services.catch_up()
                changed += services.replay_all(
                    today=clock.local_date(at, organization.time_zone),
                    calendar=selectors.calendar_of(organization),
                    first=first,
                    last=last,
                )
        self.stdout.write(f"{changed} days changed.")
