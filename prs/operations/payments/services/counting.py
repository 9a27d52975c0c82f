"""Counting a day's cash: what was found is compared with what was recorded before it is verified."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.identity.models import Member
from prs.operations.payments import events
from prs.operations.payments.models import Payment
from prs.operations.payments.services.deciding import Counted, verify_together
from prs.operations.payments.services.refusals import NotAsOneDrawer, ReasonMissing


def count_cash(
    payments: Sequence[Payment],
    *,
    counted: Decimal,
    explanation: str = "",
    by: Member,
    at: datetime,
) -> Counted | None:
    """Verify a drawer's cash when what was counted is what was recorded; None when it is not.

    A difference verifies nothing: it is kept with its explanation, and the payments are looked at
    one by one.

    :raises NotAsOneDrawer: there is nothing to count, or it is of two recorders or currencies.
    :raises ReasonMissing: there is a difference that nobody explained.
    """
    if len({(row.recorded_by_id, row.currency) for row in payments}) != 1:
        raise NotAsOneDrawer
    recorded = sum((row.amount for row in payments), Decimal(0))
    if counted != recorded and not explanation.strip():
        raise ReasonMissing
    first = payments[0]
    words = {
        "recorder": first.recorded_by.name,
        "recorded": money.spoken(money.Money(first.currency, recorded)),
        "counted": money.spoken(money.Money(first.currency, counted)),
        "reason": explanation.strip(),
    }
    event = events.CASH_COUNTED if counted == recorded else events.CASH_DIFFERS
    record(event, first.recorded_by, by=by, at=at, words=words)
    if counted != recorded:
        return None
    return verify_together(payments, by=by, at=at)
