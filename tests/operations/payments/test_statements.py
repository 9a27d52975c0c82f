"""A statement of account is what the books say, to the cent, whatever happened."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from prs.kernel import documents
from prs.kernel.activity.rules import SYSTEM
from prs.ledgers.bookkeeping import selectors as books
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.services import merging
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.invoicing.services import InvoiceDraft, Override
from prs.operations.payments import selectors, statements
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from prs.operations.payments.rules import Share
from prs.operations.payments.services import PaymentDraft
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY, make_customer, make_invoice, make_payment
from tests.factories.world import sent_invoice

FIRST = TODAY - timedelta(days=60)


def stated(customer, *, first=FIRST, last=TODAY):
    return statements.statement_of(customer, first=first, last=last, currency="USD")


def in_the_books(*customers, until=TODAY):
    return books.party_balance([row.pk for row in customers], ("1100", "2200"), until=until)


def invoice_on(cast, customer, day, amount):
    line = LineDraft("Goods", Decimal(1), Decimal(amount), Decimal(0))
    draft = InvoiceDraft(customer, day, [line])
    # Whoever is late gets no more credit by themselves; here they do.
    override = Override(cast.olga, "An old customer")
    return invoices.issue(draft, organization=cast.acme, by=cast.sam, at=NOON, override=override)


def pays(cast, customer, amount, *, on, invoice=None):
    """Verified money of a customer, for one invoice or for none yet."""
    amount = Decimal(amount)
    shares = [Share(invoice.pk, min(amount, invoice.left))] if invoice and invoice.left else []
    draft = PaymentDraft(customer, amount, "USD", "cash", on, shares, remarks="Large")
    payment = payments.record_payment(draft, by=cast.sam, at=NOON)
    payments.verify(payment, by=cast.vera, at=NOON + timedelta(days=(on - TODAY).days))
    return payment


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["invoice", "payment", "deposit", "denied", "deal", "credit", "refund", "chargeback"]
        ),
        st.integers(0, 1),
        st.integers(0, 59),
        st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100),
    ),
    max_size=8,
)


@settings(
    max_examples=20,
    deadline=None,
    # A failing example is reported as it was found: making it shorter takes minutes here.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happened=EVENTS, days=st.tuples(st.integers(0, 60), st.integers(0, 60)))
def test_a_statement_equals_the_books_whatever_happened(cast, quick_documents, happened, days):
    last = TODAY - timedelta(days=min(days))
    first = TODAY - timedelta(days=max(days))
    with transaction.atomic():
        pair = [make_customer(cast.sam, name=name) for name in ("One", "Other")]
        for what, who, ago, amount in happened:
            act(cast, pair[who], what, TODAY - timedelta(days=ago), amount)
        for row in pair:
            agrees(stated(row, first=first, last=last), in_the_books(row, until=last))
            assert stated(row).closing == owed_now(row)
        both = in_the_books(*pair, until=last)
        merging.merge(pair[1], pair[0], by=cast.olga, at=NOON)
        agrees(stated(pair[0], first=first, last=last), both)
        merging.unmerge(pair[1], by=cast.olga, at=NOON)
        agrees(stated(pair[1], first=first, last=last), in_the_books(pair[1], until=last))
        transaction.set_rollback(True)


def act(cast, customer, what, day, amount):
    """Something that happens to a customer's account."""
    at = NOON + timedelta(days=(day - TODAY).days)
    match what:
        case "invoice":
            invoice_on(cast, customer, day, amount)
        case "deal":
            deal = make_deal(cast.sam, customer=customer, value=str(amount))
            payment = pay_deal(cast.sam, deal, amount=str(amount), remarks="Large")
            payments.verify(payment, by=cast.vera, at=at)
        case "denied":
            draft = PaymentDraft(customer, amount, "USD", "cash", day, remarks="Large")
            payment = payments.record_payment(draft, by=cast.sam, at=NOON)
            payments.deny(payment, reason="bank_decline", remarks="No.", by=cast.vera, at=NOON)
        case "credit":
            row = invoices_of(customer).last()
            if row and row.left and selectors.credit_of(customer.pk, "USD"):
                payments.pay_with_credit(row, by=cast.sam, at=at)
        case "refund" | "chargeback":
            goes_back(cast, customer, what, amount, at)
        case _:
            row = invoices_of(customer).last() if what == "payment" else None
            pays(cast, customer, amount, on=day, invoice=row)


def goes_back(cast, customer, what, amount, at):
    """The newest verified payment goes back, as far as nothing else was paid with it."""
    payment = Payment.objects.filter(customer=customer, status="verified").last()
    if payment is None:
        return
    if what == "chargeback":
        payments.charge_back(payment, reason="Stolen", by=cast.viktor, at=at)
        return
    part = min(amount, payments.left_of(payment))
    request = payments.request_refund(payment, amount=part, reason="Late", by=cast.sam, at=at)
    payments.approve_refund(request, by=cast.viktor, at=at)


