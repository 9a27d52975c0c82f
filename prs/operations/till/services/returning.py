"""What comes back: with its receipt or without, in part or whole, and sales that are voided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.ids import new_id
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.kernel.money import Money
from prs.kernel.numbering import count_up
from prs.ledgers.stock import rules as goods
from prs.ledgers.stock import selectors as stocked
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog import selectors as catalog
from prs.masterdata.catalog.models import Product
from prs.operations.invoicing import services as invoicing
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.till import events, permissions, rules
from prs.operations.till.models import Return, ReturnLine, Sale, SaleLine, Shift, Tender
from prs.operations.till.selectors import shelves
from prs.operations.till.services import pricing
from prs.operations.till.services.posting import post_return
from prs.operations.till.services.refusals import (
    DrawerTooEmpty,
    MoreThanSold,
    NeedsApproval,
    NoBatch,
    NoPrice,
    NoRightToApprove,
    NothingBack,
    NotSold,
    ReasonMissing,
    ShiftOver,
    VoidTooLate,
    WrongTender,
)
from prs.operations.till.services.settling import step_of
from prs.operations.till.services.shifts import held_open

SOURCE = "till.return"
ZERO = Decimal(0)
METHODS = Tender.Method
REFUSALS: dict[str, type[Refusal]] = {
    "return_in_open_shift": ShiftOver,
    "return_above_limit_is_approved": NeedsApproval,
    "return_without_receipt_is_approved": NeedsApproval,
    "return_approved_by_another": NeedsApproval,
    "tender_in_open_shift": ShiftOver,
    "shift_drawer_not_below_zero": DrawerTooEmpty,
}


@dataclass(frozen=True)
class Back:
    """Something that comes back: so much of a line of the sale, or of a product without a receipt."""

    quantity: Decimal
    restock: bool = True
    line: SaleLine | None = None
    product: Product | None = None


@dataclass(frozen=True)
class Given:
    """The return as a whole, before it is written."""

    kind: str
    reason: str
    key: UUID
    by: Member
    at: datetime
    approved_by: Member | None = None

    @property
    def on(self) -> date:
        """The day at the counter."""
        return local_date(self.at, self.by.organization.time_zone)


@transaction.atomic
def take_back(  # noqa: PLR0913  (a return is all of these)
    sale: Sale | None,
    backs: Sequence[Back],
    *,
    shift: Shift,
    method: str,
    reason: str,
    key: UUID,
    by: Member,
    at: datetime,
    approved_by: Member | None = None,
) -> Return:
    """Take goods back. What is owed for them is owed no longer, the rest is given back.

    The same key takes back once. `method` is how money is given back; "exchange" gives a credit that
    the next basket is paid with.

    :raises ReasonMissing: nobody said why.
    :raises NothingBack: no goods were chosen.
    :raises MoreThanSold: more would come back than was sold.
    :raises NeedsApproval: it is above the limit, or there is no receipt, and nobody else approved it.
    :raises NoRightToApprove: who approved it may not.
    :raises NotSold: the sale was voided, or never completed.
    :raises ShiftOver: the drawer is closed.
    :raises DrawerTooEmpty: there is less cash in it.
    """
    earlier = Return.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    refuse_faults(backs, method=method, reason=reason, approved_by=approved_by)
    drawer = held_open(shift)
    kind = Return.Kind.EXCHANGE if method == METHODS.EXCHANGE else Return.Kind.RETURN
    given = Given(kind, reason.strip(), key, by, at, approved_by)
    if sale is None:
        row, lines = without_receipt(drawer, backs, given)
    else:
        held = held_sold(sale)
        row, lines = with_receipt(held, drawer, backs, given)
    return carry_out(row, lines, [(method, None)], given)


def refuse_faults(
    backs: Sequence[Back], *, method: str, reason: str, approved_by: Member | None
) -> None:
    """Refuse what was asked wrongly, before anything is held."""
    if not reason.strip():
        raise ReasonMissing
    if not backs:
        raise NothingBack
    if method not in METHODS.values:
        raise WrongTender
    if approved_by is not None and not approved_by.may(permissions.REFUND):
        raise NoRightToApprove(name=approved_by.name)


def held_sold(sale: Sale) -> Sale:
    """A completed sale, held until the commit.

    :raises NotSold: it is none, or was voided.
    """
    rows = Sale.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("place", "customer", "invoice", "shift", "organization")
    held: Sale | None = rows.filter(pk=sale.pk, state=Sale.State.COMPLETED).first()
    if held is None:
        raise NotSold
    return held


def new_return(sale: Sale | None, drawer: Shift, given: Given) -> Return:
    """A return before it has lines."""
    return Return(
        id=new_id(),
        organization_id=drawer.organization_id,
        key=given.key,
        kind=given.kind,
        sale=sale,
        place=drawer.till.place,
        till=drawer.till,
        shift=drawer,
        customer=sale.customer if sale else None,
        reason=given.reason,
        currency=drawer.currency,
        by=given.by,
        approved_by=given.approved_by,
        at=given.at,
        on_date=given.on,
        rounding=ZERO,
        credited=ZERO,
    )


# --- with the receipt ---------------------------------------------------------------------------


def with_receipt(
    sale: Sale, drawer: Shift, backs: Sequence[Back], given: Given
) -> tuple[Return, list[ReturnLine]]:
    """The lines of a return of something that was sold here, each worth its share of what was paid."""
    row = new_return(sale, drawer, given)
    unit = Decimal(1).scaleb(-money.minor_units(sale.currency))
    ids = [back.line.pk for back in backs if back.line is not None]
    if len(ids) != len(backs) or len(set(ids)) != len(ids):
        raise NothingBack
    sold = SaleLine.objects.select_related("product__unit").filter(sale=sale, pk__in=ids)
    by_id = {line.pk: line for line in sold}
    lines = []
    for back in backs:
        line = by_id.get(back.line.pk) if back.line else None
        if line is None:
            raise NothingBack
        lines.append(returned_line(row, line, back, unit))
    SaleLine.objects.bulk_update(by_id.values(), ["returned_quantity", "returned_total"])
    return row, lines


def returned_line(row: Return, line: SaleLine, back: Back, unit: Decimal) -> ReturnLine:
    """A part of a line that was sold; all its parts together come to the line exactly."""
    step = Decimal(1).scaleb(-line.product.unit.decimals)
    if not 0 < back.quantity <= line.left or back.quantity % step:
        raise MoreThanSold(product=line.name, left=f"{line.left.normalize():f}")
    sums = ReturnLine.objects.filter(sale_line=line).aggregate(
        net=Sum("net", default=ZERO), tax=Sum("tax", default=ZERO)
    )

    def part(total: Decimal, given: Decimal) -> Decimal:
        return rules.next_share(
            total,
            line.quantity,
            before=line.returned_quantity,
            given=given,
            part=back.quantity,
            unit=unit,
        )

    worth = part(line.total, line.returned_total)
    net = rules.net_within(
        part(line.net, sums["net"]),
        worth,
        net_left=line.net - sums["net"],
        tax_left=line.tax - sums["tax"],
    )
    tax = worth - net
    parts = list(goods_of(line, back.quantity, unit))
    line.returned_quantity += back.quantity
    line.returned_total += net + tax
    return ReturnLine(
        id=new_id(),
        organization_id=row.organization_id,
        return_of=row,
        sale_line=line,
        product=line.product,
        name=line.name,
        sku=line.sku,
        quantity=back.quantity,
        net=net,
        tax=tax,
        total=net + tax,
        restock=back.restock,
        parts=parts,
        cost=sum((Decimal(value) for _batch, _quantity, value in parts), ZERO),
    )


def goods_of(line: SaleLine, quantity: Decimal, unit: Decimal) -> Iterator[list[str]]:
    """The goods that were given for the next part of a line, batch by batch, at what they cost."""
    gone, wanted = line.returned_quantity, quantity
    for batch, taken, value in line.parts:
        whole, worth = Decimal(taken), Decimal(value)
        already = min(gone, whole)
        gone -= already
        used = min(whole - already, wanted)
        if used > 0:
            wanted -= used
            until = rules.share(worth, already + used, whole, unit)
            cost = until - rules.share(worth, already, whole, unit)
            yield [batch, str(used), str(cost)]


# --- without a receipt --------------------------------------------------------------------------


def without_receipt(
    drawer: Shift, backs: Sequence[Back], given: Given
) -> tuple[Return, list[ReturnLine]]:
    """The lines of a return of which nobody has the receipt: worth what they cost here today.

    :raises NeedsApproval: nobody else approved it.
    """
    if given.approved_by is None:
        raise NeedsApproval
    row = new_return(None, drawer, given)
    return row, [unknown_line(row, back, given) for back in backs]


def unknown_line(row: Return, back: Back, given: Given) -> ReturnLine:
    """A product that comes back at today's price, to the batch that came here last."""
    product = back.product
    if product is None:
        raise NothingBack
    step = Decimal(1).scaleb(-product.unit.decimals)
    if back.quantity <= 0 or back.quantity % step:
        raise MoreThanSold(product=product.name, left="0")
    batch = stocked.latest_intake(product, row.place)
    price = shelves.unit_prices(
        {product.pk: back.quantity},
        row.place,
        level=Sale.Level.RETAIL,
        currency=row.currency,
        on=given.on,
    ).get(product.pk, batch.retail_price if batch else None)
    if price is None:
        raise NoPrice(product=product.name)
    taxes = catalog.taxes_of(product, on=given.on)
    rates = tuple(pricing.Rate(tax.code, tax.rate) for tax in taxes)
    item = pricing.Item(back.quantity, price, rates, product.prices_include_tax)
    (worth,) = pricing.basket([item], row.currency)
    parts, cost = [], ZERO
    if product.kind == Product.Kind.GOODS and back.restock:
        if batch is None:
            raise NoBatch(product=product.name)
        cost = money.rounded(batch.unit_cost * back.quantity, row.currency)
        parts = [[str(batch.pk), str(back.quantity), str(cost)]]
    return ReturnLine(
        id=new_id(),
        organization_id=row.organization_id,
        return_of=row,
        product=product,
        name=product.name,
        sku=product.sku,
        quantity=back.quantity,
        net=worth.net,
        tax=worth.tax,
        total=worth.total,
        restock=back.restock,
        parts=parts,
        cost=cost,
    )


