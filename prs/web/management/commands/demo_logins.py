"""`demo_logins`: who can sign in to the demonstration, and how."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from prs.web.management import demo


class Command(BaseCommand):
    help = "Print the logins of the demonstration organization."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not demo.present():
            self.stdout.write("There is no demonstration organization.")
            return
        self.stdout.write(f"Password of all: {demo.password()}")
        for business in (demo.VOLTA, demo.ALTSTADT):
            self.stdout.write(business.name)
            for login in demo.logins(business):
                self.stdout.write(f"  {login.email:<24}{login.role:<18}{login.about}")
