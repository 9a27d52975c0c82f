"""How the demonstration asks for its money: calls, visits and promises, kept and broken."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties.models import Customer
from prs.operations.followups import services as followups
from prs.operations.invoicing import standings

CALLED = 26
PLACES = ("Shop on Market Street", "Head office, second floor", "Warehouse gate 3", "Site office")
SAID = {
    "no_response": ("Left word with the desk.", "Nobody picked up.", "Line busy, tried twice."),
    "promised": ("The transfer goes out this week.", "Waits for the director's signature."),
    "partial": ("Half now, the rest after the harvest.", "Pays in two parts."),
    "dispute": ("Says that two cartons arrived wet.",),
    "paid": ("Says the bank sent it on Friday; slip to follow.",),
}
USUAL = ("no_response", "promised", "no_response", "partial", "promised", "paid")


def ask_for_money(
    organization: Organization, sellers: Sequence[Member], lead: Member, *, at: datetime
) -> None:
    """Log some weeks of contacts with those who owe most; one of them goes to the team's lead."""
    today = local_date(at, organization.time_zone)
    owing = sorted(standings.accounts(organization.currency, on=today), key=lambda each: -each.owed)
    dice = random.Random(20261121)  # noqa: S311  (the same story each time)
    people = Customer.objects.select_related("salesperson").in_bulk([each.root for each in owing])
    contacts: list[tuple[datetime, Customer, dict[str, Any]]] = []
    for place, account in enumerate(owing[:CALLED]):
        for days in sorted(dice.sample(range(1, 44), k=1 + place % 3), reverse=True):
            when = at - timedelta(days=days, hours=dice.randrange(5))
            fields = contact(dice, account.owed, local_date(when, organization.time_zone))
            contacts.append((when, people[account.root], fields))
    if contacts:
        contacts[0][2].update(contested())
    for when, customer, fields in sorted(contacts, key=lambda each: each[0]):
        followups.log(customer, fields, by=customer.salesperson or sellers[0], at=when)
    if owing:
        hand_over(people[owing[-1].root], sellers[0], lead, at=at)


def contact(dice: random.Random, owed: Decimal, on: date) -> dict[str, Any]:
    """One contact: how, what was said, and when to ask again."""
    outcome = dice.choice(USUAL)
    channel = dice.choice(("phone", "phone", "whatsapp", "email", "visit"))
    fields: dict[str, Any] = {
        "channel": channel,
        "outcome": outcome,
        "notes": dice.choice(SAID[outcome]),
        "place": dice.choice(PLACES) if channel == "visit" else "",
        "next_on": on + timedelta(days=dice.choice((2, 5, 7, 14))),
    }
    if outcome in ("promised", "partial"):
        part = Decimal(1) if outcome == "promised" else Decimal("0.5")
        fields["promised_amount"] = (owed * part).quantize(Decimal("0.01"))
        fields["promised_on"] = on + timedelta(days=dice.choice((3, 6, 12, 20)))
    return fields


def contested() -> dict[str, Any]:
    """What is said when an invoice is disputed."""
    return {
        "channel": "phone",
        "outcome": "dispute",
        "notes": SAID["dispute"][0],
        "place": "",
        "promised_amount": None,
        "promised_on": None,
    }


def hand_over(customer: Customer, seller: Member, lead: Member, *, at: datetime) -> None:
    """The one account that a lead took over."""
    fields = {
        "channel": "phone",
        "outcome": "escalated",
        "escalated_to": lead,
        "notes": "Wants to speak to somebody who can grant a discount.",
    }
    by = customer.salesperson or seller
    followups.log(customer, fields, by=by, at=at - timedelta(hours=20))
