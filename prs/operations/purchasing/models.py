"""Tables of buying."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.catalog.models import Product
from prs.masterdata.parties.models import Supplier
from prs.masterdata.places.models import Place

# An order that was sent is what the supplier has in hand: only what arrives is written on its lines.
SENT = f"""
DECLARE state text;
BEGIN
  SELECT o.state INTO state FROM purchasing_purchaseorder o
  WHERE o.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.order_id ELSE NEW.order_id END;
  IF state = 'draft' THEN RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END IF;
  IF TG_OP = 'UPDATE' THEN
    IF ROW(NEW.product_id, NEW.quantity, NEW.unit_price, NEW.tax_rate, NEW.order_id)
       IS NOT DISTINCT FROM
       ROW(OLD.product_id, OLD.quantity, OLD.unit_price, OLD.tax_rate, OLD.order_id)
    THEN RETURN NEW; END IF;
  END IF;
  {refuse("order_line_sent_is_frozen", "the lines of an order that was sent are never changed")}
END
"""
FROZEN_BILL = f"""
BEGIN
  IF OLD.voided_at IS NOT NULL THEN
    {refuse("bill_is_frozen", "a void bill stays void")}
  END IF;
  IF ROW(NEW.number, NEW.supplier_id, NEW.reference, NEW.bill_date, NEW.currency, NEW.rate, NEW.net,
         NEW.tax, NEW.total)
     IS DISTINCT FROM
     ROW(OLD.number, OLD.supplier_id, OLD.reference, OLD.bill_date, OLD.currency, OLD.rate, OLD.net,
         OLD.tax, OLD.total)
  THEN {refuse("bill_is_frozen", "a bill that is in the books is never changed")} END IF;
  RETURN NEW;
END
"""
# A receipt is billed again only after the bill before was voided: its turn counts those.
IN_TURN = f"""
BEGIN
  IF NEW.turn <> (SELECT count(*) FROM purchasing_billedreceipt r
                  JOIN purchasing_supplierbill b ON b.id = r.bill_id
                  WHERE r.organization_id = NEW.organization_id AND r.receipt_id = NEW.receipt_id
                    AND b.voided_at IS NOT NULL) THEN
    {refuse("receipt_is_billed_in_turn", "a receipt is billed again after its bill was voided")}
  END IF;
  RETURN NEW;
END
"""
PAID = f"""
DECLARE bill record;
BEGIN
  SELECT * INTO bill FROM purchasing_supplierbill WHERE id = NEW.{{column}};
  IF bill.paid <> (SELECT coalesce(sum(amount), 0) FROM purchasing_billpayment
                   WHERE organization_id = bill.organization_id AND bill_id = bill.id) THEN
    {refuse("bill_paid_is_its_payments", "what is paid of a bill is the sum of its payments")}
  END IF;
  RETURN NULL;
