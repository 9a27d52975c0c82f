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
from prs.kernel.db.ids import new_id
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.numbering import ENTRY, next_number
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


# An account is the one that is named, or where the organization's newest rule sends the heading, or the
# one with this code.
WRITE_LINES = """
    INSERT INTO bookkeeping_line (id, organization_id, entry_id, entry_date, position, account_id,
                                  amount, currency, home_amount, party_id, branch_id, project_id,
                                  member_id, memo)
    SELECT side.id, %(org)s, %(entry)s, %(on)s, side.position, found.id, side.amount, %(currency)s,
           side.home, side.party_id, side.branch_id, side.project_id, side.member_id, side.memo
    FROM unnest(%(ids)s::uuid[], %(positions)s::int[], %(codes)s::text[], %(accounts)s::uuid[],
                %(amounts)s::numeric[], %(homes)s::numeric[], %(parties)s::uuid[],
                %(branches)s::uuid[], %(projects)s::uuid[], %(members)s::uuid[], %(memos)s::text[])
      AS side (id, position, code, account_id, amount, home, party_id, branch_id, project_id,
               member_id, memo)
    CROSS JOIN LATERAL (SELECT coalesce(
        side.account_id,
        (SELECT r.account_id FROM bookkeeping_postingrule r
         WHERE r.organization_id = %(org)s AND r.heading = side.code AND r.source_kind = %(kind)s
         ORDER BY r.number DESC LIMIT 1),
        (SELECT r.account_id FROM bookkeeping_postingrule r
         WHERE r.organization_id = %(org)s AND r.heading = side.code AND r.source_kind = ''
         ORDER BY r.number DESC LIMIT 1),
        (SELECT a.id FROM bookkeeping_account a
         WHERE a.organization_id = %(org)s AND a.code = side.code)) AS id) found
    WHERE found.id IS NOT NULL
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
    values: dict[str, Any] = {
        "org": entry.organization_id,
        "entry": entry.pk,
        "on": entry.entry_date,
        "kind": entry.source_kind,
        "currency": currency,
        "ids": [new_id() for _side in sides],
        "positions": list(range(1, len(sides) + 1)),
        "codes": [side.account for side in sides],
        "accounts": [side.account_id for side in sides],
        "amounts": [side.amount for side in sides],
        "homes": [side.home for side in sides],
        "parties": [side.party_id for side in sides],
        "branches": [side.branch_id for side in sides],
        "projects": [side.project_id for side in sides],
        "members": [side.member_id for side in sides],
        "memos": [side.memo for side in sides],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE_LINES, values)
        if cursor.rowcount < len(sides):
            raise AccountClosed


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
