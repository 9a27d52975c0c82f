"""Trays, and boxes with what lies in them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.operations.fulfilment.models.goods import FulfilmentLine
from prs.operations.fulfilment.models.work import Fulfilment

BOX_FROZEN = f"""
DECLARE box record; stands text;
BEGIN
  box := coalesce(NEW, OLD);
  SELECT state INTO stands FROM fulfilment_fulfilment f WHERE f.id = box.fulfilment_id;
  IF stands NOT IN ('packing', 'boxing', 'review') OR TG_OP = 'UPDATE' AND
     ROW(OLD.fulfilment_id, OLD.code) IS DISTINCT FROM ROW(NEW.fulfilment_id, NEW.code) THEN
    {refuse("box_in_its_time", "boxes change while their invoice is packed")}
  END IF;
  RETURN box;
END
"""
CONTENT_FROZEN = f"""
DECLARE content record;
BEGIN
  content := coalesce(NEW, OLD);
  PERFORM FROM fulfilment_box b
    JOIN fulfilment_fulfilmentline l ON l.organization_id = b.organization_id
      AND l.fulfilment_id = b.fulfilment_id
    WHERE b.id = content.box_id AND b.sealed_at IS NULL AND l.id = content.line_id;
  IF NOT FOUND THEN
    {refuse("box_content_while_open", "what lies in a sealed box stays there")}
  END IF;
  RETURN content;
END
"""
PACKED_IS_PICKED = f"""
BEGIN
  IF NEW.state = 'packed' AND OLD.state NOT IN ('packed', 'dispatched') AND (
       EXISTS (SELECT FROM fulfilment_box b WHERE b.organization_id = NEW.organization_id
               AND b.fulfilment_id = NEW.id AND b.sealed_at IS NULL)
       OR EXISTS (
         SELECT FROM fulfilment_fulfilmentline l
         WHERE l.organization_id = NEW.organization_id AND l.fulfilment_id = NEW.id
           AND l.picked <> (SELECT coalesce(sum(c.quantity), 0) FROM fulfilment_boxcontent c
                            WHERE c.organization_id = l.organization_id AND c.line_id = l.id))) THEN
    {refuse("fulfilment_packed_is_picked", "the boxes hold what was picked, and are sealed")}
  END IF;
  RETURN NEW;
END
"""


class Tray(TenantModel):
    """Something that holds the goods of an invoice between two tables."""

    code = models.CharField(_("code"), max_length=24)
    active = models.BooleanField(_("in use"), default=True)
    remarks = models.CharField(_("remarks"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("tray")
        verbose_name_plural = _("trays")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="tray_code_unique"),
            models.CheckConstraint(condition=models.Q(code__gt=""), name="tray_has_a_code"),
        ]

    def __str__(self) -> str:
        return self.code


class TrayUse(TenantModel):
    """An invoice's goods in a tray, until somebody takes them out."""

    tray = TenantForeignKey(Tray)
    fulfilment = TenantForeignKey(Fulfilment)
    since = models.DateTimeField(_("since"))
    freed_at = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("tray in use")
        verbose_name_plural = _("trays in use")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "tray"],
                condition=models.Q(freed_at__isnull=True),
                name="tray_holds_one_invoice",
            ),
            models.CheckConstraint(
                condition=models.Q(freed_at__isnull=True)
                | models.Q(freed_at__gte=models.F("since")),
                name="tray_freed_after_it_was_used",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M}"


class Box(TenantModel):
    """A box of an invoice: the second of three, say. Sealed, it stays as it is."""

    fulfilment = TenantForeignKey(Fulfilment)
    position = models.PositiveSmallIntegerField(_("box"))
    code = models.CharField(_("number"), max_length=24)
    weight = models.DecimalField(_("weight, kg"), null=True, max_digits=9, decimal_places=3)
    sealed_at = models.DateTimeField(_("sealed"), null=True)

    class Meta:
        verbose_name = _("box")
        verbose_name_plural = _("boxes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="box_code_unique"),
            models.UniqueConstraint(
                fields=["organization", "fulfilment", "position"], name="box_position_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(weight__isnull=True) | models.Q(weight__gt=0),
                name="box_weighs_something",
            ),
            Trigger(
                name="box_in_its_time",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=BOX_FROZEN,
            ),
        ]

    def __str__(self) -> str:
        return self.code


class BoxContent(TenantModel):
    """How much of a line lies in a box."""

    box = TenantForeignKey(Box)
    line = TenantForeignKey(FulfilmentLine)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)

    class Meta:
        verbose_name = _("content of a box")
        verbose_name_plural = _("contents of boxes")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "box", "line"], name="box_content_once_per_line"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="box_content_of_something"
            ),
            Trigger(
                name="box_content_while_open",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=CONTENT_FROZEN,
            ),
            Trigger(
                name="fulfilment_packed_is_picked",
                when="BEFORE UPDATE ON {table}",
                body=PACKED_IS_PICKED,
                on="fulfilment_fulfilment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