END
"""


class PurchaseOrder(TenantModel):
    """What we ask a supplier to send us."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        PART = "part", _("Partly received")
        RECEIVED = "received", _("Received")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(_("number"), max_length=24)
    supplier = TenantForeignKey(Supplier, verbose_name=_("supplier"))
    place = TenantForeignKey(Place, verbose_name=_("deliver to"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    currency = models.CharField(_("currency"), max_length=3)
    # What one unit of the currency is worth in our own.
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, default=1)
    ordered_on = models.DateField(_("ordered"))
    expected_on = models.DateField(_("expected"), null=True, blank=True)
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    reason = models.CharField(_("why it ended"), max_length=500, blank=True)
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4, default=0)
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4, default=0)
    created_by = TenantForeignKey(Member, verbose_name=_("written by"))
    created_at = models.DateTimeField(_("written"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at", "-id"], name="order_newest"),
            models.Index(fields=["organization", "supplier"], name="order_by_supplier"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="order_number_unique"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="order_rate_positive"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["closed", "cancelled"]) | models.Q(reason__gt=""),
                name="order_ended_with_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "cancelled"])
                | models.Q(sent_at__isnull=False),
                name="order_sent_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(TenantModel):
    """A product of an order, and how much of it has come."""

    order = TenantForeignKey(PurchaseOrder, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()
    product = TenantForeignKey(Product, verbose_name=_("product"))
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(_("price of a unit"), max_digits=19, decimal_places=4)
    tax_rate = models.DecimalField(
        _("tax %"),
        max_digits=6,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    received = models.DecimalField(_("received"), max_digits=14, decimal_places=3, default=0)

    class Meta:
        verbose_name = _("line of an order")
        verbose_name_plural = _("lines of orders")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "order", "product"], name="order_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="order_line_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    unit_price__gte=0, received__gte=0, tax_rate__gte=0, tax_rate__lte=100
                ),
                name="order_line_not_negative",
            ),
            Trigger(
                name="order_line_sent_is_frozen",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=SENT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.product_id}"

    @property
    def left(self) -> Decimal:
        """What has not come yet."""
        return max(self.quantity - self.received, Decimal(0))

    @property
    def net(self) -> Decimal:
        """What the line costs without tax, as exact as it is written."""
        return self.quantity * self.unit_price


class GoodsReceipt(TenantModel):
    """Goods that were taken in: from a supplier, or as the stock one begins with."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase", _("From a supplier")
        OPENING = "opening", _("Opening stock")

    class Spread(models.TextChoices):
        VALUE = "value", _("By value")
        QUANTITY = "quantity", _("By quantity")

    number = models.CharField(_("number"), max_length=24)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PURCHASE)
    order = TenantForeignKey(PurchaseOrder, null=True, blank=True, verbose_name=_("order"))
    supplier = TenantForeignKey(Supplier, null=True, blank=True, verbose_name=_("supplier"))
    place = TenantForeignKey(Place, verbose_name=_("place"))
    received_on = models.DateField(_("received"))
    reference = models.CharField(_("delivery note"), max_length=60, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, default=1)
    # Freight, duties and the like, in our own currency.
    charges = models.DecimalField(
        _("freight and duties"), max_digits=19, decimal_places=4, default=0
    )
    spread = models.CharField(_("spread"), max_length=8, choices=Spread, default=Spread.VALUE)
    recoverable = models.BooleanField(_("tax is recoverable"), default=True)
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    # In the document's currency: what the bill should say; and what it is worth in ours.
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4)
    tax = models.DecimalField(_("tax"), max_digits=19, decimal_places=4)
    worth = models.DecimalField(_("worth"), max_digits=19, decimal_places=4)
    received_by = TenantForeignKey(Member, verbose_name=_("received by"))
    received_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("goods receipt")
        verbose_name_plural = _("goods receipts")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-received_at", "-id"], name="goods_newest"),
            models.Index(fields=["organization", "supplier"], name="goods_by_supplier"),
            models.Index(fields=["order"], name="goods_by_order"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="goods_receipt_append_only"),
            models.UniqueConstraint(fields=["organization", "number"], name="goods_number_unique"),
            models.CheckConstraint(
                condition=models.Q(
                    rate__gt=0, charges__gte=0, net__gte=0, tax__gte=0, worth__gte=0
                ),
                name="goods_receipt_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="purchase", supplier__isnull=False)
                | models.Q(kind="opening", supplier__isnull=True, order__isnull=True),
                name="goods_bought_of_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReceiptLine(TenantModel):
    """A product that came: how much of it is good, how much is not, and what it cost to get here."""

    receipt = TenantForeignKey(GoodsReceipt)
    order_line = TenantForeignKey(OrderLine, null=True, blank=True)
    position = models.PositiveSmallIntegerField()
    product = TenantForeignKey(Product, verbose_name=_("product"))
    # What lies on the shelf now; what was damaged is refused, not taken in and not paid.
    quantity = models.DecimalField(_("good"), max_digits=14, decimal_places=3)
    damaged = models.DecimalField(_("damaged"), max_digits=14, decimal_places=3, default=0)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    unit_price = models.DecimalField(_("price of a unit"), max_digits=19, decimal_places=4)
    tax_rate = models.DecimalField(_("tax %"), max_digits=6, decimal_places=3, default=0)
    lot = models.CharField(_("lot"), max_length=40, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    retail_price = models.DecimalField(
        _("retail price"), null=True, blank=True, max_digits=19, decimal_places=4
    )
    wholesale_price = models.DecimalField(
        _("wholesale price"), null=True, blank=True, max_digits=19, decimal_places=4
    )
    cost = models.DecimalField(_("landed cost"), max_digits=19, decimal_places=4)
    # Nothing good of it came: then there is no batch.
    batch_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("received line")
        verbose_name_plural = _("received lines")
        indexes: ClassVar = [
            models.Index(fields=["organization", "product"], name="goods_line_by_product"),
            models.Index(fields=["organization", "batch_id"], name="goods_line_by_batch"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="goods_line_append_only"),
            models.UniqueConstraint(
                fields=["organization", "receipt", "position"], name="goods_line_position_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0, damaged__gte=0, unit_price__gte=0, cost__gte=0)
                & (models.Q(quantity__gt=0) | models.Q(damaged__gt=0)),
                name="goods_line_of_something",
            ),
            models.CheckConstraint(
                condition=models.Q(damaged=0) | models.Q(remark__gt=""),
                name="goods_line_damage_is_told",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, batch_id__isnull=False)
                | models.Q(quantity=0, batch_id__isnull=True),
                name="goods_line_has_its_batch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.product_id}"


class SupplierBill(TenantModel):
    """What a supplier asks for. It is posted when it is written down; a mistake is voided, with why."""

    number = models.CharField(_("number"), max_length=24)
    supplier = TenantForeignKey(Supplier, verbose_name=_("supplier"))
    reference = models.CharField(_("their number"), max_length=60)
    bill_date = models.DateField(_("date"))
    due_date = models.DateField(_("due"))
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, default=1)
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4)
    tax = models.DecimalField(_("tax"), max_digits=19, decimal_places=4)
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4)
    paid = models.DecimalField(_("paid"), max_digits=19, decimal_places=4, default=0)
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    recorded_by = TenantForeignKey(Member, verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded"))
    voided_by = TenantForeignKey(Member, null=True, verbose_name=_("voided by"))
    voided_at = models.DateTimeField(_("voided"), null=True)
    void_reason = models.CharField(_("why it was voided"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("supplier's bill")
        verbose_name_plural = _("suppliers' bills")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-recorded_at", "-id"], name="bill_newest"),
            models.Index(fields=["organization", "supplier"], name="bill_by_supplier"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="bill_number_unique"),
            models.UniqueConstraint(
                fields=["organization", "supplier", "reference"],
                condition=models.Q(voided_at__isnull=True),
                name="bill_known_once",
            ),
            models.CheckConstraint(
                condition=models.Q(voided_at__isnull=True, voided_by__isnull=True, void_reason="")
                | models.Q(voided_at__isnull=False, voided_by__isnull=False, void_reason__gt=""),
                name="bill_void_is_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(voided_at__isnull=True) | models.Q(paid=0),
                name="bill_void_is_unpaid",
            ),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax"), total__gt=0, rate__gt=0)
                & models.Q(net__gte=0, tax__gte=0),
                name="bill_total_is_net_and_tax",
            ),
            models.CheckConstraint(
                condition=models.Q(paid__gte=0, paid__lte=models.F("total")),
                name="bill_paid_within_total",
            ),
            models.CheckConstraint(
                condition=models.Q(due_date__gte=models.F("bill_date")), name="bill_due_after_date"
            ),
            Trigger(name="bill_is_frozen", when="BEFORE UPDATE ON {table}", body=FROZEN_BILL),
            Trigger(
                name="bill_paid_is_its_payments",
                when="AFTER INSERT OR UPDATE OF paid ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=PAID.replace("{column}", "id"),
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def left(self) -> Decimal:
        """What is still to be paid."""
        return self.total - self.paid


class BilledReceipt(TenantModel):
    """A receipt that a bill asks money for; each receipt is billed once.

    `turn` counts the void bills that asked for it before.
    """

    bill = TenantForeignKey(SupplierBill)
    receipt = TenantForeignKey(GoodsReceipt)
    turn = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("billed receipt")
        verbose_name_plural = _("billed receipts")
        constraints: ClassVar = [
            AppendOnly(name="billed_receipt_append_only"),
            models.UniqueConstraint(
                fields=["organization", "receipt", "turn"], name="receipt_is_billed_once"
            ),
            Trigger(
                name="receipt_is_billed_in_turn", when="BEFORE INSERT ON {table}", body=IN_TURN
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bill_id} {self.receipt_id}"


class BillPayment(TenantModel):
    """Money that went to a supplier for a bill."""

    bill = TenantForeignKey(SupplierBill)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, default=1)
    account = models.CharField(_("paid from"), max_length=20)
    paid_on = models.DateField(_("paid"))
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    by = TenantForeignKey(Member, verbose_name=_("paid by"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("payment of a bill")
        verbose_name_plural = _("payments of bills")
        indexes: ClassVar = [models.Index(fields=["bill"], name="bill_payment_by_bill")]
        constraints: ClassVar = [
            AppendOnly(name="bill_payment_append_only"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, rate__gt=0), name="bill_payment_of_something"
            ),
            Trigger(
                name="bill_payment_pays_its_bill",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=PAID.replace("{column}", "bill_id"),
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
