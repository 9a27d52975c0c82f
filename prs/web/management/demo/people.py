"""Who works in the demonstration, and how they sign in."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from prs.kernel.identity.models import Department, JobTitle, Member, Role, Team, TeamMember, User
from prs.kernel.identity.services import organizations
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.masterdata.places.models import Branch, BranchMember


@dataclass(frozen=True)
class Person:
    """Somebody of the demonstration. `team` is the name of theirs, if they sell."""

    name: str
    role: str
    about: str
    team: str = ""


@dataclass(frozen=True)
class Business:
    """An organization of the demonstration."""

    name: str
    domain: str
    currency: str
    zone: str
    people: Sequence[Person]
    branches: Sequence[tuple[str, str]]
    fields: dict[str, Any] = field(default_factory=dict)


VOLTA = Business(
    "Volta Wholesale",
    "volta.demo",
    "GHS",
    "Africa/Accra",
    (
        Person("Ama Mensah", "owner", "Runs the business, sees everything"),
        Person("Kwabena Boateng", "admin", "People, rights, settings"),
        Person("Kofi Asante", "salesperson", "Sells and records payments", "Coast"),
        Person("Efua Owusu", "salesperson", "Sells and records payments", "Coast"),
        Person("Mei-Ling Chen", "salesperson", "Sells and records payments", "Coast"),
        Person("Siddharth Venkataraman", "salesperson", "Sells and records payments", "Inland"),
        Person("Fatima Al-Zahra Bensalah", "salesperson", "Sells and records payments", "Inland"),
        Person(
            "João Pedro Figueiredo dos Santos",
            "salesperson",
            "Sells and records payments",
            "Inland",
        ),
        Person("Abena Sarpong", "team_lead", "Leads the team of the coast", "Coast"),
        Person("Tunde Okonkwo", "team_lead", "Leads the team of the inland", "Inland"),
        Person("Yaw Darko", "verifier", "Verifies payments"),
        Person("Esi Appiah", "senior_verifier", "Verifies payments, grants refunds"),
        Person("Nana Adjei", "accountant", "Keeps the books"),
        Person("Akosua Frimpong", "viewer", "Reads"),
        Person("Kwame Tetteh", "cashier", "Sells at the till in Osu"),
        Person("Adwoa Nyarko", "cashier", "Sells at the till in Kumasi"),
        Person("Selasi Agbeko", "manager", "Confirms drawers, approves discounts and returns"),
    ),
    (("Tema", "TEM"), ("Kumasi", "KUM")),
    {
        "country": "GH",
        "legal_name": "Volta Wholesale Company Limited",
        "address": "Plot 14, Harbour Road\nTema Community 1\nGhana",
        "phone": "+233 30 320 1234",
        "email": "accounts@volta.demo",
        "tax_id": "C0012345678",
        "payment_instructions": "Ghana Commercial Bank, Tema. Account 1021 3344 5566.",
    },
)
ALTSTADT = Business(
    "Altstadt Studio",
    "altstadt.demo",
    "EUR",
    "Europe/Berlin",
    (
        Person("Greta Sommer", "owner", "The neighbour: sees nothing of Volta"),
        Person("Jonas Weiß", "salesperson", "Sells and records payments", "Studio"),
        Person("Zofia Wiśniewska", "verifier", "Verifies payments"),
    ),
    (("Leipzig", "LEJ"),),
    {
        "country": "DE",
        "legal_name": "Altstadt Studio GmbH",
        "address": "Hainstraße 3\n04109 Leipzig\nGermany",
        "email": "buero@altstadt.demo",
        "payment_instructions": "Sparkasse Leipzig.",
    },
)


@dataclass(frozen=True)
class Login:
    """One way into the demonstration."""

    email: str
    name: str
    role: str
    about: str


def plain(name: str) -> str:
    """A name as an address spells it: `João` is `joao`."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()


def logins(business: Business = VOLTA) -> list[Login]:
    """Everyone of an organization who can sign in, with what they do."""
    return [
        Login(
            f"{plain(person.name.split()[0])}@{business.domain}",
            person.name,
            person.role.replace("_", " "),
            person.about,
        )
        for person in business.people
    ]


def password() -> str:
    """The password of this installation's demonstration, made once and kept below `var/`."""
    path = settings.VAR_DIR / "demo_password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        words = ("Quiet", "Amber", "Cedar", "Silver", "River", "Copper", "Linen", "Harbour")
        chosen = (
            f"{secrets.choice(words)}-{secrets.choice(words)}-{secrets.randbelow(9000) + 1000}!"
        )
        path.write_text(chosen)
    return path.read_text().strip()


@transaction.atomic
def open_doors(business: Business, *, at: datetime) -> tuple[Organization, dict[str, list[Member]]]:
    """An organization with its members, by role, and the places and teams they work in."""
    # Hashing a password is slow on purpose; everybody here has the same.
    secret = make_password(password())
    users = [
        User.objects.create(
            email=login.email, password=secret, name=login.name, password_changed_at=at
        )
        for login in logins(business)
    ]
    for user in users:
        # The demonstration's addresses need no code.
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    owner = organizations.open_organization(
        name=business.name, owner=users[0], at=at, currency=business.currency, mfa_required=False
    )
    with tenant_context(owner.organization_id):
        Organization.objects.filter(pk=owner.organization_id).update(
            is_demo=True, time_zone=business.zone, setup_step="done", **business.fields
        )
        organization = Organization.objects.get(pk=owner.organization_id)
        owner.organization = organization
        people: dict[str, list[Member]] = {"owner": [owner]}
        for user, person in list(zip(users, business.people, strict=True))[1:]:
            member = Member.objects.create(
                organization=organization,
                user=user,
                name=person.name,
                role=Role.objects.get(key=person.role),
            )
            people.setdefault(person.role, []).append(member)
        furnish(business, people)
    return organization, people


def furnish(business: Business, people: dict[str, list[Member]]) -> None:
    """Departments, titles, teams and branches."""
    sales = Department.objects.create(name="Sales")
    finance = Department.objects.create(name="Finance")
    JobTitle.objects.create(title="Account manager", department=sales)
    JobTitle.objects.create(title="Payments officer", department=finance)
    members = {each.name: each for group in people.values() for each in group}
    branches = [Branch.objects.create(name=name, code=code) for name, code in business.branches]
    names = list(dict.fromkeys(person.team for person in business.people if person.team))
    for place, name in enumerate(names):
        theirs = [person for person in business.people if person.team == name]
        leads = [members[person.name] for person in theirs if person.role == "team_lead"]
        team = Team.objects.create(name=name, lead=leads[0] if leads else None)
        for person in theirs:
            member = members[person.name]
            TeamMember.objects.create(team=team, member=member)
            BranchMember.objects.create(branch=branches[place % len(branches)], member=member)
            member.department = sales
            member.save(update_fields=["department"])
