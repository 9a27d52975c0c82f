"""Picking: each piece is scanned, and what isn't right is refused with a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from prs.kernel.activity.services import announce, record
from prs.kernel.clock import local_date
from prs.kernel.db.ids import new_id
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.ledgers.stock import rules as goods
from prs.ledgers.stock import selectors as stocked
from prs.ledgers.stock import services as stock
from prs.ledgers.stock.rules import Held
from prs.masterdata.catalog import rules as codes
from prs.masterdata.catalog import selectors as catalog
from prs.masterdata.catalog.models import Product
from prs.operations.fulfilment import events, permissions, rules
from prs.operations.fulfilment.models import Fulfilment, FulfilmentLine, Scan, WorkSession
from prs.operations.fulfilment.services.moving import (
    OUTCOMES,
    STATES,
    at_work,
    begin,
    end,
    explained,
    held,
    move,
    refuse_unentitled,
)
from prs.operations.fulfilment.services.posting import cause_of, scans_of, settle
from prs.operations.fulfilment.services.refusals import (
    ExpiredGoods,
    NotFinePieces,
    NothingToUndo,
    NotItsTurn,
    NotReplaceable,
    NowhereToPick,
    QuantityMissing,
    ScanIt,
    ScannedBefore,
    StillToPick,
    TooMany,
    UnknownCode,
    UnknownLot,
    WrongLot,
    WrongProduct,
)

STAGE = WorkSession.Stage.PICKING
WAYS = Scan.Way
# How long the shelf keeps the goods of an invoice that is being picked.
KEPT_FOR = timedelta(hours=12)
ZERO = Decimal(0)
SEES = "fulfilment.view"
REFUSALS: dict[str, type[Refusal]] = {
    "fulfilment_line_not_overpicked": TooMany,
    "scan_key_unique": ScannedBefore,
}


@dataclass(frozen=True)
class Scanned:
    """What a device sends: a code, how often, and an id that it made, by which the scan counts once.

    `out_of_turn` says why a batch is taken although another expires earlier.
    """

    key: UUID
    code: str
    quantity: Decimal = Decimal(1)
    out_of_turn: str = ""


@dataclass(frozen=True)
class Read:
    """A scan that was understood: the line that it fills, and the batch that it names."""

    line: FulfilmentLine
    quantity: Decimal
    label: rules.Label
    batch_id: UUID | None = None


# --- beginning and end ----------------------------------------------------------------------------


@transaction.atomic
def start_picking(
    fulfilment: Fulfilment, *, by: Member, at: datetime, device: str = ""
) -> WorkSession:
    """Begin to pick an invoice; the shelf keeps its goods meanwhile.

    :raises NotForYou: the member doesn't pick.
    :raises AlreadyMoved: another began.
    :raises OneAtATime: the member is picking something else.
    :raises NowhereToPick: no place is known.
    """
    refuse_unentitled(by, permissions.PICK)
    return begin_picking(held(fulfilment, STATES.INVOICED), by=by, at=at, device=device)


def begin_picking(
    fulfilment: Fulfilment, *, by: Member, at: datetime, device: str = ""
) -> WorkSession:
    """Begin a picking session of an invoice that is held.

    :raises NowhereToPick: no place is known.
    """
    if fulfilment.place is None:
        raise NowhereToPick
    session = begin(fulfilment, STAGE, member=by, device=device, at=at)
    move(fulfilment, STATES.PICKING, by=by, at=at)
    keep_goods(session, fulfilment, by=by, at=at)
    record(events.PICKING, fulfilment, by=by, at=at)
    return session


def keep_goods(session: WorkSession, fulfilment: Fulfilment, *, by: Member, at: datetime) -> None:
    """Keep of each line as much as is free, so that nobody sells it meanwhile."""
    lines = [line for line in lines_of(fulfilment) if line.product and line.to_pick]
    place = fulfilment.place
    if place is None or not lines:
        return
    cause = cause_of(session, by=by, at=at)
    for line in sorted(lines, key=lambda each: str(each.product_id)):
        if line.product is None:
            continue
        free = stocked.available([line.product], place, at=at)[line.product.pk]
        if min(free, line.to_pick) > 0:
            wanted = stock.Wanted(line.product, min(free, line.to_pick), line.pk)
            keep(wanted, fulfilment, cause)


def keep(wanted: stock.Wanted, fulfilment: Fulfilment, cause: stock.Cause) -> None:
    """Keep goods if they are there still; what another took meanwhile is found missing on the shelf."""
    if fulfilment.place is not None:
        try:
            with transaction.atomic():
                stock.reserve(wanted, fulfilment.place, cause, until=cause.at + KEPT_FOR)
        except (stock.OutOfStock, stock.Expired):
            return


@transaction.atomic
def finish_picking(session: WorkSession, *, by: Member, at: datetime) -> Fulfilment:
    """End picking: the goods leave stock, and what they cost is posted.

    :raises SessionOver: it has ended.
    :raises NotYourSession: another began it.
    :raises StillToPick: a line is neither picked nor said to be missing.
    :raises OutOfStock: what was scanned doesn't lie there by the ledger.
    """
    refuse_unentitled(by, permissions.PICK)
    mine, fulfilment = at_work(session, STAGE, by=by)
    return complete_picking(mine, fulfilment, by=by, at=at)


def complete_picking(
    session: WorkSession, fulfilment: Fulfilment, *, by: Member, at: datetime
) -> Fulfilment:
    """End picking of an invoice that is held."""
    refuse_unfinished(fulfilment)
    settle(session, fulfilment, by=by, at=at)
    end(session, OUTCOMES.DONE, by=by, at=at)
    fulfilment.corrected = False
    move(
        fulfilment,
        STATES.PICKED,
        by=by,
        at=at,
        fields=["corrected"],
        refusals={"fulfilment_picked_is_whole": StillToPick},
    )
    record(events.PICKED, fulfilment, by=by, at=at)
    return fulfilment


def refuse_unfinished(fulfilment: Fulfilment) -> None:
    """Refuse an invoice of which something is neither picked nor said to be missing.

    :raises StillToPick: with each of those lines.
    """
    open_lines = [line for line in lines_of(fulfilment) if not line.whole]
    if open_lines:
        raise StillToPick(lines=", ".join(spoken(line) for line in open_lines))


def spoken(line: FulfilmentLine) -> str:
    """What is left to do about a line, as a sentence says it."""
    left = line.to_pick or -line.to_put_back
    return f"{figure(left)} × {line.description}"


def figure(quantity: Decimal) -> str:
    """A quantity as people write it."""
    return f"{quantity.normalize():f}"


def lines_of(fulfilment: Fulfilment) -> list[FulfilmentLine]:
    """The lines of an invoice to pick, in their order."""
    rows = FulfilmentLine.objects.filter(fulfilment=fulfilment).select_related("product__unit")
    return list(rows.order_by("position"))


# --- one scan -------------------------------------------------------------------------------------


@transaction.atomic
def scan(session: WorkSession, sent: Scanned, *, by: Member, at: datetime) -> Scan:
    """Count a code that was scanned. The same key counts once, however often it is sent.

    :raises SessionOver, NotYourSession: it isn't the member's to scan.
    :raises UnknownCode: nothing here has the code.
    :raises WrongProduct: the invoice doesn't ask for it.
    :raises TooMany: the line is full, or this would be more than is left.
    :raises WrongLot, UnknownLot: it is another batch.
    :raises ExpiredGoods: its date has passed.
    :raises NotItsTurn: another batch expires earlier.
    :raises OutOfStock: less of it lies there.
    """
    mine, fulfilment = at_work(session, STAGE, by=by)
    earlier = sent_before(sent.key, mine, sent.code)
    if earlier is not None:
        return earlier
    today = local_date(at, fulfilment.organization.time_zone)
    if sent.quantity <= 0:
        raise QuantityMissing
    read = understood(sent, fulfilment, today=today)
    refuse_too_many(read.line, read.quantity)
    if read.line.product is not None:
        read = on_shelf(read, mine, fulfilment, sent, today=today, at=at)
    return write(mine, read, sent, by=by, at=at)


def sent_before(key: UUID, session: WorkSession, code: str) -> Scan | None:
    """The scan that a key made, when it is sent again.

    :raises ScannedBefore: the key was used for something else.
    """
    earlier: Scan | None = Scan.objects.filter(key=key).select_related("line").first()
    if earlier is not None and (earlier.session_id != session.pk or earlier.code != code[:120]):
        raise ScannedBefore
    return earlier


def understood(sent: Scanned, fulfilment: Fulfilment, *, today: date) -> Read:
    """Which line a code fills.

    :raises UnknownCode, WrongProduct: none.
    :raises ExpiredGoods: the label says that it is past its date.
    :raises WrongLot: the label says another batch than the invoice.
    """
    label = rules.read_label(sent.code, today=today)
    lines = lines_of(fulfilment)
    found = catalog.find_by_code(label.code)
    if found is None or not any(line.product_id == found.product.pk for line in lines):
        plain = by_text(lines, label.code)
        if plain is not None:
            return Read(plain, sent.quantity, label)
        if found is None:
            raise UnknownCode(code=label.code[:60])
        raise WrongProduct(product=found.product.name)
    refuse_expired(found.product, label.expires_on, today=today)
    mine = [line for line in lines if line.product_id == found.product.pk]
    line = chosen(mine, label)
    quantity = sent.quantity * found.quantity
    refuse_fraction(found.product, quantity)
    return Read(line, quantity, label)


def by_text(lines: Sequence[FulfilmentLine], code: str) -> FulfilmentLine | None:
    """The line without a product whose barcode or item code this is; one with room first."""
    plain = codes.looked_up(code)
    same = [
        line
        for line in lines
        if line.product_id is None and plain in {codes.looked_up(line.barcode), line.item_code}
    ]
    return next((line for line in same if line.to_pick), next(iter(same), None))


def chosen(lines: Sequence[FulfilmentLine], label: rules.Label) -> FulfilmentLine:
    """The line of a product that a label fills: one that asks for its batch, and has room.

    :raises WrongLot: all of them ask for another batch, or another expiry.
    """
    fitting = [line for line in lines if fits(line, label)]
    if not fitting:
        line = lines[0]
        wanted = line.lot or (line.expires_on.isoformat() if line.expires_on else "")
        said = label.lot or (label.expires_on.isoformat() if label.expires_on else "")
        raise WrongLot(lot=said, wanted=wanted)
    return next((line for line in fitting if line.to_pick), fitting[0])


def fits(line: FulfilmentLine, label: rules.Label) -> bool:
    """Whether what a label says is what the line asks for; what one of them doesn't say fits."""
    lot = not (line.lot and label.lot) or line.lot == label.lot
    day = not (line.expires_on and label.expires_on) or line.expires_on == label.expires_on
    return lot and day


