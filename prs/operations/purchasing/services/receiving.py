"""Taking goods in: batches and worth in stock, and what is owed for them in the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F

from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.ids import new_id
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping.services import Source
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog.models import Product
from prs.masterdata.parties.models import Supplier
from prs.masterdata.places.models import Place
from prs.operations.purchasing import events, rules
from prs.operations.purchasing.models import (
    GoodsReceipt,
    OrderLine,
    PurchaseOrder,
    ReceiptLine,
)
from prs.operations.purchasing.services.costing import Bought, Landed, landed
from prs.operations.purchasing.services.postings import posted
from prs.operations.purchasing.services.refusals import (
    DamageUntold,
    ExpiredOnArrival,
    ExpiryMissing,
    FutureReceipt,
    NothingCame,
    NotOnOrder,
    OrderMoved,
    SupplierMissing,
)

RECEIPT = Series("goods_receipt", "GRN-", width=6)
SOURCE = "purchasing.goodsreceipt"
Kind, Spread = GoodsReceipt.Kind, GoodsReceipt.Spread
ZERO = Decimal(0)
AWAITED = (PurchaseOrder.State.SENT, PurchaseOrder.State.PART)


@dataclass(frozen=True)
class Came:
    """A line of a delivery, as somebody found it."""

    product: Product
    quantity: Decimal
    unit_price: Decimal = ZERO
    tax_rate: Decimal = ZERO
    damaged: Decimal = ZERO
    remark: str = ""
    lot: str = ""
    expires_on: date | None = None
    retail_price: Decimal | None = None
    wholesale_price: Decimal | None = None
    order_line: OrderLine | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def bought(self) -> Bought:
        """What of it is paid for: what is good."""
        return Bought(self.quantity, self.unit_price, self.tax_rate)


@dataclass(frozen=True)
class Delivery:
    """What a delivery is, besides its lines. `charges` are in our own currency."""

    place: Place
    supplier: Supplier | None = None
    order: PurchaseOrder | None = None
    received_on: date | None = None
    currency: str = ""
    rate: Decimal = Decimal(1)
    charges: Decimal = ZERO
    spread: str = Spread.VALUE
    recoverable: bool = True
    reference: str = ""
    notes: str = ""
    opening: bool = False


@transaction.atomic
def take_in(delivery: Delivery, lines: Sequence[Came], *, by: Member, at: datetime) -> GoodsReceipt:
    """Take goods in: what is good becomes batches, and is owed until its bill comes.

    Short and over are written beside the order; what is damaged is told and not taken in.
    :raises NothingCame: no line says how much came.
    :raises SupplierMissing: bought goods come from somebody.
    :raises FutureReceipt: the day lies ahead.
    :raises DamageUntold, ExpiryMissing, ExpiredOnArrival, NotOnOrder: of a line.
    :raises OrderMoved: the order expects nothing.
    """
    today = local_date(at, by.organization.time_zone)
    on = delivery.received_on or today
    came = [line for line in lines if line.quantity or line.damaged]
    require_sound(delivery, came, on=on, today=today)
    home = by.organization.currency
    cost = landed(
        [line.bought for line in came],
        delivery.charges,
        by_quantity=delivery.spread == Spread.QUANTITY,
        recoverable=delivery.recoverable,
        currency=delivery.currency or home,
        home=home,
        rate=delivery.rate,
    )
    receipt = written(delivery, cost, on=on, home=home, by=by, at=at)
    batches = into_stock(receipt, came, cost, by=by, at=at)
    write_lines(receipt, came, cost, batches)
    if receipt.order is not None:
        count_on_order(receipt.order, came)
    post_intake(receipt, by=by, at=at)
    words = {
        "supplier": receipt.supplier.name if receipt.supplier else "",
        "place": receipt.place.name,
    }
    event = events.OPENED if delivery.opening else events.RECEIVED
    record(event, receipt, by=by, at=at, words=words)
    return receipt


def require_sound(delivery: Delivery, came: Sequence[Came], *, on: date, today: date) -> None:
    """Refuse a delivery that can't be taken in as it is told."""
    if not came or (delivery.charges and not any(line.quantity for line in came)):
        raise NothingCame
    if not delivery.opening and delivery.supplier is None:
        raise SupplierMissing
    if on > today:
        raise FutureReceipt
    for line in came:
        require_sound_line(delivery, line, on=on)


def require_sound_line(delivery: Delivery, line: Came, *, on: date) -> None:
    """Refuse a line that can't be taken in as it is told."""
    name = line.product.name
    if line.damaged and not line.remark.strip():
        raise DamageUntold(product=name)
    if line.quantity and line.product.expires and line.expires_on is None:
        raise ExpiryMissing(product=name)
    if line.quantity and line.expires_on is not None and line.expires_on < on:
        raise ExpiredOnArrival(product=name)
    if line.order_line is not None and line.order_line.order_id != getattr(
        delivery.order, "pk", None
    ):
        raise NotOnOrder(product=name)


