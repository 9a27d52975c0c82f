"""Selling a basket: goods leave, money comes or is owed, and both are in the books at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from prs.kernel import money
from prs.kernel.activity.services import draft, react
from prs.kernel.clock import local_date
from prs.kernel.db.ids import new_id
from prs.kernel.db.names import named, refusing
from prs.kernel.db.rows import Rows, as_document
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.kernel.money import Money
from prs.kernel.numbering import count_up
from prs.kernel.tenancy.context import required_organization
from prs.ledgers.bookkeeping.services import posting as bookkeeping
from prs.ledgers.stock import selectors as stocked
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.services import Clearance, Override
from prs.operations.till import events
from prs.operations.till.models import Sale, SaleLine, Shift, Tender
from prs.operations.till.selectors.sales import tenders_of
from prs.operations.till.services.baskets import cause_of, lines_of
from prs.operations.till.services.billing import bill, clear
from prs.operations.till.services.posting import sale_entry
from prs.operations.till.services.refusals import (
    BasketChanged,
    BasketEmpty,
    BasketGone,
    ExchangeSpent,
    ShiftOver,
)
from prs.operations.till.services.settling import Handed, Settlement, settlement

STEP = """(SELECT c.rounding_step FROM till_tillsetting c
    WHERE c.organization_id = s.organization_id AND c.currency = s.currency)"""
EARLIER = """(SELECT e.id FROM till_sale e
    WHERE e.organization_id = s.organization_id AND e.key = %s)"""
# The drawer and the basket, held in this order until the commit, the smallest coin, and what the key sold before.
READ = Rows(
    "FROM till_sale s JOIN places_place p ON p.id = s.place_id JOIN till_shift d ON d.id = %s"
    " WHERE s.organization_id = %s AND s.id = %s FOR NO KEY UPDATE OF d, s",
    extra=(EARLIER, STEP),
    s=Sale,
    p=Place,
    d=Shift,
)
COMPLETE = "SELECT till_complete(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
REFUSALS: dict[str, type[Refusal]] = {
    "sale_in_open_shift": ShiftOver,
    "sale_key_unique": BasketGone,
    "tender_exchange_within_return": ExchangeSpent,
    "tender_in_open_shift": ShiftOver,
    "movement_once_per_cause": stock.MovedAlready,
    **bookkeeping.REFUSALS,
}


@dataclass(frozen=True)
class Sold:
    """A sale, and what it was paid with."""

    sale: Sale
    tenders: list[Tender]


@dataclass(frozen=True)
class Checkout:
    """A basket at the counter: with the drawer and the place that its row names, and its lines."""

    basket: Sale
    drawer: Shift
    lines: list[SaleLine]
    step: Decimal


def complete(sale: Sale, handed: Sequence[Handed], **words: Any) -> Sale:
    """Sell a basket; the sale. See `sell`."""
    return sell(sale, handed, **words).sale


def sell(  # noqa: PLR0913  (a sale is all of these)
    sale: Sale,
    handed: Sequence[Handed],
    *,
    shift: Shift,
    key: UUID,
    by: Member,
    at: datetime,
    on_credit: bool = False,
    seen: Decimal | None = None,
    override: Override | None = None,
) -> Sold:
    """Sell a basket. The same key sells once, however often it is sent, and gets the same sale back.

    `seen` is the total that the cashier saw; another one is not sold. A sale for money is refused before
    anything is written; only what is owed, or paid with a credit, may be refused later and needs a savepoint.

    :raises ShiftOver: the drawer was closed meanwhile.
    :raises BasketGone: it was sold by another key, or left.
    :raises BasketEmpty: there is nothing in it.
    :raises BasketChanged: it comes to something else than what was seen.
    :raises OutOfStock: goods are no longer there.
    :raises NotEnough: money is missing.
    :raises NoName: it would be owed by nobody.
    :raises CreditRefused: the customer gets no credit.
    """
    found = brought(sale, shift, key=key, by=by)
    if isinstance(found, Sale):
        return Sold(found, tenders_of(found))
    basket = found.basket
    refuse_unready(basket, found.lines, seen)
    paid = settlement(
        basket.total, handed, step=found.step, on_credit=on_credit, currency=basket.currency
    )
    basket.completed_on = local_date(at, basket.organization.time_zone)
    late = paid.owed or any(part.handed.exchange for part in paid.parts)
    with (refusing if late else named)(REFUSALS):
        cleared = clear(basket, paid.owed, on=basket.completed_on, by=by, override=override)
        invoice = bill_first(found, paid, cleared, by=by, at=at)
        finish(basket, found.drawer, paid, invoice, key=key, by=by, at=at)
        tenders = tenders_for(basket, found.drawer, paid, at=at)
        write(found, tenders, invoice, by=by, at=at)
    return Sold(basket, tenders)


def brought(sale: Sale, shift: Shift, *, key: UUID, by: Member) -> Checkout | Sale:
    """A basket with all that selling it needs, held until the commit; or what the key sold before.

    :raises ShiftOver: the drawer was closed meanwhile.
    :raises BasketGone: it was sold by another key or left, or the key sold another.
    """
    read = READ.first((key, shift.pk, required_organization(), sale.pk))
    if read is None:
        raise BasketGone
    basket, place, drawer, earlier, step = read
    basket.place, basket.organization = place, by.organization
    place.organization = by.organization
    if key == basket.key:
        return basket
    if drawer.state != Shift.State.OPEN:
        raise ShiftOver
    if earlier is not None or basket.state != Sale.State.OPEN:
        raise BasketGone
    return Checkout(basket, drawer, lines_of(basket), step or Decimal(0))


def refuse_unready(basket: Sale, lines: Sequence[SaleLine], seen: Decimal | None) -> None:
    """Refuse what is empty, or other than what the cashier saw."""
    if not lines:
        raise BasketEmpty
    if seen is not None and seen != basket.total:
        raise BasketChanged(total=money.spoken(Money(basket.currency, basket.total)))


def bill_first(
    found: Checkout, paid: Settlement, cleared: Clearance | None, *, by: Member, at: datetime
) -> Invoice | None:
    """Issue the invoice of what stays owed. It names the receipt, so goods leave and are numbered first."""
    if cleared is None:
        return None
    basket = found.basket
    goods = wanted_of(found.lines)
    if goods:
        cause = cause_of(basket, by=by, at=at)
        stock.take(goods, basket.place, stocked.KINDS.SALE, cause, holder=basket.pk)
    kind, period, prefix = receipt_of(basket.place, basket.completed_on or at.date())
    basket.number = f"{prefix}{count_up(kind, period):04}"
    return bill(basket, found.lines, paid.owed, cleared, by=by, at=at)


def wanted_of(lines: Sequence[SaleLine]) -> list[stock.Wanted]:
    """The goods of a basket."""
    return [
        stock.Wanted(line.product, line.quantity, line.pk)
        for line in lines
        if line.product.kind == Product.Kind.GOODS
    ]


def receipt_of(place: Place, on: date) -> tuple[str, str, str]:
    """The series of a storefront's receipts on a day: its kind and period, and how its numbers begin."""
    return f"sale:{place.code}", f"{on:%Y%m%d}", f"{place.code}-{on:%Y%m%d}-"


