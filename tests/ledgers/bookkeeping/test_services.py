"""The books: posting, undoing, closing, and what the checks find when somebody tampered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.ids import new_id
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.models import Account, Balance, Entry, Line, Period
from prs.ledgers.bookkeeping.rules import CHART, credit, debit
from prs.ledgers.bookkeeping.services import (
    AccountClosed,
    AlreadyPosted,
    PeriodClosed,
    Source,
)
from tests.cast import NOON

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def post(cast, *sides, source=None, on=TODAY):
    return bookkeeping.post(
        source or Source("test", new_id(), "done"),
        sides,
        on=on,
        currency="USD",
        description="A posting",
        by=cast.anna,
        at=NOON,
    )


def balances(first=TODAY, last=TODAY):
    return {row.code: row.balance for row in books.trial_balance(first, last).rows if row.balance}


def test_a_new_organization_has_the_default_chart(cast):
    assert set(Account.objects.values_list("code", flat=True)) == {code for code, *_ in CHART}


def test_a_posting_moves_both_accounts(cast, check_now):
    post(cast, debit("1000", Decimal(30)), credit("4000", Decimal(30)))
    check_now()

    assert balances() == {"1000": Decimal(30), "4000": Decimal(30)}
    assert books.trial_balance(TODAY, TODAY).balanced


def test_lines_of_nothing_are_left_out(cast, check_now):
    entry = post(
        cast, debit("1000", Decimal(9)), credit("4000", Decimal(9)), credit("2100", Decimal(0))
    )
    check_now()

    assert entry.line_count == 2


def test_a_posting_is_one_statement(cast, django_assert_num_queries):
    with django_assert_num_queries(3):  # and the savepoint around it
        entry = post(cast, debit("1000", Decimal(9)), credit("4000", Decimal(9)))

    kept = Entry.objects.get()
    assert (kept.pk, kept.number) == (entry.pk, entry.number)
    assert (kept.line_count, kept.total) == (entry.line_count, entry.total) == (2, Decimal(9))
    assert list(Line.objects.order_by("pk").values_list("position", flat=True)) == [1, 2]


def test_what_does_not_balance_is_refused_at_the_latest_at_the_commit(cast, check_now):
    def unbalanced():
        post(cast, debit("1000", Decimal(30)), credit("4000", Decimal(29)))
        check_now()

    with pytest.raises(IntegrityError, match="must be equal"), transaction.atomic():
        unbalanced()

    assert not Entry.objects.exists()


def test_one_event_of_one_source_posts_once(cast):
    source = Source("test", new_id(), "done")
    post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)), source=source)

    with pytest.raises(AlreadyPosted):
        post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)), source=source)

    assert Entry.objects.count() == 1


def test_a_refused_posting_leaves_no_hole_in_the_numbers(cast):
    source = Source("test", new_id(), "done")
    post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)), source=source)
    with pytest.raises(AlreadyPosted):
        post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)), source=source)

    entry = post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)))

    assert entry.number == "JE-2026-000002"


def test_an_entry_is_undone_by_its_mirror_once(cast, check_now):
    entry = post(cast, debit("1000", Decimal(7)), credit("4000", Decimal(7)))
    words = {"on": TODAY, "by": cast.anna, "at": NOON, "description": "Undone"}
    undone = bookkeeping.reverse(entry, source=Source("test", entry.pk, "undone"), **words)
    check_now()

    assert balances() == {}
    assert undone.reverses == entry
    with pytest.raises(AlreadyPosted):
        bookkeeping.reverse(entry, source=Source("test", entry.pk, "again"), **words)


def test_nothing_is_posted_into_a_closed_month_until_it_is_open_again(cast):
    first, last = TODAY.replace(day=1), TODAY.replace(day=30)
    period = bookkeeping.close_period(name="2026-11", first=first, last=last, by=cast.anna, at=NOON)

    with pytest.raises(PeriodClosed):
        post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)))
    post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)), on=date(2026, 12, 1))
    asked = bookkeeping.ask_to_open(period, reason="A bill came late", by=cast.anna, at=NOON)
    bookkeeping.decide_opening(asked, granted=True, by=cast.olga, at=NOON)
    post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)))

    assert Entry.objects.count() == 2
    codes = AuditEvent.objects.filter(code__startswith="books.").values_list("code", flat=True)
    assert set(codes) == {"books.period_closed", "books.reopening_asked", "books.period_opened"}


def test_a_locked_month_stays_locked(cast):
    period = bookkeeping.close_period(name="x", first=TODAY, last=TODAY, by=cast.anna, at=NOON)
    bookkeeping.lock_period(period, by=cast.anna, at=NOON)

    with pytest.raises(bookkeeping.NotClosed):
        bookkeeping.ask_to_open(period, reason="Please", by=cast.anna, at=NOON)
    with pytest.raises(IntegrityError, match="stays locked"), transaction.atomic():
        Period.objects.filter(pk=period.pk).update(status="open")


@pytest.mark.parametrize("code", ["9999", "6900"])
def test_an_account_that_is_missing_or_holds_others_takes_no_lines(cast, code):
    heading = Account.objects.create(code="6900", name="Sundry", kind="expense")
    Account.objects.create(code="6910", name="Postage", kind="expense", parent=heading)

    with pytest.raises(AccountClosed):
        post(cast, debit(code, Decimal(1)), credit("4000", Decimal(1)))


def test_an_account_out_of_use_takes_no_lines(cast):
    Account.objects.filter(code="6000").update(active=False)

    with pytest.raises(AccountClosed):
        post(cast, debit("6000", Decimal(1)), credit("4000", Decimal(1)))


def test_the_balance_table_is_the_sum_of_the_lines(cast, check_now):
    for amount in (3, 4):
        post(cast, debit("1000", Decimal(amount)), credit("4000", Decimal(amount)))
    check_now()

    row = Balance.objects.get(account__code="1000")
    assert (row.debit, row.credit, row.period) == (Decimal(7), Decimal(0), "2026-11")
    assert list(books.findings()) == []


def test_the_books_read_from_a_day_and_before_it(cast, check_now):
    post(cast, debit("1000", Decimal(5)), credit("4000", Decimal(5)), on=date(2026, 10, 1))
    post(cast, debit("1000", Decimal(2)), credit("4000", Decimal(2)))
    check_now()
    cash = Account.objects.get(code="1000")

    assert books.opening_balance(cash, TODAY) == Decimal(5)
    assert [line.home_amount for line in books.ledger_of(cash, TODAY, TODAY)] == [Decimal(2)]
    assert balances(date(2026, 1, 1), TODAY)["1000"] == Decimal(7)


def test_the_audit_row_of_a_closing_names_who_closed(cast):
    bookkeeping.close_period(name="x", first=TODAY, last=TODAY, by=cast.anna, at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SELECT actor_label FROM activity_auditevent WHERE code LIKE 'books.%%'", ())
        assert cursor.fetchall() == [("Anna",)]


def test_a_month_in_the_middle_stays_closed_when_its_year_was_closed_before_the_answer(cast):
    year = bookkeeping.set_up_year(first=date(2025, 1, 1), by=cast.anna, at=NOON)
    post(cast, debit("1000", Decimal(9)), credit("4000", Decimal(9)), on=date(2025, 11, 3))
    month = Period.objects.get(name="2025-11")
    words = {"first": month.starts_on, "last": month.ends_on, "by": cast.anna, "at": NOON}
    period = bookkeeping.close_period(name=month.name, **words)
    asked = bookkeeping.ask_to_open(period, reason="Late", by=cast.anna, at=NOON)
    bookkeeping.close_year(year, by=cast.anna, at=NOON)

    with pytest.raises(bookkeeping.YearClosed):
        bookkeeping.decide_opening(asked, granted=True, by=cast.olga, at=NOON)
    bookkeeping.decide_opening(asked, granted=False, by=cast.olga, at=NOON)

    month.refresh_from_db()
    assert month.status == "closed"


def test_a_year_whose_last_month_is_closed_says_that_it_must_be_opened_first(cast):
    year = bookkeeping.set_up_year(first=date(2025, 1, 1), by=cast.anna, at=NOON)
    words = {"first": date(2025, 12, 1), "last": date(2025, 12, 31), "by": cast.anna, "at": NOON}
    bookkeeping.close_period(name="2025-12", **words)

    with pytest.raises(bookkeeping.LastMonthClosed):
        bookkeeping.close_year(year, by=cast.anna, at=NOON)


def test_an_amount_that_is_worth_nothing_at_home_is_refused_in_words(cast):
    with pytest.raises(bookkeeping.WorthNothing):
        bookkeeping.post(
            Source("test", new_id(), "done"),
            (debit("1000", Decimal(2)), credit("4000", Decimal(2))),
            on=TODAY,
            currency="XAF",
            rate=Decimal("0.0018"),
            description="Two francs",
            by=cast.anna,
            at=NOON,
        )
