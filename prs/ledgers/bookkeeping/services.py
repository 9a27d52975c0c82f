"""The only writer of the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.ids import new_id
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.numbering import ENTRY, next_number
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import events
from prs.ledgers.bookkeeping.models import Account, Entry, Line, Period
from prs.ledgers.bookkeeping.rules import CHART, Side, valued, without_zeros


class PeriodClosed(Refusal):
    """The date lies in a period that is no longer open."""

    sentence = _("The books of this date are closed. Choose a later date or ask an accountant.")


class AlreadyPosted(Refusal):
    """This event of this source is in the books."""

    sentence = _("This has been posted already.")


class AccountClosed(Refusal):
    """An account that the posting needs can't take lines."""

    sentence = _("An account that this needs is missing or not in use. Ask an accountant.")


@dataclass(frozen=True)
class Source:
    """What an entry comes from. The same event of the same source posts once."""

    kind: str
    id: UUID
    event: str


def seed_chart() -> None:
    """Give the current organization the default chart; accounts it has stay as they are."""
    existing = set(Account.objects.values_list("code", flat=True))
    organization_id = required_organization()
    Account.objects.bulk_create(
        Account(organization_id=organization_id, code=code, name=name, kind=kind)
        for code, name, kind in CHART
        if code not in existing
    )


REFUSALS: dict[str, type[Refusal]] = {
    "entry_once_per_source": AlreadyPosted,
    "entry_reversed_once": AlreadyPosted,
    "entry_in_open_period": PeriodClosed,
    "line_on_active_leaf": AccountClosed,
}


WRITE_LINES = """
    INSERT INTO bookkeeping_line (id, organization_id, entry_id, position, account_id, amount,
                                  currency, home_amount, party_id, memo)
    SELECT side.id, account.organization_id, %s, side.position, account.id, side.amount, %s,
           side.home, side.party_id, side.memo
    FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::numeric[], %s::numeric[], %s::uuid[], %s::text[])
      AS side (id, position, code, amount, home, party_id, memo)
    JOIN bookkeeping_account account ON account.organization_id = %s AND account.code = side.code
"""


@refusing(REFUSALS)
def post(  # noqa: PLR0913  (an entry is all of these)
    source: Source,
    sides: tuple[Side, ...],
    *,
    on: date,
    currency: str,
    description: str,
    by: Actor,
    at: datetime,
    reverses: Entry | None = None,
    rate: Decimal = Decimal(1),
) -> Entry:
    """Post one balanced entry. `on` is its date in the books, amounts are in `currency`.

    `rate` is what one unit of the currency is worth in the organization's own.

    Its number is the last thing it takes, because the counter is held until the commit.

    :raises PeriodClosed: the date lies in a closed period.
    :raises AlreadyPosted: this event of the source is posted.
    :raises AccountClosed: an account is missing, not in use, or has sub-accounts.
    """
    kept = valued(without_zeros(sides), rate, home_unit(rate))
    entry = Entry.objects.create(
        number=next_number(ENTRY, year=on.year),
        entry_date=on,
        description=description[:300],
        source_kind=source.kind,
        source_id=source.id,
        source_event=source.event,
        reverses=reverses,
        line_count=len(kept),
        total=sum((side.home for side in kept if side.home and side.home > 0), Decimal(0)),
        posted_by_id=by.pk,
        posted_by_label=by.label,
        posted_at=at,
    )
    write_lines(entry, kept, currency)
    return entry


def home_unit(rate: Decimal) -> Decimal:
    """The smallest unit an amount in the home currency is kept in: finest where nothing converts."""
    if rate == 1:
        return Decimal("0.0001")
    home = Organization.objects.values_list("currency", flat=True).get(pk=required_organization())
    return Decimal(1).scaleb(-money.minor_units(home))


def write_lines(entry: Entry, sides: Sequence[Side], currency: str) -> None:
    """Write the lines of an entry, with one statement that finds their accounts.

    :raises AccountClosed: an account is missing.
    """
    columns = (
        [new_id() for _side in sides],
        list(range(1, len(sides) + 1)),
        [side.account for side in sides],
        [side.amount for side in sides],
        [side.home for side in sides],
        [side.party_id for side in sides],
        [side.memo for side in sides],
    )
    with connection.cursor() as cursor:
        cursor.execute(WRITE_LINES, (entry.pk, currency, *columns, entry.organization_id))
        if cursor.rowcount < len(sides):
            raise AccountClosed


@transaction.atomic
def reverse(
    entry: Entry, *, on: date, by: Actor, at: datetime, source: Source, description: str
) -> Entry:
    """Undo a posted entry by one with its sides exchanged.

    :raises AlreadyPosted: the entry was reversed before.
    """
    lines = Line.objects.filter(entry=entry).select_related("account").order_by("position")
    sides = tuple(
        Side(line.account.code, -line.amount, line.party_id, line.memo, -line.home_amount)
        for line in lines
    )
    currency = lines[0].currency
    return post(
        source,
        sides,
        on=on,
        currency=currency,
        description=description,
        by=by,
        at=at,
        reverses=entry,
    )


def entry_of(source: Source) -> Entry | None:
    """The entry that an event of a source posted."""
    return Entry.objects.filter(
        source_kind=source.kind, source_id=source.id, source_event=source.event
    ).first()


@transaction.atomic
def close_period(*, name: str, first: date, last: date, by: Actor, at: datetime) -> Period:
    """Close a stretch of the books; what is dated in it can't be posted any more."""
    period, _created = Period.objects.update_or_create(
        starts_on=first, ends_on=last, defaults={"name": name, "status": Period.Status.CLOSED}
    )
    record(events.PERIOD_CLOSED, period, by=by, at=at)
    return period


@transaction.atomic
def open_period(period: Period, *, by: Actor, at: datetime) -> Period:
    """Open a closed period again. A locked one stays locked."""
    won = Period.objects.filter(pk=period.pk, status=Period.Status.CLOSED).update(
        status=Period.Status.OPEN
    )
    if not won:
        raise PeriodClosed
    record(events.PERIOD_OPENED, period, by=by, at=at)
    return period
