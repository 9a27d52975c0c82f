"""The whole books as plain-text accounting: files that beancount and hledger check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from prs.ledgers.bookkeeping.models import Account, Line
from prs.ledgers.bookkeeping.selectors.chart import organization as here

ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "revenue": "Income",
    "expense": "Expenses",
}
UNREADABLE = re.compile(r"[^A-Za-z0-9]+")


def names() -> dict[UUID, str]:
    """What each account is called: `Assets:1000-Cash`."""
    found = {}
    for row in Account.objects.order_by("code"):
        words = UNREADABLE.sub("-", f"{row.code} {row.name}").strip("-")
        found[row.pk] = f"{ROOTS[row.kind]}:{words[0].upper()}{words[1:]}"
    return found


def entries() -> Iterator[tuple[Any, Sequence[Line]]]:
    """Every entry with its lines, oldest first."""
    rows = (
        Line.objects.select_related("entry")
        .order_by("entry_date", "entry__number", "entry_id", "position")
        .iterator(chunk_size=5_000)
    )
    for _key, lines in groupby(rows, key=lambda line: line.entry_id):
        kept = list(lines)
        yield kept[0].entry, kept


def written(form: str) -> str:
    """The books in a format: `beancount` or `hledger`."""
    return "".join(FORMATS[form]())


def quoted(text: str) -> str:
    """Text between quotes."""
    plain = " ".join(text.split())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def amount_of(line: Line, home: str) -> str:
    """An amount with what it is worth at home, so that an entry balances in one currency."""
    if line.currency == home:
        return f"{plain(line.home_amount)} {home}"
    if not line.amount:
        # What only the rate changed has no amount in the other currency.
        return f"{plain(line.home_amount)} {home}"
    return f"{plain(line.amount)} {line.currency} @@ {plain(abs(line.home_amount))} {home}"


def plain(amount: Decimal) -> str:
    """An amount without zeros at its end, but with cents."""
    text = f"{amount:.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


def beancount() -> Iterator[str]:
    """The books as beancount reads them."""
    organization, known = here(), names()
    home = organization.currency
    yield f'option "title" {quoted(organization.name)}\noption "operating_currency" "{home}"\n\n'
    first = Line.objects.order_by("entry_date").values_list("entry_date", flat=True).first()
    for name in sorted(known.values()):
        yield f"{first or date(2000, 1, 1)} open {name}\n"
    for entry, lines in entries():
        yield f"\n{entry.entry_date} * {quoted(entry.number)} {quoted(entry.description)}\n"
        for line in lines:
            yield f"  {known[line.account_id]}  {amount_of(line, home)}\n"


def hledger() -> Iterator[str]:
    """The books as hledger reads them."""
    organization, known = here(), names()
    home = organization.currency
    yield f"; {' '.join(organization.name.split())}\n"
    yield f"commodity 1000.0000 {home}\n"
    for code in sorted(set(Line.objects.values_list("currency", flat=True)) - {home}):
        yield f"commodity 1000.0000 {code}\n"
    for name in sorted(known.values()):
        yield f"account {name}\n"
    for entry, lines in entries():
        words = " ".join(entry.description.split()).replace(";", ",")
        yield f"\n{entry.entry_date} * ({entry.number}) {words}\n"
        for line in lines:
            yield f"    {known[line.account_id]}  {amount_of(line, home)}\n"


FORMATS = {"beancount": beancount, "hledger": hledger}
