"""What each event posts, as examples: the map of the reference, with figures that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.ledgers.bookkeeping import rules as chart


@dataclass(frozen=True)
class Example:
    """An event of a kind of document, and the lines it posts: a debit above zero."""

    kind: str
    title: Any
    lines: Sequence[tuple[str, Decimal]]


def example(kind: str, title: Any, *lines: tuple[str, str]) -> Example:
    return Example(kind, title, [(heading, Decimal(amount)) for heading, amount in lines])


EXAMPLES = (
    example(
        "invoicing.invoice",
        _("An invoice is issued"),
        (chart.RECEIVABLE, "120"),
        (chart.SALES, "-100"),
        (chart.TAX_PAYABLE, "-20"),
    ),
    example(
        "invoicing.credit",
        _("A credit note is written"),
        (chart.SALES_RETURNS, "50"),
        (chart.TAX_PAYABLE, "10"),
        (chart.RECEIVABLE, "-60"),
    ),
    example(
        "invoicing.credit",
        _("An invoice is written off"),
        (chart.BAD_DEBT, "50"),
        (chart.TAX_PAYABLE, "10"),
        (chart.RECEIVABLE, "-60"),
    ),
    example(
        "payments.payment",
        _("A bank payment is verified"),
        (chart.BANK, "150"),
        (chart.RECEIVABLE, "-120"),
        (chart.CUSTOMER_DEPOSITS, "-30"),
    ),
    example(
        "payments.payment",
        _("A cash payment is verified"),
        (chart.CASH, "120"),
        (chart.RECEIVABLE, "-120"),
    ),
    example(
        "payments.payment",
        _("A cheque clears"),
        (chart.BANK, "120"),
        (chart.CHEQUES, "-120"),
    ),
    example(
        "payments.allocation",
        _("A deposit pays an invoice"),
        (chart.CUSTOMER_DEPOSITS, "30"),
        (chart.RECEIVABLE, "-30"),
    ),
    example(
        "payments.reversal",
        _("A payment goes back"),
        (chart.RECEIVABLE, "120"),
        (chart.BANK, "-120"),
    ),
    example(
        "incentives.commission",
        _("A commission is approved"),
        (chart.COMMISSIONS, "15"),
        (chart.COMMISSIONS_PAYABLE, "-15"),
    ),
    example(
        "till.sale",
        _("A sale at the till"),
        (chart.TILLS, "120"),
        (chart.SALES, "-100"),
        (chart.TAX_PAYABLE, "-20"),
        (chart.COST_OF_GOODS, "60"),
        (chart.INVENTORY, "-60"),
    ),
    example(
        "purchasing.goodsreceipt",
        _("Goods come in"),
        (chart.INVENTORY, "80"),
        (chart.RECEIVED_NOT_BILLED, "-80"),
    ),
    example(
        "purchasing.supplierbill",
        _("A supplier's bill"),
        (chart.RECEIVED_NOT_BILLED, "80"),
        (chart.INPUT_TAX, "16"),
        (chart.PAYABLE, "-96"),
    ),
)
