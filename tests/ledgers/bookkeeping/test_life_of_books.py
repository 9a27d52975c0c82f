"""Any order of posting, undoing, drafting, closing, opening and year ends leaves the books true.

A machine that keeps books at random, beside a plain account of what they should say. After every step
each entry balances in its currency and at home, the kept sums are those of the lines, closed months
are as they were closed, and a refusal comes when it must and only then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from prs.kernel.db.ids import new_id
from prs.kernel.errors import Refusal
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.models import Account, Balance, FiscalYear, Line, Period, Reopening
from prs.ledgers.bookkeeping.rules import DRAFT, REVERSAL, Side, months_of
from prs.ledgers.bookkeeping.services import LineDraft, Source, Written
from tests.cast import Cast

AFTER = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
BEGINNING, END = date(2025, 1, 1), date(2027, 12, 31)
# Months at the ends of two years, and the days on which something happens.
MONTHS = ("2025-11", "2025-12", "2026-01", "2026-12")
DAYS = [date.fromisoformat(f"{month}-{day}") for month in MONTHS for day in ("01", "15", "31")[:2]]
LAST_DAYS = [date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 12, 31)]
ACCOUNTS = ("1000", "1010", "2000", "3000", "4000", "6000")
RATES = {"USD": Decimal(1), "EUR": Decimal("1.1"), "XAF": Decimal("0.0018")}
AMOUNTS = st.decimals(min_value="0.01", max_value="900000.00", places=2)
# What people and tests post; the rest the books post of themselves.
OURS = ("test", DRAFT, REVERSAL)


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


class Books(RuleBasedStateMachine):
    """The books of one organization, played inside a transaction that is undone at the end."""

    cast: Cast
    posted = Bundle("posted")
    drafts = Bundle("drafts")

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        self.accounts = {row.code: row for row in Account.objects.filter(code__in=ACCOUNTS)}
        self.months = dict.fromkeys(Period.objects.values_list("name", flat=True), "open")
        self.asked: dict[str, Any] = {}
        self.waiting: dict[Any, date] = {}
        self.closed_years: set[int] = set()
        # What the lines should come to by month, account and currency.
        self.told: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self.sealed: dict[str, Any] = {}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    # --- what is expected ----------------------------------------------------------------------------

    def tell(
        self, day: date, currency: str, sides: list[tuple[str, Decimal]], sign: int = 1
    ) -> None:
        """Write down what should be in the books now."""
        for code, amount in sides:
            self.told[month_of(day), code, currency] += sign * amount

    def expecting(self, refusal: type[Refusal] | None, verb: Callable[[], Any]) -> Any:
        """Do it; it is refused exactly when it must be."""
        if refusal is None:
            return verb()
        with pytest.raises(refusal):
            verb()
        return None

    def closed(self, day: date) -> bool:
        return self.months.get(month_of(day), "open") != "open"

    def late(self, day: date) -> type[Refusal] | None:
        """What posting on a day must be refused with."""
        return bookkeeping.PeriodClosed if self.closed(day) else None

    def period(self, month: str) -> Period:
        return Period.objects.select_related("year").get(name=month)

    def drafts_wait(self, first: date, last: date) -> bool:
        return any(first <= day <= last for day in self.waiting.values())

    # --- posting and undoing -------------------------------------------------------------------------

    @rule(
        target=posted,
        day=st.sampled_from(DAYS),
        pair=st.permutations(ACCOUNTS),
        amount=AMOUNTS,
        currency=st.sampled_from(list(RATES)),
        split=st.booleans(),
    )
    def post(self, day: date, pair: Any, amount: Decimal, currency: str, split: bool) -> Any:
        debit, credit, other = pair[:3]
        part = (amount / 3).quantize(Decimal("0.01")) if split else Decimal(0)
        sides = [(debit, amount), (credit, part - amount), (other, -part)]

        def verb() -> Any:
            return bookkeeping.post(
                Source("test", new_id(), "done"),
                tuple(Side(code, value) for code, value in sides),
                on=day,
                currency=currency,
                rate=RATES[currency],
                description="Posted",
                by=self.cast.anna,
                at=AFTER,
            )

        if self.late(day) is None:
            # What is worth less than a cent at home can't be told in the books.
            with suppress(bookkeeping.WorthNothing):
                entry = verb()
                self.tell(day, currency, sides)
                return (entry, day, currency, sides)
            assert any(0 < abs(v * RATES[currency]) < Decimal("0.01") for _c, v in sides)
        else:
            with pytest.raises((bookkeeping.PeriodClosed, bookkeeping.WorthNothing)):
                verb()
        return None

    @rule(what=consumes(posted), day=st.sampled_from(DAYS))
    def undo(self, what: Any, day: date) -> None:
        if what is None:
            return
        entry, _day, currency, sides = what

        def verb() -> Any:
            source = Source(REVERSAL, entry.pk, "reversed")
            words = {"by": self.cast.olga, "at": AFTER, "description": "Undone"}
            return bookkeeping.reverse(entry, on=day, source=source, **words)

        if self.expecting(self.late(day), verb):
            self.tell(day, currency, sides, -1)
            self.expecting(bookkeeping.AlreadyPosted, verb)

    # --- by hand -------------------------------------------------------------------------------------

    @rule(
        target=drafts,
        day=st.sampled_from(DAYS),
        pair=st.permutations(ACCOUNTS),
        amount=AMOUNTS,
        currency=st.sampled_from(["USD", "EUR"]),
    )
    def write(self, day: date, pair: Any, amount: Decimal, currency: str) -> Any:
        sides = [(pair[0], amount), (pair[1], -amount)]
        lines = [LineDraft(self.accounts[code], value) for code, value in sides]
        written = Written(day, "By hand", currency, lines, RATES[currency])
        row = bookkeeping.write(written, by=self.cast.anna, at=AFTER)
        self.waiting[row.pk] = day
        return (bookkeeping.submit(row, by=self.cast.anna, at=AFTER), day, currency, sides)

    @rule(draft=drafts)
    def approve(self, draft: Any) -> None:
        row, day, currency, sides = draft
        waits = row.pk in self.waiting
        mine = bookkeeping.OwnDraft if waits else bookkeeping.DraftMoved
        self.expecting(mine, lambda: bookkeeping.approve(row, by=self.cast.anna, at=AFTER))
        refusal = self.late(day) if waits else bookkeeping.DraftMoved
        approve = lambda: bookkeeping.approve(row, by=self.cast.olga, at=AFTER)  # noqa: E731
        if self.expecting(refusal, approve):
            del self.waiting[row.pk]
            self.tell(day, currency, sides)

    @rule(draft=consumes(drafts))
    def give_up(self, draft: Any) -> None:
        row, *_rest = draft
        if row.pk in self.waiting:
            bookkeeping.send_back(row, reason="No", by=self.cast.olga, at=AFTER)
            bookkeeping.discard(row, by=self.cast.anna, at=AFTER)
            del self.waiting[row.pk]

    # --- months and years ----------------------------------------------------------------------------

    @rule(month=st.sampled_from(MONTHS))
    def close(self, month: str) -> None:
        row = self.period(month)
        words = {"name": month, "first": row.starts_on, "last": row.ends_on, "at": AFTER}
        refusal: type[Refusal] | None = None
        if self.months[month] == "locked":
            refusal = bookkeeping.Locked
        elif self.months[month] == "open" and self.drafts_wait(row.starts_on, row.ends_on):
            refusal = bookkeeping.DraftsWait
        if self.expecting(refusal, lambda: bookkeeping.close_period(by=self.cast.anna, **words)):
            self.seal(month, "closed")

    def seal(self, month: str, state: str) -> None:
        """Remember what a month holds from now on."""
        self.months[month] = state
        connection.check_constraints()
        self.sealed.setdefault(month, self.content(month))

    def content(self, month: str) -> Any:
        """Every line of a month, and its kept sums."""
        row = self.period(month)
        lines = Line.objects.filter(entry_date__range=(row.starts_on, row.ends_on))
        kept = Balance.objects.filter(period=month)
        return (
            sorted(lines.values_list("pk", "account", "amount", "home_amount")),
            sorted(kept.values_list("account", "debit", "credit")),
        )

    @rule(month=st.sampled_from(MONTHS), sure=st.sampled_from([True, False, False, False]))
    def lock(self, month: str, sure: bool) -> None:
        if not sure:
            return
        refusal = None if self.months[month] == "closed" else bookkeeping.NotClosed
        row = self.period(month)
        if self.expecting(
            refusal, lambda: bookkeeping.lock_period(row, by=self.cast.anna, at=AFTER)
        ):
            self.months[month] = "locked"

    @rule(month=st.sampled_from(MONTHS))
    def ask(self, month: str) -> None:
        row, year = self.period(month), int(month[:4])
        refusal: type[Refusal] | None = None
        if self.months[month] != "closed":
            refusal = bookkeeping.NotClosed
        elif self.moved_result(year) and not month.endswith("12"):
            refusal = bookkeeping.YearClosed
        elif month in self.asked:
            refusal = bookkeeping.AlreadyAsked
        words = {"reason": "Late", "by": self.cast.anna, "at": AFTER}
        asked = self.expecting(refusal, lambda: bookkeeping.ask_to_open(row, **words))
        if asked:
            self.asked[month] = asked.pk

    def moved_result(self, year: int) -> bool:
        """Whether a year is closed and had a result to move."""
        return FiscalYear.objects.get(starts_on=date(year, 1, 1)).closing_id is not None

    @precondition(lambda self: getattr(self, "asked", None))
    @rule(pick=st.integers(0, 3), granted=st.booleans())
    def decide(self, pick: int, granted: bool) -> None:
        month = sorted(self.asked)[pick % len(self.asked)]
        row = Reopening.objects.select_related("period__year").get(pk=self.asked[month])
        words = {"granted": granted, "at": AFTER}
        own = bookkeeping.NotByTheAsker
        self.expecting(own, lambda: bookkeeping.decide_opening(row, by=self.cast.anna, **words))
        locked = granted and self.months[month] == "locked"
        year = int(month[:4])
        moved = granted and self.moved_result(year) and not month.endswith("12")
        refusal = bookkeeping.NotClosed if locked else bookkeeping.YearClosed if moved else None
        decide = lambda: bookkeeping.decide_opening(row, by=self.cast.olga, **words)  # noqa: E731
        if self.expecting(refusal, decide):
            del self.asked[month]
            if granted:
                self.months[month] = "open"
                self.sealed.pop(month)
                self.closed_years -= {year} if month.endswith("12") else set()

    @rule(year=st.sampled_from([2025, 2026]))
    def close_year(self, year: int) -> None:
        row = FiscalYear.objects.get(starts_on=date(year, 1, 1))
        connection.check_constraints()
        open_months = [
            month_of(start)
            for start, _end in months_of(row.starts_on)
            if self.months[month_of(start)] == "open"
        ]
        drafts = any(month_of(day) in open_months for day in self.waiting.values())
        sums = books.sums(row.starts_on, row.ends_on)
        earning = Account.objects.filter(kind__in=["revenue", "expense"])
        result = any(sums[pk].net for pk in earning.values_list("pk", flat=True) if pk in sums)
        refusal: type[Refusal] | None = None
        if year in self.closed_years:
            refusal = None
        elif year == 2026 and 2025 not in self.closed_years:
            refusal = bookkeeping.EarlierYearOpen
        elif self.months[f"{year}-12"] != "open":
            refusal = bookkeeping.LastMonthClosed
        elif drafts:
            refusal = bookkeeping.DraftsWait
        close = lambda: bookkeeping.close_year(row, by=self.cast.olga, at=AFTER)  # noqa: E731
        if self.expecting(refusal, close) is None or year in self.closed_years:
            return
        assert self.moved_result(year) == result
        self.closed_years.add(year)
        for month in open_months:
            self.seal(month, "closed")

    @rule(day=st.sampled_from(LAST_DAYS), rate=st.sampled_from(["0.9", "1.1", "1.3"]))
    def revalue(self, day: date, rate: str) -> None:
        words = {"by": self.cast.anna, "at": AFTER}
        bookkeeping.set_rate(currency="EUR", on=day, rate=Decimal(rate), **words)
        nothing = (bookkeeping.NothingForeign, bookkeeping.AlreadyRevalued)
        with suppress(bookkeeping.PeriodClosed, *nothing):
            bookkeeping.revalue(on=day, **words)

    # --- what must hold ------------------------------------------------------------------------------

    @invariant()
    def the_books_are_true(self) -> None:
        if not hasattr(self, "stack"):
            return
        connection.check_constraints()
        lines = list(
            Line.objects.values_list(
                "entry",
                "entry__source_kind",
                "entry_date",
                "account",
                "account__code",
                "currency",
                "amount",
                "home_amount",
            )
        )
        self.entries_balance(lines)
        self.kept_sums_are_those_of_the_lines(lines)
        self.says_what_was_told(lines)
        for month, content in self.sealed.items():
            assert self.content(month) == content, f"{month} is closed, and changed"
        trial = books.trial_balance(BEGINNING, END)
        assert trial.balanced
        assert trial.after == 0
        assert list(books.findings()) == []

    def entries_balance(self, lines: list[Any]) -> None:
        """Each entry comes to nothing in its currency, and at home."""
        sums: dict[Any, Decimal] = defaultdict(Decimal)
        for entry, _kind, _on, _account, _code, currency, amount, home in lines:
            sums[entry, currency] += amount
            sums[entry, "home"] += home
        assert not [key for key, total in sums.items() if total]

    def kept_sums_are_those_of_the_lines(self, lines: list[Any]) -> None:
        """What the database keeps by account and month is what its lines come to."""
        sums: dict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for _entry, _kind, on, account, _code, _currency, _amount, home in lines:
            sums[account, month_of(on)][home < 0] += abs(home)
        kept = {
            (account, month): [debit, credit]
            for account, month, debit, credit in Balance.objects.values_list(
                "account", "period", "debit", "credit"
            )
        }
        assert kept == sums

    def says_what_was_told(self, lines: list[Any]) -> None:
        """Posted, undone and approved is what should be, no more and no less."""
        found: dict[Any, Decimal] = defaultdict(Decimal)
        for _entry, kind, on, _account, code, currency, amount, _home in lines:
            if kind in OURS:
                found[month_of(on), code, currency] += amount
        assert {k: v for k, v in found.items() if v} == {k: v for k, v in self.told.items() if v}


@pytest.mark.django_db
def test_whatever_happens_in_any_order_the_books_stay_true(cast):
    Books.cast = cast
    for year in (2025, 2026):
        bookkeeping.set_up_year(first=date(year, 1, 1), by=cast.anna, at=AFTER)
    for code in ("EUR", "XAF"):
        words = {"currency": code, "rate": RATES[code], "by": cast.anna, "at": AFTER}
        bookkeeping.set_rate(on=BEGINNING, **words)
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
