"""Exchange rates, and what is held in other currencies counted at the rates of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel import money
from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.tenancy.context import required_organization
from prs.ledgers.bookkeeping import events, selectors
from prs.ledgers.bookkeeping.models import Rate, Revaluation
from prs.ledgers.bookkeeping.rules import (
    CUSTOMER_DEPOSITS,
    EXCHANGE_UNREALISED,
    IN_TRANSIT,
    INVENTORY,
    REVALUATION,
    Side,
)
from prs.ledgers.bookkeeping.services.posting import Source, post, reverse

# What is no money: goods, and money that was taken for goods to come.
NOT_MONEY = (INVENTORY, IN_TRANSIT, CUSTOMER_DEPOSITS)
FOREIGN = """
    SELECT l.account_id, l.currency, sum(l.amount), sum(l.home_amount)
    FROM bookkeeping_line l
    JOIN bookkeeping_account a ON a.id = l.account_id AND a.kind IN ('asset', 'liability')
    WHERE l.organization_id = %(org)s AND l.currency <> %(home)s AND l.entry_date <= %(on)s
      AND NOT l.account_id = ANY(%(not_money)s)
    GROUP BY l.account_id, l.currency
    HAVING sum(l.amount) <> 0 OR sum(l.home_amount) <> 0
    ORDER BY l.currency, l.account_id
"""


class RateMissing(Refusal):
    """A currency without a rate."""

    sentence = gettext_lazy("Enter a rate for {currency} on or before this day.")


class RateWrong(Invalid):
    """A rate is above zero."""

    sentence = gettext_lazy("A rate is a number above zero.")


class CurrencyWrong(Invalid):
    """No currency, or the own one."""

    sentence = gettext_lazy("Choose a currency other than your own.")


class AlreadyRevalued(Refusal):
    """Twice on a day."""

    sentence = gettext_lazy("The currencies of this day have been revalued already.")


class NothingForeign(Refusal):
    """Nothing to revalue."""

    sentence = gettext_lazy("Nothing is held in another currency on this day.")


WRONG: dict[str, type[Refusal]] = {
    "rate_positive": RateWrong,
    "rate_currency_is_iso": CurrencyWrong,
    "revaluation_once_a_day": AlreadyRevalued,
}


@transaction.atomic
def set_rate(*, currency: str, on: date, rate: Decimal, by: Actor, at: datetime) -> Rate:
    """Enter what a unit of a currency is worth from a day on. What was posted stays as it is.

    :raises CurrencyWrong: it is the organization's own.
    :raises RateWrong: it is not above zero.
    """
    row = keep_rate(currency, on, rate, by=by, at=at)
    record(events.RATE_SET, row, by=by, at=at, after={"rate": rate})
    return row


def keep_rate(currency: str, on: date, rate: Decimal, *, by: Actor, at: datetime) -> Rate:
    """Write a rate, or write it anew."""
    if currency == selectors.organization().currency or currency not in money.currencies():
        raise CurrencyWrong
    with refusing(WRONG):
        row, _made = Rate.objects.update_or_create(
            currency=currency, day=on, defaults={"rate": rate, "by_label": by.label, "at": at}
        )
    return row


@transaction.atomic
def import_rates(rows: Sequence[tuple[str, date, Decimal]], *, by: Actor, at: datetime) -> int:
    """Enter many rates, all or none."""
    for currency, on, rate in rows:
        keep_rate(currency, on, rate, by=by, at=at)
    words = {"count": len(rows)}
    record(events.RATES_IMPORTED, selectors.organization(), by=by, at=at, words=words)
    return len(rows)


@dataclass(frozen=True)
class Held:
    """What an account holds in a currency, what that is in the books, and what it is worth."""

    account_id: UUID
    currency: str
    amount: Decimal
    booked: Decimal
    rate: Decimal | None
    worth: Decimal

    @property
    def difference(self) -> Decimal:
        return self.worth - self.booked


def held_abroad(on: date) -> list[Held]:
    """What accounts hold in other currencies at the end of a day, at that day's rates."""
    home = selectors.organization().currency
    values: dict[str, Any] = {
        "org": required_organization(),
        "home": home,
        "on": on,
        "not_money": selectors.account_ids(NOT_MONEY),
    }
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN, values)
        rows = cursor.fetchall()
    rates = {code: selectors.rate_of(code, on) for code in {row[1] for row in rows}}
    found = []
    for account_id, code, amount, booked in rows:
        rate = rates[code]
        worth = booked if rate is None else money.rounded(amount * rate, home)
        found.append(Held(account_id, code, amount, booked, rate, worth))
    return found


@transaction.atomic
def revalue(*, on: date, by: Actor, at: datetime) -> Revaluation:
    """Post what other currencies gained or lost until a day, and take it back on the next one.

    :raises NothingForeign: nothing is held in another currency.
    :raises RateMissing: a currency has no rate.
    :raises AlreadyRevalued: that day was revalued.
    :raises PeriodClosed: the day or the next lies in a closed period.
    """
    rows = held_abroad(on)
    if not rows:
        raise NothingForeign
    for each in rows:
        if each.rate is None:
            raise RateMissing(currency=each.currency)
    with refusing(WRONG):
        row = Revaluation.objects.create(
            day=on,
            difference=sum((each.difference for each in rows), Decimal(0)),
            by_label=by.label,
            at=at,
        )
    for currency in sorted({each.currency for each in rows}):
        changed = [each for each in rows if each.currency == currency and each.difference]
        if changed:
            post_difference(row, currency, changed, by=by, at=at)
    record(events.REVALUED, row, by=by, at=at)
    return row


def post_difference(
    row: Revaluation, currency: str, rows: Sequence[Held], *, by: Actor, at: datetime
) -> None:
    """Post the difference of one currency, and its mirror on the next day."""
    nothing = Decimal(0)
    total = sum((each.difference for each in rows), nothing)
    sides = [Side("", nothing, home=each.difference, account_id=each.account_id) for each in rows]
    sides.append(Side(EXCHANGE_UNREALISED, nothing, home=-total))
    entry = post(
        Source(REVALUATION, row.pk, currency),
        tuple(sides),
        on=row.day,
        currency=currency,
        description=_("Revaluation of %(currency)s") % {"currency": currency},
        by=by,
        at=at,
    )
    reverse(
        entry,
        on=row.day + timedelta(days=1),
        by=by,
        at=at,
        source=Source(REVALUATION, row.pk, f"{currency}:back"),
        description=_("Revaluation of %(currency)s taken back") % {"currency": currency},
    )
