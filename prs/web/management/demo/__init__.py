"""The demonstration: two organizations with people, customers, deals, invoices and payments."""

from __future__ import annotations

from prs.web.management.demo.people import ALTSTADT, VOLTA, Login, logins, password
from prs.web.management.demo.removal import remove
from prs.web.management.demo.seeding import present, seed

__all__ = ["ALTSTADT", "VOLTA", "Login", "logins", "password", "present", "remove", "seed"]
