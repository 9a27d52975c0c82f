"""Suppliers' bills: what was received becomes owed, and what is owed is paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.bookkeeping.rules import Side
from prs.ledgers.bookkeeping.services import Source
from prs.masterdata.parties.models import Supplier
from prs.operations.purchasing import events, selectors
from prs.operations.purchasing.models import (
    BilledReceipt,
    BillPayment,
    GoodsReceipt,
    SupplierBill,
)
from prs.operations.purchasing.services.costing import minor
from prs.operations.purchasing.services.ordering import amount_in_words
from prs.operations.purchasing.services.postings import posted
from prs.operations.purchasing.services.refusals import (
    BillHasPayments,
    BillKnown,
    BillOfNothing,
    BillVoid,
    DueTooEarly,
    GoodsWentBack,
    MoreThanOwed,
    NotTheirGoods,
    ReasonMissing,
    ReceiptBilled,
)

BILL = Series("supplier_bill", "BILL-", width=6)
SOURCE = "purchasing.supplierbill"
PAID_FROM = (chart.BANK, chart.CASH, chart.MOBILE_MONEY)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """What receipts come to: net and tax in their currency, and what the books owe for them in ours."""

    net: Decimal
    tax: Decimal
    owed: Decimal


def sums_of(receipts: Sequence[GoodsReceipt], *, freight: bool = False) -> Sums:
    """What receipts come to together; their freight only when the bill asks for that too."""
    owed = sum((row.worth - (ZERO if freight else row.charges) for row in receipts), ZERO)
    charges = sum((row.charges / row.rate for row in receipts if freight), ZERO)
    currency = receipts[0].currency if receipts else ""
    given = sum((row.tax for row in receipts if row.recoverable), ZERO)
    kept = sum((row.tax for row in receipts if not row.recoverable), ZERO)
    net = sum((row.net for row in receipts), ZERO) + kept
    return Sums(net + (minor(charges, currency) if charges else ZERO), given, owed)


@transaction.atomic
def record_bill(
    supplier: Supplier,
    fields: Mapping[str, Any],
    receipts: Sequence[GoodsReceipt],
    *,
    by: Member,
    at: datetime,
    freight: bool = False,
) -> SupplierBill:
    """Write down a supplier's bill and post it: what was received is owed to the supplier now, with
    the tax that is given back. What the bill asks beyond the receipts is a difference of prices.

    `freight` says that it asks for the freight of these receipts too. A carrier's bill has no receipts:
    it takes over what was owed for freight.

    :raises BillOfNothing: it asks for nothing.
    :raises DueTooEarly: it is due before its date.
    :raises NotTheirGoods: a receipt is of another supplier or currency.
    :raises ReceiptBilled: a receipt is on another bill.
    :raises BillKnown: it was recorded before.
    """
    bill = SupplierBill(
        **{"currency": by.organization.currency, "rate": Decimal(1), **fields},
        number=next_number(BILL, year=at.year),
        supplier=supplier,
        recorded_by=by,
        recorded_at=at,
    )
    bill.total = bill.net + bill.tax
    require_sound(bill, receipts)
    with refusing({"bill_known_once": BillKnown, "receipt_is_billed_once": ReceiptBilled}):
        bill.save(force_insert=True)
        turns = Counter(
            BilledReceipt.objects.filter(
                receipt__in=receipts, bill__voided_at__isnull=False
            ).values_list("receipt", flat=True)
        )
        BilledReceipt.objects.bulk_create(
            BilledReceipt(
                organization_id=bill.organization_id, bill=bill, receipt=row, turn=turns[row.pk]
            )
            for row in receipts
        )
    post_bill(bill, by=by, at=at)
    if receipts:
        post_difference(bill, sums_of(receipts, freight=freight), by=by, at=at)
    words = {
        "supplier": supplier.name,
        "amount": amount_in_words(bill.total, bill.currency),
    }
    record(events.BILLED, bill, by=by, at=at, words=words)
    return bill


def require_sound(bill: SupplierBill, receipts: Sequence[GoodsReceipt]) -> None:
    """Refuse a bill that can't be as it is told."""
    if bill.total <= 0:
        raise BillOfNothing
    if bill.due_date < bill.bill_date:
        raise DueTooEarly
    for row in receipts:
        if (row.supplier_id, row.currency) != (bill.supplier_id, bill.currency):
            raise NotTheirGoods(receipt=row.number)


def post_bill(bill: SupplierBill, *, by: Member, at: datetime) -> None:
    """The bill in its own currency."""
    bookkeeping.post(
        Source(SOURCE, bill.pk, "billed"),
        (
            chart.debit(chart.RECEIVED_NOT_BILLED, bill.net, party_id=bill.supplier_id),
            chart.debit(chart.INPUT_TAX, bill.tax),
            chart.credit(chart.PAYABLE, bill.total, party_id=bill.supplier_id),
        ),
        on=bill.bill_date,
        currency=bill.currency,
        rate=bill.rate,
        description=f"{bill.number} {bill.supplier.name} {bill.reference}",
        by=by,
        at=at,
    )


