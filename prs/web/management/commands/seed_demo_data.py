"""`seed_demo_data`: make the demonstration organizations, once; `--reset` makes them anew."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from prs.kernel import clock
from prs.web.management import demo


class Command(BaseCommand):
    help = "Make the demonstration organizations with people, deals, invoices and payments."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="remove them first")
        parser.add_argument("--small", action="store_true", help="one organization, a few weeks")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.HTTPS:
            raise CommandError("A server that people use over https gets no demonstration data.")
        existing = demo.present()
        if existing and not options["reset"]:
            self.stdout.write("The demonstration organizations are there already.")
            return
        if options["dry_run"]:
            self.stdout.write("The demonstration organizations would be made.")
            return
        for organization in existing:
            demo.remove(organization)
        self.stdout.write("Telling a year of business; this takes a minute ...", ending="\n")
        self.stdout.flush()
        demo.seed(at=clock.now(), small=options["small"])
        self.stdout.write(f"{demo.VOLTA.name} is ready.")
