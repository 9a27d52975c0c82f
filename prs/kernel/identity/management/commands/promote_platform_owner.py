"""Make the login named by PLATFORM_OWNER_EMAIL an owner of the platform. Runs at each release."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from prs.kernel import clock
from prs.kernel.errors import Refusal
from prs.kernel.identity.services import accounts


class Command(BaseCommand):
    """Idempotent; says what it found."""

    help = (
        "Makes the login named by PLATFORM_OWNER_EMAIL an owner of the platform, if there is one."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        email = settings.PLATFORM_OWNER_EMAIL
        if not email:
            self.stdout.write("PLATFORM_OWNER_EMAIL is not set; nothing to do.")
            return
        try:
            user = accounts.promote_platform_owner(email, at=clock.now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if user is None:
            self.stdout.write(f"No login has the address {email} yet; nothing to do.")
        else:
            self.stdout.write(f"{user.email} owns the platform.")
