"""Everything between new code and a new start: run once for each release, before the processes."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from prs.kernel.db.roles import become

NO_SOURCES = [".venv", "var", "node_modules", ".git"]


class Command(BaseCommand):
    help = (
        "Migrates, makes the cache table, compiles translations, collects static files, and "
        "synchronizes schedules and menus. May be run again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="Make the demo organization if there is none."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        verbosity = options["verbosity"]
        call_command("migrate", interactive=False, verbosity=verbosity)
        become("owner")
        call_command("createcachetable", verbosity=verbosity)
        become("app")
        self.translate()
        self.collect()
        call_command("seed_charts")
        call_command("sync_schedules")
        call_command("setup_permissions")
        call_command("seed_menus")
        if options["demo"] and not settings.HTTPS:
            call_command("seed_demo_data")
        call_command("promote_platform_owner")

    def translate(self) -> None:
        """Compile the catalogues that are newer than what was compiled from them."""
        if not any(settings.BASE_DIR.glob("locale/*/LC_MESSAGES/*.po")):
            return
        if shutil.which("msgfmt"):
            call_command("compilemessages", ignore_patterns=NO_SOURCES, verbosity=0)
        else:
            self.stderr.write("Translations are not compiled: gettext's msgfmt is missing.")

    def collect(self) -> None:
        """Collect and compress static files, unless the sources are those of the last time."""
        stamp = settings.STATIC_ROOT / ".sources"
        sources = fingerprint([Path(folder) for folder in settings.STATICFILES_DIRS])
        if stamp.exists() and stamp.read_text() == sources:
            return
        # Pages of the release before may still be open: what they name stays.
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(sources)


def fingerprint(folders: list[Path]) -> str:
    """A digest over names, sizes and times of every file below, and over what renders them."""
    seen = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    seen.update((settings.BASE_DIR / "requirements.txt").read_bytes())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            facts = path.stat()
            seen.update(f"{path}|{facts.st_size}|{facts.st_mtime_ns}".encode())
    return seen.hexdigest()
