"""Selling a basket: goods leave, money comes or is owed, and both are in the books at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.ids import new_id
from prs.kernel.db.names import refusing
from prs.kernel.identity.models import Member
from prs.kernel.money import Money
from prs.kernel.numbering import count_up
from prs.ledgers.stock import selectors as stocked
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place
from prs.operations.invoicing import services as invoicing
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.invoicing.services import Clearance, InvoiceDraft, Override, PricedLine
from prs.operations.till import events, rules
from prs.operations.till.models import Return, Sale, SaleLine, Shift, Tender, TillSetting
from prs.operations.till.services.baskets import cause_of, held_basket, lines_of
from prs.operations.till.services.posting import post_sale, revenue_of
from prs.operations.till.services.refusals import (
    BasketChanged,
    BasketEmpty,
    BasketGone,
    ExchangeSpent,
    NoName,
    NotEnough,
    ShiftOver,
    TooMuch,
    WrongTender,
)
from prs.operations.till.services.shifts import held_open

ZERO = Decimal(0)
METHODS = Tender.Method
REFUSALS = {"tender_exchange_within_return": ExchangeSpent, "tender_in_open_shift": ShiftOver}


@dataclass(frozen=True)
class Handed:
    """Something that a customer pays with. `exchange` is the return whose credit is spent."""

    method: str
    amount: Decimal
    reference: str = ""
    exchange: Return | None = None


@dataclass(frozen=True)
class Part:
    """What of something handed over pays the sale, and what goes back as change."""

    handed: Handed
    amount: Decimal
    change: Decimal = ZERO


@dataclass(frozen=True)
class Settlement:
    """How a sale is paid: the parts, what rounding to coins adds, and what stays owed."""

    parts: tuple[Part, ...]
    rounding: Decimal
    owed: Decimal

    @property
    def paid(self) -> Decimal:
        """What was paid over the counter."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def change(self) -> Decimal:
        """What the customer gets back."""
        return sum((part.change for part in self.parts), ZERO)


def settlement(
    total: Decimal, handed: Sequence[Handed], *, step: Decimal, on_credit: bool, currency: str
) -> Settlement:
    """Divide a total among what was handed over: cash pays the rest, in whole coins, and gives change.

    :raises WrongTender: something handed over is nothing, or of no kind that we know.
    :raises TooMuch: what gives no change comes to more than the total.
    :raises NotEnough: something is missing and nothing is to stay owed.
    """
    for each in handed:
        known = each.method in METHODS.values and (each.method == "exchange") == bool(each.exchange)
        if each.amount <= 0 or not known:
            raise WrongTender
    others = [each for each in handed if each.method != METHODS.CASH]
    cash = sum((each.amount for each in handed if each.method == METHODS.CASH), ZERO)
    rest = total - sum((each.amount for each in others), ZERO)
    if rest < 0:
        raise TooMuch
    parts = [Part(each, each.amount) for each in others]
    due = rules.in_coins(rest, step) if cash or not (handed or on_credit) else rest
    if cash >= due:
        if due:
            parts.append(Part(Handed(METHODS.CASH, cash), due, cash - due))
        return Settlement(tuple(parts), due - rest, ZERO)
    if not on_credit:
        raise NotEnough(missing=money.spoken(Money(currency, due - cash)))
    if cash:
        parts.append(Part(Handed(METHODS.CASH, cash), cash))
    return Settlement(tuple(parts), ZERO, rest - cash)


def step_of(currency: str) -> Decimal:
    """The smallest coin of a currency that is in use here; zero when every amount can be paid."""
    row = TillSetting.objects.filter(currency=currency).first()
    return row.rounding_step if row else ZERO


@transaction.atomic
def complete(  # noqa: PLR0913  (a sale is all of these)
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
) -> Sale:
    """Sell a basket. The same key sells once, however often it is sent, and gets the same sale back.

    `seen` is the total that the cashier saw; another one is not sold.

    :raises ShiftOver: the drawer was closed meanwhile.
    :raises BasketGone: it was sold by another key, or left.
    :raises BasketEmpty: there is nothing in it.
    :raises BasketChanged: it comes to something else than what was seen.
    :raises OutOfStock: goods are no longer there.
    :raises NotEnough: money is missing.
    :raises NoName: it would be owed by nobody.
    :raises CreditRefused: the customer gets no credit.
    """
    earlier = Sale.objects.filter(key=key).first()
    if earlier is not None:
        return repeated(earlier, sale)
    drawer = held_open(shift)
    try:
        basket = held_basket(sale)
    except BasketGone:
        return repeated(Sale.objects.filter(key=key).first(), sale)
    lines = lines_of(basket)
    refuse_unready(basket, lines, seen)
    on = local_date(at, basket.organization.time_zone)
    paid = settlement(
        basket.total,
        handed,
        step=step_of(basket.currency),
        on_credit=on_credit,
        currency=basket.currency,
    )
    cleared = clear(basket, paid.owed, on=on, by=by, override=override)
    hand_over(basket, lines, by=by, at=at)
    basket.number = receipt_number(basket.place, on)
    basket.completed_on = on
    invoice = bill(basket, lines, paid.owed, cleared, by=by, at=at)
    finish(basket, drawer, paid, invoice, key=key, by=by, at=at)
    tenders = take_money(basket, drawer, paid, at=at)
    post_sale(basket, tenders, invoice, by=by, at=at)
    words = {"amount": money.spoken(Money(basket.currency, basket.to_pay))}
    record(events.SOLD, basket, by=by, at=at, words=words)
    return basket


