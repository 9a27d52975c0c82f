"""What the till writes into the books."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.rules import Side
from prs.ledgers.bookkeeping.services import Source
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.till.models import Return, ReturnLine, Sale, Tender

RETURN = "till.return"
METHODS = Tender.Method
# What is given for goods in an exchange is owed to the customer until they choose something else.
LIES_IN = {
    METHODS.CASH: chart.TILLS,
    METHODS.CARD: chart.CARD_CLEARING,
    METHODS.MOBILE: chart.MOBILE_MONEY,
    METHODS.BANK: chart.BANK,
    METHODS.EXCHANGE: chart.CUSTOMER_DEPOSITS,
}
ZERO = Decimal(0)


def revenue_of(sale: Sale | None) -> str:
    """The account of a sale's revenue."""
    wholesale = sale is not None and sale.level == Sale.Level.WHOLESALE
    return chart.WHOLESALE if wholesale else chart.SALES


def money_sides(tenders: Iterable[Tender]) -> list[Side]:
    """Where the money of tenders lies, or from where it went back."""
    return [
        Side(LIES_IN[METHODS(tender.method)], tender.amount, memo=tender.reference)
        for tender in tenders
    ]


def worth_posting(sides: list[Side]) -> bool:
    """Whether anything moved: a gift of a service doesn't."""
    return any(side.amount for side in sides)


def sale_sides(sale: Sale, tenders: list[Tender], invoice: Invoice | None) -> list[Side]:
    """What was paid over the counter; what is owed its invoice posts."""
    net = sale.net_total - (invoice.net_total if invoice else ZERO)
    tax = sale.tax_total - (invoice.tax_total if invoice else ZERO)
    return [
        *money_sides(tenders),
        chart.credit(revenue_of(sale), net),
        chart.credit(chart.TAX_PAYABLE, tax),
        chart.credit(chart.CASH_ROUNDING, sale.rounding),
    ]


# What the goods of a sale cost is known once they are taken: the door puts it on these sides.
GOODS_SIDES = (
    {"account": chart.COST_OF_GOODS, "times": 1, "memo": ""},
    {"account": chart.INVENTORY, "times": -1, "memo": ""},
)


def sale_entry(sale: Sale, tenders: list[Tender], invoice: Invoice | None) -> dict[str, Any]:
    """A sale as the books get it, in one entry, as the till's door reads it."""
    sides = [
        {"account": side.account, "amount": str(side.amount), "memo": side.memo}
        for side in sale_sides(sale, tenders, invoice)
    ]
    return {"place": sale.place.name, "sides": [*sides, *GOODS_SIDES]}


def post_return(
    row: Return,
    lines: Iterable[ReturnLine],
    tenders: list[Tender],
    credit: Credit | None,
    *,
    by: Member,
    at: datetime,
) -> None:
    """Post what was given back, and where the goods went.

    What is no longer owed is posted by the invoice's credit note.
    """
    credited, credited_tax = (credit.amount, credit.tax) if credit else (ZERO, ZERO)
    tax = row.tax_total - credited_tax
    net = row.net_total - (credited - credited_tax)
    void = row.kind == Return.Kind.VOID
    against = revenue_of(row.sale) if void else chart.SALES_RETURNS
    shelved = sum((line.cost for line in lines if line.restock), ZERO)
    lost = row.cost - shelved
    sides = [
        chart.debit(against, net),
        chart.debit(chart.TAX_PAYABLE, tax),
        chart.debit(chart.CASH_ROUNDING, row.rounding),
        *money_sides(tenders),
        chart.debit(chart.INVENTORY, shelved),
        chart.debit(chart.SHRINKAGE, lost),
        chart.credit(chart.COST_OF_GOODS, row.cost),
    ]
    if worth_posting(sides):
        bookkeeping.post(
            Source(RETURN, row.pk, str(row.kind)),
            tuple(sides),
            on=row.on_date,
            currency=row.currency,
            description=f"{row.number} {row.place.name}",
            by=by,
            at=at,
        )
