"""Reads of buying, and whether stock and books agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    DecimalField,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.utils.translation import gettext as _

from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors as stock
from prs.operations.purchasing.models import (
    BilledReceipt,
    BillPayment,
    GoodsReceipt,
    OrderLine,
    PurchaseOrder,
    ReceiptLine,
    SupplierBill,
)

ZERO = Decimal(0)
AWAITED = (PurchaseOrder.State.SENT, PurchaseOrder.State.PART)
UNFINISHED = (PurchaseOrder.State.DRAFT, *AWAITED)
LEFT = F("total") - F("paid")
AMOUNT: DecimalField[Any, Any] = DecimalField(max_digits=19, decimal_places=4)


def orders() -> QuerySet[PurchaseOrder]:
    """Every order; buying is the whole organization's."""
    return PurchaseOrder.objects.select_related("supplier", "place")


def awaited() -> QuerySet[PurchaseOrder]:
    """Orders of which something is still to come, the earliest first."""
    rows = orders().filter(state__in=AWAITED)
    return rows.order_by(F("expected_on").asc(nulls_last=True), "number")


def order_lines(order: PurchaseOrder) -> QuerySet[OrderLine]:
    """The lines of an order."""
    return (
        OrderLine.objects.filter(order=order).select_related("product__unit").order_by("position")
    )


def receipts() -> QuerySet[GoodsReceipt]:
    """Everything that was taken in."""
    return GoodsReceipt.objects.select_related("supplier", "place", "order", "received_by")


def receipt_lines(receipt: GoodsReceipt) -> QuerySet[ReceiptLine]:
    """What came with a receipt."""
    return (
        ReceiptLine.objects.filter(receipt=receipt)
        .select_related("product__unit", "order_line")
        .annotate(
            batch_number=Subquery(
                stock.BatchRow.objects.filter(pk=OuterRef("batch_id")).values("number")
            )
        )
        .order_by("position")
    )


def billed() -> Exists:
    """Whether an outer receipt is on a bill that stands."""
    return Exists(
        BilledReceipt.objects.filter(receipt=OuterRef("pk"), bill__voided_at__isnull=True)
    )


def unbilled() -> QuerySet[GoodsReceipt]:
    """Bought goods whose bill has not come."""
    rows = GoodsReceipt.objects.filter(kind="purchase").exclude(billed())
    return rows.select_related("supplier", "place").order_by("received_on", "pk")


def bills() -> QuerySet[SupplierBill]:
    """Every bill, with what is left to pay of it (`open_amount`): nothing of a void one."""
    left = Case(When(voided_at__isnull=True, then=LEFT), default=Value(ZERO), output_field=AMOUNT)
    return SupplierBill.objects.select_related("supplier", "voided_by").annotate(open_amount=left)


def receipts_of(bill: SupplierBill) -> QuerySet[GoodsReceipt]:
    """What a bill asks money for."""
    rows = GoodsReceipt.objects.filter(
        pk__in=BilledReceipt.objects.filter(bill=bill).values("receipt")
    )
    return rows.select_related("place", "order").order_by("received_on", "pk")


def bill_of(receipt: GoodsReceipt) -> SupplierBill | None:
    """The bill that asks money for a receipt, if it came."""
    rows = SupplierBill.objects.filter(
        voided_at__isnull=True,
        pk__in=BilledReceipt.objects.filter(receipt=receipt).values("bill"),
    )
    return rows.first()


def returns_of(bill: SupplierBill) -> list[str]:
    """The numbers of what went back to the supplier of a bill's goods."""
    receipts = BilledReceipt.objects.filter(bill=bill).values("receipt")
    batches = ReceiptLine.objects.filter(receipt__in=receipts, batch_id__isnull=False)
    rows = stock.adjustments().filter(
        kind="supplier_return", state="completed", batch__in=batches.values("batch_id")
    )
    return list(rows.order_by("number").values_list("number", flat=True))


def payments_of(bill: SupplierBill) -> QuerySet[BillPayment]:
    """What was paid of a bill."""
    return BillPayment.objects.filter(bill=bill).select_related("by").order_by("paid_on", "pk")


def receipts_for(order: PurchaseOrder) -> QuerySet[GoodsReceipt]:
    """What came of an order."""
    rows = GoodsReceipt.objects.filter(order=order).select_related("place", "received_by")
    return rows.order_by("received_at", "pk")


@dataclass(frozen=True)
class Last:
    """How a product was bought last."""

    supplier_id: UUID | None
    unit_price: Decimal
    currency: str


def last_bought() -> dict[UUID, Last]:
    """How each product was bought last, by product."""
    rows = (
        ReceiptLine.objects.filter(receipt__kind="purchase", quantity__gt=0)
        .order_by("product", "-receipt__received_at", "-pk")
        .distinct("product")
        .values_list("product", "receipt__supplier", "unit_price", "receipt__currency")
    )
    return {product: Last(*rest) for product, *rest in rows}


def on_order() -> dict[UUID, Decimal]:
    """How much of each product was ordered and is still to come."""
    rows = (
        OrderLine.objects.filter(order__state__in=UNFINISHED)
        .order_by()
        .values("product")
        .annotate(
            left=Sum(
                Case(
                    When(quantity__gt=F("received"), then=F("quantity") - F("received")),
                    default=Value(ZERO),
                )
            )
        )
    )
    return {row["product"]: row["left"] for row in rows if row["left"]}


@dataclass(frozen=True)
class Suggestion:
    """A product to order again: how it stands, how much, of whom and at what price."""

    low: stock.Low
    coming: Decimal
    quantity: Decimal
    last: Last | None


def suggestions(*, today: date) -> list[Suggestion]:
    """What to order again, less what is on its way; the most urgent first."""
    last, coming = last_bought(), on_order()
    found = []
    for low in stock.running_out(today=today):
        due = coming.get(low.product.pk, ZERO)
        wanted = max(low.outlook.order, low.product.reorder_quantity) - due
        if wanted > 0:
            found.append(Suggestion(low, due, wanted, last.get(low.product.pk)))
    return found


def inventory_balance(code: str) -> Decimal:
    """Debits less credits of an account, all time."""
    return books.net_of(code)


def findings() -> Iterator[str]:
    """Where stock and books disagree."""
    home = Organization.objects.values_list("currency", flat=True).get(pk=required_organization())
    here, moving = stock.value_here()
    pairs: list[tuple[Any, str, Decimal]] = [
        (_("Stock"), chart.INVENTORY, here),
        (_("Stock in transit"), chart.IN_TRANSIT, moving),
    ]
    for name, code, worth in pairs:
        posted = inventory_balance(code)
        if posted != worth:
            yield _("{what} is worth {worth} {currency}, account {code} says {posted}.").format(
                what=name, worth=worth, currency=home, code=code, posted=posted
            )
    paid = BillPayment.objects.filter(bill=OuterRef("pk")).order_by().values("bill")
    sums = paid.annotate(sum=Sum("amount")).values("sum")
    for bill in SupplierBill.objects.annotate(sum=Subquery(sums)).order_by("pk"):
        if (bill.sum or ZERO) != bill.paid:
            yield _("Bill {bill} says {paid} are paid, its payments say {sum}.").format(
                bill=bill, paid=bill.paid, sum=bill.sum or ZERO
            )