# --- carrying it out ----------------------------------------------------------------------------


def carry_out(
    row: Return,
    lines: list[ReturnLine],
    ways: Sequence[tuple[str, Tender | None]],
    given: Given,
) -> Return:
    """Write a return, put the goods back, give the money and post all of it."""
    row.net_total = sum((line.net for line in lines), ZERO)
    row.tax_total = sum((line.tax for line in lines), ZERO)
    row.total = row.net_total + row.tax_total
    row.cost = sum((line.cost for line in lines), ZERO)
    row.number = return_number(row)
    credit = lower_claim(row, given)
    round_off(row, ways)
    row.refunded = row.total + row.rounding - row.credited
    if row.sale is not None:
        row.sale.returned += row.total
        mark_sale(row.sale, row, given)
    with refusing(REFUSALS):
        row.save(force_insert=True)
        ReturnLine.objects.bulk_create(lines)
        tenders = Tender.objects.bulk_create(give(row, ways, given))
    put_back(row, lines, given)
    post_return(row, lines, list(tenders), credit, by=given.by, at=given.at)
    words = {"amount": money.spoken(Money(row.currency, row.total)), "reason": row.reason}
    event = events.VOIDED if row.kind == Return.Kind.VOID else events.RETURNED
    subject = row.sale if row.kind == Return.Kind.VOID and row.sale else row
    record(event, subject, by=given.by, at=given.at, words=words)
    return row


