"""Makes the demonstration: a wholesaler with a year behind it, and a neighbour who sees none of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import F

from prs.kernel.activity.mail import SEND, SEND_SEVERAL
from prs.kernel.activity.models import Mail, Notification
from prs.kernel.clock import local_date
from prs.kernel.jobs import services as jobs
from prs.kernel.tenancy.context import (
    platform_context,
    required_organization,
    tenant_context,
)
from prs.kernel.tenancy.models import Organization
from prs.ledgers.stock import services as stock
from prs.masterdata.parties import services as parties
from prs.operations.followups import services as followups
from prs.operations.payments.models import VerificationPolicy
from prs.web.management.demo.books import keep_books
from prs.web.management.demo.calls import ask_for_money
from prs.web.management.demo.catalogue import stock_shelves, stock_studio
from prs.web.management.demo.people import ALTSTADT, VOLTA, open_doors
from prs.web.management.demo.receivables import collect
from prs.web.management.demo.removal import remove
from prs.web.management.demo.rewards import reward
from prs.web.management.demo.sales import FULL, SMALL, SalesYear, Size
from prs.web.management.demo.stock import Storehouse
from prs.web.management.demo.till import Crew, open_tills
from prs.web.management.demo.wholesale import Story

NEIGHBOURS = (
    "Café Central",
    "Buchhandlung Lindenauer Markt",
    "Praxis Dr. Öztürk",
    "Kita Sonnenhof",
)
LARGE = Decimal(25_000)
FEW = Size(24, 200)


def present() -> list[Organization]:
    """The organizations of the demonstration that are there."""
    with platform_context():
        return list(Organization.objects.filter(is_demo=True).order_by("created_at"))


def seed(*, at: datetime, small: bool = False) -> None:
    """Make the demonstration; `small` makes one organization with a few weeks, for tests.

    Every step is a transaction of its own: thousands of them in one would rewrite the same few rows
    (the head of the history, the counters) so often that each takes longer than the one before. What
    is begun and not ended is taken away again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    try:
        make_volta(SMALL if small else FULL, at=at)
        if not small:
            make_altstadt(at=at)
    except BaseException:
        for organization in present():
            remove(organization)
        raise


def make_volta(size: Size, *, at: datetime) -> None:
    """The wholesaler: invoices by hand and from the warehouse, deals, and their payments."""
    organization, people = open_doors(VOLTA, at=at - timedelta(days=size.days + 5))
    with tenant_context(organization.pk):
        stock_shelves(people["owner"][0], at=at - timedelta(days=size.days + 4))
        store = Storehouse(people["admin"][0], people["owner"][0], until=at, days=size.days + 3)
        store.fill()
    customers = Story(organization, people, at).tell()
    with tenant_context(organization.pk):
        VerificationPolicy.objects.create(method="bank", second_above=LARGE)
    year = SalesYear(organization, people, at, seed=20261121, payee="Volta Wholesale Co. Ltd")
    year.tell(customers, size)
    reward(organization, people, at=at)
    crew = Crew(organization, people["cashier"], people["manager"][0])
    open_tills(crew, weeks=4 if size is FULL else 0, at=at)
    with tenant_context(organization.pk):
        collect(organization, customers, people, at=at)
        ask_for_money(organization, people["salesperson"], people["team_lead"][0], at=at)
        followups.raise_alerts(organization, at=at)
        store.leave_work()
        stock.report_week(today=local_date(at, organization.time_zone), at=at)
    keep_books(organization, people, at=at)
    with tenant_context(organization.pk):
        put_to_rest(at=at)


def make_altstadt(*, at: datetime) -> None:
    """The neighbour: a small studio in another country and currency."""
    organization, people = open_doors(ALTSTADT, at=at - timedelta(days=FEW.days + 5))
    seller = people["salesperson"][0]
    with tenant_context(organization.pk):
        begun = at - timedelta(days=FEW.days)
        stock_studio(people["owner"][0], at=begun)
        customers = [
            parties.add({"name": name, "salesperson": seller}, by=seller, at=begun)
            for name in NEIGHBOURS
        ]
    year = SalesYear(organization, people, at, seed=4711, payee="Altstadt Studio GmbH")
    year.tell(customers, FEW)
    with tenant_context(organization.pk):
        put_to_rest(at=at)


def put_to_rest(*, at: datetime) -> None:
    """What happened long ago was read then, and all mail went out: the worker is free for today."""
    past = at - timedelta(days=2)
    Notification.objects.filter(created_at__lt=past).update(read_at=past)
    Mail.objects.update(state=Mail.State.SENT, sent_at=F("created_at"), attempts=1)
    jobs.drop(required_organization(), (SEND, SEND_SEVERAL))
