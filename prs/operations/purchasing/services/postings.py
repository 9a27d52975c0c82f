"""What stock means to the books: each thing that happens to goods is posted once, as the goods move."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from prs.kernel.activity.rules import Actor
from prs.kernel.clock import local_date
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.rules import Side
from prs.ledgers.bookkeeping.services import Source
from prs.ledgers.stock import selectors as stock
from prs.masterdata.places.models import Place

SUPPLIER_RETURN = "supplier_return"


def house() -> Organization:
    """The organization whose goods these are."""
    return Organization.objects.get(pk=required_organization())


def posted(
    source: Source, sides: tuple[Side, ...], description: str, *, on: date, by: Actor, at: datetime
) -> None:
    """Post an event of goods in the home currency, unless it is in the books or worth nothing."""
    if not any(side.amount for side in sides) or bookkeeping.entry_of(source):
        return
    bookkeeping.post(
        source, sides, on=on, currency=house().currency, description=description, by=by, at=at
    )


def account_at(place: Place) -> str:
    """The account that goods at a place stand on."""
    return chart.IN_TRANSIT if place.kind == Place.Kind.TRANSIT else chart.INVENTORY


def post_adjustment(adjustment: Any, *, by: Actor, at: datetime) -> None:
    """A loss is an expense, a find a gain; what goes back to its supplier is owed less."""
    worth: Decimal = adjustment.value or Decimal(0)
    goods, party = account_at(adjustment.place), None
    other = chart.INVENTORY_GAINS if worth > 0 else chart.SHRINKAGE
    if adjustment.kind == SUPPLIER_RETURN:
        other, party = chart.PAYABLE, adjustment.batch.supplier_id
    posted(
        Source("stock.adjustment", adjustment.pk, "approved"),
        (chart.debit(goods, worth), chart.credit(other, worth, party_id=party)),
        f"{adjustment.number} {adjustment.get_kind_display()}: {adjustment.batch.product.name}",
        on=local_date(at, house().time_zone),
        by=by,
        at=at,
    )


def post_dispatch(transfer: Any, *, by: Actor, at: datetime) -> None:
    """Goods that were sent are on their way."""
    worth = stock.carried_value(transfer.pk, "dispatch")
    posted(
        Source("stock.transfer", transfer.pk, "dispatched"),
        (chart.debit(chart.IN_TRANSIT, worth), chart.credit(chart.INVENTORY, worth)),
        f"{transfer.number} {transfer.origin.name} → {transfer.destination.name}",
        on=local_date(at, house().time_zone),
        by=by,
        at=at,
    )


def post_arrival(transfer: Any, *, by: Actor, at: datetime) -> None:
    """Goods that arrived lie there again; what is missing stays on its way until its loss is approved."""
    worth = stock.carried_value(transfer.pk, "arrival")
    posted(
        Source("stock.transfer", transfer.pk, "received"),
        (chart.debit(chart.INVENTORY, worth), chart.credit(chart.IN_TRANSIT, worth)),
        f"{transfer.number} {transfer.origin.name} → {transfer.destination.name}",
        on=local_date(at, house().time_zone),
        by=by,
        at=at,
    )