def refuse_expired(product: Product, day: date | None, *, today: date) -> None:
    """Refuse goods past their date.

    :raises ExpiredGoods: they are.
    """
    if day is not None and day < today:
        raise ExpiredGoods(product=product.name, day=day.isoformat())


def refuse_fraction(product: Product, quantity: Decimal) -> None:
    """Refuse a quantity finer than the unit.

    :raises NotFinePieces: it is.
    """
    if quantity % Decimal(1).scaleb(-product.unit.decimals):
        raise NotFinePieces(product=product.name, unit=product.unit.name)


def refuse_too_many(line: FulfilmentLine, quantity: Decimal) -> None:
    """Refuse more than is left of a line.

    :raises TooMany: it is.
    """
    if quantity > line.to_pick:
        raise TooMany(product=line.description, left=figure(line.to_pick))


def on_shelf(
    read: Read,
    session: WorkSession,
    fulfilment: Fulfilment,
    sent: Scanned,
    *,
    today: date,
    at: datetime,
) -> Read:
    """Check a scan against what lies there, as it will be once this session's goods are taken.

    :raises UnknownLot: no such batch lies there.
    :raises ExpiredGoods: by the ledger it is past its date.
    :raises NotItsTurn: another batch expires earlier, and nobody said why.
    :raises OutOfStock: less lies there.
    """
    product, place = read.line.product, fulfilment.place
    if product is None or place is None:
        raise NowhereToPick
    there = stock.held(place, [product.pk], at=at, holder=session.pk)[product.pk]
    batches = {row.pk: row for row in stocked.batches_of(product)}
    lot = read.label.lot or read.line.lot
    named = [
        row for row in there if lot and lot in {batches[row.batch].lot, batches[row.batch].number}
    ]
    if read.label.lot and not named:
        raise UnknownLot(lot=read.label.lot, product=product.name)
    for row in named:
        refuse_expired(product, row.expires_on, today=today)
    fresh = goods.first_expired_first(row for row in there if not row.expired(today))
    if there and not fresh:
        raise stock.Expired(product=product.name, place=place.name)
    left = still_there(fresh, session, product)
    if not named:
        refuse_absent(sum(left.values(), ZERO), read, fulfilment)
        return read
    row = named[0]
    refuse_absent(left.get(row.batch, ZERO), read, fulfilment)
    if not (read.line.lot or sent.out_of_turn.strip()):
        earlier = next((each for each in fresh if left[each.batch] > 0), row)
        if earlier.expires_on != row.expires_on and earlier.batch != row.batch:
            first = batches[earlier.batch]
            raise NotItsTurn(product=product.name, first=first.lot or first.number)
    return Read(read.line, read.quantity, read.label, row.batch)


