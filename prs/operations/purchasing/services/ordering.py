"""Writing orders and sending them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from prs.kernel import money
from prs.kernel.activity.rules import Event
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.versions import write_version
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.masterdata.catalog.models import Product
from prs.operations.purchasing import events
from prs.operations.purchasing.models import OrderLine, PurchaseOrder
from prs.operations.purchasing.services.costing import Bought, landed
from prs.operations.purchasing.services.refusals import (
    NothingOrdered,
    OrderMoved,
    ReasonMissing,
)

ORDER = Series("purchase_order", "PO-", width=6)
State = PurchaseOrder.State


@dataclass(frozen=True)
class Ordered:
    """A line of an order before it is written."""

    product: Product
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal = Decimal(0)


def said(order: PurchaseOrder) -> dict[str, str]:
    """The words that events of an order use."""
    return {"supplier": order.supplier.name, "reason": order.reason}


@transaction.atomic
def draft_order(
    fields: Mapping[str, Any], lines: Sequence[Ordered], *, by: Member, at: datetime
) -> PurchaseOrder:
    """Write an order down. Nobody outside sees it before it is sent.

    :raises NothingOrdered: it has no lines.
    """
    today = local_date(at, by.organization.time_zone)
    order = PurchaseOrder(
        **{"currency": by.organization.currency, "ordered_on": today, **fields},
        number=next_number(ORDER, year=at.year),
        created_by=by,
        created_at=at,
    )
    order.net, order.total = totals(order, lines)
    order.save(force_insert=True)
    write_lines(order, lines)
    record(events.ORDER_DRAFTED, order, by=by, at=at, words=said(order))
    return order


def totals(order: PurchaseOrder, lines: Sequence[Ordered]) -> tuple[Decimal, Decimal]:
    """Net and total of lines, each line rounded.

    :raises NothingOrdered: there are none.
    """
    if not lines:
        raise NothingOrdered
    cost = landed(
        [Bought(line.quantity, line.unit_price, line.tax_rate) for line in lines],
        Decimal(0),
        by_quantity=False,
        recoverable=True,
        currency=order.currency,
        home=order.currency,
        rate=Decimal(1),
    )
    net = sum((line.net for line in cost), Decimal(0))
    return net, net + sum((line.tax for line in cost), Decimal(0))


def write_lines(order: PurchaseOrder, lines: Sequence[Ordered]) -> None:
    """Write the lines; the same product twice becomes one line, at the later price."""
    joined: dict[Any, Ordered] = {}
    for line in lines:
        known = joined.get(line.product.pk)
        more = known.quantity if known else Decimal(0)
        joined[line.product.pk] = Ordered(
            line.product, line.quantity + more, line.unit_price, line.tax_rate
        )
    OrderLine.objects.bulk_create(
        OrderLine(
            organization_id=order.organization_id,
            order=order,
            position=position,
            product=line.product,
            quantity=line.quantity,
            unit_price=line.unit_price,
            tax_rate=line.tax_rate,
        )
        for position, line in enumerate(joined.values(), start=1)
    )


@transaction.atomic
def change_order(
    order: PurchaseOrder,
    fields: Mapping[str, Any],
    lines: Sequence[Ordered],
    *,
    by: Member,
    at: datetime,
) -> PurchaseOrder:
    """Change a draft, with all its lines.

    :raises OrderMoved: it was sent.
    :raises NothingOrdered: no lines are left.
    """
    if order.state != State.DRAFT:
        raise OrderMoved(state=order.get_state_display())
    for name, value in fields.items():
        setattr(order, name, value)
    net, total = totals(order, lines)
    written = {**fields, "net": net, "total": total}
    for name in fields:
        setattr(order, name, fields[name])
    before = write_version(order, written)
    OrderLine.objects.filter(order=order).delete()
    write_lines(order, lines)
    record(
        events.ORDER_CHANGED, order, by=by, at=at, words=said(order), before=before, after=written
    )
    return order


def step(
    order: PurchaseOrder,
    since: Collection[str],
    fields: Mapping[str, Any],
    event: Event,
    *,
    by: Member,
    at: datetime,
) -> PurchaseOrder:
    """Take an order a step further, if it stands where the step begins.

    :raises OrderMoved: it stands elsewhere by now.
    """
    if not PurchaseOrder.objects.filter(pk=order.pk, state__in=since).update(**fields):
        order.refresh_from_db(fields=["state"])
        raise OrderMoved(state=order.get_state_display())
    for name, value in fields.items():
        setattr(order, name, value)
    record(event, order, by=by, at=at, words=said(order))
    return order


@transaction.atomic
def send_order(order: PurchaseOrder, *, by: Member, at: datetime) -> PurchaseOrder:
    """Note that the supplier has it.

    :raises OrderMoved: it was sent before.
    """
    fields = {"state": State.SENT, "sent_at": at}
    return step(order, [State.DRAFT], fields, events.ORDER_SENT, by=by, at=at)


@transaction.atomic
def close_order(order: PurchaseOrder, reason: str, *, by: Member, at: datetime) -> PurchaseOrder:
    """Expect nothing more of it.

    :raises ReasonMissing: it isn't said why.
    :raises OrderMoved: nothing is expected of it.
    """
    if not reason.strip():
        raise ReasonMissing
    fields = {"state": State.CLOSED, "reason": reason.strip()}
    return step(order, [State.SENT, State.PART], fields, events.ORDER_CLOSED, by=by, at=at)


@transaction.atomic
def cancel_order(order: PurchaseOrder, reason: str, *, by: Member, at: datetime) -> PurchaseOrder:
    """Call it off before anything came.

    :raises ReasonMissing: it isn't said why.
    :raises OrderMoved: something came already: close it.
    """
    if not reason.strip():
        raise ReasonMissing
    fields = {"state": State.CANCELLED, "reason": reason.strip()}
    return step(order, [State.DRAFT, State.SENT], fields, events.ORDER_CANCELLED, by=by, at=at)


def amount_in_words(amount: Decimal, currency: str) -> str:
    """An amount as sentences say it."""
    return money.spoken(money.Money(currency, amount)) if amount else _("nothing")
