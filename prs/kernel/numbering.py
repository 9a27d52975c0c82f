"""Numbers people read, from counters that the transaction locks.

A gapless series is counted in the business transaction itself, as its last statements, so a rollback
takes the number back. The tenant comes from the transaction; without one the database sees no counter.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Series:
    """One kind of number: its prefix, its width, and whether it starts again each year."""

    kind: str
    prefix: str
    width: int = 4
    yearly: bool = False

    def label(self, number: int, period: str) -> str:
        middle = f"{period}-" if period else ""
        return f"{self.prefix}{middle}{number:0{self.width}d}"

    def sql(self, number: str, period: str) -> str:
        """The same label in SQL, from the words for its number and its period."""
        middle = f"{period} || '-' || " if self.yearly else ""
        digits = f"lpad({number}::text, greatest({self.width}, length({number}::text)), '0')"
        return f"'{self.prefix}' || {middle}{digits}"


INVOICE = Series("invoice", "INV-", yearly=True)
CREDIT_NOTE = Series("credit_note", "CN-", yearly=True)
RECEIPT = Series("receipt", "RCT-", yearly=True)
ENTRY = Series("entry", "JE-", width=6, yearly=True)
PAYMENT = Series("payment", "TXN-")
DEAL = Series("deal", "DLID")
REVERSAL = Series("reversal", "REF-")


def next_number(series: Series, *, year: int) -> str:
    """Take the next number of a series. Call it late: it holds the counter until the commit."""
    period = str(year) if series.yearly else ""
    return series.label(count_up(series.kind, period), period)


def count_up(kind: str, period: str = "") -> int:
    """The next of a kind within a period: a year, or a day. It holds the counter until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy_count_up(%s, %s)", (kind, period))
        (number,) = cursor.fetchone()
    return int(number)
