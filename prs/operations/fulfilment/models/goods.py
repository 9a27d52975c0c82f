"""What has to be picked, and every scan by which it was."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.catalog.models import Product
from prs.operations.fulfilment.models.work import Fulfilment, WorkSession

IN_ITS_TIME = f"""
DECLARE stands text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF ROW(OLD.ordered, OLD.picked, OLD.short, OLD.substituted)
       IS NOT DISTINCT FROM ROW(NEW.ordered, NEW.picked, NEW.short, NEW.substituted) THEN
      RETURN NEW;
    END IF;
  END IF;
  SELECT state INTO stands FROM fulfilment_fulfilment f WHERE f.id = NEW.fulfilment_id;
  IF NOT (stands IN ('picking', 'review') OR TG_OP = 'INSERT' AND stands = 'invoiced') THEN
    {refuse("fulfilment_line_in_its_time", "what is picked changes while it is picked or corrected")}
  END IF;
  RETURN NEW;
END
"""
BY_SCANS = f"""
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.picked <> 0 THEN
      {refuse("fulfilment_line_picked_by_scans", "a line begins with nothing picked")}
    END IF;
  ELSIF pg_trigger_depth() = 1 AND OLD.picked <> NEW.picked THEN
    {refuse("fulfilment_line_picked_by_scans", "what is picked is the sum of the scans")}
  END IF;
  RETURN NEW;
END
"""
NOT_OVERPICKED = f"""
BEGIN
  IF NEW.picked > OLD.picked AND NEW.picked > NEW.ordered - NEW.short - NEW.substituted THEN
    {refuse("fulfilment_line_not_overpicked", "more would be picked than was ordered")}
  END IF;
  RETURN NEW;
END
"""
IN_OPEN_SESSION = f"""
BEGIN
  PERFORM FROM fulfilment_worksession s JOIN fulfilment_fulfilmentline l
    ON l.organization_id = s.organization_id AND l.fulfilment_id = s.fulfilment_id
  WHERE s.id = NEW.session_id AND s.outcome = '' AND s.stage = 'picking' AND l.id = NEW.line_id;
  IF NOT FOUND THEN
    {refuse("scan_in_open_session", "only who is picking this invoice scans for it")}
  END IF;
  RETURN NEW;
END
"""
SCAN_FROZEN = f"""
BEGIN
  IF TG_OP = 'DELETE' OR OLD.undone_at IS NOT NULL
     OR to_jsonb(OLD) - ARRAY['undone_at', 'parts'] <> to_jsonb(NEW) - ARRAY['undone_at', 'parts']
     OR NOT EXISTS (SELECT FROM fulfilment_worksession s
                    WHERE s.id = OLD.session_id AND s.outcome = '') THEN
    {refuse("scan_stays_as_scanned", "a scan is undone while its session is open, or never")}
  END IF;
  RETURN NEW;
END
"""
COUNTS = """
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE fulfilment_fulfilmentline SET picked = picked + NEW.quantity WHERE id = NEW.line_id;
  ELSIF OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL THEN
    UPDATE fulfilment_fulfilmentline SET picked = picked - NEW.quantity WHERE id = NEW.line_id;
  END IF;
  RETURN NULL;
