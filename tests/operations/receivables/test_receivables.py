"""From a credit sale by invoice to its end: overdue, reminded, promised, paid in part, written off."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from prs.kernel.activity.models import Mail
from prs.kernel.db.ids import new_id
from prs.kernel.errors import Forbidden
from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.rules import BAD_DEBT, RECEIVABLE
from prs.operations.followups import services as followups
from prs.operations.invoicing import services as invoicing
from prs.operations.payments import services as payments
from prs.operations.receivables import selectors, services
from prs.operations.receivables.models import Collection, Reminder
from prs.operations.receivables.rules import risk_of, step_of
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY, make_customer, make_invoice, make_payment

pytestmark = pytest.mark.django_db

DUE = TODAY + timedelta(days=30)


def claim(by, amount="100.00", **fields):
    customer = make_customer(by, **{"email": "books@harbour.test", **fields})
    return make_invoice(by, customer=customer, amount=amount)


def later(days):
    """A moment so many days after the due day."""
    return NOON + timedelta(days=30 + days)


def ageing(member, on=TODAY, today=None, since="due"):
    return selectors.ageing(
        member, on=on, today=today or on, zone="UTC", currency="USD", since=since
    )


def balance(code):
    account = books.accounts().get(code=code)
    return books.opening_balance(account, TODAY + timedelta(days=4000))


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-5, "current"),
        (0, "current"),
        (30, "current"),
        (31, "31_60"),
        (60, "31_60"),
        (61, "61_90"),
        (90, "61_90"),
        (91, "over_90"),
    ],
)
def test_an_age_ends_on_its_last_day(cast, days, bucket):
    claim(cast.sam)
    on = DUE + timedelta(days=days)

    (row,) = selectors.claims(cast.olga, on=on, today=on, zone="UTC")

    assert row.bucket == bucket


@pytest.mark.parametrize(
    ("ages", "used", "risk"),
    [
        ((100, 0, 0, 0), None, "low"),
        ((90, 10, 0, 0), 80, "low"),
        ((89, 11, 0, 0), None, "medium"),
        ((100, 0, 0, 0), 81, "medium"),
        ((75, 0, 25, 0), None, "medium"),
        ((74, 0, 13, 13), None, "high"),
        ((100, 0, 0, 0), 101, "high"),
        ((0, 0, 0, 0), None, "low"),
    ],
)
def test_risk_follows_from_age_and_the_part_of_the_limit_that_is_used(ages, used, risk):
    assert risk_of([Decimal(age) for age in ages], used and Decimal(used)) == risk


@pytest.mark.parametrize(
    ("days", "step"),
    [(-4, None), (-3, -3), (-1, -3), (0, 0), (13, 7), (14, 14), (44, 44), (500, 72)],
)
def test_a_reminder_is_due_from_its_step_on(days, step):
    assert step_of(TODAY, TODAY + timedelta(days=days)) == step


def test_the_list_and_the_report_say_the_same_as_the_books(cast, check_now):
    claim(cast.sam, "80.00")
    part = claim(cast.sara, "300.00")
    payments.verify(make_payment(cast.sara, invoice=part, amount="120.00"), by=cast.vera, at=NOON)
    payments.verify(pay_deal(cast.sam, make_deal(cast.sam)), by=cast.vera, at=NOON)
    check_now()
    on = DUE + timedelta(days=45)

    report = ageing(cast.olga, on=on)

    assert (report.total, report.booked, report.difference) == (260, 260, 0)
    assert report.ages["31_60"] == 260
    assert [row.total for row in report.rows] == [180, 80]
    rows = selectors.claims(cast.olga, on=on, today=on, zone="UTC")
    assert selectors.by_bucket(rows, "USD")["31_60"] == (2, Decimal("260.00"))


def test_a_day_that_has_passed_is_told_as_it_was_then(cast, check_now):
    invoice = claim(cast.sam, "100.00")
    pay = make_payment(cast.sam, invoice=invoice, amount="60.00")
    payments.verify(pay, by=cast.vera, at=NOON + timedelta(days=3))
    payments.charge_back(pay, reason="Disputed", by=cast.olga, at=NOON + timedelta(days=6))
    invoicing.credit(
        invoice, Decimal(15), kind="note", reason="Late", by=cast.olga, at=NOON + timedelta(days=9)
    )
    check_now()

    for days, left in ((0, 100), (2, 100), (3, 40), (6, 40), (8, 40), (9, 25)):
        on = TODAY + timedelta(days=days)
        report = ageing(cast.olga, on=on, today=TODAY + timedelta(days=30))
        assert (report.total, report.booked) == (left, left), days


def test_age_counts_from_the_due_day_or_from_the_invoice(cast):
    claim(cast.sam)
    on = TODAY + timedelta(days=40)

    assert ageing(cast.olga, on=on).ages["current"] == 100
    assert ageing(cast.olga, on=on, since="issued").ages["31_60"] == 100


def test_a_salesperson_sees_only_their_own_claims_and_no_balance_of_all(cast):
    claim(cast.sara)

    report = ageing(cast.sam)

    assert (list(report.rows), report.booked) == ([], None)


def test_a_reminder_goes_to_who_gets_the_invoices_once_a_day(cast):
    invoice = claim(cast.sam)

    sent = services.remind(invoice, by=cast.olga, at=later(20))

    assert (sent.recipient, sent.tone) == ("books@harbour.test", "firm")
    mail = Mail.objects.get(key=f"reminder:{sent.pk}:0")
    assert invoice.number in mail.subject
    assert "100.00" in mail.body
    with pytest.raises(services.RemindedLately):
        services.remind(invoice, by=cast.olga, at=later(20) + timedelta(hours=23))
    services.remind(invoice, by=cast.olga, at=later(21))


def test_nobody_is_reminded_who_owes_nothing_or_has_no_address(cast):
    paid, silent = claim(cast.sam), claim(cast.sam, email="")
    payments.verify(make_payment(cast.sam, invoice=paid), by=cast.vera, at=NOON)

    sent, refused = services.remind_several([paid, silent], by=cast.olga, at=NOON)

    assert (sent, len(refused)) == (0, 2)


def test_the_schedule_sends_each_step_once_and_copies_the_salesperson_when_it_is_late(cast):
    invoice = claim(cast.sam)
    days = (-4, -3, -3, 0, 8, 14, 15, 30)

    sent = [services.remind_by_schedule(cast.acme, at=later(day)) for day in days]

    assert sent == [0, 1, 0, 1, 1, 1, 0, 1]
    steps = Reminder.objects.filter(invoice=invoice).order_by("step").values_list("step", flat=True)
    assert list(steps) == [-3, 0, 7, 14, 30]
    to_sam = Mail.objects.filter(recipient=cast.sam.user.email, key__startswith="reminder:")
    assert to_sam.count() == 2


def test_the_schedule_leaves_alone_what_somebody_has_in_hand(cast):
    invoice = claim(cast.sam)
    services.take_in_hand(
        invoice, assigned_to=cast.sara, notes="Calls weekly", by=cast.olga, at=later(10)
    )
    with pytest.raises(services.InHand):
        services.take_in_hand(invoice, assigned_to=cast.sam, notes="x", by=cast.olga, at=later(10))

    assert services.remind_by_schedule(cast.acme, at=later(31)) == 0
    services.let_go(invoice, notes="Promised", by=cast.sara, at=later(32))

    assert services.remind_by_schedule(cast.acme, at=later(32)) == 1
    assert Collection.objects.get().closed_by == cast.sara


def test_who_asks_for_a_write_off_does_not_approve_it(cast):
    asked = services.ask_write_off(
        claim(cast.sam), Decimal(40), reason="Gone", by=cast.olga, at=later(100)
    )

    with pytest.raises(Forbidden):
        services.approve_write_off(asked, by=cast.olga, at=later(100))
    services.approve_write_off(asked, by=cast.adam, at=later(100))
    with pytest.raises(services.WriteOffDecided):
        services.refuse_write_off(asked, remarks="No", by=cast.adam, at=later(100))


def test_a_refused_write_off_leaves_the_claim_and_another_may_be_asked(cast):
    invoice = claim(cast.sam)
    asked = services.ask_write_off(invoice, Decimal(40), reason="Gone", by=cast.anna, at=NOON)
    with pytest.raises(services.WriteOffWaits):
        services.ask_write_off(invoice, Decimal(10), reason="Gone", by=cast.sam, at=NOON)

    services.refuse_write_off(asked, remarks="Call them first", by=cast.olga, at=NOON)
    services.ask_write_off(invoice, Decimal(10), reason="Gone", by=cast.anna, at=NOON)

    invoice.refresh_from_db()
    assert invoice.left == 100


def test_from_a_credit_sale_to_the_books(cast, check_now):
    invoice = claim(cast.sam, "500.00")
    services.remind(invoice, by=cast.olga, at=later(20))
    promise = {"channel": "phone", "outcome": "promised", "promised_amount": Decimal(200)}
    promise |= {"promised_on": DUE + timedelta(days=25)}
    followups.log(invoice.customer, promise, by=cast.sam, at=later(21))
    pay = make_payment(cast.sam, invoice=invoice, amount="200.00")
    payments.verify(pay, by=cast.vera, at=later(25))
    invoice.refresh_from_db()
    asked = services.ask_write_off(
        invoice, Decimal(300), reason="Closed down", by=cast.anna, at=later(120)
    )
    services.approve_write_off(asked, by=cast.olga, at=later(121))
    check_now()

    invoice.refresh_from_db()
    assert (invoice.status, invoice.left, invoice.credited) == ("issued", 0, 300)
    assert (balance(RECEIVABLE), balance(BAD_DEBT)) == (0, 300)

    invoicing.recover(invoice, Decimal(120), reason="Paid after all", by=cast.anna, at=later(200))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.left) == ("issued", 120)
    paid = make_payment(cast.sam, invoice=invoice, amount="120.00", remarks="Late")
    payments.verify(paid, by=cast.vera, at=later(201))
    check_now()

    assert (balance(RECEIVABLE), balance(BAD_DEBT)) == (0, 180)
    assert list(selectors.findings()) == []
    with pytest.raises(invoicing.NotLost):
        invoicing.recover(invoice, Decimal(181), reason="x", by=cast.anna, at=later(202))


def test_the_rate_of_collection_and_the_days_it_takes(cast):
    invoice = claim(cast.sam, "400.00")
    payments.verify(
        make_payment(cast.sam, invoice=invoice, amount="100.00"),
        by=cast.vera,
        at=NOON + timedelta(days=8),
    )
    span = {"first": TODAY.replace(day=1), "last": TODAY + timedelta(days=10), "zone": "UTC"}

    (month,) = selectors.months(cast.olga, **span, currency="USD")
    methods = selectors.by_method(cast.olga, **span, currency="USD")

    assert (month.sold, month.collected, month.rate, month.days) == (400, 100, 25, 8)
    assert methods == [("cash", 1, Decimal("100.00"))]
    assert selectors.months(cast.sara, **span, currency="USD")[0].sold == 0


def test_receivables_that_no_invoice_claims_are_found(cast):
    invoice = claim(cast.sam)
    assert list(selectors.findings()) == []

    sides = (
        chart.debit(chart.RECEIVABLE, Decimal(10), party_id=invoice.customer_id),
        chart.credit(chart.SALES, Decimal(10)),
    )
    source = bookkeeping.Source("somebody", new_id(), "wrote")
    words = {"on": TODAY, "currency": "USD", "description": "By hand", "by": cast.olga, "at": NOON}
    bookkeeping.post(source, sides, **words)

    (sentence,) = selectors.findings()
    assert "100.0000" in sentence
    assert "110.0000" in sentence
    assert ageing(cast.olga).difference == 10


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_it_found(committed_cast, capsys):
    with tenant_context(committed_cast.acme.pk):
        claim(committed_cast.sam)

    call_command("validate_ar_integrity", organization=str(committed_cast.acme.pk))

    assert "Receivables hold in 1 organizations." in capsys.readouterr().out
