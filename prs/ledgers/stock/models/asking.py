"""Tables of what asks for goods, and of what warns of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.ledgers.stock.models.ledger import Batch
from prs.ledgers.stock.models.transferring import Transfer
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place

# Only somebody who says so and why takes a request back that was fulfilled, and nothing else of it.
FULFILLED = f"""
BEGIN
  IF OLD.state = 'fulfilled' AND NOT (
       NEW.state <> 'fulfilled' AND NEW.overridden_by_id IS NOT NULL AND NEW.overridden_at IS NOT NULL
       AND NEW.overridden_at IS DISTINCT FROM OLD.overridden_at
       AND ROW(NEW.number, NEW.place_id, NEW.notes, NEW.requested_by_id, NEW.requested_at)
           IS NOT DISTINCT FROM
           ROW(OLD.number, OLD.place_id, OLD.notes, OLD.requested_by_id, OLD.requested_at)) THEN
    {refuse("stock_request_fulfilled_is_frozen", "what was fulfilled is corrected by an adjustment")}
  END IF;
  RETURN NEW;
END
"""
FULFILLED_LINES = f"""
BEGIN
  IF EXISTS (SELECT FROM stock_stockrequest r WHERE r.state <> 'new'
             AND r.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.request_id ELSE NEW.request_id END) THEN
    {refuse("stock_request_line_of_a_new_one", "what somebody works on is not asked for otherwise")}
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
"""


class StockRequest(TenantModel):
    """What a shop asks for. Somebody assigns it by making a transfer of it."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        ASSIGNED = "assigned", _("Assigned")
        FULFILLED = "fulfilled", _("Fulfilled")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(_("number"), max_length=24)
    place = TenantForeignKey(Place, verbose_name=_("for"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    priority = models.CharField(
        _("priority"), max_length=6, choices=Transfer.Priority, default=Transfer.Priority.MEDIUM
    )
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    reason = models.CharField(_("why not"), max_length=500, blank=True)
    transfer = TenantForeignKey(Transfer, null=True, blank=True, verbose_name=_("transfer"))
    requested_by = TenantForeignKey(Member, verbose_name=_("asked for by"))
    requested_at = models.DateTimeField(_("asked for"))
    assigned_by = TenantForeignKey(Member, null=True, verbose_name=_("assigned by"))
    fulfilled_at = models.DateTimeField(_("fulfilled"), null=True)
    # Who set its status by hand the last time, when nothing in the house did; `reason` says why.
    overridden_by = TenantForeignKey(Member, null=True, editable=False, verbose_name=_("set by"))
    overridden_at = models.DateTimeField(_("set"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("stock request")
        verbose_name_plural = _("stock requests")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-requested_at", "-id"], name="request_newest"),
            models.Index(fields=["transfer"], name="request_by_transfer"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="stock_request_number_unique"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="cancelled") | models.Q(reason__gt=""),
                name="stock_request_cancelled_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["assigned", "fulfilled"])
                | models.Q(transfer__isnull=False, assigned_by__isnull=False)
                | models.Q(state="fulfilled", overridden_by__isnull=False),
                name="stock_request_assigned_has_a_transfer",
            ),
            models.CheckConstraint(
                condition=models.Q(overridden_by__isnull=True, overridden_at__isnull=True)
                | models.Q(overridden_by__isnull=False, overridden_at__isnull=False, reason__gt=""),
                name="stock_request_set_by_hand_with_a_reason",
            ),
            Trigger(
                name="stock_request_fulfilled_is_frozen",
                when="BEFORE UPDATE ON {table}",
                body=FULFILLED,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class StockRequestLine(TenantModel):
    """A product that a shop asks for."""

    request = TenantForeignKey(StockRequest, on_delete=models.CASCADE)
    product = TenantForeignKey(Product, verbose_name=_("product"))
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)

    class Meta:
        verbose_name = _("line of a stock request")
        verbose_name_plural = _("lines of stock requests")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "request", "product"], name="stock_request_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="stock_request_line_of_something"
            ),
            Trigger(
                name="stock_request_line_of_a_new_one",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=FULFILLED_LINES,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}"


class StockAlert(TenantModel):
    """A product that runs out, or a batch that expires, until that is over."""

    class Kind(models.TextChoices):
        LOW = "low", _("Low")
        OUT = "out", _("Out of stock")
        EXPIRING = "expiring", _("Expires soon")

    kind = models.CharField(_("what"), max_length=8, choices=Kind)
    product = TenantForeignKey(Product, verbose_name=_("product"))
    batch = TenantForeignKey(Batch, null=True, blank=True, verbose_name=_("batch"))
    quantity = models.DecimalField(_("lies there"), max_digits=14, decimal_places=3)
    threshold = models.DecimalField(_("order again at"), null=True, max_digits=14, decimal_places=3)
    raised_at = models.DateTimeField(_("raised"))
    resolved_at = models.DateTimeField(_("over since"), null=True)

    class Meta:
        verbose_name = _("stock alert")
        verbose_name_plural = _("stock alerts")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-raised_at", "-id"], name="stock_alert_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "kind", "product", "batch"],
                condition=models.Q(resolved_at__isnull=True),
                nulls_distinct=False,
                name="stock_alert_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="expiring", batch__isnull=False)
                | models.Q(kind__in=["low", "out"], batch__isnull=True),
                name="stock_alert_names_its_batch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"