def repeated(earlier: Sale | None, sale: Sale) -> Sale:
    """The sale that a key made, when it is sent again.

    :raises BasketGone: the key is another sale's, or the basket was sold by another.
    """
    if earlier is None or earlier.pk != sale.pk:
        raise BasketGone
    return earlier


def refuse_unready(basket: Sale, lines: Sequence[SaleLine], seen: Decimal | None) -> None:
    """Refuse what is empty, or other than what the cashier saw."""
    if not lines:
        raise BasketEmpty
    if seen is not None and seen != basket.total:
        raise BasketChanged(total=money.spoken(Money(basket.currency, basket.total)))


def clear(
    basket: Sale, owed: Decimal, *, on: date, by: Member, override: Override | None
) -> Clearance | None:
    """Ask for credit, with the customer's row held; nothing is asked when nothing stays owed.

    :raises NoName: nobody is there to owe it.
    :raises CreditRefused: the customer gets none.
    """
    if not owed:
        return None
    if basket.customer is None:
        raise NoName
    return invoicing.check_credit(basket.customer, owed, on=on, by=by, override=override)


def hand_over(basket: Sale, lines: Sequence[SaleLine], *, by: Member, at: datetime) -> None:
    """Take the goods out of stock, first expired first; each line learns what it cost."""
    wanted = [
        stock.Wanted(line.product, line.quantity, line.pk)
        for line in lines
        if line.product.kind == Product.Kind.GOODS
    ]
    cause = cause_of(basket, by=by, at=at)
    taken = (
        stock.take(wanted, basket.place, stocked.KINDS.SALE, cause, holder=basket.pk)
        if wanted
        else []
    )
    found = {each.line_id: each for each in taken}
    for line in lines:
        goods = found.get(line.pk)
        if goods is not None:
            line.parts = [
                [str(part.batch), str(part.quantity), str(part.value)] for part in goods.parts
            ]
            line.cost = goods.value
    SaleLine.objects.bulk_update(lines, ["parts", "cost"])
    basket.cost = sum((line.cost for line in lines), ZERO)


def receipt_number(place: Place, on: date) -> str:
    """The next receipt of a storefront on a day. It holds the counter until the commit."""
    return f"{place.code}-{on:%Y%m%d}-{count_up(f'sale:{place.code}', f'{on:%Y%m%d}'):04}"


# --- what stays owed ----------------------------------------------------------------------------


def rate_of(line: SaleLine) -> Decimal:
    """The taxes of a line together, in per cent."""
    return sum((Decimal(rate) for _code, rate in line.rates), ZERO)


def invoice_lines(sale: Sale, lines: Sequence[SaleLine], owed: Decimal) -> list[PricedLine]:
    """What the invoice of a sale says: its lines, or for a part of it one line for each rate of tax."""
    if owed == sale.total:
        return [whole_line(line) for line in lines if line.total]
    groups: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for line in lines:
        total, tax = groups.get(rate_of(line), (ZERO, ZERO))
        groups[rate_of(line)] = (total + line.total, tax + line.tax)
    rates = [rate for rate in sorted(groups) if groups[rate][0]]
    parts = money.allocate(Money(sale.currency, owed), [groups[rate][0] for rate in rates])
    return [
        part_line(sale, rate, part.amount, of=groups[rate])
        for rate, part in zip(rates, parts, strict=True)
        if part
    ]


def whole_line(line: SaleLine) -> PricedLine:
    """A line of a sale as its invoice says it."""
    unit = (line.net / line.quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    draft = LineDraft(line.name[:300], line.quantity, unit, rate_of(line), item_code=line.sku)
    return PricedLine(draft, line.net, line.tax)


def part_line(
    sale: Sale, rate: Decimal, amount: Decimal, *, of: tuple[Decimal, Decimal]
) -> PricedLine:
    """What is left to pay of everything at a rate of tax."""
    total, tax = of
    owed_tax = money.rounded(tax * amount / total, sale.currency)
    net = amount - owed_tax
    text = _("Left to pay of sale {number}").format(number=sale.number)
    return PricedLine(LineDraft(text, Decimal(1), net, rate, item_code=sale.number), net, owed_tax)


def bill(
    basket: Sale,
    lines: Sequence[SaleLine],
    owed: Decimal,
    cleared: Clearance | None,
    *,
    by: Member,
    at: datetime,
) -> Invoice | None:
    """Issue the invoice of exactly what stays owed."""
    if cleared is None:
        return None
    draft = InvoiceDraft(
        customer=cleared.customer,
        invoice_date=basket.completed_on or at.date(),
        lines=(),
        priced=invoice_lines(basket, lines, owed),
        remarks=basket.number,
        currency=basket.currency,
        origin=Invoice.Origin.TILL,
        revenue=revenue_of(basket),
    )
    return invoicing.issue(draft, organization=basket.organization, by=by, at=at, cleared=cleared)


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
    """Write the sale down for good."""
    basket.state, basket.key, basket.shift, basket.till = (
        Sale.State.COMPLETED,
        key,
        drawer,
        drawer.till,
    )
    basket.seller, basket.held_at, basket.invoice = by, None, invoice
    basket.paid, basket.rounding, basket.on_credit = paid.paid, paid.rounding, paid.owed
    basket.completed_at = basket.touched_at = at
    with refusing({"sale_in_open_shift": ShiftOver, "sale_key_unique": BasketGone}):
        basket.save()


def take_money(basket: Sale, drawer: Shift, paid: Settlement, *, at: datetime) -> list[Tender]:
    """Write down what was handed over; the drawer's sums follow."""
    rows = [
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
    with refusing(REFUSALS):
        return list(Tender.objects.bulk_create(rows))
