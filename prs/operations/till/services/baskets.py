"""Baskets: what is put in and taken out while a sale is open. Each change keeps the goods for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from prs.kernel import money
from prs.kernel.activity.rules import SYSTEM, Actor
from prs.kernel.activity.services import announce, record
from prs.kernel.clock import local_date
from prs.kernel.db.ids import new_id
from prs.kernel.db.rows import Rows, as_document
from prs.kernel.identity.models import Member
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog.models import Product, Unit
from prs.masterdata.parties.models import Customer
from prs.operations.till import events, permissions, rules
from prs.operations.till.models import Sale, SaleLine, Till, TillRule
from prs.operations.till.selectors import shelves
from prs.operations.till.selectors.shelves import Offer
from prs.operations.till.services import pricing
from prs.operations.till.services.pricing import Item, Priced, Rate
from prs.operations.till.services.refusals import (
    BasketGone,
    BasketInTheWay,
    DiscountTooLarge,
    NoPrice,
    NoRightToApprove,
    NotInPieces,
    WrongDiscount,
)

SOURCE = "till.sale"
LEFT_AFTER = timedelta(hours=24)
ZERO = Decimal(0)
MOST = Decimal(100_000)

LINES = Rows(
    "FROM till_saleline l JOIN catalog_product g ON g.id = l.product_id"
    " JOIN catalog_unit u ON u.id = g.unit_id"
    " WHERE l.organization_id = %s AND l.sale_id = %s ORDER BY l.position",
    l=SaleLine,
    g=Product,
    u=Unit,
)


def cause_of(sale: Sale, *, by: Actor, at: datetime) -> stock.Cause:
    """A sale as the cause that moves goods."""
    on = local_date(at, sale.organization.time_zone)
    return stock.Cause(SOURCE, sale.pk, on, by, at)


def open_baskets() -> QuerySet[Sale]:
    """Open baskets, held until the commit."""
    rows = Sale.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("place", "till", "customer", "organization")
    return rows.filter(state=Sale.State.OPEN)


def held_basket(sale: Sale) -> Sale:
    """A basket, held until the commit, if it is open still.

    :raises BasketGone: it was sold or left.
    """
    held: Sale | None = open_baskets().filter(pk=sale.pk).first()
    if held is None:
        raise BasketGone
    return held


def lines_of(sale: Sale) -> list[SaleLine]:
    """The lines of a basket, the first first."""
    found = []
    for line, product, unit in LINES.all((sale.organization_id, sale.pk)):
        line.sale, line.product, product.unit = sale, product, unit
        found.append(line)
    return found


def basket_on(till: Till) -> Sale | None:
    """The basket on a till's screen, held until the commit."""
    rows = Sale.objects.select_for_update(of=("self",), no_key=True).select_related("customer")
    found: Sale | None = rows.filter(till=till, state=Sale.State.OPEN, held_at__isnull=True).first()
    if found is not None:
        seen_from(till, found)
    return found


def seen_from(till: Till, sale: Sale) -> None:
    """Let a basket know its till and storefront without asking for them."""
    sale.till = till
    if sale.place_id == till.place_id:
        sale.place, sale.organization = till.place, till.place.organization


def new_basket(till: Till, *, by: Member, at: datetime) -> Sale:
    """The basket on a till's screen, where there was none: whoever comes second gets the first's."""
    Till.objects.select_for_update(of=("self",), no_key=True).get(pk=till.pk)
    existing = basket_on(till)
    if existing is not None:
        return existing
    made: Sale = Sale.objects.create(
        place=till.place,
        till=till,
        seller=by,
        currency=by.organization.currency,
        begun_at=at,
        touched_at=at,
    )
    seen_from(till, made)
    return made


@dataclass(frozen=True)
class Filled:
    """A basket into which something was put: its lines, and the one that was touched."""

    sale: Sale
    lines: list[SaleLine]
    line: SaleLine


def add_product(
    till: Till, product: Product, quantity: Decimal = Decimal(1), *, by: Member, at: datetime
) -> SaleLine:
    """Put a product into the basket of a till; its line."""
    return put_in(till, product, quantity, by=by, at=at).line


def put_in(
    till: Till, product: Product, quantity: Decimal = Decimal(1), *, by: Member, at: datetime
) -> Filled:
    """Put a product into the basket of a till; more of the same goes onto its line.

    What may refuse is asked before the first write, so a basket that stands needs no savepoint.

    :raises NoPrice: nobody said what it costs here.
    :raises NotInPieces: the quantity is finer than its unit.
    :raises OutOfStock: less of it is free here.
    :raises Expired: what is left of it may not be sold.
    """
    sale = basket_on(till)
    if sale is not None:
        return fill(sale, product, quantity, by=by, at=at)
    with transaction.atomic():
        return fill(new_basket(till, by=by, at=at), product, quantity, by=by, at=at)


