"""Posting, and undoing what was posted: the only writer of entries and lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity.rules import Actor
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping.models import Entry, Line
from prs.ledgers.bookkeeping.rules import Side, valued, without_zeros


class PeriodClosed(Refusal):
    """The date lies in a period that is no longer open."""

    sentence = _("The books of this date are closed. Choose a later date or ask an accountant.")


class AlreadyPosted(Refusal):
    """This event of this source is in the books."""

    sentence = _("This has been posted already.")


class AccountClosed(Refusal):
    """An account that the posting needs can't take lines."""

    sentence = _("An account that this needs is missing or not in use. Ask an accountant.")


class WorthNothing(Refusal):
    """A line that is worth less than the smallest unit at home."""

    sentence = _("An amount of this is worth less than the smallest unit of your own currency.")


@dataclass(frozen=True)
class Source:
    """What an entry comes from. The same event of the same source posts once."""

    kind: str
    id: UUID
    event: str


REFUSALS: dict[str, type[Refusal]] = {
    "entry_once_per_source": AlreadyPosted,
    "entry_reversed_once": AlreadyPosted,
    "entry_in_open_period": PeriodClosed,
    "line_on_active_leaf": AccountClosed,
    "line_not_zero": WorthNothing,
    "entry_total_positive": WorthNothing,
}


WRITE = """
    SELECT bookkeeping_post(
        entry => %(entry)s, kind => %(kind)s, source => %(source)s, event => %(event)s, day => %(day)s,
        currency => %(currency)s, description => %(description)s, by_id => %(by_id)s,
        by_label => %(by_label)s, moment => %(moment)s, reversed => %(reversed)s,
        codes => %(codes)s::text[], accounts => %(accounts)s::uuid[],
        amounts => %(amounts)s::numeric[], homes => %(homes)s::numeric[],
        parties => %(parties)s::uuid[], memos => %(memos)s::text[],
        branches => %(branches)s::uuid[], projects => %(projects)s::uuid[],
        members => %(members)s::uuid[])
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
    :raises WorthNothing: a line is worth nothing at home, at this rate.
    """
    kept = valued(without_zeros(sides), rate, home_unit(rate))
    entry = Entry(
        organization_id=required_organization(),
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
    entry.number = written(entry, kept, currency)
    entry._state.adding = False
    return entry


def home_unit(rate: Decimal) -> Decimal:
    """The smallest unit an amount in the home currency is kept in: finest where nothing converts."""
    if rate == 1:
        return Decimal("0.0001")
    home = Organization.objects.values_list("currency", flat=True).get(pk=required_organization())
    return Decimal(1).scaleb(-money.minor_units(home))


def written(entry: Entry, sides: Sequence[Side], currency: str) -> str:
    """Write an entry and its lines with one statement. Gives its number.

    The statement calls `bookkeeping_post`, which other functions of the database may call as well::

        bookkeeping_post(entry uuid, kind text, source uuid, event text, day date, currency text,
            description text, by_id uuid, by_label text, moment timestamptz, codes text[],
            amounts numeric[], homes, accounts, parties, memos, branches, projects, members,
            reversed uuid) RETURNS text

    The arrays hold one value a line, in the same order; those after `amounts` may be left out. A debit
    is above zero, a credit below, and none is zero. A code is the account that the organization's
    newest rule for this heading names, or else the account with this code. `entry` is a new id, from
    which its lines get theirs. What is refused is refused by the constraint's name, see `REFUSALS`.

    :raises AccountClosed: an account is missing.
    """
    values: dict[str, Any] = {
        "entry": entry.pk,
        "kind": entry.source_kind,
        "source": entry.source_id,
        "event": entry.source_event,
        "day": entry.entry_date,
        "currency": currency,
        "description": entry.description,
        "by_id": entry.posted_by_id,
        "by_label": entry.posted_by_label,
        "moment": entry.posted_at,
        "reversed": entry.reverses_id,
        "codes": [side.account for side in sides],
        "accounts": said([side.account_id for side in sides]),
        "amounts": [side.amount for side in sides],
        "homes": [side.home for side in sides],
        "parties": said([side.party_id for side in sides]),
        "memos": said([side.memo for side in sides]),
        "branches": said([side.branch_id for side in sides]),
        "projects": said([side.project_id for side in sides]),
        "members": said([side.member_id for side in sides]),
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
        (number,) = cursor.fetchone()
    return str(number)


def said(column: list[Any]) -> list[Any] | None:
    """A column of the lines; None where no line says anything, which costs nothing to send."""
    return column if any(column) else None


@transaction.atomic
def reverse(
    entry: Entry, *, on: date, by: Actor, at: datetime, source: Source, description: str
) -> Entry:
    """Undo a posted entry by one with its sides exchanged.

    :raises AlreadyPosted: the entry was reversed before.
    """
    lines = Line.objects.filter(entry=entry).order_by("position")
    sides = tuple(
        Side(
            "",
            -line.amount,
            line.party_id,
            line.memo,
            -line.home_amount,
            line.account_id,
            line.branch_id,
            line.project_id,
            line.member_id,
        )
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