def still_there(
    rows: Sequence[Held], session: WorkSession, product: Product
) -> dict[UUID, Decimal]:
    """What of batches is free once this session's scans of a product are taken from them."""
    left = {row.batch: row.free for row in rows}
    scans = [
        scan
        for scan in scans_of(session)
        if scan.line.product_id == product.pk and scan.quantity > 0
    ]
    for scan in sorted(scans, key=lambda each: each.batch_id is None):
        wanted = scan.quantity
        for batch in [scan.batch_id] if scan.batch_id else list(left):
            used = min(left.get(batch, ZERO), wanted)
            if used:
                left[batch] -= used
                wanted -= used
    return left


def refuse_absent(there: Decimal, read: Read, fulfilment: Fulfilment) -> None:
    """Refuse more than lies there.

    :raises OutOfStock: it is.
    """
    if there < read.quantity and fulfilment.place is not None:
        raise stock.OutOfStock(
            product=read.line.description,
            place=fulfilment.place.name,
            available=figure(there),
            requested=figure(read.quantity),
        )


def write(
    session: WorkSession,
    read: Read,
    sent: Scanned,
    *,
    by: Member,
    at: datetime,
    way: str = WAYS.SCANNED,
) -> Scan:
    """Write a scan; the database counts it in its line.

    :raises TooMany: another scan filled the line meanwhile.
    """
    try:
        with refusing(REFUSALS):
            made: Scan = Scan.objects.create(
                session=session,
                line=read.line,
                key=sent.key,
                way=way,
                code=sent.code[:120],
                lot=read.label.lot[:60],
                quantity=read.quantity,
                batch_id=read.batch_id,
                reason=sent.out_of_turn.strip()[:300],
                by=by,
                at=at,
            )
    except TooMany as refusal:
        raise TooMany(product=read.line.description, left="0") from refusal
    read.line.picked += read.quantity
    announce("fulfilment", session.fulfilment, at=at, permission=SEES)
    return made


