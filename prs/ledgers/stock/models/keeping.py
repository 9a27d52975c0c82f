"""Goods that are kept for somebody for a while."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.ledgers.stock.models.ledger import NAMES_ITS_PRODUCT, Batch
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place

# The balance's row is the gate: who keeps goods waits there for who takes them, and the reverse.
WITHIN_STOCK = f"""
DECLARE there numeric; kept numeric;
BEGIN
  IF NEW.state <> 'active' THEN RETURN NEW; END IF;
  SELECT on_hand INTO there FROM stock_balance b
  WHERE b.organization_id = NEW.organization_id AND b.batch_id = NEW.batch_id
    AND b.place_id = NEW.place_id FOR NO KEY UPDATE;
  SELECT coalesce(sum(r.quantity), 0) INTO kept FROM stock_reservation r
  WHERE r.organization_id = NEW.organization_id AND r.batch_id = NEW.batch_id
    AND r.place_id = NEW.place_id AND r.state = 'active' AND r.expires_at > NEW.reserved_at
    AND r.id <> NEW.id;
  IF coalesce(there, 0) < kept + NEW.quantity THEN
    {refuse("reservation_within_stock", "more would be kept than lies there")}
  END IF;
  RETURN NEW;
END
"""
KEPT_FRESH = f"""
BEGIN
  IF NEW.state = 'active'
     AND (SELECT expires_on FROM stock_batch b WHERE b.id = NEW.batch_id) < NEW.on_date THEN
    {refuse("reservation_of_fresh_goods", "what is expired is not kept for anybody")}
  END IF;
  RETURN NEW;
END
"""


class Reservation(TenantModel):
    """Goods kept for somebody for a while. Past its time it keeps nothing, swept or not."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Kept")
        COMMITTED = "committed", _("Taken")
        RELEASED = "released", _("Let go")

    batch = TenantForeignKey(Batch, verbose_name=_("batch"))
    product = TenantForeignKey(Product, verbose_name=_("product"))
    place = TenantForeignKey(Place, verbose_name=_("place"))
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    holder_kind = models.CharField(max_length=40)
    holder_id = models.UUIDField()
    line_id = models.UUIDField()
    on_date = models.DateField()
    reserved_at = models.DateTimeField(_("since"))
    expires_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "batch", "place"],
                condition=models.Q(state="active"),
                name="reservation_active",
            ),
            models.Index(fields=["organization", "holder_id"], name="reservation_by_holder"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="reservation_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("reserved_at")),
                name="reservation_ends_after_it_begins",
            ),
            Trigger(
                name="reservation_within_stock",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=WITHIN_STOCK,
            ),
            Trigger(
                name="reservation_names_its_product",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=NAMES_ITS_PRODUCT,
            ),
            Trigger(
                name="reservation_of_fresh_goods",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=KEPT_FRESH,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
