"""Closing a month against late postings, and numbers that rollbacks leave no hole in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import cycle
from time import sleep

import pytest
from django.db import transaction

from prs.kernel.errors import Refusal
from prs.kernel.numbering import INVOICE, next_number
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Counter
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.models import Entry, Period, Reopening
from prs.ledgers.bookkeeping.rules import credit, debit
from prs.operations.invoicing import selectors as invoicing
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import selectors as paying
from prs.operations.payments import services as payments
from prs.operations.payments.models import Receipt
from tests.cast import NOON
from tests.factories.walk import make_customer, make_invoice, make_payment
from tests.races.together import kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_documents")]
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


class Undone(Refusal):
    """A transaction that was rolled back on purpose."""


def close(by, *, wait: float = 0.0):
    period = bookkeeping.close_period(name="2026-11", first=FIRST, last=LAST, by=by, at=NOON)
    sleep(wait)
    return period


@pytest.mark.parametrize(("posting_waits", "closing_waits"), [(0.4, 0), (0, 0.4), (0, 0)])
def test_nothing_is_posted_into_a_month_after_it_closed(
    committed_cast, posting_waits, closing_waits
):
    """Whoever is first is right: a posting under way is waited for, one that comes late is refused."""
    with tenant_context(committed_cast.acme.pk):
        customer = make_customer(committed_cast.sam)
    moments = {}

    def post():
        invoice = make_invoice(committed_cast.sam, customer=customer)
        sleep(posting_waits)
        moments["posted"] = True
        return invoice

    def close_month():
        sleep(0.1 if posting_waits else 0)
        period = close(committed_cast.anna, wait=closing_waits)
        moments["posted before closing ended"] = moments.get("posted", False)
        # Everything of this month that will ever be there is there now.
        moments["seen"] = Entry.objects.filter(entry_date__range=(FIRST, LAST)).count()
        return period

    answers = together(committed_cast.acme.pk, post, close_month)

    with tenant_context(committed_cast.acme.pk):
        assert Entry.objects.filter(entry_date__range=(FIRST, LAST)).count() == moments["seen"]
        assert Period.objects.get().status == Period.Status.CLOSED
    assert kinds(answers) in (["Invoice", "Period"], ["Period", "PeriodClosed"])


def test_numbers_of_invoices_have_no_hole_after_rollbacks(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        customer = make_customer(committed_cast.sam)
    fails = cycle([False, False, True])

    def issue(fail):
        def run():
            invoice = make_invoice(committed_cast.sam, customer=customer)
            if fail:
                raise Undone
            return invoice.number

        return run

    answers = []
    for _round in range(3):
        answers += together(committed_cast.acme.pk, *[issue(next(fails)) for _each in range(4)])

    with tenant_context(committed_cast.acme.pk):
        numbers = sorted(Invoice.objects.values_list("number", flat=True))
        entries = sorted(Entry.objects.values_list("number", flat=True))
        assert numbers == [f"INV-2026-{n:04d}" for n in range(1, len(numbers) + 1)]
        assert entries == [f"JE-2026-{n:06d}" for n in range(1, len(entries) + 1)]
        assert len(numbers) == len(entries) == len([a for a in answers if isinstance(a, str)])
        assert list(invoicing.findings()) == list(books.findings()) == []


def test_numbers_of_receipts_have_no_hole_after_rollbacks(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        customer = make_customer(committed_cast.sam)
        rows = [
            make_payment(
                committed_cast.sam, invoice=make_invoice(committed_cast.sam, customer=customer)
            )
            for _each in range(6)
        ]

    def verify(row, fail):
        def run():
            receipt = payments.verify(row, by=committed_cast.vera, at=NOON)
            if fail:
                raise Undone
            return receipt

        return run

    together(committed_cast.acme.pk, *[verify(row, n % 3 == 1) for n, row in enumerate(rows)])

    with tenant_context(committed_cast.acme.pk):
        numbers = sorted(Receipt.objects.values_list("number", flat=True))
        assert numbers == [f"RCT-2026-{n:04d}" for n in range(1, 5)]
        assert list(paying.findings()) == []


def test_a_number_taken_in_a_savepoint_that_failed_is_given_again(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        with transaction.atomic():
            next_number(INVOICE, year=2026)
            transaction.set_rollback(True)
        assert next_number(INVOICE, year=2026) == "INV-2026-0001"
        assert Counter.objects.get(kind="invoice").last == 1


def test_one_entry_is_reversed_once(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        make_invoice(committed_cast.sam)
        entry = Entry.objects.get()

    def undo(name):
        return bookkeeping.reverse(
            entry,
            on=LAST,
            by=committed_cast.anna,
            at=NOON,
            source=bookkeeping.Source("test", entry.pk, name),
            description="Undone",
        )

    answers = together(committed_cast.acme.pk, lambda: undo("a"), lambda: undo("b"))

    assert kinds(answers) == ["AlreadyPosted", "Entry"]
    with tenant_context(committed_cast.acme.pk):
        assert list(books.findings()) == []


def posted_year(cast):
    """A year with something earned in November, which is closed; somebody asks to open it."""
    year = bookkeeping.set_up_year(first=date(2025, 1, 1), by=cast.anna, at=NOON)
    bookkeeping.post(
        bookkeeping.Source("test", year.pk, "earned"),
        (debit("1000", Decimal(9)), credit("4000", Decimal(9))),
        on=date(2025, 11, 3),
        currency="USD",
        description="Earned",
        by=cast.anna,
        at=NOON,
    )
    days = {"first": date(2025, 11, 1), "last": date(2025, 11, 30)}
    period = bookkeeping.close_period(name="2025-11", **days, by=cast.anna, at=NOON)
    return year, bookkeeping.ask_to_open(period, reason="Late", by=cast.anna, at=NOON)


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_who_decide_a_reopening_one_does(committed_cast, attempt):
    with tenant_context(committed_cast.acme.pk):
        _year, asked = posted_year(committed_cast)

    def decide(by, *, granted):
        mine = Reopening.objects.select_related("period__year").get(pk=asked.pk)
        return bookkeeping.decide_opening(mine, granted=granted, by=by, at=NOON)

    answers = together(
        committed_cast.acme.pk,
        lambda: decide(committed_cast.olga, granted=True),
        lambda: decide(committed_cast.adam, granted=False),
    )

    assert kinds(answers) == ["AlreadyDecided", "Period"]
    with tenant_context(committed_cast.acme.pk):
        row = Reopening.objects.get()
        state = Period.objects.get(name="2025-11").status
        assert (state == Period.Status.OPEN) is row.granted


def test_of_two_who_ask_to_open_a_month_one_does(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        period = close(committed_cast.anna)

    def ask(by):
        mine = Period.objects.get(pk=period.pk)
        return bookkeeping.ask_to_open(mine, reason="Late", by=by, at=NOON)

    answers = together(
        committed_cast.acme.pk, lambda: ask(committed_cast.olga), lambda: ask(committed_cast.anna)
    )

    assert kinds(answers) == ["AlreadyAsked", "Reopening"]


@pytest.mark.parametrize("attempt", range(3))
def test_a_month_is_not_opened_while_its_year_is_closed(committed_cast, attempt):
    with tenant_context(committed_cast.acme.pk):
        year, asked = posted_year(committed_cast)

    def decide():
        mine = Reopening.objects.select_related("period__year").get(pk=asked.pk)
        return bookkeeping.decide_opening(mine, granted=True, by=committed_cast.olga, at=NOON)

    def end():
        return bookkeeping.close_year(year, by=committed_cast.anna, at=NOON)

    answers = together(committed_cast.acme.pk, decide, end)

    assert kinds(answers) in (["FiscalYear", "Period"], ["FiscalYear", "YearClosed"])
    with tenant_context(committed_cast.acme.pk):
        # Opened before the year ended, it was closed with it.
        assert not Period.objects.filter(status=Period.Status.OPEN, year=year).exists()
        assert list(books.findings()) == []


@pytest.mark.parametrize("attempt", range(2))
def test_two_who_close_one_year_move_its_result_once(committed_cast, attempt):
    with tenant_context(committed_cast.acme.pk):
        year, _asked = posted_year(committed_cast)

    def end(by):
        return bookkeeping.close_year(year, by=by, at=NOON)

    answers = together(
        committed_cast.acme.pk, lambda: end(committed_cast.olga), lambda: end(committed_cast.anna)
    )

    assert kinds(answers) == ["FiscalYear", "FiscalYear"]
    with tenant_context(committed_cast.acme.pk):
        assert Entry.objects.filter(source_kind="bookkeeping.year").count() == 1
        assert list(books.findings()) == []
