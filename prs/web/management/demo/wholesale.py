"""Invoices of a wholesaler: written by hand or posted by the warehouse system, and how they are paid."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.services import ImportedCustomer
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.invoicing.services import CreditRefused, ImportedInvoice, InvoiceDraft, Override
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from prs.operations.payments.rules import Share
from prs.operations.payments.services import PaymentDraft
from prs.web.management.demo.slips import Bank

ZONE = "Africa/Accra"
CUSTOMERS = (
    ("Harbour Pharmacy", "Tema"),
    ("Osu Corner Shop", "Osu"),
    ("Saint Luke's Regional Hospital and Maternity Centre, Central Stores Department", "Kasoa"),
    ("Lapaz Cold Store", "Lapaz"),
    ("Makola Market Traders' Cooperative", "Accra"),
    ("Adom Chemists", "Madina"),
    ("Bright Future School", "Adenta"),
    ("Kwame & Daughters", "Kumasi"),
    ("Volta River Lodge", "Akosombo"),
    ("Golden Stool Catering", "Kumasi"),
    ("Takoradi Ship Chandlers", "Takoradi"),
    ("Ridge Dental Practice", "Ridge"),
    ("Nkrumah Circle Minimart", "Accra"),
    ("Cape Coast Guest House", "Cape Coast"),
    ("Green Leaf Clinic", "Ho"),
    ("Northern Lights Supermarket", "Tamale"),
    ("Baobab Bakery", "Bolgatanga"),
    ("صيدلية النور", "Nima"),
    ("Sunrise Poultry Farm", "Dodowa"),
    ("Labone Fitness", "Labone"),
    ("Atlantic Seafood", "Elmina"),
    ("Ashaiman Hardware", "Ashaiman"),
    ("Grace Beauty Supplies", "Dansoman"),
    ("Teshie Community Library", "Teshie"),
)
GOODS = (
    ("Amoxicillin 500 mg, 100 capsules", "PR650", "38.50"),
    ("Paracetamol 500 mg, 1,000 tablets", "PR101", "64.00"),
    ("Oral rehydration salts, box of 50", "PR212", "41.25"),
    ("Surgical gloves, box of 100", "PR330", "55.90"),
    ("Rice, long grain, 50 kg", "FD010", "612.00"),
    ("Sunflower oil, 20 l", "FD022", "489.99"),
    ("Sugar, 25 kg", "FD031", "298.50"),
    ("Bottled water, 24 x 500 ml", "DR004", "33.60"),
    ("Milk powder, 2.5 kg", "FD044", "176.80"),
    ("Laundry soap, carton of 72", "HH017", "215.40"),
    ("LED bulb 9 W, box of 12", "EL009", "97.20"),
    ("Exercise books, 80 pages, 120 pieces", "ST051", "264.00"),
)
WHY_CREDIT = (
    "The transfer is on its way, the slip is in the file",
    "Pays the old invoice when this delivery arrives",
    "A customer of many years; the owner called",
)
METHODS = ("bank", "mobile", "cash", "bank", "cheque", "bank", "mobile")


class Story:
    """Three months of invoices, the same for every installation."""

    def __init__(
        self, organization: Organization, people: dict[str, list[Member]], at: datetime
    ) -> None:
        self.organization, self.people, self.now = organization, people, at
        self.dice = random.Random(20261121)  # noqa: S311  (the same story each time)
        self.sellers = people["salesperson"][:2]
        self.verifiers = [*people["verifier"], *people["senior_verifier"]]
        self.bank = Bank("Volta Wholesale Co. Ltd", organization.currency)

    def tell(self) -> list[Customer]:
        """Customers, invoices and payments, oldest first. Returns the customers."""
        here = self.organization.pk
        with tenant_context(here):
            customers = [
                self.customer(number, name, area)
                for number, (name, area) in enumerate(CUSTOMERS, start=1)
            ]
        for days in range(92, 0, -1):
            for _each in range(self.dice.choice((0, 1, 1, 2))):
                with tenant_context(here):
                    self.business(self.dice.choice(customers), days)
        for minutes in (310, 190, 95, 41, 12):
            with tenant_context(here):
                before = self.now - timedelta(minutes=minutes)
                invoice = self.invoice(self.dice.choice(customers), before)
                self.pay(invoice, before + timedelta(minutes=4))
        return customers

    def moment(self, days: int) -> datetime:
        """A working hour some days ago."""
        day = self.now.astimezone(ZoneInfo(ZONE)).date() - timedelta(days=days)
        clock = time(self.dice.randrange(8, 16), self.dice.randrange(60))
        return datetime.combine(day, clock, ZoneInfo(ZONE))

    def customer(self, number: int, name: str, area: str) -> Customer:
        seller = self.sellers[number % len(self.sellers)]
        fields = {
            "name": name,
            "area": area,
            "external_code": f"C-{number}",
            "phone": f"+23324{number:03d}4410",
            "address1": f"{number} {area} High Street",
            "terms_days": 14 if number % 3 else 30,
            "salesperson": seller,
        }
        return parties.add(fields, by=seller, at=self.moment(95))

    def business(self, customer: Customer, days: int) -> None:
        """One invoice, and most often a payment some days later."""
        invoice = self.invoice(customer, self.moment(days))
        delay = self.dice.randrange(1, 25)
        fate = self.dice.random()
        if delay < days and fate < 0.72:
            at = self.moment(days - delay)
            payment = self.pay(invoice, at, part=fate < 0.12)
            self.decide(payment, at + timedelta(hours=2), fate)

    def lines(self) -> list[LineDraft]:
        goods = self.dice.sample(GOODS, self.dice.randrange(1, 6))
        return [
            LineDraft(
                name,
                Decimal(self.dice.choice((1, 2, 4, 5, 10, 12, 20))),
                Decimal(price),
                item_code=code,
            )
            for name, code, price in goods
        ]

    def invoice(self, customer: Customer, at: datetime) -> Invoice:
        if self.dice.random() < 0.5:
            return self.imported(customer, at)
        seller = customer.salesperson or self.sellers[0]
        draft = InvoiceDraft(customer, at.astimezone(ZoneInfo(ZONE)).date(), self.lines())
        try:
            return invoices.issue(draft, organization=self.organization, by=seller, at=at)
        except CreditRefused:
            # Who is late buys what the warehouse lets go, unless a manager gives their word.
            if self.dice.random() < 0.7:
                return self.imported(customer, at)
        word = Override(self.people["admin"][0], self.dice.choice(WHY_CREDIT))
        return invoices.issue(
            draft, organization=self.organization, by=seller, at=at, override=word
        )

    def imported(self, customer: Customer, at: datetime) -> Invoice:
        """An invoice as the warehouse system would post it."""
        number = f"LTPI-{1000 + Invoice.objects.filter(origin='import').count() + 1}"
        day = at.astimezone(ZoneInfo(ZONE)).date()
        lines = self.lines()
        seller = customer.salesperson.name if customer.salesperson else ""
        content: dict[str, Any] = {
            "invoice_no": number,
            "invoice_date": day.isoformat(),
            "salesman": seller,
            "priority": "MEDIUM",
            "customer": {"code": customer.external_code, "name": customer.name},
            "items": [
                {"name": e.description, "quantity": int(e.quantity), "mrp": str(e.unit_price)}
                for e in lines
            ],
        }
        sent = ImportedInvoice(
            number=number,
            invoice_date=day,
            salesperson_name=seller,
            priority="MEDIUM",
            remarks="",
            customer=ImportedCustomer(code=customer.external_code, name=customer.name),
            lines=lines,
            content=json.loads(json.dumps(content)),
        )
        key = Warehouse()
        return invoices.take_import(sent, organization=self.organization, by=key, at=at).invoice

    def pay(self, invoice: Invoice, at: datetime, *, part: bool = False) -> Payment:
        """A payment as a salesperson records it, with the slip."""
        amount = (invoice.left / 2).quantize(Decimal("0.01")) if part else invoice.left
        method = self.dice.choice(METHODS)
        reference = f"{method[:2].upper()}{self.dice.randrange(10**7, 10**8)}"
        day = at.astimezone(ZoneInfo(ZONE)).date()
        draft = PaymentDraft(
            customer=invoice.customer,
            amount=amount,
            currency=invoice.currency,
            method=method,
            paid_on=day,
            shares=[Share(invoice.pk, amount)],
            reference=reference,
            cheque_number=reference if method == "cheque" else "",
            remarks="As agreed by phone." if amount > 10_000 else "",
            proof=None
            if method == "cash"
            else self.bank.slip(
                invoice.customer.name,
                amount=f"{amount:,.2f}",
                reference=reference,
                day=f"{day:%d %b %Y}",
            ),
        )
        seller = invoice.salesperson or self.sellers[0]
        return payments.record_payment(draft, by=seller, at=at)

    def decide(self, payment: Payment, at: datetime, fate: float) -> None:
        """Most are verified; a few are denied, asked about, or still wait."""
        verifier = self.dice.choice(self.verifiers)
        if fate > 0.69:
            question = "The slip is cut off at the top. Which account was it paid to?"
            payments.ask_back(payment, question=question, by=verifier, at=at)
        elif fate > 0.66:
            reason, remarks = "payment_received_not_reflected", "Nothing on our statement yet."
            payments.deny(payment, reason=reason, remarks=remarks, by=verifier, at=at)
        elif fate < 0.62:
            payments.verify(payment, by=verifier, at=at)


@dataclass(frozen=True)
class Warehouse:
    """The other system whose invoices arrive through the import."""

    label: str = "Warehouse system"
    pk: None = None
