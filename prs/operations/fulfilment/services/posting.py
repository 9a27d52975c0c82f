"""Goods that were picked or put back: out of stock, and into the books as they move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping.services import Source
from prs.ledgers.stock import rules as goods
from prs.ledgers.stock import selectors as stocked
from prs.ledgers.stock import services as stock
from prs.operations.fulfilment import rules
from prs.operations.fulfilment.models import Fulfilment, FulfilmentLine, Scan, WorkSession
from prs.operations.purchasing import services as purchasing

SOURCE = "fulfilment.session"
ZERO = Decimal(0)


def cause_of(session: WorkSession, *, by: Member, at: datetime) -> stock.Cause:
    """What moves the goods of a session."""
    zone = Organization.objects.values_list("time_zone", flat=True).get(pk=session.organization_id)
    return stock.Cause(SOURCE, session.pk, local_date(at, zone), by, at)


def scans_of(session: WorkSession) -> list[Scan]:
    """What was scanned in a session and not undone, the first first."""
    rows = Scan.objects.filter(session=session, undone_at__isnull=True)
    return list(rows.select_related("line__product__unit").order_by("at", "pk"))


@dataclass
class Moving:
    """The goods of a session while they move, and what they cost."""

    fulfilment: Fulfilment
    cause: stock.Cause
    unit: Decimal
    cost: Decimal = ZERO


def settle(session: WorkSession, fulfilment: Fulfilment, *, by: Member, at: datetime) -> Decimal:
    """Move the goods of a session that ends, and post what they cost; what they cost together.

    :raises OutOfStock: they don't lie there any more.
    :raises Expired: they passed their date meanwhile.
    """
    scans = [scan for scan in scans_of(session) if scan.line.product_id]
    place = fulfilment.place
    if not scans or place is None:
        stock.release(session.pk)
        return ZERO
    moving = Moving(fulfilment, cause_of(session, by=by, at=at), stock.unit_of_money())
    lines = {scan.line_id: scan.line for scan in scans}
    for scan in scans:
        scan.line = lines[scan.line_id]
    take([scan for scan in scans if scan.quantity > 0], session.pk, moving)
    put_back([scan for scan in scans if scan.quantity < 0], moving)
    Scan.objects.bulk_update(scans, ["parts"])
    FulfilmentLine.objects.bulk_update(lines.values(), ["parts", "cost"])
    purchasing.posted(
        Source(SOURCE, session.pk, "moved"),
        (
            chart.debit(chart.COST_OF_GOODS, moving.cost),
            chart.credit(chart.INVENTORY, moving.cost),
        ),
        f"{fulfilment.number} {place.name}",
        on=moving.cause.on,
        by=by,
        at=at,
    )
    return moving.cost


def take(scans: Sequence[Scan], holder: UUID, moving: Moving) -> None:
    """Take what was scanned from the shelf; a scan that named its batch comes first."""
    place = moving.fulfilment.place
    named_first = sorted(scans, key=lambda scan: scan.batch_id is None)
    wanted = [
        stock.Wanted(scan.line.product, scan.quantity, scan.pk, scan.batch_id)
        for scan in named_first
        if scan.line.product is not None
    ]
    if not wanted or place is None:
        stock.release(holder)
        return
    taken = stock.take(wanted, place, stocked.KINDS.PICK, moving.cause, holder=holder)
    found = {each.line_id: each for each in taken}
    for scan in scans:
        parts = [(str(part.batch), part.quantity, part.value) for part in found[scan.pk].parts]
        scan.parts = rules.written(parts)
        put_on(scan.line, [*rules.read(scan.line.parts), *parts], found[scan.pk].value, moving)


def put_back(scans: Sequence[Scan], moving: Moving) -> None:
    """Bring back to the shelf what isn't wanted any more, at what it was worth."""
    place, back = moving.fulfilment.place, []
    for scan in scans:
        batch = str(scan.batch_id) if scan.batch_id else ""
        going, staying = rules.split_off(
            rules.read(scan.line.parts), -scan.quantity, moving.unit, batch=batch
        )
        parts = tuple(goods.Part(UUID(name), *figures) for name, *figures in going)
        scan.parts = rules.written(going)
        put_on(scan.line, staying, -goods.summed(parts), moving)
        if scan.line.product_id and parts:
            back.append(stock.Taken(scan.pk, scan.line.product_id, parts))
    if back and place is not None:
        stock.put_back(back, place, stocked.KINDS.PICK_RETURN, moving.cause)


def put_on(line: FulfilmentLine, parts: list[rules.Part], cost: Decimal, moving: Moving) -> None:
    """Let a line know what was taken for it."""
    line.parts = rules.written(rules.together(parts))
    line.cost += cost
    moving.cost += cost