def written(
    delivery: Delivery,
    cost: Sequence[Landed],
    *,
    on: date,
    home: str,
    by: Member,
    at: datetime,
) -> GoodsReceipt:
    """The head of a receipt, with what it comes to."""
    return GoodsReceipt.objects.create(
        number=next_number(RECEIPT, year=on.year),
        kind=Kind.OPENING if delivery.opening else Kind.PURCHASE,
        order=delivery.order,
        supplier=delivery.supplier,
        place=delivery.place,
        received_on=on,
        reference=delivery.reference,
        currency=delivery.currency or home,
        rate=delivery.rate,
        charges=delivery.charges,
        spread=delivery.spread,
        recoverable=delivery.recoverable,
        notes=delivery.notes,
        net=sum((line.net for line in cost), ZERO),
        tax=sum((line.tax for line in cost), ZERO),
        worth=sum((line.cost for line in cost), ZERO),
        received_by=by,
        received_at=at,
    )


def into_stock(
    receipt: GoodsReceipt,
    came: Sequence[Came],
    cost: Sequence[Landed],
    *,
    by: Member,
    at: datetime,
) -> dict[UUID, UUID]:
    """A batch for each line of which something is good; their ids by line."""
    good = [(line, each) for line, each in zip(came, cost, strict=True) if line.quantity]
    intakes = [
        stock.Intake(
            product=line.product,
            quantity=line.quantity,
            cost=each.cost,
            line_id=line.id,
            expires_on=line.expires_on,
            lot=line.lot,
            supplier_id=receipt.supplier_id,
            retail_price=line.retail_price,
            wholesale_price=line.wholesale_price,
        )
        for line, each in good
    ]
    if not intakes:
        return {}
    cause = stock.Cause(SOURCE, receipt.pk, receipt.received_on, by, at)
    batches = stock.receive(intakes, receipt.place, cause)
    return {line.id: batch.pk for (line, _each), batch in zip(good, batches, strict=True)}


def write_lines(
    receipt: GoodsReceipt,
    came: Sequence[Came],
    cost: Sequence[Landed],
    batches: dict[UUID, UUID],
) -> None:
    """Write what came of each product."""
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            id=line.id,
            organization_id=receipt.organization_id,
            receipt=receipt,
            order_line=line.order_line,
            position=position,
            product=line.product,
            quantity=line.quantity,
            damaged=line.damaged,
            remark=line.remark.strip(),
            unit_price=line.unit_price,
            tax_rate=line.tax_rate,
            lot=line.lot,
            expires_on=line.expires_on,
            retail_price=line.retail_price,
            wholesale_price=line.wholesale_price,
            cost=each.cost if line.quantity else ZERO,
            batch_id=batches.get(line.id),
        )
        for position, (line, each) in enumerate(zip(came, cost, strict=True), start=1)
    )


def count_on_order(order: PurchaseOrder, came: Sequence[Came]) -> None:
    """Write on an order what came of it, and how it stands now. One delivery after another.

    :raises OrderMoved: it expects nothing.
    """
    row = PurchaseOrder.objects.select_for_update(no_key=True).get(pk=order.pk)
    if row.state not in AWAITED:
        raise OrderMoved(state=row.get_state_display())
    for line in came:
        if line.order_line is not None and line.quantity:
            OrderLine.objects.filter(pk=line.order_line.pk).update(
                received=F("received") + line.quantity
            )
    stands = OrderLine.objects.filter(order=row).order_by("position")
    order.state = rules.order_state(list(stands.values_list("quantity", "received")))
    PurchaseOrder.objects.filter(pk=row.pk).update(state=order.state)


def post_intake(receipt: GoodsReceipt, *, by: Member, at: datetime) -> None:
    """Goods that came are worth what they cost, and owed until the bill comes. What the stock began
    with was brought in by the owners.
    """
    opening = receipt.kind == Kind.OPENING
    other = chart.CAPITAL if opening else chart.RECEIVED_NOT_BILLED
    who = receipt.supplier.name if receipt.supplier else receipt.place.name
    posted(
        Source(SOURCE, receipt.pk, "received"),
        (
            chart.debit(chart.INVENTORY, receipt.worth),
            chart.credit(other, receipt.worth, party_id=receipt.supplier_id),
        ),
        f"{receipt.number} {who}",
        on=receipt.received_on,
        by=by,
        at=at,
    )