END
"""


class FulfilmentLine(TenantModel):
    """A line of the invoice as the warehouse works on it. Without a product it is ticked, no more."""

    class Reason(models.TextChoices):
        NOT_THERE = "not_there", _("Not enough there")
        DAMAGED = "damaged", _("Damaged packaging")
        EXPIRED = "expired", _("Expired, or soon will be")
        WRONG_BATCH = "wrong_batch", _("Another batch than the invoice says")
        WRONG_QUANTITY = "wrong_quantity", _("The quantity is wrong")
        OTHER = "other", _("Something else")

    fulfilment = TenantForeignKey(Fulfilment)
    position = models.PositiveSmallIntegerField()
    description = models.CharField(_("description"), max_length=300)
    item_code = models.CharField(_("item code"), max_length=60, blank=True)
    barcode = models.CharField(_("barcode"), max_length=60, blank=True)
    product = TenantForeignKey(Product, null=True, verbose_name=_("product"))
    lot = models.CharField(_("batch"), max_length=60, blank=True)
    expires_on = models.DateField(_("expires"), null=True)
    shelf = models.CharField(_("shelf"), max_length=60, blank=True)
    ordered = models.DecimalField(_("ordered"), max_digits=14, decimal_places=3)
    ordered_before = models.DecimalField(
        _("ordered before the correction"), max_digits=14, decimal_places=3, null=True
    )
    picked = models.DecimalField(_("picked"), max_digits=14, decimal_places=3, default=0)
    short = models.DecimalField(_("short"), max_digits=14, decimal_places=3, default=0)
    short_reason = models.CharField(_("why short"), max_length=16, choices=Reason, blank=True)
    short_note = models.CharField(_("note"), max_length=300, blank=True)
    substituted = models.DecimalField(_("replaced"), max_digits=14, decimal_places=3, default=0)
    substitutes = TenantForeignKey("self", null=True, verbose_name=_("instead of"))
    parts = models.JSONField(_("goods taken"), default=list)
    cost = models.DecimalField(_("cost"), max_digits=19, decimal_places=4, default=0)

    class Meta:
        verbose_name = _("line to pick")
        verbose_name_plural = _("lines to pick")
        indexes: ClassVar = [
            models.Index(fields=["organization", "product"], name="fulfilment_line_by_product"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "fulfilment", "position"],
                name="fulfilment_line_position_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    ordered__gte=0, picked__gte=0, short__gte=0, substituted__gte=0, cost__gte=0
                ),
                name="fulfilment_line_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(short=0) | models.Q(short_reason__gt=""),
                name="fulfilment_line_short_says_why",
            ),
            Trigger(
                name="fulfilment_line_in_its_time",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=IN_ITS_TIME,
            ),
            Trigger(
                name="fulfilment_line_not_overpicked",
                when="BEFORE UPDATE ON {table}",
                body=NOT_OVERPICKED,
            ),
            Trigger(
                name="fulfilment_line_picked_by_scans",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=BY_SCANS,
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def to_pick(self) -> Decimal:
        """How much of it has to come still."""
        return max(self.ordered - self.short - self.substituted - self.picked, Decimal(0))

    @property
    def to_put_back(self) -> Decimal:
        """How much was picked that isn't wanted any more."""
        return max(self.picked - self.ordered + self.short + self.substituted, Decimal(0))

    @property
    def whole(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.picked + self.short + self.substituted == self.ordered


class Scan(TenantModel):
    """A quantity taken from the shelf, or put back onto it (below zero). Its key is the device's."""

    class Way(models.TextChoices):
        SCANNED = "scanned", _("Scanned")
        TICKED = "ticked", _("Ticked")
        EXPRESS = "express", _("Without a scan")

    session = TenantForeignKey(WorkSession)
    line = TenantForeignKey(FulfilmentLine)
    key = models.UUIDField()
    way = models.CharField(_("how"), max_length=8, choices=Way, default=Way.SCANNED)
    code = models.CharField(_("code"), max_length=120, blank=True)
    lot = models.CharField(_("batch"), max_length=60, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    batch_id = models.UUIDField(null=True)
    reason = models.CharField(_("why out of turn"), max_length=300, blank=True)
    parts = models.JSONField(default=list)
    by = TenantForeignKey(Member, verbose_name=_("who"))
    at = models.DateTimeField(_("when"))
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        indexes: ClassVar = [
            models.Index(fields=["organization", "session", "at"], name="scan_by_session"),
            models.Index(fields=["organization", "line"], name="scan_by_line"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "key"], name="scan_key_unique"),
            models.CheckConstraint(condition=~models.Q(quantity=0), name="scan_of_something"),
            Trigger(
                name="scan_in_open_session", when="BEFORE INSERT ON {table}", body=IN_OPEN_SESSION
            ),
            Trigger(
                name="scan_stays_as_scanned",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=SCAN_FROZEN,
            ),
            Trigger(
                name="scan_counts_in_its_line",
                when="AFTER INSERT OR UPDATE ON {table}",
                body=COUNTS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.quantity}"
