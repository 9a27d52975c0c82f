"""Make the stored schedules equal to the ones declared in code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from prs.kernel.jobs import services as jobs


class Command(BaseCommand):
    help = "Stores the schedules declared in code, and removes those that are no longer there."

    def handle(self, *_args: Any, **_options: Any) -> None:
        kept, removed = jobs.sync_schedules(import_string(settings.PRS_SCHEDULES))
        self.stdout.write(f"Schedules: {kept} declared, {removed} removed.")