def fill(sale: Sale, product: Product, quantity: Decimal, *, by: Member, at: datetime) -> Filled:
    """Put a product onto its line of a basket, or onto a new one."""
    lines = lines_of(sale)
    line = next((line for line in lines if line.product_id == product.pk), None)
    wanted = quantity if line is None else line.quantity + quantity
    refuse_fraction(product, wanted)
    offer = offer_of(sale, product, wanted, at=at)
    if line is None:
        last = lines[-1].position if lines else 0
        line = new_line(sale, product, offer, position=last + 1)
        lines = [*lines, line]
    return put_quantity(Filled(sale, lines, line), wanted, offer, by=by, at=at)


def new_line(sale: Sale, product: Product, offer: Offer, *, position: int) -> SaleLine:
    """A product as it is called and taxed now."""
    return SaleLine(
        id=new_id(),
        organization_id=sale.organization_id,
        sale=sale,
        position=position,
        product=product,
        name=product.name,
        sku=product.sku,
        unit=product.unit.symbol,
        tax_included=product.prices_include_tax,
        rates=[[tax.code, str(tax.rate)] for tax in offer.taxes],
    )


def offer_of(sale: Sale, product: Product, quantity: Decimal, *, at: datetime) -> Offer:
    """What a unit costs in this basket, and its taxes.

    :raises NoPrice: nobody said.
    """
    offer = shelves.offer(
        product,
        quantity,
        sale.place,
        level=sale.level,
        currency=sale.currency,
        on=local_date(at, sale.organization.time_zone),
    )
    if offer is None:
        if product.kind == Product.Kind.GOODS:
            refuse_absent(sale, product, quantity, at=at)
        raise NoPrice(product=product.name)
    return offer


def refuse_absent(sale: Sale, product: Product, quantity: Decimal, *, at: datetime) -> None:
    """Goods without a price may just not be here: then that is what to say.

    :raises OutOfStock: none lies here.
    """
    wanted = stock.Wanted(product, quantity, new_id())
    stock.find([wanted], sale.place, cause_of(sale, by=SYSTEM, at=at))


def refuse_fraction(product: Product, quantity: Decimal) -> None:
    """Refuse a quantity that can't be counted in the product's unit."""
    step = Decimal(1).scaleb(-product.unit.decimals)
    if not 0 < quantity <= MOST or quantity % step:
        raise NotInPieces(product=product.name, unit=product.unit.symbol)


def keep_goods(sale: Sale, line: SaleLine, *, by: Actor, at: datetime) -> None:
    """Keep what a line needs, and everything else in the basket as long."""
    if line.product.kind == Product.Kind.GOODS:
        wanted = stock.Wanted(line.product, line.quantity, line.pk)
        stock.reserve(wanted, sale.place, cause_of(sale, by=by, at=at))


@transaction.atomic
def change_quantity(line: SaleLine, quantity: Decimal, *, by: Member, at: datetime) -> SaleLine:
    """Say how many of a product are bought; none takes it out of the basket.

    :raises OutOfStock: less of it is free here.
    """
    sale = held_basket(line.sale)
    lines = lines_of(sale)
    current = next((each for each in lines if each.pk == line.pk), None)
    if current is None:
        raise BasketGone
    if not quantity:
        remove_line(current, by=by, at=at)
        return current
    refuse_fraction(current.product, quantity)
    offer = offer_of(sale, current.product, quantity, at=at)
    return put_quantity(Filled(sale, lines, current), quantity, offer, by=by, at=at).line


def put_quantity(
    basket: Filled, quantity: Decimal, offer: Offer, *, by: Member, at: datetime
) -> Filled:
    """Write the quantity of one of a basket's lines, with the goods kept for it."""
    sale, line = basket.sale, basket.line
    line.quantity, line.unit_price = quantity, offer.price
    keep_goods(sale, line, by=by, at=at)
    reprice(sale, at=at, lines=basket.lines, touched=line)
    return basket


@transaction.atomic
def remove_line(line: SaleLine, *, by: Member, at: datetime) -> None:
    """Take a product out of the basket; its goods are free again."""
    sale = held_basket(line.sale)
    if line.product.kind == Product.Kind.GOODS:
        nothing = stock.Wanted(line.product, ZERO, line.pk)
        stock.reserve(nothing, sale.place, cause_of(sale, by=by, at=at))
    SaleLine.objects.filter(pk=line.pk, sale=sale).delete()
    reprice(sale, at=at)


