"""Packing: what was picked goes into boxes, checked piece by piece, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet, Sum

from prs.kernel.activity.services import announce, record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.masterdata.catalog import selectors as catalog
from prs.operations.fulfilment import events, permissions, rules
from prs.operations.fulfilment.models import (
    Box,
    BoxContent,
    Fulfilment,
    FulfilmentLine,
    Tray,
    TrayUse,
    WorkSession,
)
from prs.operations.fulfilment.services.moving import (
    OUTCOMES,
    STATES,
    at_work,
    begin,
    end,
    held,
    move,
    refuse_unentitled,
)
from prs.operations.fulfilment.services.picking import by_text, figure, lines_of
from prs.operations.fulfilment.services.refusals import (
    AlreadyMoved,
    BoxEmpty,
    BoxesOpen,
    BoxSealed,
    NotWhatWasPicked,
    QuantityMissing,
    TooMany,
    TrayCodeTaken,
    TrayTaken,
    TrayUnknown,
    UnknownCode,
    WeightMissing,
    WrongProduct,
)

STAGE = WorkSession.Stage.PACKING
BOX = Series("box", "BOX-", width=6)
SEES = "fulfilment.view"
ZERO = Decimal(0)
REFUSALS: dict[str, type[Refusal]] = {
    "fulfilment_packed_is_picked": NotWhatWasPicked,
    "box_content_while_open": BoxSealed,
}


@transaction.atomic
def start_packing(
    fulfilment: Fulfilment, *, by: Member, at: datetime, device: str = ""
) -> WorkSession:
    """Begin to check and pack what was picked, or to box what was checked.

    :raises NotForYou: the member doesn't pack.
    :raises AlreadyMoved: another began.
    :raises OneAtATime: the member is packing something else.
    """
    refuse_unentitled(by, permissions.PACK)
    return begin_packing(
        held(fulfilment, STATES.PICKED, STATES.BOXING), by=by, at=at, device=device
    )


def begin_packing(
    fulfilment: Fulfilment, *, by: Member, at: datetime, device: str = ""
) -> WorkSession:
    """Begin a packing session of an invoice that is held."""
    session = begin(fulfilment, STAGE, member=by, device=device, at=at)
    if fulfilment.state != STATES.BOXING:
        move(fulfilment, STATES.PACKING, by=by, at=at)
    record(events.PACKING, fulfilment, by=by, at=at)
    return session


# --- trays ----------------------------------------------------------------------------------------


@transaction.atomic
def use_tray(session: WorkSession, code: str, *, by: Member, at: datetime) -> TrayUse:
    """Put the goods of an invoice into a tray. The same tray once more is no fault.

    :raises TrayUnknown: no tray in use has the code.
    :raises TrayTaken: another invoice's goods lie in it.
    """
    _mine, fulfilment = at_work(session, STAGE, by=by)
    tray = Tray.objects.filter(code=code.strip(), active=True).first()
    if tray is None:
        raise TrayUnknown(tray=code.strip()[:24])
    used = TrayUse.objects.filter(tray=tray, freed_at__isnull=True).select_related("fulfilment")
    now = used.first()
    if now is not None and now.fulfilment_id == fulfilment.pk:
        return now
    if now is not None:
        raise TrayTaken(tray=tray.code, number=now.fulfilment.number)
    try:
        with refusing({"tray_holds_one_invoice": TrayTaken}):
            made: TrayUse = TrayUse.objects.create(tray=tray, fulfilment=fulfilment, since=at)
    except TrayTaken as refusal:
        raise TrayTaken(tray=tray.code, number="") from refusal
    return made


def free_trays(fulfilment: Fulfilment, *, at: datetime) -> None:
    """Let others use the trays of an invoice."""
    TrayUse.objects.filter(fulfilment=fulfilment, freed_at__isnull=True).update(freed_at=at)


@transaction.atomic
def add_tray(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Tray:
    """Add a tray.

    :raises TrayCodeTaken: another has the code.
    """
    with refusing({"tray_code_unique": TrayCodeTaken}):
        tray: Tray = Tray.objects.create(**fields)
    record(events.TRAY_ADDED, tray, by=by, at=at, after=dict(fields))
    return tray


@transaction.atomic
def change_tray(tray: Tray, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Tray:
    """Change a tray.

    :raises Stale: somebody else changed it meanwhile.
    """
    with refusing({"tray_code_unique": TrayCodeTaken}):
        before = write_version(tray, fields)
    record(events.TRAY_CHANGED, tray, by=by, at=at, before=before, after=dict(fields))
    return tray


# --- boxes ----------------------------------------------------------------------------------------


def boxes_of(fulfilment: Fulfilment) -> QuerySet[Box]:
    """The boxes of an invoice, the first first."""
    rows: QuerySet[Box] = Box.objects.filter(fulfilment=fulfilment).order_by("position")
    return rows


@transaction.atomic
def add_box(session: WorkSession, *, by: Member, at: datetime) -> Box:
    """Take a new box for an invoice."""
    _mine, fulfilment = at_work(session, STAGE, by=by)
    return new_box(fulfilment, at=at)


def new_box(fulfilment: Fulfilment, *, at: datetime) -> Box:
    """An empty box of an invoice that is held."""
    last = boxes_of(fulfilment).aggregate(last=Max("position"))["last"] or 0
    year = local_date(at, fulfilment.organization.time_zone).year
    made: Box = Box.objects.create(
        fulfilment=fulfilment, position=last + 1, code=next_number(BOX, year=year)
    )
    return made


def open_box(box: Box, session: WorkSession, *, by: Member) -> tuple[Box, Fulfilment]:
    """A box of the invoice that a member packs, if it isn't sealed.

    :raises BoxSealed: it is, or it is gone.
    """
    _mine, fulfilment = at_work(session, STAGE, by=by)
    row = boxes_of(fulfilment).filter(pk=box.pk, sealed_at__isnull=True).first()
    if row is None:
        raise BoxSealed(box=box.code)
    return row, fulfilment


@transaction.atomic
def remove_box(session: WorkSession, box: Box, *, by: Member, at: datetime) -> None:
    """Take a box away; what lay in it is to be packed again.

    :raises BoxSealed: it is sealed.
    """
    row, fulfilment = open_box(box, session, by=by)
    BoxContent.objects.filter(box=row).delete()
    later = list(boxes_of(fulfilment).filter(position__gt=row.position))
    row.delete()
    for each in later:
        each.position -= 1
        each.save(update_fields=["position"])
    announce("fulfilment", fulfilment, at=at, permission=SEES)


@transaction.atomic
def put_in(
    session: WorkSession,
    box: Box,
    line: FulfilmentLine,
    quantity: Decimal,
    *,
    by: Member,
    at: datetime,
) -> None:
    """Say how much of a line lies in a box, whatever lay there before; nothing takes it out.

    :raises BoxSealed: it is sealed.
    :raises TooMany: more would be packed than was picked.
    :raises QuantityMissing: it is below zero.
    """
    row, fulfilment = open_box(box, session, by=by)
    if quantity < 0:
        raise QuantityMissing
    mine = next((each for each in lines_of(fulfilment) if each.pk == line.pk), None)
    if mine is None:
        raise WrongProduct(product=line.description)
    others = BoxContent.objects.filter(line=mine).exclude(box=row)
    left = mine.picked - others.aggregate(sum=Sum("quantity", default=ZERO))["sum"]
    if quantity > left:
        raise TooMany(product=mine.description, left=figure(max(left, ZERO)))
    with refusing(REFUSALS):
        if quantity:
            BoxContent.objects.update_or_create(box=row, line=mine, defaults={"quantity": quantity})
        else:
            BoxContent.objects.filter(box=row, line=mine).delete()
    announce("fulfilment", fulfilment, at=at, permission=SEES)


@transaction.atomic
def scan_into(
    session: WorkSession,
    box: Box,
    code: str,
    quantity: Decimal = Decimal(1),
    *,
    by: Member,
    at: datetime,
) -> FulfilmentLine:
    """Put what was scanned into a box; the line that it belongs to.

    :raises UnknownCode: nothing here has the code.
    :raises WrongProduct: it wasn't picked for this invoice.
    :raises TooMany: all that was picked of it is packed.
    """
    row, fulfilment = open_box(box, session, by=by)
    line, many = picked_by(code, fulfilment, at=at)
    inside = BoxContent.objects.filter(box=row, line=line).first()
    more = (inside.quantity if inside else ZERO) + quantity * many
    put_in(session, row, line, more, by=by, at=at)
    return line


def picked_by(code: str, fulfilment: Fulfilment, *, at: datetime) -> tuple[FulfilmentLine, Decimal]:
    """The line that a code was picked for, one with something left to pack first, and how many it is."""
    today = local_date(at, fulfilment.organization.time_zone)
    label = rules.read_label(code, today=today)
    lines = [line for line in lines_of(fulfilment) if line.picked]
    found = catalog.find_by_code(label.code)
    if found is None:
        plain = by_text(lines, label.code)
        if plain is None:
            raise UnknownCode(code=label.code[:60])
        return plain, Decimal(1)
    mine = [line for line in lines if line.product_id == found.product.pk]
    if not mine:
        raise WrongProduct(product=found.product.name)
    packed = packed_of(fulfilment)
    open_lines = (line for line in mine if packed.get(line.pk, ZERO) < line.picked)
    return next(open_lines, mine[0]), found.quantity


def packed_of(fulfilment: Fulfilment) -> dict[Any, Decimal]:
    """How much of each line lies in boxes."""
    rows = BoxContent.objects.filter(box__fulfilment=fulfilment).order_by().values("line")
    return dict(rows.annotate(sum=Sum("quantity")).values_list("line", "sum"))


@transaction.atomic
def seal(
    session: WorkSession, box: Box, *, weight: Decimal | None = None, by: Member, at: datetime
) -> Box:
    """Close a box.

    :raises BoxEmpty: there is nothing in it.
    :raises WeightMissing: it would weigh nothing.
    """
    row, fulfilment = open_box(box, session, by=by)
    if weight is not None and weight <= 0:
        raise WeightMissing
    if not BoxContent.objects.filter(box=row).exists():
        raise BoxEmpty(box=row.code)
    row.weight, row.sealed_at = weight, at
    row.save(update_fields=["weight", "sealed_at"])
    announce("fulfilment", fulfilment, at=at, permission=SEES)
    return row


@transaction.atomic
def unseal(session: WorkSession, box: Box, *, by: Member, at: datetime) -> Box:
    """Open a sealed box again."""
    _mine, fulfilment = at_work(session, STAGE, by=by)
    row = boxes_of(fulfilment).get(pk=box.pk)
    row.sealed_at = None
    row.save(update_fields=["sealed_at"])
    announce("fulfilment", fulfilment, at=at, permission=SEES)
    return row


# --- the end --------------------------------------------------------------------------------------


@transaction.atomic
def leave_for_boxing(session: WorkSession, *, by: Member, at: datetime) -> Fulfilment:
    """End checking: another puts it into boxes.

    :raises AlreadyMoved: it waits for boxes already.
    """
    mine, fulfilment = at_work(session, STAGE, by=by)
    if fulfilment.state != STATES.PACKING:
        raise AlreadyMoved(number=fulfilment.number, state=fulfilment.get_state_display())
    end(mine, OUTCOMES.DONE, by=by, at=at)
    move(fulfilment, STATES.BOXING, by=by, at=at)
    record(events.TO_BOX, fulfilment, by=by, at=at)
    return fulfilment


@transaction.atomic
def finish_packing(session: WorkSession, *, by: Member, at: datetime) -> Fulfilment:
    """End packing, when the boxes hold exactly what was picked.

    :raises NotWhatWasPicked: they don't; with each line that differs.
    :raises BoxesOpen: a box isn't sealed.
    """
    mine, fulfilment = at_work(session, STAGE, by=by)
    return complete_packing(mine, fulfilment, by=by, at=at)


def complete_packing(
    session: WorkSession, fulfilment: Fulfilment, *, by: Member, at: datetime
) -> Fulfilment:
    """End packing of an invoice that is held."""
    wrong = differences(fulfilment)
    if wrong:
        raise NotWhatWasPicked(lines=", ".join(wrong))
    boxes = list(boxes_of(fulfilment))
    unsealed = [box.code for box in boxes if box.sealed_at is None]
    if unsealed:
        raise BoxesOpen(boxes=", ".join(unsealed))
    end(session, OUTCOMES.DONE, by=by, at=at)
    free_trays(fulfilment, at=at)
    move(fulfilment, STATES.PACKED, by=by, at=at, refusals=REFUSALS)
    record(events.PACKED, fulfilment, by=by, at=at, words={"count": len(boxes)})
    return fulfilment


def differences(fulfilment: Fulfilment) -> list[str]:
    """Where the boxes hold something else than was picked, each line in words."""
    packed = packed_of(fulfilment)
    return [
        f"{line.description} {figure(packed.get(line.pk, ZERO))}/{figure(line.picked)}"
        for line in lines_of(fulfilment)
        if packed.get(line.pk, ZERO) != line.picked
    ]


def box_everything(fulfilment: Fulfilment, *, at: datetime) -> None:
    """Put whatever isn't packed into one box, and seal all of them."""
    packed = packed_of(fulfilment)
    left = [
        (line, line.picked - packed.get(line.pk, ZERO))
        for line in lines_of(fulfilment)
        if line.picked > packed.get(line.pk, ZERO)
    ]
    if left:
        box = new_box(fulfilment, at=at)
        BoxContent.objects.bulk_create(
            BoxContent(
                organization_id=fulfilment.organization_id, box=box, line=line, quantity=many
            )
            for line, many in left
        )
    boxes_of(fulfilment).filter(sealed_at__isnull=True).update(sealed_at=at)