def finish(
    basket: Sale,
    drawer: Shift,
    paid: Settlement,
    invoice: Invoice | None,
    *,
    key: UUID,
    by: Member,
    at: datetime,
) -> None:
    """What a basket is as a sale."""
    basket.state, basket.key = Sale.State.COMPLETED, key
    basket.shift, basket.till_id = drawer, drawer.till_id
    basket.seller, basket.held_at, basket.invoice = by, None, invoice
    basket.paid, basket.rounding, basket.on_credit = paid.paid, paid.rounding, paid.owed
    basket.completed_at = basket.touched_at = at


def tenders_for(basket: Sale, drawer: Shift, paid: Settlement, *, at: datetime) -> list[Tender]:
    """What was handed over, as it is written down."""
    return [
        Tender(
            id=new_id(),
            organization_id=basket.organization_id,
            sale=basket,
            shift=drawer,
            exchange=part.handed.exchange,
            method=part.handed.method,
            amount=part.amount,
            handed=part.amount + part.change,
            change=part.change,
            reference=part.handed.reference.strip()[:60],
            at=at,
        )
        for part in paid.parts
    ]


def write(
    found: Checkout, tenders: list[Tender], invoice: Invoice | None, *, by: Member, at: datetime
) -> None:
    """Write the sale down for good, by the till's door: goods, receipt, sale, tenders, books and history.

    The basket learns its number and what its goods cost. Of what is owed the goods left before.

    :raises OutOfStock: goods are no longer there.
    :raises Expired: what is left of them may not be sold.
    """
    basket, on = found.basket, found.basket.completed_on or at.date()
    goods = [] if basket.number else wanted_of(found.lines)
    kind, period, prefix = receipt_of(basket.place, on)
    amount = money.spoken(Money(basket.currency, basket.to_pay))
    event = draft(events.SOLD, basket, by=by, at=at, words={"amount": amount})
    words = (
        json.dumps(as_document(basket), default=str),
        stock.as_asked(goods),
        stock.as_said(cause_of(basket, by=by, at=at)),
        stock.digits_at(basket.place),
        json.dumps({"kind": kind, "period": period, "prefix": prefix}),
        json.dumps([as_document(tender) for tender in tenders], default=str),
        json.dumps(sale_entry(basket, tenders, invoice)),
        *event.words,
    )
    with connection.cursor() as cursor:
        cursor.execute(COMPLETE, words)
        (said,) = cursor.fetchone()
    answer = json.loads(said)
    for line_id, missing, stale in answer.get("missing", ()):
        line = next(each for each in goods if str(each.line_id) == line_id)
        raise stock.missed(line, Decimal(missing), basket.place, stale=stale)
    basket.number, basket.cost = answer["number"], Decimal(answer["cost"])
    event.row.subject_label = event.row.words["subject"] = basket.number
    react(event)