def return_number(row: Return) -> str:
    """The next return of a storefront on a day. It holds the counter until the commit."""
    code, day = row.place.code, f"{row.on_date:%Y%m%d}"
    return f"{code}-{day}-R{count_up(f'return:{code}', day):03}"


def lower_claim(row: Return, given: Given) -> Credit | None:
    """Credit what is still owed for the goods, before any money is given back."""
    if row.sale is None or row.sale.invoice_id is None or not row.total:
        return None
    rows = Invoice.objects.select_for_update(of=("self",), no_key=True)
    invoice = rows.get(pk=row.sale.invoice_id)
    row.credited = min(invoice.left, row.total)
    if not row.credited or invoice.status != Invoice.Status.ISSUED:
        row.credited = ZERO
        return None
    return invoicing.credit(
        invoice,
        row.credited,
        kind=Credit.Kind.NOTE,
        reason=f"{row.number}: {row.reason}",
        by=given.by,
        at=given.at,
        cause_id=row.pk,
    )


def round_off(row: Return, ways: Sequence[tuple[str, Tender | None]]) -> None:
    """Round cash that is given back to whole coins; a voided sale takes back its own rounding."""
    if row.kind == Return.Kind.VOID and row.sale is not None:
        row.rounding = row.sale.rounding
    elif ways[0][0] == METHODS.CASH:
        due = row.total - row.credited
        row.rounding = rules.in_coins(due, step_of(row.currency)) - due