@transaction.atomic
def tick(
    session: WorkSession, line: FulfilmentLine, *, key: UUID, by: Member, at: datetime
) -> Scan:
    """Count the rest of a line that names no product of ours.

    :raises ScanIt: it does.
    :raises TooMany: nothing is left of it.
    """
    mine, fulfilment = at_work(session, STAGE, by=by)
    earlier = sent_before(key, mine, "")
    if earlier is not None:
        return earlier
    row = line_in(fulfilment, line)
    if row.product is not None:
        raise ScanIt(product=row.product.name)
    if not row.to_pick:
        raise TooMany(product=row.description, left="0")
    read = Read(row, row.to_pick, rules.Label(""))
    return write(mine, read, Scanned(key, ""), by=by, at=at, way=WAYS.TICKED)


def line_in(fulfilment: Fulfilment, line: FulfilmentLine) -> FulfilmentLine:
    """A line of an invoice as it is now.

    :raises WrongProduct: it belongs to another.
    """
    rows = FulfilmentLine.objects.filter(fulfilment=fulfilment).select_related("product__unit")
    found: FulfilmentLine | None = rows.filter(pk=line.pk).first()
    if found is None:
        raise WrongProduct(product=line.description)
    return found


@transaction.atomic
def undo_scan(scan: Scan, *, by: Member, at: datetime) -> Scan:
    """Take back a scan of the session that is open.

    :raises NothingToUndo: it was undone, or its goods have moved.
    """
    mine, _fulfilment = at_work(scan.session, STAGE, by=by)
    won = Scan.objects.filter(pk=scan.pk, session=mine, undone_at__isnull=True).update(undone_at=at)
    if not won:
        raise NothingToUndo
    scan.refresh_from_db()
    announce("fulfilment", mine.fulfilment, at=at, permission=SEES)
    return scan


