"""One row of everything: an organization in which each table holds something.

For tests that speak of every table, whichever tables there are: isolation, constraints, addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps

from prs.api.models import ApiRequest
from prs.kernel.activity.models import (
    Digest,
    DigestItem,
    Mail,
    MailHours,
    Notification,
    NotificationPreference,
    NotificationText,
)
from prs.kernel.activity.rules import SYSTEM
from prs.kernel.db.ids import new_id
from prs.kernel.files import CheckedFile, Kind
from prs.kernel.identity.models import (
    ApiKey,
    Department,
    Invitation,
    JobTitle,
    Member,
    MemberMenu,
    MenuItem,
    Team,
    TeamMember,
)
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import (
    Document,
    IdempotencyKey,
    Organization,
    TenantModel,
)
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.models import Account
from prs.ledgers.bookkeeping.rules import credit, debit
from prs.masterdata.parties.models import Customer, Feedback
from prs.masterdata.parties.services import ImportedCustomer, details, importing, merging
from prs.masterdata.places.models import Branch, BranchMember
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal
from prs.operations.followups import services as followups
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.invoicing.services import ImportedInvoice, Override
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment, Receipt, Reversal, VerificationPolicy
from prs.operations.receivables import services as receivables
from prs.operations.receivables import texts
from prs.web.models import SavedView
from tests.cast import NOON, Cast, make_member
from tests.factories.floor import make_floor_world
from tests.factories.goods import make_goods
from tests.factories.incentives import make_rewarded
from tests.factories.sales import make_deal, pay_deal
from tests.factories.till import make_till_world
from tests.factories.walk import TODAY, make_customer, make_invoice, make_payment, make_proof


@dataclass(frozen=True)
class World:
    """An organization with one row of everything. Each name says what state its row is in."""

    organization: Organization
    owner: Member
    seller: Member
    checker: Member
    customer: Customer
    unpaid: Invoice
    paid: Invoice
    imported: Invoice
    in_review: Invoice
    waiting: Payment
    asked: Payment
    verified: Payment
    denied: Payment
    cheque: Payment
    receipt: Receipt
    deal: Deal
    paid_in: Payment
    promised: Payment
    checked: Payment
    refund: Reversal
    asked_refund: Reversal
    policy: VerificationPolicy


def sent_invoice(number: str, *, code: str = "C-100", price: str = "20.00") -> ImportedInvoice:
    """An invoice as another system sends it."""
    return ImportedInvoice(
        number=number,
        invoice_date=TODAY,
        salesperson_name="Sam",
        priority="MEDIUM",
        remarks="",
        customer=ImportedCustomer(code=code, name=f"Imported {code}"),
        lines=[LineDraft("Tablets", Decimal(3), Decimal(price))],
        content={"invoice_no": number, "price": price, "customer": {"code": code}},
    )


def make_world(organization: Organization, owner: Member, seller: Member, checker: Member) -> World:
    """Fill the current organization with one row of everything."""
    make_people(owner, seller)
    customer = make_customer(seller, external_code="X-1")
    paid = make_invoice(seller, customer=customer, amount="100.00", tax_rate="10")
    verified = make_payment(
        seller, invoice=paid, amount="110.00", method="bank", proof=make_proof()
    )
    receipt = payments.verify(verified, by=checker, at=NOON)
    unpaid = make_invoice(seller, customer=customer, amount="80.00")
    waiting = make_payment(seller, invoice=unpaid, amount="30.00")
    asked = make_payment(seller, invoice=unpaid, amount="10.00")
    payments.ask_back(asked, question="Which account?", by=checker, at=NOON)
    denied = make_payment(seller, invoice=unpaid, amount="20.00")
    payments.deny(denied, reason="bank_decline", remarks="Not there.", by=checker, at=NOON)
    cheque = make_payment(
        seller,
        invoice=unpaid,
        amount="5.00",
        method="cheque",
        cheque_number="000123",
        proof=make_proof(b"%PDF-1.4 cheque"),
    )
    payments.claim(cheque, by=checker, at=NOON)
    make_parties(customer, owner, seller)
    make_credit(owner, seller)
    imported, in_review = make_imports(organization, owner)
    make_books(owner, checker)
    make_traces(owner, receipt)
    sold = make_sales(owner, seller, checker, customer)
    make_rewarded(owner, seller, checker, sold["deal"])
    make_followups(organization, seller, customer)
    make_floor_world(owner)
    make_goods(owner, seller)
    make_till_world(owner, seller, checker)
    for row in (waiting, asked, verified, denied, paid, unpaid):
        row.refresh_from_db()
    return World(
        organization=organization,
        owner=owner,
        seller=seller,
        checker=checker,
        customer=customer,
        unpaid=unpaid,
        paid=paid,
        imported=imported,
        in_review=in_review,
        waiting=waiting,
        asked=asked,
        verified=verified,
        denied=denied,
        cheque=cheque,
        receipt=receipt,
        **sold,
    )


def make_sales(
    owner: Member, seller: Member, checker: Member, customer: Customer
) -> dict[str, Any]:
    """A deal of a project with money in it, money that went back, and a payment that two look at."""
    project = deals.add_project(
        {"name": "Northern clinics"}, by=owner, at=NOON, teams=Team.objects.all()
    )
    deal = make_deal(seller, customer=customer, project=project)
    paid_in = pay_deal(seller, deal, amount="400.00")
    payments.verify(paid_in, by=checker, at=NOON)
    promised = pay_deal(seller, deal, amount="100.00")
    words: dict[str, Any] = {"reason": "One shelf less.", "by": checker, "at": NOON}
    refund = payments.request_refund(
        paid_in, amount=Decimal(100), proof=make_proof(b"%PDF-1.4 refund"), **words
    )
    payments.approve_refund(refund, by=owner, at=NOON)
    asked_refund = payments.request_refund(paid_in, amount=Decimal(50), **words)
    rule = {"method": "card", "place": Branch.objects.get(), "second_above": Decimal(500)}
    policy = payments.add_policy(rule, by=owner, at=NOON)
    checked = make_payment(
        seller,
        invoice=make_invoice(seller, customer=customer, amount="600.00"),
        amount="600.00",
        method="card",
    )
    payments.verify(checked, by=checker, at=NOON)
    for row in (deal, paid_in, promised, checked, refund, asked_refund):
        row.refresh_from_db()
    return {
        "deal": deal,
        "paid_in": paid_in,
        "promised": promised,
        "checked": checked,
        "refund": refund,
        "asked_refund": asked_refund,
        "policy": policy,
    }


def make_credit(owner: Member, seller: Member) -> None:
    """Credit that was given against the rules."""
    customer = make_customer(
        seller, name="Late Payer Ltd", credit_blocked=True, credit_reason="Cheques bounced"
    )
    word = Override(owner, "Paid in full on Friday")
    make_invoice(seller, customer=customer, amount="12.00", override=word)
    claim = make_invoice(seller, amount="40.00")
    claim.customer.email = "books@late.test"
    claim.customer.save()
    receivables.remind(claim, by=owner, at=NOON)
    due = claim.due_date
    receivables.remind_once(claim, on=due, at=NOON, organization=owner.organization)
    receivables.take_in_hand(claim, assigned_to=seller, notes="Call on Monday", by=owner, at=NOON)
    lost = receivables.ask_write_off(claim, Decimal(5), reason="Rounded", by=seller, at=NOON)
    receivables.approve_write_off(lost, by=owner, at=NOON)
    receivables.ask_write_off(claim, Decimal(6), reason="Closed down", by=seller, at=NOON)
    said = {"subject": "Invoice {number}", "body": "{amount} of {number} is due."}
    texts.change("friendly", **said, version=0, by=owner, at=NOON)


def make_followups(organization: Organization, seller: Member, customer: Customer) -> None:
    """A contact with a customer, and an alert about another."""
    followups.log(customer, {"channel": "phone", "outcome": "no_response"}, by=seller, at=NOON)
    make_deal(seller, customer=make_customer(seller, name="Never Called Ltd"))
    followups.raise_alerts(organization, at=NOON)


def make_people(owner: Member, seller: Member) -> None:
    """Structure, menus, an invitation and a key."""
    department = Department.objects.create(name="Sales")
    JobTitle.objects.create(title="Representative", department=department)
    team = Team.objects.create(name="North", lead=owner)
    TeamMember.objects.create(team=team, member=seller)
    branch = Branch.objects.create(name="Harbour", code="HB")
    BranchMember.objects.create(branch=branch, member=seller)
    item = MenuItem.objects.get(code="payments")
    MemberMenu.objects.create(member=seller, item=item, shown=False)
    Invitation.objects.create(
        email=f"new@{owner.organization_id}.test",
        role=seller.role,
        invited_by=owner,
        digest="d" * 64,
        expires_at=NOON + timedelta(days=7),
    )
    key = ApiKey.objects.create(
        name="Till system", prefix="abcdef", digest="e" * 64, created_by=owner
    )
    ApiRequest.objects.create(
        key=key,
        method="POST",
        path="/api/v1/invoices/import",
        status=201,
        size=10,
        milliseconds=5,
        at=NOON,
    )


def make_parties(customer: Customer, owner: Member, seller: Member) -> None:
    """What belongs to a customer, one that was merged into it, and a file of customers."""
    person = {"first_name": "Rosa", "email": "rosa@x.test", "is_primary": True, "is_billing": True}
    details.add_contact(customer, person, by=seller, at=NOON)
    details.add_address(customer, {"line1": "Gate 4", "city": "Tema"}, by=seller, at=NOON)
    details.tag(customer, "Pharmacy", by=seller, at=NOON)
    details.note(customer, "Closes at four.", by=seller, at=NOON)
    other = make_customer(seller, name="Another name")
    merging.merge(other, customer, by=owner, at=NOON)
    merging.tell_apart(customer, other, by=owner, at=NOON)
    Feedback.objects.create(
        customer=customer,
        cause_kind="payments.payment",
        cause_id=new_id(),
        asked_at=NOON,
        expires_at=NOON + timedelta(days=30),
        answered_at=NOON,
        score=Feedback.Score.SATISFIED,
    )
    importing.bring(make_table(), by=owner, at=NOON)


def make_table() -> CheckedFile:
    """A file of one customer."""
    content = b"Name,Code\nFrom a file,F-1\n"
    return CheckedFile(
        kind=Kind.CSV,
        name="customers.csv",
        extension="csv",
        content_type="text/csv",
        bytes=content,
        sha256="c" * 64,
    )


def make_imports(organization: Organization, owner: Member) -> tuple[Invoice, Invoice]:
    """An imported invoice that was corrected once, and one that waits for its correction."""
    numbers = {}
    for number in ("SI-1", "SI-2"):
        taken = invoices.take_import(
            sent_invoice(number), organization=organization, by=SYSTEM, at=NOON
        )
        invoices.return_for_correction(taken.invoice, reason="Price", by=owner, at=NOON)
        numbers[number] = taken.invoice
    corrected = invoices.correct(
        sent_invoice("SI-1", price="25.00"),
        notes="Price list",
        organization=organization,
        by=SYSTEM,
        at=NOON,
    )
    return corrected, numbers["SI-2"]


def make_books(owner: Member, other: Member) -> None:
    """A closed year, months, accounts, drafts in each state, a recurring entry, rates."""
    start = TODAY.replace(year=2025, month=1, day=1)
    parent = Account.objects.create(code="6900", name="Sundry", kind="expense")
    postage = Account.objects.create(code="6910", name="Postage", kind="expense", parent=parent)
    words: dict[str, Any] = {"by": owner, "at": NOON}
    written = entry_by_hand(start + timedelta(days=200), postage)
    posted = bookkeeping.submit(bookkeeping.write(written, **words), **words)
    bookkeeping.approve(posted, by=other, at=NOON)
    last = start + timedelta(days=30)
    bookkeeping.close_period(name="2025-01", first=start, last=last, **words)
    year = bookkeeping.set_up_year(first=start, **words)
    bookkeeping.close_year(year, **words)
    months = books.periods().order_by("starts_on")
    bookkeeping.ask_to_open(months[11], reason="A bill came late", **words)
    bookkeeping.close_period(
        name="2024-12", first=date(2024, 12, 1), last=date(2024, 12, 31), **words
    )
    asked = bookkeeping.ask_to_open(books.periods().get(name="2024-12"), reason="Rent", **words)
    bookkeeping.decide_opening(asked, granted=True, by=other, at=NOON)
    written = entry_by_hand(TODAY, postage)
    bookkeeping.submit(bookkeeping.write(written, **words), **words)
    bookkeeping.set_up(
        entry_by_hand(TODAY, postage),
        every="month",
        mode="draft",
        starts_on=TODAY,
        ends_on=None,
        **words,
    )
    bookkeeping.run_recurring(on=TODAY, at=NOON)
    bookkeeping.write(entry_by_hand(TODAY, postage, file=make_proof()), **words)
    bookkeeping.set_rate(currency="EUR", on=TODAY, rate=Decimal("1.25"), **words)
    bank = bookkeeping.Source("test", new_id(), "abroad")
    sides = (debit("1010", Decimal(10)), credit("4900", Decimal(10)))
    abroad: dict[str, Any] = {"currency": "EUR", "rate": Decimal(1), "description": "Abroad"}
    bookkeeping.post(bank, sides, on=TODAY, **abroad, **words)
    bookkeeping.revalue(on=TODAY, **words)


def entry_by_hand(on: date, account: Account, *, file: Any = None) -> bookkeeping.Written:
    """Two lines: a small expense, paid in cash."""
    cash = Account.objects.get(code="1000")
    lines = [
        bookkeeping.LineDraft(account, Decimal(4)),
        bookkeeping.LineDraft(cash, Decimal(-4)),
    ]
    return bookkeeping.Written(on, "Stamps", "USD", lines, file=file)


def make_traces(owner: Member, receipt: Receipt) -> None:
    """What is kept for people: notifications, mail, a document, views, keys of requests."""
    Notification.objects.get_or_create(
        event_id=new_id(),
        member_id=owner.pk,
        code="payment.recorded",
        title="Payment to verify",
        text="A payment waits.",
        subject_kind="payments.payment",
        created_at=NOON,
    )
    NotificationPreference.objects.create(member_id=owner.pk, code="payment.recorded")
    MailHours.objects.create(member_id=owner.pk, quiet_from=time(22), quiet_until=time(6))
    digest = Digest.objects.create(member_id=owner.pk, day=NOON.date(), until=NOON, made_at=NOON)
    DigestItem.objects.create(
        digest=digest,
        event_id=new_id(),
        member_id=owner.pk,
        code="payment.recorded",
        title="Payment to verify",
        text="A payment waits.",
        subject_kind="payments.payment",
        at=NOON,
    )
    NotificationText.objects.create(code="payment.denied", title="No", text="{reason}")
    Document.objects.get_or_create(
        kind="receipt",
        source_id=receipt.pk,
        defaults={
            "number": receipt.number,
            "name": f"{receipt.pk}.pdf",
            "size": 10,
            "pages": 1,
            "sha256": "f" * 64,
        },
    )
    Mail.objects.create(
        key="k",
        recipient="a@b.test",
        subject="s",
        body="b",
        next_attempt_at=NOON,
        created_at=NOON,
        document=Document.objects.first(),
    )
    IdempotencyKey.objects.create(key="k", route="r", fingerprint="f" * 64)
    SavedView.objects.create(
        member=owner, list_name="invoices", name="Mine", query="q=1", is_default=True
    )


def tenant_models() -> list[Any]:
    """Every table of an organization."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, TenantModel) and model._meta.managed
    ]


@dataclass(frozen=True)
class Worlds:
    """Acme is the organization under test; Zenith is next door, and holds the same."""

    cast: Cast
    acme: World
    zenith: World


def make_worlds(cast: Cast) -> Worlds:
    """Fill both organizations of the cast."""
    with tenant_context(cast.zenith.pk):
        zed = make_member("Zed", "salesperson", domain="zenith.test")
        vic = make_member("Vic", "verifier", domain="zenith.test")
        zenith = make_world(cast.zenith, cast.zoe, zed, vic)
    with tenant_context(cast.acme.pk):
        acme = make_world(cast.acme, cast.olga, cast.sam, cast.vera)
    return Worlds(cast, acme, zenith)