def item_of(line: SaleLine) -> Item:
    """A line as it is priced."""
    rates = tuple(Rate(code, Decimal(rate)) for code, rate in line.rates)
    return Item(
        line.quantity,
        line.unit_price,
        rates,
        line.tax_included,
        line.discount_percent,
        line.discount_fixed,
    )


def reprice(
    sale: Sale,
    *,
    at: datetime,
    lines: list[SaleLine] | None = None,
    touched: SaleLine | None = None,
) -> Sale:
    """Work out what a basket comes to, and write it down.

    `lines` are all of them, as they are to be; only a new one, the touched one, and those that are
    worth something else now are written.
    """
    lines = lines_of(sale) if lines is None else lines
    before = [(line.net, line.taxes, line.basket_share, line.discount) for line in lines]
    priced = pricing.basket(
        [item_of(line) for line in lines],
        sale.currency,
        percent=sale.discount_percent,
        fixed=sale.discount_fixed,
    )
    for line, found in zip(lines, priced, strict=True):
        write_price(line, found)
    changed = [
        line
        for line, was in zip(lines, before, strict=True)
        if line is touched or (line.net, line.taxes, line.basket_share, line.discount) != was
    ]
    sale.net_total = sum((each.net for each in priced), ZERO)
    sale.tax_total = sum((each.tax for each in priced), ZERO)
    sale.total = sale.net_total + sale.tax_total
    sale.discount = sum((each.discount + each.share for each in priced), ZERO)
    sale.line_count, sale.touched_at = len(lines), at
    write_down(sale, changed)
    return sale


