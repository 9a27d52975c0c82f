"""`createstoreuser`: a login and its place in an organization, made by an operator."""

from __future__ import annotations

import contextlib
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from prs.kernel import clock
from prs.kernel.activity.rules import SYSTEM
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Role, User
from prs.kernel.identity.services import accounts, members
from prs.kernel.tenancy.context import platform_context, tenant_context
from prs.kernel.tenancy.models import Organization


class Command(BaseCommand):
    help = (
        "Make a login inside an organization. Its owner gets a link by mail and chooses the password: "
        "none is typed here, and none is a default."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="its name or id")
        parser.add_argument("--email")
        parser.add_argument("--name")
        parser.add_argument("--role", help="the key or name of a role, such as salesperson")
        parser.add_argument("--noinput", action="store_true", help="ask nothing; refuse what lacks")

    def handle(self, *_args: Any, **options: Any) -> None:
        organization_id = self.organization(options["organization"])
        email = self.asked("email", "E-mail", options).strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(error.message) from error
        if User.objects.filter(email=email).exists():
            raise CommandError(f"There is a login with the address {email} already.")
        name = self.asked("name", "Name", options)
        with tenant_context(organization_id):
            role = self.role(self.asked("role", f"Role ({self.keys()})", options))
            at = clock.now()
            try:
                user = accounts.open_login(email, name=name, at=at)
                members.admit(user, role=role, by=SYSTEM, at=at)
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{email} is in as {role}; the link to choose a password is on its way.")

    def asked(self, option: str, question: str, options: dict[str, Any]) -> str:
        """An option, or the answer to a question when it is missing."""
        given: str = options[option] or ""
        if not given and not options["noinput"]:
            given = input(f"{question}: ").strip()
        if not given:
            raise CommandError(f"--{option} is missing.")
        return given

    def organization(self, text: str) -> UUID:
        """The id of the one organization of this name or id."""
        with platform_context():
            rows = Organization.objects.filter(name__iexact=text)
            with contextlib.suppress(ValueError):
                rows |= Organization.objects.filter(pk=UUID(text))
            ids = list(rows.values_list("pk", flat=True)[:2])
        if len(ids) != 1:
            raise CommandError("There is not exactly one organization of this name or id.")
        return ids[0]

    def keys(self) -> str:
        """The keys of the roles there are."""
        return ", ".join(Role.objects.exclude(key="").order_by("key").values_list("key", flat=True))

    def role(self, text: str) -> Role:
        """The role of this key or name."""
        role = Role.objects.found(key=text) or Role.objects.found(name__iexact=text)
        if role is None:
            raise CommandError(f"No such role. There are: {self.keys()}.")
        return role
