"""Publish the newest audit seals outside the database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from prs.kernel import clock
from prs.kernel.identity import notices


class Command(BaseCommand):
    help = "Writes the newest seal of every audit chain to a file and mails it to the owners."

    def handle(self, *args: Any, **options: Any) -> None:
        published = notices.publish_chain_heads(at=clock.now())
        self.stdout.write(f"{published} new seals published.")