def write_down(sale: Sale, lines: Sequence[SaleLine]) -> None:
    """Write a basket and its changed lines, and tell the open pages: one call."""
    documents = [
        json.dumps(each, default=str)
        for each in (as_document(sale), [as_document(line) for line in lines])
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT till_write_basket(%s, %s)", documents)
    for line in lines:
        line._state.adding = False


def write_price(line: SaleLine, found: Priced) -> None:
    """Put a line's money into its row."""
    line.gross, line.discount, line.basket_share = found.gross, found.discount, found.share
    line.net, line.tax, line.total = found.net, found.tax, found.total
    line.taxes = [[rate.code, str(rate.rate), str(tax)] for rate, tax in found.taxes]


# --- discounts ----------------------------------------------------------------------------------


def limits_of(member: Member) -> tuple[Decimal, Decimal]:
    """How much a member may take off a line and off a basket, in per cent."""
    rule = TillRule.objects.filter(role=member.role_id).first()
    if rule is not None:
        return rule.line_discount, rule.basket_discount
    if member.may(permissions.DISCOUNT):
        return rules.HUNDRED, rules.HUNDRED
    return rules.USUAL_LINE_DISCOUNT, rules.USUAL_BASKET_DISCOUNT


def refuse_discount(
    percent: Decimal, *, of_basket: bool, by: Member, approved_by: Member | None
) -> None:
    """Refuse a discount above what the seller, or who approved it, may give.

    :raises DiscountTooLarge: nobody approved it.
    :raises NoRightToApprove: who approved it may not.
    """
    which = 1 if of_basket else 0
    if percent <= limits_of(by)[which]:
        return
    if approved_by is None:
        raise DiscountTooLarge(limit=f"{limits_of(by)[which].normalize():f}")
    if not approved_by.may(permissions.DISCOUNT) or percent > limits_of(approved_by)[which]:
        raise NoRightToApprove(name=approved_by.name)


def refuse_wrong(percent: Decimal, fixed: Decimal, whole: Decimal) -> None:
    """Refuse what is no discount."""
    if not 0 <= percent <= rules.HUNDRED or not 0 <= fixed <= whole or (percent and fixed):
        raise WrongDiscount


@transaction.atomic
def discount_line(
    line: SaleLine,
    *,
    percent: Decimal = ZERO,
    fixed: Decimal = ZERO,
    by: Member,
    at: datetime,
    approved_by: Member | None = None,
) -> SaleLine:
    """Take something off a line: so many per cent, or an amount.

    :raises WrongDiscount: it is less than nothing or more than the price.
    :raises DiscountTooLarge: the seller may take off less, and nobody approved it.
    """
    sale = held_basket(line.sale)
    current: SaleLine = SaleLine.objects.get(pk=line.pk, sale=sale)
    fixed = money.rounded(fixed, sale.currency)
    refuse_wrong(percent, fixed, current.gross)
    off = percent or rules.percent_of(fixed, current.gross)
    refuse_discount(off, of_basket=False, by=by, approved_by=approved_by)
    current.discount_percent, current.discount_fixed = percent, fixed
    current.save(update_fields=["discount_percent", "discount_fixed"])
    sale.discount_by = approved_by or sale.discount_by
    reprice(sale, at=at)
    return current


@transaction.atomic
def discount_basket(
    sale: Sale,
    *,
    percent: Decimal = ZERO,
    fixed: Decimal = ZERO,
    by: Member,
    at: datetime,
    approved_by: Member | None = None,
) -> Sale:
    """Take something off a whole basket; each line bears its share.

    :raises WrongDiscount: it is less than nothing or more than the price.
    :raises DiscountTooLarge: the seller may take off less, and nobody approved it.
    """
    held = held_basket(sale)
    whole = sum((line.gross - line.discount for line in lines_of(held)), ZERO)
    fixed = money.rounded(fixed, held.currency)
    refuse_wrong(percent, fixed, whole)
    off = percent or rules.percent_of(fixed, whole)
    refuse_discount(off, of_basket=True, by=by, approved_by=approved_by)
    held.discount_percent, held.discount_fixed = percent, fixed
    held.discount_by = approved_by or held.discount_by
    return reprice(held, at=at)


# --- customers, levels, waiting -----------------------------------------------------------------


@transaction.atomic
def set_level(sale: Sale, level: str, *, at: datetime) -> Sale:
    """Sell at retail or at wholesale prices; every line is priced again."""
    held = held_basket(sale)
    held.level = Sale.Level(level)
    lines = lines_of(held)
    prices = shelves.unit_prices(
        {line.product_id: line.quantity for line in lines},
        held.place,
        level=held.level,
        currency=held.currency,
        on=local_date(at, held.organization.time_zone),
    )
    for line in lines:
        line.unit_price = prices.get(line.product_id, line.unit_price)
    SaleLine.objects.bulk_update(lines, ["unit_price"])
    return reprice(held, at=at)


@transaction.atomic
def set_customer(sale: Sale, customer: Customer | None, *, at: datetime) -> Sale:
    """Say who buys; a wholesale customer gets wholesale prices."""
    held = held_basket(sale)
    held.customer = customer
    held.save(update_fields=["customer"])
    level = Sale.Level.RETAIL if customer is None else Sale.Level(customer.price_level)
    if level != held.level:
        return set_level(held, level, at=at)
    announce("basket", held, at=at, permission="till.sell")
    return held


@transaction.atomic
def hold(sale: Sale, *, name: str = "", by: Member, at: datetime) -> Sale:
    """Put a basket aside; the till is free for the next customer."""
    held = held_basket(sale)
    held.held_at, held.touched_at = at, at
    held.name, held.seller = name.strip()[:60], by
    held.save(update_fields=["held_at", "touched_at", "name", "seller"])
    announce("basket", held, at=at, permission="till.sell")
    return held


@transaction.atomic
def recall(sale: Sale, till: Till, *, by: Member, at: datetime) -> Sale:
    """Take a basket up again, at any till of the storefront; its goods are kept anew.

    What others took meanwhile stays in it, and is refused by name when it is to be sold.
    :raises BasketInTheWay: the till has a basket with something in it.
    """
    Till.objects.select_for_update(of=("self",), no_key=True).get(pk=till.pk)
    held = held_basket(sale)
    if held.place_id != till.place_id or held.held_at is None:
        raise BasketGone
    there = basket_on(till)
    if there is not None:
        if SaleLine.objects.filter(sale=there).exists():
            raise BasketInTheWay
        abandon(there, by=by, at=at)
    held.held_at, held.till, held.touched_at = None, till, at
    held.save(update_fields=["held_at", "till", "touched_at"])
    for line in lines_of(held):
        with suppress(stock.OutOfStock, stock.Expired), transaction.atomic():
            keep_goods(held, line, by=by, at=at)
    announce("basket", held, at=at, permission="till.sell")
    return held


@transaction.atomic
def abandon(sale: Sale, *, by: Actor, at: datetime) -> Sale:
    """Leave a basket: nothing was sold, its goods are free again."""
    held = held_basket(sale)
    stock.release(held.pk)
    held.state, held.touched_at = Sale.State.ABANDONED, at
    held.save(update_fields=["state", "touched_at"])
    if held.line_count:
        total = money.spoken(money.Money(held.currency, held.total))
        record(events.ABANDONED, held, by=by, at=at, words={"amount": total})
    return held


def left_behind(*, at: datetime) -> list[UUID]:
    """Baskets that nobody touched for a day."""
    rows = Sale.objects.filter(state=Sale.State.OPEN, touched_at__lt=at - LEFT_AFTER)
    return list(rows.order_by("touched_at").values_list("pk", flat=True))


def abandon_left_behind(*, at: datetime) -> int:
    """Leave every basket that nobody touched for a day; how many those were."""
    count = 0
    for pk in left_behind(at=at):
        try:
            abandon(Sale(pk=pk), by=SYSTEM, at=at)
        except BasketGone:
            continue
        count += 1
    return count
