"""What is owed in the demonstration: limits, old claims, reminders, collection and write-offs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import selectors as invoices
from prs.operations.invoicing import services as invoicing
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.invoicing.services import InvoiceDraft
from prs.operations.receivables import services as receivables

# Customers of last year who did not pay: how many days ago they bought, and for how much.
OLD = (
    ("Keta Lagoon Hotel", 168, "3480.00"),
    ("Sankofa Traders & Sons, General Merchants of Hohoe and Environs", 131, "912.50"),
    ("Blue Turtle Lodge", 104, "1760.00"),
)
LIMITS = (40_000, 15_000, 25_000, 20_000, 60_000, 12_000)


def collect(
    organization: Organization,
    customers: Sequence[Customer],
    people: dict[str, list[Member]],
    *,
    at: datetime,
) -> None:
    """Give limits, leave old claims behind, remind, take in hand, and ask for write-offs."""
    manager = people["admin"][0]
    seller, books = people["salesperson"][0], people["accountant"][0]
    for number, customer in enumerate(customers):
        fresh = Customer.objects.get(pk=customer.pk)
        if number % 5 != 4:
            limit = {"credit_limit": Decimal(LIMITS[number % len(LIMITS)])}
            parties.set_credit(fresh, limit, by=manager, at=at - timedelta(days=40))
        if not fresh.email:
            address = {"email": f"accounts{number}@customers.demo"}
            parties.change(fresh, address, by=seller, at=at - timedelta(days=40))
    claims = [left_behind(seller, old, at=at) for old in OLD]
    for days in (80, 45, 20, 9, 1):
        receivables.remind_by_schedule(organization, at=at - timedelta(days=days))
    receivables.take_in_hand(
        claims[0],
        assigned_to=people["team_lead"][0],
        notes="The hotel changed hands; the new owner promises to answer by letter.",
        by=manager,
        at=at - timedelta(days=30),
    )
    gone = receivables.ask_write_off(
        claims[1],
        claims[1].left,
        reason="Closed down in August; nothing is left in the shop.",
        by=books,
        at=at - timedelta(days=12),
    )
    receivables.approve_write_off(gone, by=manager, at=at - timedelta(days=11))
    today = local_date(at, organization.time_zone)
    late = invoices.overdue(Invoice.objects.exclude(pk__in=[row.pk for row in claims]), on=today)
    worst = late.filter(deal__isnull=True).order_by("due_date", "pk").first()
    if worst is not None:
        reason = "The rest was disputed; collecting it costs more than it brings."
        part = min(worst.left, Decimal(150))
        receivables.ask_write_off(worst, part, reason=reason, by=books, at=at - timedelta(days=1))


def left_behind(seller: Member, old: tuple[str, int, str], *, at: datetime) -> Invoice:
    """An invoice of long ago that nobody paid."""
    organization, (name, days, amount) = seller.organization, old
    then = at - timedelta(days=days)
    email = f"office{days}@customers.demo"
    fields = {"name": name, "email": email, "terms_days": 14, "salesperson": seller}
    customer = parties.add(fields, by=seller, at=then)
    draft = InvoiceDraft(
        customer,
        local_date(then, organization.time_zone),
        [LineDraft("Goods as ordered", Decimal(1), Decimal(amount))],
    )
    return invoicing.issue(draft, organization=organization, by=seller, at=then)
