"""`init_system`: roles, rights and menus of every organization, in one go."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Bring roles, owners' rights and menus up to date. Makes no user: create_super_admin does, "
        "and no password is ever a default."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        for name in ("create_default_roles", "setup_permissions", "seed_menus"):
            call_command(name, dry_run=options["dry_run"], stdout=self.stdout)