def post_difference(bill: SupplierBill, sums: Sums, *, by: Member, at: datetime) -> None:
    """What the receipts had said otherwise, in our own currency."""
    home = by.organization.currency
    total, tax = (minor(part * bill.rate, home) for part in (bill.total, bill.tax))
    difference = total - tax - sums.owed
    posted(
        Source(SOURCE, bill.pk, "difference"),
        (
            chart.debit(chart.PRICE_DIFFERENCES, difference),
            chart.credit(chart.RECEIVED_NOT_BILLED, difference, party_id=bill.supplier_id),
        ),
        f"{bill.number} {bill.supplier.name}",
        on=bill.bill_date,
        by=by,
        at=at,
    )


def held(bill: SupplierBill) -> SupplierBill:
    """A bill that asks for something, held until the commit.

    :raises BillVoid: it was voided.
    """
    row: SupplierBill = (
        SupplierBill.objects.select_for_update(no_key=True, of=("self",))
        .select_related("supplier")
        .get(pk=bill.pk)
    )
    if row.voided_at is not None:
        raise BillVoid
    return row


@transaction.atomic
def void_bill(bill: SupplierBill, *, reason: str, by: Member, at: datetime) -> SupplierBill:
    """Take a bill that was recorded wrongly out of the books. Its goods wait for their bill again.

    What it posted is reversed today, whatever its own date: its month may be closed.

    :raises ReasonMissing: no reason was given.
    :raises BillVoid: it was voided.
    :raises BillHasPayments: some of it is paid.
    :raises GoodsWentBack: some of its goods were returned to the supplier.
    :raises PeriodClosed: the books of today are closed.
    """
    if not reason.strip():
        raise ReasonMissing
    row = held(bill)
    if row.paid:
        raise BillHasPayments(paid=amount_in_words(row.paid, row.currency))
    returned = selectors.returns_of(row)
    if returned:
        raise GoodsWentBack(adjustments=", ".join(returned))
    row.voided_by, row.voided_at, row.void_reason = by, at, reason.strip()
    row.version += 1
    row.save(update_fields=["voided_by", "voided_at", "void_reason", "version"])
    for event in ("billed", "difference"):
        entry = bookkeeping.entry_of(Source(SOURCE, row.pk, event))
        if entry is not None:
            bookkeeping.reverse(
                entry,
                on=local_date(at, by.organization.time_zone),
                by=by,
                at=at,
                source=Source(SOURCE, row.pk, f"{event}:void"),
                description=f"{row.number} {row.supplier.name}: {row.void_reason}",
            )
    words = {
        "supplier": row.supplier.name,
        "amount": amount_in_words(row.total, row.currency),
        "reason": row.void_reason,
    }
    record(events.VOIDED, row, by=by, at=at, words=words)
    return row


@transaction.atomic
def pay_bill(
    bill: SupplierBill,
    *,
    amount: Decimal,
    account: str,
    on: date,
    by: Member,
    at: datetime,
    reference: str = "",
    rate: Decimal | None = None,
) -> BillPayment:
    """Pay a bill, in whole or in part, from the bank, cash or mobile money.

    :raises BillVoid: it was voided.
    :raises MoreThanOwed: more than is left.
    """
    row = held(bill)
    if amount > row.left:
        raise MoreThanOwed(left=amount_in_words(row.left, row.currency))
    payment = BillPayment.objects.create(
        bill=row,
        amount=amount,
        rate=rate or row.rate,
        account=account,
        paid_on=on,
        reference=reference,
        by=by,
        at=at,
    )
    SupplierBill.objects.filter(pk=row.pk).update(paid=F("paid") + amount, version=F("version") + 1)
    bill.paid = row.paid + amount
    post_payment(row, payment, by=by, at=at)
    words = {"supplier": row.supplier.name, "amount": amount_in_words(amount, row.currency)}
    record(events.PAID, row, by=by, at=at, words=words)
    return payment


def post_payment(bill: SupplierBill, payment: BillPayment, *, by: Member, at: datetime) -> None:
    """What is owed goes down by what was paid; another rate than the bill's is won or lost."""
    amount, party = payment.amount, bill.supplier_id
    bookkeeping.post(
        Source("purchasing.billpayment", payment.pk, "paid"),
        (Side(chart.PAYABLE, amount, party), Side(payment.account, -amount)),
        on=payment.paid_on,
        currency=bill.currency,
        rate=bill.rate,
        description=f"{bill.number} {bill.supplier.name} {payment.reference}".strip(),
        by=by,
        at=at,
    )
    home = by.organization.currency
    more = minor(amount * payment.rate, home) - minor(amount * bill.rate, home)
    posted(
        Source("purchasing.billpayment", payment.pk, "exchange"),
        (Side(chart.EXCHANGE_REALISED, more), Side(payment.account, -more)),
        f"{bill.number} {bill.supplier.name}",
        on=payment.paid_on,
        by=by,
        at=at,
    )
