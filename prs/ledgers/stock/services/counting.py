"""Counting what lies at a place, while it goes on being sold."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.ledgers.stock import events
from prs.ledgers.stock.models import Adjustment, Balance, Batch, Count, CountLine
from prs.ledgers.stock.services.adjusting import ask_adjustment
from prs.masterdata.places.models import Place

COUNT = Series("count", "CNT-", width=6)


class CountOpen(Refusal):
    """One count of a place at a time."""

    sentence = _("This place is being counted already.")


class CountClosed(Refusal):
    """A count that ended takes nothing more."""

    sentence = _("This count has ended.")


@transaction.atomic
def open_count(place: Place, *, by: Member, at: datetime, notes: str = "") -> Count:
    """Begin to count a place.

    :raises CountOpen: it is being counted.
    """
    with refusing({"count_one_open_per_place": CountOpen}):
        count = Count.objects.create(
            number=next_number(COUNT, year=at.year),
            place=place,
            notes=notes,
            opened_by=by,
            opened_at=at,
        )
    record(events.COUNT_OPENED, count, by=by, at=at, words={"place": place.name})
    return count


@transaction.atomic
def count_batch(
    count: Count, batch: Batch, counted: Decimal, *, by: Member, at: datetime
) -> CountLine:
    """Write down what was counted of a batch; counting it again replaces the first.

    What the ledger expects is read at the same moment, so that sales in between do no harm.
    :raises CountClosed: the count has ended.
    """
    open_row = Count.objects.select_for_update(no_key=True).filter(
        pk=count.pk, state=Count.State.OPEN
    )
    if not open_row.exists():
        raise CountClosed
    there = Balance.objects.filter(batch=batch, place=count.place)
    expected = there.values_list("on_hand", flat=True).first() or Decimal(0)
    fields = {"expected": expected, "counted": counted, "counted_by": by, "counted_at": at}
    return CountLine.objects.update_or_create(count=count, batch=batch, defaults=fields)[0]


@transaction.atomic
def close_count(count: Count, *, by: Member, at: datetime) -> list[Adjustment]:
    """End a count. Each difference becomes an adjustment that somebody else approves.

    :raises CountClosed: it has ended.
    """
    end(count, Count.State.COMPLETED, by=by, at=at)
    lines = CountLine.objects.filter(count=count).select_related("batch__product").order_by("pk")
    asked = [
        ask_adjustment(
            line.batch,
            count.place,
            {
                "kind": Adjustment.Kind.RECOUNT,
                "quantity": line.counted - line.expected,
                "reason": str(_("Counted {counted}, expected {expected}.")).format(
                    counted=f"{line.counted.normalize():f}",
                    expected=f"{line.expected.normalize():f}",
                ),
                "reference": count.number,
            },
            by=line.counted_by,
            at=at,
        )
        for line in lines
        if line.counted != line.expected
    ]
    words = {"place": count.place.name, "differences": str(len(asked))}
    record(events.COUNT_CLOSED, count, by=by, at=at, words=words)
    return asked


def end(count: Count, state: Count.State, *, by: Member, at: datetime) -> None:
    """End an open count.

    :raises CountClosed: it has ended.
    """
    fields = {"state": state, "closed_by": by, "closed_at": at}
    if not Count.objects.filter(pk=count.pk, state=Count.State.OPEN).update(**fields):
        raise CountClosed
    for name, value in fields.items():
        setattr(count, name, value)


@transaction.atomic
def cancel_count(count: Count, *, by: Member, at: datetime) -> Count:
    """Give a count up; nothing follows from it.

    :raises CountClosed: it has ended.
    """
    end(count, Count.State.CANCELLED, by=by, at=at)
    record(events.COUNT_CANCELLED, count, by=by, at=at, words={"place": count.place.name})
    return count
