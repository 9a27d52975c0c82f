"""The standing cast. Acme is the organization under test; Zenith is next door and must see nothing."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from prs.kernel.identity.models import Member, Role, User
from prs.kernel.identity.services import organizations
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PASSWORD = "Quiet-Harbour-42!"


@dataclass(frozen=True)
class Cast:
    """Acme: olga owns it, adam administers, sam and sara sell, vera and viktor verify, anna keeps the
    books, bill reads only. Zenith: zoe owns it. pat is platform staff."""

    acme: Organization
    olga: Member
    adam: Member
    sam: Member
    sara: Member
    vera: Member
    viktor: Member
    anna: Member
    bill: Member
    zenith: Organization
    zoe: Member
    pat: User


def make_member(name: str, role_key: str, *, domain: str = "acme.test") -> Member:
    """A member of the current organization with a seeded role."""
    user = User.objects.create_user(
        f"{name.lower()}@{domain}", PASSWORD, name=name, password_changed_at=NOON
    )
    return Member.objects.create(user=user, name=name, role=Role.objects.get(key=role_key))


def make_organization(name: str, *, owner: str, domain: str) -> tuple[Organization, Member]:
    """An organization with its owner, as sign-up makes it."""
    user = User.objects.create_user(
        f"{owner.lower()}@{domain}", PASSWORD, name=owner, password_changed_at=NOON
    )
    member = organizations.open_organization(
        name=name, owner=user, at=NOON, currency="USD", mfa_required=False
    )
    return member.organization, member


def make_cast() -> Cast:
    zenith, zoe = make_organization("Zenith Trading", owner="Zoe", domain="zenith.test")
    acme, olga = make_organization("Acme Supplies", owner="Olga", domain="acme.test")
    with tenant_context(acme.pk):
        people = {
            name: make_member(name.title(), role)
            for name, role in {
                "adam": "admin",
                "sam": "salesperson",
                "sara": "salesperson",
                "vera": "verifier",
                "viktor": "senior_verifier",
                "anna": "accountant",
                "bill": "viewer",
            }.items()
        }
    pat = User.objects.create_user("pat@platform.test", PASSWORD, platform_role="owner")
    return Cast(acme=acme, olga=olga, zenith=zenith, zoe=zoe, pat=pat, **people)


class Standing:
    """The cast that stands in the database of a run: made once, and again after a clearing.

    Making it takes longer than most tests, so it is committed before the first of them.
    """

    def __init__(self) -> None:
        self.made: Cast | None = None
        self.gone = False

    def make(self) -> None:
        """Commit the cast to a database that has none."""
        with transaction.atomic():
            self.made = make_cast()
        self.gone = False

    def forget(self) -> None:
        """The database was cleared."""
        self.made, self.gone = None, True

    def cast(self) -> Cast:
        """The cast, in objects of one's own: what a test sets on them, the next one doesn't see."""
        assert self.made is not None, "Only a test that may use the database has a cast."
        return deepcopy(self.made)


STANDING = Standing()
