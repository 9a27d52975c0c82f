"""Make an owner of the platform. There is no default password."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from prs.kernel import clock
from prs.kernel.errors import Refusal
from prs.kernel.identity.services import accounts

PASSWORD_VARIABLE = "PRS_SUPER_ADMIN_PASSWORD"  # noqa: S105  (the variable's name)


class Command(BaseCommand):
    """Asks for the address and twice for a password that the policy accepts."""

    help = (
        "Makes an owner of the platform. Asks for a password; with --noinput it is read from "
        f"{PASSWORD_VARIABLE}. A password that the policy refuses makes nobody."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="")
        parser.add_argument("--name", default="")
        parser.add_argument("--noinput", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        email = options["email"] or self.asked(options, "E-mail: ")
        try:
            validate_email(email)
            password = self.password(options)
            user = accounts.make_super_admin(email, password, name=options["name"], at=clock.now())
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user.email} owns the platform. A second factor is set up at sign-in.")

    def asked(self, options: dict[str, Any], prompt: str) -> str:
        """What the person at the terminal answers."""
        if options["noinput"]:
            raise CommandError("--email is needed with --noinput.")
        return input(prompt).strip()

    def password(self, options: dict[str, Any]) -> str:
        """The password, typed twice, or from the environment."""
        if options["noinput"]:
            return os.environ.get(PASSWORD_VARIABLE, "")
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("Password again: "):
            raise CommandError("The two passwords differ. Nobody was made.")
        return first
