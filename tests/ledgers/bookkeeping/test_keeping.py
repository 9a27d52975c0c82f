"""Keeping the books: drafts and who approves them, months and years, currencies, rules, statements."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from prs.kernel.db.ids import new_id
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.models import Account, Entry, FiscalYear, Period, PostingRule
from prs.ledgers.bookkeeping.rules import ChartRow, Side, credit, debit, due_on, whole_months
from prs.ledgers.bookkeeping.selectors import Slice, Span
from tests.cast import NOON

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def account(code):
    return Account.objects.get(code=code)


def post(cast, *sides, on=TODAY, kind="test", **words):
    source = bookkeeping.Source(kind, new_id(), "done")
    options = {"currency": "USD", "description": "A posting", "by": cast.anna, "at": NOON, **words}
    return bookkeeping.post(source, sides, on=on, **options)


def rent(cast, *, on=TODAY, amount=100, by=None, credit_amount=None):
    lines = [
        bookkeeping.LineDraft(account("6000"), Decimal(amount)),
        bookkeeping.LineDraft(account("1010"), -Decimal(credit_amount or amount)),
    ]
    written = bookkeeping.Written(on, "Rent", "USD", lines)
    return bookkeeping.write(written, by=by or cast.anna, at=NOON)


def balance(code):
    return books.net_of(code)


def test_what_one_writes_another_posts(cast, check_now):
    draft = bookkeeping.submit(rent(cast), by=cast.anna, at=NOON)

    with pytest.raises(bookkeeping.OwnDraft):
        bookkeeping.approve(draft, by=cast.anna, at=NOON)
    entry = bookkeeping.approve(draft, by=cast.olga, at=NOON)
    check_now()

    assert balance("6000") == 100
    assert books.draft_of(entry.pk).pk == draft.pk
    with pytest.raises(bookkeeping.DraftMoved):
        bookkeeping.approve(draft, by=cast.olga, at=NOON)


def test_what_does_not_balance_is_not_handed_in(cast):
    with pytest.raises(bookkeeping.NotBalanced) as refused:
        bookkeeping.submit(rent(cast, credit_amount=90), by=cast.anna, at=NOON)
    assert "10" in str(refused.value)


def test_an_entry_by_hand_is_undone_once_by_somebody_else_and_says_why(cast, check_now):
    entry = bookkeeping.approve(
        bookkeeping.submit(rent(cast), by=cast.anna, at=NOON), by=cast.olga, at=NOON
    )
    words = {"reason": "Paid twice", "on": TODAY, "at": NOON}

    with pytest.raises(bookkeeping.OwnDraft):
        bookkeeping.reverse_by_hand(entry, by=cast.anna, **words)
    undone = bookkeeping.reverse_by_hand(entry, by=cast.olga, **words)
    check_now()

    assert balance("6000") == 0
    assert "Paid twice" in undone.description
    with pytest.raises(bookkeeping.AlreadyPosted):
        bookkeeping.reverse_by_hand(entry, by=cast.olga, **words)


def test_what_a_document_posted_is_not_undone_by_hand(cast):
    entry = post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)))

    with pytest.raises(bookkeeping.CorrectTheDocument):
        bookkeeping.reverse_by_hand(entry, reason="No", on=TODAY, by=cast.olga, at=NOON)


def test_a_recurring_entry_waits_until_it_is_approved_and_comes_once_a_month(cast):
    lines = [
        bookkeeping.LineDraft(account("6000"), Decimal(5)),
        bookkeeping.LineDraft(account("1010"), Decimal(-5)),
    ]
    row = bookkeeping.set_up(
        bookkeeping.Written(TODAY, "Rent", "USD", lines),
        every="month",
        mode="post",
        starts_on=date(2026, 8, 31),
        ends_on=None,
        by=cast.anna,
        at=NOON,
    )
    assert bookkeeping.run_recurring(on=date(2026, 9, 1), at=NOON) == 1
    assert books.waiting().count() == 1
    bookkeeping.approve_recurring(row, by=cast.olga, at=NOON)

    for _twice in range(2):
        bookkeeping.run_recurring(on=TODAY, at=NOON)

    posted = list(Entry.objects.order_by("entry_date").values_list("entry_date", flat=True))
    assert posted == [date(2026, 9, 30), date(2026, 10, 31)]


def test_days_of_what_recurs_keep_to_the_end_of_the_month():
    assert [due_on(date(2026, 1, 31), "month", n).day for n in range(4)] == [31, 28, 31, 30]


def test_whole_months_and_what_is_left_over():
    assert whole_months(date(2026, 1, 15), date(2026, 3, 31)) == (
        "2026-02",
        "2026-03",
        [(date(2026, 1, 15), date(2026, 1, 31))],
    )
    assert whole_months(date(2026, 1, 2), date(2026, 1, 9))[2] == [
        (date(2026, 1, 2), date(2026, 1, 9))
    ]


# --- months and years ---------------------------------------------------------------------------------


@pytest.fixture
def year(cast, check_now):
    """A year with a result of 60, over."""
    row = bookkeeping.set_up_year(first=date(2025, 1, 1), by=cast.anna, at=NOON)
    post(cast, debit("1000", Decimal(100)), credit("4000", Decimal(100)), on=date(2025, 5, 5))
    post(cast, debit("6000", Decimal(40)), credit("1000", Decimal(40)), on=date(2025, 12, 31))
    check_now()
    return row


def test_a_year_is_closed_once_and_its_result_moves(cast, year, check_now):
    for _twice in range(2):
        bookkeeping.close_year(year, by=cast.anna, at=NOON)
    check_now()

    assert Entry.objects.filter(source_kind="bookkeeping.year").count() == 1
    assert (balance("3900"), balance("4000"), balance("6000")) == (-60, 0, 0)
    span = [Span("", date(2025, 1, 1), date(2025, 12, 31))]
    assert books.income_statement(span).rows[-1].amounts == (60,)
    assert books.balance_sheet(span).true
    assert set(Period.objects.values_list("status", flat=True)) == {"closed"}
    assert list(books.findings()) == []


def test_opening_the_last_month_takes_the_closing_back(cast, year, check_now):
    bookkeeping.close_year(year, by=cast.anna, at=NOON)
    last = Period.objects.get(name="2025-12")
    with pytest.raises(bookkeeping.YearClosed):
        bookkeeping.ask_to_open(
            Period.objects.get(name="2025-06"), reason="Late", by=cast.anna, at=NOON
        )
    asked = bookkeeping.ask_to_open(last, reason="A late bill", by=cast.anna, at=NOON)
    with pytest.raises(bookkeeping.NotByTheAsker):
        bookkeeping.decide_opening(asked, granted=True, by=cast.anna, at=NOON)
    bookkeeping.decide_opening(asked, granted=True, by=cast.olga, at=NOON)
    check_now()

    assert balance("3900") == 0
    assert FiscalYear.objects.get().closed_at is None
    post(cast, debit("6000", Decimal(5)), credit("1000", Decimal(5)), on=date(2025, 12, 31))
    bookkeeping.close_year(year, by=cast.anna, at=NOON)
    check_now()
    assert balance("3900") == -55
    assert list(books.findings()) == []


def test_a_grant_opens_a_month_once(cast, year):
    month = bookkeeping.close_period(
        name="2025-05", first=date(2025, 5, 1), last=date(2025, 5, 31), by=cast.anna, at=NOON
    )
    asked = bookkeeping.ask_to_open(month, reason="Late", by=cast.anna, at=NOON)
    bookkeeping.decide_opening(asked, granted=True, by=cast.olga, at=NOON)
    month.refresh_from_db()
    bookkeeping.close_period(
        name="2025-05", first=month.starts_on, last=month.ends_on, by=cast.anna, at=NOON
    )

    with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        Period.objects.filter(pk=month.pk).update(status="open")


def test_a_month_with_a_waiting_draft_is_not_closed(cast, year):
    rent(cast, on=date(2025, 5, 10))

    with pytest.raises(bookkeeping.DraftsWait):
        bookkeeping.close_period(
            name="2025-05", first=date(2025, 5, 1), last=date(2025, 5, 31), by=cast.anna, at=NOON
        )


def test_periods_do_not_overlap(cast, year):
    with pytest.raises(bookkeeping.Overlaps):
        bookkeeping.close_period(
            name="x", first=date(2025, 5, 10), last=date(2025, 6, 9), by=cast.anna, at=NOON
        )


# --- currencies ---------------------------------------------------------------------------------------


def test_what_is_held_abroad_is_revalued_and_taken_back(cast, check_now):
    euros = {"currency": "EUR", "rate": Decimal("1.10")}
    post(cast, debit("1010", Decimal(100)), credit("4020", Decimal(100)), **euros)
    bookkeeping.set_rate(currency="EUR", on=TODAY, rate=Decimal("1.25"), by=cast.anna, at=NOON)

    row = bookkeeping.revalue(on=TODAY, by=cast.anna, at=NOON)
    check_now()

    assert row.difference == Decimal("15.00")
    assert books.opening_balance(account("1010"), date(2026, 11, 21)) == 125
    assert balance("1010") == 110
    with pytest.raises(bookkeeping.AlreadyRevalued):
        bookkeeping.revalue(on=TODAY, by=cast.anna, at=NOON)
    assert list(books.findings()) == []


def test_a_currency_without_a_rate_is_not_revalued(cast, check_now):
    post(
        cast, debit("1010", Decimal(1)), credit("4020", Decimal(1)), currency="EUR", rate=Decimal(2)
    )

    with pytest.raises(bookkeeping.RateMissing):
        bookkeeping.revalue(on=TODAY, by=cast.anna, at=NOON)


def test_an_entry_balances_in_each_currency(cast, check_now):
    def crooked():
        sides = (
            Side("1010", Decimal(2), home=Decimal(1)),
            Side("4020", Decimal(-1), home=Decimal(-1)),
        )
        post(cast, *sides, currency="EUR")
        check_now()

    with pytest.raises(IntegrityError, match="each currency"), transaction.atomic():
        crooked()


# --- the chart and the posting rules ------------------------------------------------------------------


def test_a_heading_posts_where_its_newest_rule_sends_it(cast, check_now):
    shop = bookkeeping.add_account(
        {"code": "4050", "name": "Shop", "kind": "revenue"}, by=cast.anna, at=NOON
    )
    post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)))
    bookkeeping.set_rule("4000", shop, by=cast.anna, at=NOON, kind="till.sale")
    post(cast, debit("1000", Decimal(2)), credit("4000", Decimal(2)), kind="till.sale")
    post(cast, debit("1000", Decimal(4)), credit("4000", Decimal(4)))
    bookkeeping.set_rule("4000", None, by=cast.anna, at=NOON, kind="till.sale")
    post(cast, debit("1000", Decimal(8)), credit("4000", Decimal(8)), kind="till.sale")
    check_now()

    rows = {row.code: row.balance for row in books.trial_balance(TODAY, TODAY).rows}
    assert (rows["4050"], rows["4000"]) == (2, 13)
    assert balance("4000") == -15


def test_a_reversal_goes_back_where_the_entry_went(cast, check_now):
    entry = post(cast, debit("1000", Decimal(3)), credit("4000", Decimal(3)))
    other = bookkeeping.add_account(
        {"code": "4050", "name": "Shop", "kind": "revenue"}, by=cast.anna, at=NOON
    )
    bookkeeping.set_rule("4000", other, by=cast.anna, at=NOON)
    source = bookkeeping.Source("test", entry.pk, "undone")
    bookkeeping.reverse(entry, on=TODAY, by=cast.anna, at=NOON, source=source, description="x")
    check_now()

    rows = {row.code: row.net for row in books.trial_balance(TODAY, TODAY).rows}
    assert (rows["4000"], rows["4050"]) == (0, 0)


@pytest.mark.parametrize(
    ("heading", "code"), [("4000", "1000"), ("1100", "1010"), ("4000", "6900")]
)
def test_a_heading_does_not_post_where_it_does_not_belong(cast, heading, code):
    Account.objects.create(code="6900", name="Heading", kind="expense")
    Account.objects.create(code="6910", name="Sub", kind="expense", parent=account("6900"))

    with pytest.raises((bookkeeping.WrongAccount, bookkeeping.OwnAccount)):
        bookkeeping.set_rule(heading, account(code), by=cast.anna, at=NOON)


def test_an_account_that_is_posted_to_is_not_retired(cast, check_now):
    with pytest.raises(bookkeeping.PostedTo):
        bookkeeping.change_account(account("1100"), {"active": False}, by=cast.anna, at=NOON)
    post(cast, debit("6000", Decimal(1)), credit("1000", Decimal(1)))
    check_now()
    with pytest.raises(bookkeeping.BalanceLeft):
        bookkeeping.change_account(account("6000"), {"active": False}, by=cast.anna, at=NOON)


def test_a_published_chart_replaces_the_first_one_all_or_nothing(cast):
    rows = [ChartRow("A", "Assets", "asset")]
    headings = {}
    for rule in PostingRule.objects.select_related("account"):
        code = f"P{rule.heading}"
        rows.append(ChartRow(code, rule.account.name, rule.account.kind))
        headings[rule.heading] = code
    rows.append(ChartRow("A.1", "Petty cash", "asset", "A"))

    bookkeeping.import_chart(rows, headings, by=cast.anna, at=NOON)

    assert books.account_for("1100").code == "P1100"
    assert not account("1100").active
    with pytest.raises(bookkeeping.KindDiffers), transaction.atomic():
        bookkeeping.import_chart(
            [ChartRow("Q", "Fresh", "asset"), ChartRow("A.2", "Wrong", "revenue", "A")],
            {},
            by=cast.anna,
            at=NOON,
        )
    assert not Account.objects.filter(code="Q").exists()


# --- reports ------------------------------------------------------------------------------------------


def test_kept_sums_are_what_the_lines_say_between_any_two_days(cast, check_now):
    for day in (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 15)):
        post(cast, debit("1000", Decimal(day.day)), credit("4000", Decimal(day.day)), on=day)
    check_now()

    for first, last in (
        (date(2026, 1, 31), date(2026, 3, 14)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 2, 2), date(2026, 3, 15)),
    ):
        lines = books.ledger_of(account("1000"), first, last)
        found = books.sums(first, last).get(account("1000").pk)
        assert found.net == sum(line.home_amount for line in lines)


def test_a_slice_holds_only_what_names_it(cast, check_now):
    branch = new_id()
    post(
        cast,
        debit("1000", Decimal(7), branch_id=branch),
        credit("4000", Decimal(7), branch_id=branch),
    )
    post(cast, debit("1000", Decimal(9)), credit("4000", Decimal(9)))
    check_now()

    span = Span("", TODAY, TODAY, Slice(branch=branch))
    assert books.income_statement([span]).rows[-1].amounts == (7,)


def test_the_cash_flow_ends_with_what_lies_in_cash(cast, check_now):
    post(cast, debit("1000", Decimal(500)), credit("3000", Decimal(500)), on=date(2026, 10, 1))
    post(cast, debit("1100", Decimal(80)), credit("4000", Decimal(80)))
    post(cast, debit("1010", Decimal(30)), credit("1100", Decimal(30)))
    check_now()

    flow = books.cash_flow([Span("", date(2026, 11, 1), TODAY)])
    assert flow.true
    assert flow.rows[-1].amounts == (530,)


def test_the_tax_report_says_what_was_taxed(cast, check_now):
    post(
        cast, debit("1100", Decimal(120)), credit("4000", Decimal(100)), credit("2100", Decimal(20))
    )
    post(cast, debit("6000", Decimal(50)), debit("1300", Decimal(5)), credit("1010", Decimal(55)))
    check_now()

    report = books.tax_report(TODAY, TODAY)
    assert [(row.base, row.tax) for row in (*report.output, *report.input)] == [(100, 20), (50, 5)]
    assert report.payable == 15


def test_a_page_deep_in_an_account_carries_the_balance(cast, check_now, monkeypatch):
    for day in range(1, 11):
        post(
            cast, debit("1000", Decimal(day)), credit("4000", Decimal(day)), on=date(2026, 11, day)
        )
    check_now()
    # The package names a function like the module.
    module = sys.modules["prs.ledgers.bookkeeping.selectors.accounts"]
    monkeypatch.setattr(module, "PAGE", 4)
    first, last = date(2026, 11, 1), TODAY

    one = books.account_page(account("1000"), first, last)
    two = books.account_page(account("1000"), first, last, after=books.place_of(one.after))
    three = books.account_page(account("1000"), first, last, after=books.place_of(two.after))
    back = books.account_page(account("1000"), first, last, before=books.place_of(two.before))

    assert (one.closing, two.opening, three.opening, three.closing) == (10, 10, 36, 55)
    assert [row.line.pk for row in back.lines] == [row.line.pk for row in one.lines]
    assert (three.after, one.before) == ("", "")


def test_a_trial_balance_costs_the_same_however_many_lines(
    cast, check_now, django_assert_num_queries
):
    post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)))
    check_now()

    with django_assert_num_queries(3):
        books.trial_balance(date(2026, 11, 5), TODAY)


def test_a_posting_takes_three_statements(cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)))


def test_an_entry_is_never_edited_or_deleted(cast):
    post(cast, debit("1000", Decimal(1)), credit("4000", Decimal(1)))
    for sql in ("UPDATE bookkeeping_line SET memo = 'x'", "DELETE FROM bookkeeping_entry"):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
