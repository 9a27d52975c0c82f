"""A claim in another currency leaves the books at its own rate; the payment's rate gains or loses."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from prs.kernel.db.ids import new_id
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.rules import BANK, EXCHANGE_REALISED, RECEIVABLE, SALES, credit, debit
from prs.operations.payments.services.shared import claims_paid
from tests.cast import NOON


def of(rate):
    return SimpleNamespace(rate=Decimal(rate))


@pytest.mark.parametrize(("paid_at", "gained"), [("1.20", 10), ("1.00", -10), ("1.10", 0)])
def test_paying_at_another_rate_gains_or_loses_the_difference(cast, check_now, paid_at, gained):
    party, amount = new_id(), Decimal(100)
    words = {"on": NOON.date(), "currency": "EUR", "description": "x", "by": cast.anna, "at": NOON}
    claim = (debit(RECEIVABLE, amount, party_id=party), credit(SALES, amount))
    invoice = bookkeeping.Source("test", new_id(), "issued")
    bookkeeping.post(invoice, claim, rate=Decimal("1.10"), **words)
    parts = [(of("1.10"), Decimal(60)), (of("1.10"), Decimal(40))]

    for back in (False, True, False):
        sides = claims_paid(of(paid_at), parts, party=party, home="USD", back=back)
        money = credit(BANK, amount) if back else debit(BANK, amount)
        source = bookkeeping.Source("test", new_id(), "paid")
        bookkeeping.post(source, (money, *sides), rate=Decimal(paid_at), **words)
    check_now()

    assert books.net_of(RECEIVABLE) == 0
    assert books.net_of(BANK) == 100 * Decimal(paid_at)
    assert books.net_of(EXCHANGE_REALISED) == -gained
    assert list(books.findings()) == []