def invoices_of(customer):
    return Invoice.objects.filter(customer=customer, status="issued").order_by("pk")


def owed_now(customer):
    """What the invoices say is left, less what lies as credit: the receivables without the books."""
    left = sum((row.left for row in invoices_of(customer)), Decimal(0))
    return left - selectors.credit_of(customer.pk, "USD")


def agrees(statement, balance):
    """Opening, movements, closing and ages tell one story, and it is that of the books."""
    assert statement.closing == balance
    settled = statement.paid + statement.credited + statement.written_off
    assert statement.opening + statement.claimed - settled == statement.closing
    assert sum(age.amount for age in statement.ages) == statement.closing
    running = statement.opening
    for row in statement.movements:
        running += row.amount
        assert row.balance == running


@pytest.mark.usefixtures("quick_documents")
def test_a_line_names_its_document_and_stands_on_its_side(cast):
    invoice = make_invoice(cast.sam)
    payment = make_payment(cast.sam, invoice=invoice, amount="60.00")
    payments.verify(payment, by=cast.vera, at=NOON)

    claim, money = stated(invoice.customer).movements

    assert (claim.text, claim.claimed, claim.settled) == (f"Invoice {invoice.number}", 100, None)
    assert money.text == f"Payment {payment.number}, Cash"
    assert (money.claimed, money.settled) == (None, 60)


@pytest.mark.usefixtures("quick_documents")
def test_what_is_given_up_does_not_count_as_paid(cast, check_now):
    invoice = make_invoice(cast.sam)
    payment = make_payment(cast.sam, invoice=invoice, amount="60.00")
    payments.verify(payment, by=cast.vera, at=NOON)
    invoice.refresh_from_db()
    words = {"reason": "Agreed", "by": cast.anna, "at": NOON}
    invoices.credit(invoice, Decimal(30), kind="note", **words)
    invoices.credit(invoice, Decimal(10), kind="write_off", **words)
    check_now()

    statement = stated(invoice.customer)

    agrees(statement, Decimal(0))
    assert (statement.paid, statement.credited, statement.written_off) == (60, 30, 10)
    sheet = statements.sheet_of(statement, cast.acme)
    assert (sheet.paid, sheet.credited, sheet.written_off) == ("$60.00", "$30.00", "$10.00")


def test_what_came_before_is_brought_forward(cast):
    customer = make_customer(cast.sam)
    invoice_on(cast, customer, FIRST - timedelta(days=1), "70.00")

    statement = stated(customer)

    assert (statement.opening, list(statement.movements), statement.closing) == (70, [], 70)


def test_a_corrected_import_stands_once_with_what_it_is_now(cast):
    taken = invoices.take_import(
        sent_invoice("SI-9"), organization=cast.acme, by=SYSTEM, at=NOON
    ).invoice
    invoices.return_for_correction(taken, reason="Price", by=cast.olga, at=NOON)
    invoices.correct(
        sent_invoice("SI-9", price="25.00"),
        notes="",
        organization=cast.acme,
        by=SYSTEM,
        at=NOON,
    )

    statement = stated(Customer.objects.get(external_code="C-100"))

    assert [(row.text, row.amount) for row in statement.movements] == [("Invoice SI-9", 75)]


def test_ages_count_from_the_due_day_and_money_pays_the_oldest_first(cast, quick_documents):
    customer = make_customer(cast.sam, terms_days=0)
    for ago, amount in ((100, "10.00"), (75, "20.00"), (45, "30.00"), (5, "40.00"), (0, "50.00")):
        invoice_on(cast, customer, TODAY - timedelta(days=ago), amount)
    pays(cast, customer, "15.00", on=TODAY)

    ages = stated(customer).ages

    assert [age.amount for age in ages] == [50, 40, 30, 15, 0]


def test_what_was_paid_ahead_stands_below_zero(cast, quick_documents):
    customer = make_customer(cast.sam)
    pays(cast, customer, "15.00", on=TODAY)

    statement = stated(customer)

    assert statement.closing == -15
    assert (statement.ages[-1].label, statement.ages[-1].amount) == ("Paid ahead", -15)


def test_the_document_is_made_of_the_statement(cast):
    customer = make_customer(cast.sam, name="Harbour & Sons", tax_id="T-1", city="Tema")
    invoice_on(cast, customer, date(2026, 11, 2), "1234.50")

    sheet = statements.sheet_of(stated(customer), cast.acme)

    assert (sheet.lines[0].claimed, sheet.closing) == ("1,234.50", "$1,234.50")
    made = documents.statement(sheet, language="en")
    assert made.pages == 1
    assert made.bytes.startswith(b"%PDF")