@transaction.atomic
def put_back(
    session: WorkSession,
    sent: Scanned,
    *,
    by: Member,
    at: datetime,
    line: FulfilmentLine | None = None,
) -> Scan:
    """Bring back to the shelf what a correction took off the invoice. The same key counts once.

    A line without a product is said, as there is nothing to scan.

    :raises WrongProduct: nothing of it is to be put back.
    :raises TooMany: more than that.
    """
    mine, fulfilment = at_work(session, STAGE, by=by)
    earlier = sent_before(sent.key, mine, sent.code)
    if earlier is not None:
        return earlier
    today = local_date(at, fulfilment.organization.time_zone)
    if line is None:
        read = back_of(sent, fulfilment, today=today)
    else:
        read = Read(line_in(fulfilment, line), sent.quantity, rules.Label(""))
    if not 0 < read.quantity <= read.line.to_put_back:
        raise TooMany(product=read.line.description, left=figure(read.line.to_put_back))
    back = Read(read.line, -read.quantity, read.label, read.batch_id)
    return write(mine, back, sent, by=by, at=at)


def back_of(sent: Scanned, fulfilment: Fulfilment, *, today: date) -> Read:
    """The line that a code is put back from, and the batch if the label names one that was taken.

    :raises UnknownCode: nothing here has the code.
    :raises WrongProduct: nothing of it is to be put back.
    """
    label = rules.read_label(sent.code, today=today)
    found = catalog.find_by_code(label.code)
    lines = [line for line in lines_of(fulfilment) if line.to_put_back]
    if found is None:
        plain = by_text(lines, label.code)
        if plain is None:
            raise UnknownCode(code=label.code[:60])
        return Read(plain, sent.quantity, label)
    mine = next((line for line in lines if line.product_id == found.product.pk), None)
    if mine is None:
        raise WrongProduct(product=found.product.name)
    return Read(mine, sent.quantity * found.quantity, label, batch_taken(mine, label))


def batch_taken(line: FulfilmentLine, label: rules.Label) -> UUID | None:
    """The batch that a label names among those that were taken for a line."""
    if not label.lot or line.product is None:
        return None
    taken = {UUID(batch) for batch, *_rest in line.parts}
    for row in stocked.batches_of(line.product):
        if row.pk in taken and label.lot in {row.lot, row.number}:
            return row.pk
    return None


# --- what isn't there -----------------------------------------------------------------------------


@transaction.atomic
def leave_short(
    session: WorkSession,
    line: FulfilmentLine,
    *,
    reason: str,
    note: str = "",
    by: Member,
    at: datetime,
) -> FulfilmentLine:
    """Leave out what is left of a line, and say why. Sent again it changes the reason.

    :raises ReasonMissing: nobody said why.
    """
    mine, fulfilment = at_work(session, STAGE, by=by)
    row = line_in(fulfilment, line)
    if reason not in FulfilmentLine.Reason.values or (
        reason == FulfilmentLine.Reason.OTHER and not note.strip()
    ):
        explained("")
    row.short += row.to_pick
    if not row.short:
        raise TooMany(product=row.description, left="0")
    row.short_reason, row.short_note = reason, note.strip()[:300]
    row.save(update_fields=["short", "short_reason", "short_note"])
    words = {
        "quantity": figure(row.short),
        "product": row.description,
        "reason": row.short_note or str(row.get_short_reason_display()),
    }
    record(events.SHORT, mine.fulfilment, by=by, at=at, words=words)
    return row


