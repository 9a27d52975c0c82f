"""What of a sale stays owed: credit is asked for, and an invoice says what is to be paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from prs.kernel import money
from prs.kernel.identity.models import Member
from prs.kernel.money import Money
from prs.operations.invoicing import services as invoicing
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.invoicing.services import Clearance, InvoiceDraft, Override, PricedLine
from prs.operations.till.models import Sale, SaleLine
from prs.operations.till.services.posting import revenue_of
from prs.operations.till.services.refusals import NoName

ZERO = Decimal(0)


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