def mark_sale(sale: Sale, row: Return, given: Given) -> None:
    """Let the sale know what came back of it."""
    fields = ["returned"]
    if row.kind == Return.Kind.VOID:
        sale.state, sale.voided_at, sale.voided_by = Sale.State.VOIDED, given.at, given.by
        sale.void_reason = row.reason
        fields += ["state", "voided_at", "voided_by", "void_reason"]
    sale.save(update_fields=fields)


def give(row: Return, ways: Sequence[tuple[str, Tender | None]], given: Given) -> Iterator[Tender]:
    """The money that goes back: all in one way, or each tender of a voided sale as it came."""
    for method, came in ways:
        amount = came.amount if came is not None else row.refunded
        if not amount:
            continue
        exchange = None
        if method == METHODS.EXCHANGE:
            exchange = came.exchange if came is not None else row
        yield Tender(
            id=new_id(),
            organization_id=row.organization_id,
            return_of=row,
            exchange=exchange,
            shift=row.shift,
            method=method,
            amount=-amount,
            handed=-amount,
            reference=came.reference if came is not None else "",
            at=given.at,
        )


def put_back(row: Return, lines: Sequence[ReturnLine], given: Given) -> None:
    """Put goods back to the shelf at what they were worth when they left."""
    back = [
        stock.Taken(
            line.pk,
            line.product_id,
            tuple(
                goods.Part(UUID(batch), Decimal(quantity), Decimal(value))
                for batch, quantity, value in line.parts
            ),
        )
        for line in lines
        if line.restock and line.parts
    ]
    if back:
        cause = stock.Cause(SOURCE, row.pk, row.on_date, given.by, given.at)
        stock.put_back(back, row.place, stocked.KINDS.SALE_RETURN, cause)


# --- voiding ------------------------------------------------------------------------------------


@transaction.atomic
def void(
    sale: Sale,
    *,
    reason: str,
    key: UUID,
    by: Member,
    at: datetime,
    approved_by: Member | None = None,
) -> Sale:
    """Undo a whole sale while its drawer is open: goods and money go back as they came.

    :raises ReasonMissing: nobody said why.
    :raises NoRightToApprove: neither the seller nor who approved it may.
    :raises VoidTooLate: the drawer was counted, something came back, or the invoice was paid.
    """
    if not reason.strip():
        raise ReasonMissing
    allowed = approved_by or by
    if not allowed.may(permissions.VOID):
        raise NoRightToApprove(name=allowed.name)
    if Return.objects.filter(key=key).exists():
        again: Sale = Sale.objects.get(pk=sale.pk)
        return again
    if sale.shift is None:
        raise NotSold
    try:
        drawer = held_open(sale.shift)
    except ShiftOver as over:
        raise VoidTooLate from over
    held = held_sold(sale)
    if held.returned or (held.invoice is not None and held.invoice.left != held.on_credit):
        raise VoidTooLate
    other = approved_by if approved_by is not None and approved_by.pk != by.pk else None
    given = Given(Return.Kind.VOID, reason.strip(), key, by, at, other)
    sold = SaleLine.objects.filter(sale=held).order_by("position")
    backs = [Back(line.quantity, line=line) for line in sold]
    row, lines = with_receipt(held, drawer, backs, given)
    tenders = Tender.objects.filter(sale=held).order_by("pk")
    carry_out(row, lines, [(each.method, each) for each in tenders] or [("bank", None)], given)
    return held