@transaction.atomic
def want_again(
    session: WorkSession, line: FulfilmentLine, *, by: Member, at: datetime
) -> FulfilmentLine:
    """Take back that a line is short: it was found after all."""
    mine, fulfilment = at_work(session, STAGE, by=by)
    row = line_in(fulfilment, line)
    row.short, row.short_reason, row.short_note = ZERO, "", ""
    row.save(update_fields=["short", "short_reason", "short_note"])
    announce("fulfilment", mine.fulfilment, at=at, permission=SEES)
    return row


@transaction.atomic
def substitute(
    session: WorkSession,
    line: FulfilmentLine,
    product: Product,
    *,
    quantity: Decimal | None = None,
    by: Member,
    at: datetime,
) -> FulfilmentLine:
    """Put another product in the place of what is left of a line; it is scanned like any other.

    :raises NotReplaceable: it is no goods, or the same product.
    :raises TooMany: more than is left of the line.
    """
    mine, fulfilment = at_work(session, STAGE, by=by)
    row = line_in(fulfilment, line)
    many = row.to_pick if quantity is None else quantity
    if product.kind != Product.Kind.GOODS or not product.active or product.pk == row.product_id:
        raise NotReplaceable
    refuse_fraction(product, many)
    if not 0 < many <= row.to_pick:
        raise TooMany(product=row.description, left=figure(row.to_pick))
    row.substituted += many
    row.save(update_fields=["substituted"])
    last = FulfilmentLine.objects.filter(fulfilment=fulfilment).order_by("-position").first()
    made: FulfilmentLine = FulfilmentLine.objects.create(
        fulfilment=fulfilment,
        position=(last.position if last else 0) + 1,
        description=product.name,
        item_code=product.sku,
        product=product,
        ordered=many,
        substitutes=row,
    )
    words = {"quantity": figure(many), "product": row.description, "instead": product.name}
    record(events.SUBSTITUTED, mine.fulfilment, by=by, at=at, words=words)
    return made


# --- without scanning -----------------------------------------------------------------------------


def take_unscanned(
    session: WorkSession, fulfilment: Fulfilment, *, by: Member, at: datetime
) -> None:
    """Count what is left of every line without a scan: as much as lies there, the rest is short."""
    for line in lines_of(fulfilment):
        if line.to_put_back:
            sent = Scanned(new_id(), "", line.to_put_back)
            read = Read(line, -line.to_put_back, rules.Label(""))
            write(session, read, sent, by=by, at=at, way=WAYS.EXPRESS)
        many = there_for(line, session, fulfilment, at=at)
        if many:
            read = Read(line, many, rules.Label(""))
            write(session, read, Scanned(new_id(), ""), by=by, at=at, way=WAYS.EXPRESS)
        if line.to_pick:
            line.short += line.to_pick
            line.short_reason = FulfilmentLine.Reason.NOT_THERE
            line.save(update_fields=["short", "short_reason"])


def there_for(
    line: FulfilmentLine, session: WorkSession, fulfilment: Fulfilment, *, at: datetime
) -> Decimal:
    """How much of what is left of a line lies there and is free for it."""
    place, product = fulfilment.place, line.product
    if product is None or not line.to_pick:
        return line.to_pick
    if place is None:
        return ZERO
    today = local_date(at, fulfilment.organization.time_zone)
    rows = stock.held(place, [product.pk], at=at, holder=session.pk)[product.pk]
    free = sum((row.free for row in rows if not row.expired(today)), ZERO)
    mine = Scan.objects.filter(
        session=session, undone_at__isnull=True, quantity__gt=0, line__product=product
    )
    taken = mine.aggregate(sum=Sum("quantity", default=ZERO))["sum"]
    return min(line.to_pick, max(free - taken, ZERO))
