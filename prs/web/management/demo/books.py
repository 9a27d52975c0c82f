"""The books of the demonstration: two years, closed months, entries by hand, a rent that comes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.rules import month_later, months_of
from prs.ledgers.bookkeeping.services import LineDraft, Written

RENT, LEASE, CAPITAL = Decimal("18500.00"), Decimal("46000.00"), Decimal("250000.00")


def keep_books(
    organization: Organization, people: dict[str, list[Member]], *, at: datetime
) -> None:
    """Open the books, write what no document posts, and close what is agreed."""
    keeper, approver = people["accountant"][0], people["owner"][0]
    today = local_date(at, organization.time_zone)
    start = today.replace(month=1, day=1)
    by = Books(organization.currency, keeper, approver, at)
    with tenant_context(organization.pk):
        for first in (month_later(start, -12), start):
            bookkeeping.set_up_year(first=first, by=keeper, at=at)
        accounts = by.more_accounts()
        opened = month_later(start, -12)
        by.posted(opened, "Capital paid in", ("1010", CAPITAL), (chart.CAPITAL, -CAPITAL))
        by.posted(
            opened + timedelta(days=9),
            "Delivery van",
            (accounts["vehicles"], LEASE),
            ("1010", -LEASE),
        )
    with tenant_context(organization.pk):
        by.rent(month_later(today.replace(day=1), -3), accounts["rent"])
        by.posted(
            today.replace(day=1) - timedelta(days=1),
            "Depreciation of the van",
            (accounts["depreciation"], Decimal("958.33")),
            (accounts["worn"], Decimal("-958.33")),
        )
        by.handed_in(
            today - timedelta(days=2),
            "Generator repaired, Accra Power Services",
            (accounts["repairs"], Decimal("2340.00")),
            ("1300", Decimal("351.00")),
            ("1010", Decimal("-2691.00")),
        )
        insurance = (("6000", Decimal("4800.00")), ("1010", Decimal("-4800.00")))
        bookkeeping.write(by.written(today, "Insurance of the van", insurance), by=keeper, at=at)
        bookkeeping.set_rate(currency="USD", on=start, rate=Decimal("14.70"), by=keeper, at=at)
        bookkeeping.set_rate(currency="EUR", on=start, rate=Decimal("15.85"), by=keeper, at=at)
    with tenant_context(organization.pk):
        by.close(today)


class Books:
    """Who keeps the books of the demonstration."""

    def __init__(self, currency: str, keeper: Member, approver: Member, at: datetime) -> None:
        self.currency, self.keeper, self.approver, self.at = currency, keeper, approver, at

    def more_accounts(self) -> dict[str, str]:
        """Accounts of a wholesaler, part of operating expenses and of what it owns."""
        rows: tuple[tuple[str, str, str, str, str], ...] = (
            ("vehicles", "1500", "Vehicles", "asset", "investing"),
            ("worn", "1590", "Accumulated depreciation", "asset", "operating"),
            ("rent", "6100", "Rent", "expense", "operating"),
            ("repairs", "6200", "Repairs", "expense", "operating"),
            ("depreciation", "6300", "Depreciation", "expense", "operating"),
        )
        for _key, code, name, kind, flow in rows:
            fields: dict[str, Any] = {"code": code, "name": name, "kind": kind, "cash_flow": flow}
            bookkeeping.add_account(fields, by=self.keeper, at=self.at)
        return {key: code for key, code, *_rest in rows}

    def written(self, on: Any, words: str, lines: Any) -> Written:
        known = {row.code: row for row in books.accounts()}
        drafts = [LineDraft(known[code], amount) for code, amount in lines]
        return Written(on, words, self.currency, drafts)

    def handed_in(self, on: Any, words: str, *lines: tuple[str, Decimal]) -> Any:
        """An entry that waits for approval."""
        row = bookkeeping.write(self.written(on, words, lines), by=self.keeper, at=self.at)
        return bookkeeping.submit(row, by=self.keeper, at=self.at)

    def posted(self, on: Any, words: str, *lines: tuple[str, Decimal]) -> None:
        """An entry that somebody else approved."""
        row = self.handed_in(on, words, *lines)
        bookkeeping.approve(row, by=self.approver, at=self.at)

    def rent(self, first: Any, account: str) -> None:
        """A rent that posts itself, approved by the owner."""
        row = bookkeeping.set_up(
            self.written(first, "Rent of the warehouse", ((account, RENT), ("1010", -RENT))),
            every="month",
            mode="post",
            starts_on=first,
            ends_on=None,
            by=self.keeper,
            at=self.at,
        )
        bookkeeping.approve_recurring(row, by=self.approver, at=self.at)
        today = local_date(self.at, self.keeper.organization.time_zone)
        bookkeeping.run_recurring(on=today, at=self.at)

    def close(self, today: Any) -> None:
        """Close last year, and this year's months but the last two."""
        year = books.years().order_by("starts_on")[0]
        bookkeeping.close_year(year, by=self.keeper, at=self.at)
        for first, last in months_of(today.replace(month=1, day=1)):
            if last < month_later(today.replace(day=1), -1):
                name = f"{first:%Y-%m}"
                bookkeeping.close_period(
                    name=name, first=first, last=last, by=self.keeper, at=self.at
                )
