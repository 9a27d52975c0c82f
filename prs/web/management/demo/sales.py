"""A year of deals: closed, paid in parts, denied and paid again, refunded, bounced and called off."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member, Team
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal, Project
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from prs.operations.payments.services import PaymentDraft
from prs.web.management.demo.slips import Bank

CUSTOMERS = (
    ("Yamamoto Trading", "company", "Tema"),
    ("Nguyễn Thị Minh Khai", "person", "Accra"),
    ("O'Connor & Sons (West Africa) Import and Distribution Company Limited", "company", "Tema"),
    ("Al-Rashid Electronics", "company", "Kumasi"),
    ("Li", "person", "Osu"),
    ("Oluwaseun Adeyemi-Bamgboye", "person", "Cape Coast"),
    ("Björk Ólafsdóttir", "person", "Accra"),
    ("Santos e Filhos Lda", "company", "Takoradi"),
    ("Sri Venkateswara Textiles", "company", "Kumasi"),
    ("Kaya Mobilya", "company", "Tamale"),
    ("مؤسسة البركة للتجارة", "company", "Nima"),
    ("Wanjiku Hardware", "company", "Ho"),
    ("Dupont Frères", "company", "Tema"),
    ("Zhang Wei Logistics", "company", "Tema"),
    ("Asantewaa Girls' Senior High School", "company", "Kumasi"),
    ("Ирина Петрова", "person", "Accra"),
)
GOODS = (
    "Clinic shelving, ward by ward",
    "Cold room, 40 cubic metres",
    "Yearly supply of oral rehydration salts",
    "School term package",
    "Solar lighting for three branches",
    "Generator with two years of service",
    "Kitchen equipment",
    "Office move",
    "Water treatment unit",
    "Point of sale hardware for twelve tills",
    "Delivery bicycles",
    "Laboratory starter set, including calibration, training and a year of consumables",
)
SOURCES = ("referral", "referral", "google", "linkedin", "instagram", "others")
METHODS = ("bank", "mobile", "cash", "bank", "cheque", "bank", "mobile", "card")
CENT = Decimal("0.01")


PROJECTS = (
    ("Clinics of the north", "Equipment and supplies for eleven clinics of the health service"),
    ("Harbour extension", "Fittings, lighting and canteen of the new quay"),
    ("School year", "Furniture, paper and kitchens before classes begin"),
)


@dataclass(frozen=True)
class Size:
    """How much of a year is told."""

    deals: int
    days: int


FULL, SMALL = Size(300, 360), Size(36, 120)


class SalesYear:
    """A year of sales, the same for every installation; told in the order in which things happen."""

    def __init__(
        self,
        organization: Organization,
        people: dict[str, list[Member]],
        at: datetime,
        *,
        seed: int,
        payee: str,
    ) -> None:
        self.organization, self.people, self.now = organization, people, at
        self.dice = random.Random(seed)  # noqa: S311  (the same story each time)
        self.sellers = people["salesperson"]
        self.verifiers = [*people["verifier"], *people.get("senior_verifier", [])]
        self.granters = [*people.get("senior_verifier", []), *people["owner"]]
        self.bank = Bank(payee, organization.currency)
        self.order = count()
        self.agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.numbers = count(100_001)

    def tell(self, customers: Sequence[Customer], size: Size) -> None:
        """Close deals over the days and let what follows from each happen in its time."""
        with tenant_context(self.organization.pk):
            everyone = [*customers, *self.more_customers(size)]
            projects = self.projects(size)
        for index in range(size.deals):
            # The newest deals lie closer together, as in a business that grows.
            share = self.dice.random() ** 1.3
            at = self.moment(int(share * size.days) if index else size.days)
            if at < self.now:
                self.then(at, lambda at: self.close(everyone, projects, at))
        while self.agenda and self.agenda[0][0] < self.now:
            at, _order, act = heapq.heappop(self.agenda)
            with tenant_context(self.organization.pk):
                act(at)

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at a moment; what lies ahead of now never does."""
        heapq.heappush(self.agenda, (at, next(self.order), act))

    def moment(self, days: int) -> datetime:
        """A working hour some days ago."""
        zone = ZoneInfo(self.organization.time_zone)
        day = self.now.astimezone(zone).date() - timedelta(days=days)
        return datetime.combine(
            day, time(self.dice.randrange(8, 17), self.dice.randrange(60)), zone
        )

    def day(self, at: datetime) -> date:
        """The day of a moment where the business is."""
        return at.astimezone(ZoneInfo(self.organization.time_zone)).date()

    def more_customers(self, size: Size) -> list[Customer]:
        """Customers who came through deals."""
        made = []
        for number, (name, kind, area) in enumerate(CUSTOMERS, start=1):
            seller = self.sellers[number % len(self.sellers)]
            fields: dict[str, Any] = {
                "name": name,
                "kind": kind,
                "area": area,
                "salesperson": seller,
                "terms_days": 30,
            }
            made.append(parties.add(fields, by=seller, at=self.moment(size.days)))
        return made

    def projects(self, size: Size) -> list[Project]:
        """A few things that several deals belong to."""
        lead = self.people.get("team_lead", self.people["owner"])[0]
        teams = list(Team.objects.order_by("name"))
        at = self.moment(size.days)
        until = self.day(self.now) + timedelta(days=120)
        return [
            deals.add_project(
                {"name": name, "description": about, "starts_on": self.day(at), "ends_on": until},
                by=lead,
                at=at,
                teams=teams[:place],
            )
            for place, (name, about) in enumerate(PROJECTS, start=1)
        ]

    def close(
        self, customers: Sequence[Customer], projects: Sequence[Project], at: datetime
    ) -> None:
        """Close a deal, and plan how it is paid."""
        # Some sell more than others.
        place = int(len(self.sellers) * self.dice.random() ** 1.4)
        seller = self.sellers[place]
        value = Decimal(self.dice.lognormvariate(8.4, 0.9)).quantize(CENT)
        foreign = self.dice.random() < 0.06 and self.organization.currency != "USD"
        cost = self.dice.random() < 0.6
        deal = deals.close(
            {
                "customer": self.dice.choice(customers),
                "project": self.dice.choice(projects) if self.dice.random() < 0.25 else None,
                "name": self.dice.choice(GOODS),
                "value": value,
                "cost": (value * Decimal("0.72")).quantize(CENT) if cost else None,
                "currency": "USD" if foreign else self.organization.currency,
                "rate": Decimal("15.4") if foreign else Decimal(1),
                "deal_date": self.day(at),
                "due_date": self.day(at) + timedelta(days=self.dice.choice((14, 30, 45, 60))),
                "source": self.dice.choice(SOURCES),
            },
            by=seller,
            at=at,
        )
        fate = self.dice.random()
        if fate < 0.04:
            self.then(at + timedelta(days=9), lambda at: self.call_off(deal, at))
            return
        if fate > 0.9:
            return
        parts = self.dice.choice((1, 2, 2, 3, 3, 4))
        for number in range(parts):
            wait = timedelta(days=number * self.dice.randrange(9, 34), hours=number, minutes=6)
            last = number == parts - 1
            self.then(at + wait, lambda at, last=last: self.pay(deal, parts, at, last=last))  # type: ignore[misc]

    def call_off(self, deal: Deal, at: datetime) -> None:
        """The customer thought better of it."""
        reason = "The customer found the money for it is not there this year."
        deals.call_off(deal, reason=reason, by=deal.salesperson, at=at)

    def pay(self, deal: Deal, parts: int, at: datetime, *, last: bool) -> None:
        """Record a payment and plan its decision."""
        deal = Deal.objects.select_related("customer", "salesperson").get(pk=deal.pk)
        left = deal.value - payments.claimed_of(deal)
        if left <= 0:
            return
        part = left if last else min((deal.value / parts).quantize(CENT), left)
        if last and self.dice.random() < 0.04:
            part += Decimal(50)
        method = self.dice.choice(METHODS)
        payment = payments.record_on_deal(
            deal, self.draft(deal, part, method, at), by=deal.salesperson, at=at
        )
        self.then(
            at + timedelta(hours=self.dice.randrange(1, 30)), lambda at: self.judge(payment, at)
        )

    def draft(self, deal: Deal, amount: Decimal, method: str, at: datetime) -> PaymentDraft:
        """A payment as the customer made it."""
        number = next(self.numbers)
        reference = f"{method[:2].upper()}{number}"
        proof = None
        if method in {"bank", "mobile", "cheque"}:
            proof = self.bank.slip(
                deal.customer.name,
                amount=f"{amount:,.2f}",
                reference=reference,
                day=f"{self.day(at):%d %b %Y}",
            )
        return PaymentDraft(
            customer=deal.customer,
            amount=amount,
            currency=deal.currency,
            method=method,
            paid_on=self.day(at),
            reference=reference,
            cheque_number=reference if method == "cheque" else "",
            remarks="As agreed in the offer.",
            proof=proof,
        )

    def judge(self, payment: Payment, at: datetime) -> None:
        """Decide a payment as a careful verifier would; a few go otherwise."""
        fate, verifier = self.dice.random(), self.dice.choice(self.verifiers)
        if fate < 0.015:
            payments.withdraw(payment, reason="Typed twice.", by=payment.recorded_by, at=at)
        elif fate < 0.035:
            question = "The slip is cut off. Which account was it paid to?"
            payments.ask_back(payment, question=question, by=verifier, at=at)
            self.then(at + timedelta(hours=20), lambda at: self.answer(payment, at))
        elif fate < 0.095:
            reason = self.dice.choice(
                (
                    "insufficient_funds",
                    "bank_decline",
                    "technical_error",
                    "payment_received_not_reflected",
                )
            )
            remarks = "It is not on our statement."
            payments.deny(payment, reason=reason, remarks=remarks, by=verifier, at=at)
            self.then(at + timedelta(days=2), lambda at: self.again(payment, at))
        else:
            self.verify(payment, verifier, at)

    def verify(self, payment: Payment, verifier: Member, at: datetime) -> None:
        """Accept a payment, and plan what some of them meet later."""
        if payments.verify(payment, by=verifier, at=at) is None:
            other = next(each for each in reversed(self.verifiers) if each != verifier)
            self.then(at + timedelta(hours=3), lambda at: self.second(payment, other, at))
        fate = self.dice.random()
        if payment.cheque_state:
            self.then(at + timedelta(days=1), lambda at: self.deposit(payment, verifier, at))
            self.then(at + timedelta(days=4), lambda at: self.settle(payment, fate, at))
        elif fate < 0.03:
            self.then(at + timedelta(days=12), lambda at: self.refund(payment, at))
        elif fate < 0.04 and payment.method == "card":
            reason = "The bank took it back: the card was reported stolen."
            self.then(
                at + timedelta(days=20),
                lambda at: self.tried(
                    lambda: payments.charge_back(payment, reason=reason, by=self.granters[0], at=at)
                ),
            )

    def second(self, payment: Payment, verifier: Member, at: datetime) -> None:
        """The second look at a large payment."""
        self.tried(lambda: payments.verify(payment, by=verifier, at=at))

    def answer(self, payment: Payment, at: datetime) -> None:
        """The salesperson answers, and the payment waits again."""
        text = "To the account in Tema; the bank confirmed it by mail."
        payments.answer(payment, text=text, by=payment.recorded_by, at=at)
        verifier = self.verifiers[0]
        self.then(at + timedelta(hours=4), lambda at: self.verify(payment, verifier, at))

    def again(self, payment: Payment, at: datetime) -> None:
        """A denied payment is made again."""
        if payment.deal is not None:
            self.pay(payment.deal, 1, at, last=True)

    def deposit(self, payment: Payment, verifier: Member, at: datetime) -> None:
        """A cheque goes to the bank."""
        self.tried(lambda: payments.deposit_cheque(payment, by=verifier, at=at))

    def settle(self, payment: Payment, fate: float, at: datetime) -> None:
        """A cheque clears, or bounces."""
        by = self.granters[0]
        if fate < 0.06:
            self.tried(lambda: payments.bounce(payment, reason="No funds.", by=by, at=at))
        else:
            self.tried(lambda: payments.clear_cheque(payment, by=by, at=at))

    def refund(self, payment: Payment, at: datetime) -> None:
        """A part goes back, when somebody grants it."""

        def both() -> None:
            part = (payment.amount / self.dice.choice((1, 2, 4))).quantize(CENT)
            request = payments.request_refund(
                payment,
                amount=part,
                reason="A part was not delivered.",
                by=payment.recorded_by,
                at=at,
            )
            if self.dice.random() < 0.8:
                payments.approve_refund(request, by=self.granters[0], at=at + timedelta(hours=5))

        self.tried(both)

    def tried(self, act: Callable[[], object]) -> None:
        """What another turn of the story made impossible doesn't happen."""
        try:
            act()
        except Refusal:
            return
