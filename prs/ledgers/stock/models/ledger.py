"""The stock ledger itself: batches, what moved of them, and what lies there."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import (
    AppendOnly,
    DatabaseFunction,
    Trigger,
    WrittenByDatabase,
    refuse,
)
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.ledgers.stock.models.doors import DOORS
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place

# A movement moves its balance, which its own checks keep from falling below zero.
MOVES = """
BEGIN
  UPDATE stock_balance
  SET on_hand = on_hand + NEW.quantity, value = value + NEW.value
  WHERE organization_id = NEW.organization_id AND batch_id = NEW.batch_id
    AND place_id = NEW.place_id;
  IF NOT FOUND THEN
    INSERT INTO stock_balance (id, organization_id, batch_id, product_id, place_id, on_hand, value)
    VALUES (gen_random_uuid(), NEW.organization_id, NEW.batch_id, NEW.product_id, NEW.place_id,
            NEW.quantity, NEW.value)
    ON CONFLICT (organization_id, batch_id, place_id) DO UPDATE
    SET on_hand = stock_balance.on_hand + NEW.quantity, value = stock_balance.value + NEW.value;
  END IF;
  RETURN NULL;
END
"""
NAMES_ITS_PRODUCT = f"""
BEGIN
  IF (SELECT product_id FROM stock_batch b WHERE b.id = NEW.batch_id) IS DISTINCT FROM NEW.product_id
  THEN {refuse("{name}", "a batch is of one product")} END IF;
  RETURN NEW;
END
"""
FRESH = f"""
BEGIN
  IF NEW.kind IN ('sale', 'pick') AND NEW.quantity < 0
     AND (SELECT expires_on FROM stock_batch b WHERE b.id = NEW.batch_id) < NEW.on_date THEN
    {refuse("movement_of_fresh_goods", "what is expired is neither sold nor picked")}
  END IF;
  RETURN NEW;
END
"""
INTAKE_FIRST = f"""
BEGIN
  IF NEW.kind = 'intake' AND EXISTS (SELECT FROM stock_movement m WHERE m.batch_id = NEW.batch_id
                                     AND m.kind <> 'intake') THEN
    {refuse("movement_intake_is_locked", "the intake of a batch that moved is corrected by an adjustment")}
  END IF;
  RETURN NEW;
END
"""
CONSERVED = f"""
BEGIN
  IF NEW.kind IN ('dispatch', 'arrival') AND EXISTS (
       SELECT FROM stock_movement m WHERE m.organization_id = NEW.organization_id
         AND m.source_id = NEW.source_id AND m.kind = NEW.kind AND m.batch_id = NEW.batch_id
       HAVING sum(m.quantity) <> 0 OR sum(m.value) <> 0) THEN
    {refuse("movement_transfer_loses_nothing", "what leaves one place arrives at another")}
  END IF;
  RETURN NULL;
END
"""
# By its name it runs after the balance has moved, whose row is locked by then.
SPARES = f"""
BEGIN
  IF NEW.kind IN ('sale', 'pick', 'dispatch') AND NEW.quantity < 0 AND
     (SELECT on_hand FROM stock_balance b WHERE b.organization_id = NEW.organization_id
        AND b.batch_id = NEW.batch_id AND b.place_id = NEW.place_id) <
     (SELECT coalesce(sum(r.quantity), 0) FROM stock_reservation r
      WHERE r.organization_id = NEW.organization_id AND r.batch_id = NEW.batch_id
        AND r.place_id = NEW.place_id AND r.state = 'active' AND r.expires_at > NEW.at) THEN
    {refuse("movement_spares_what_is_kept", "what is kept for somebody is not given to another")}
  END IF;
  RETURN NULL;
END
"""
FROZEN_BATCH = f"""
BEGIN
  IF ROW(NEW.product_id, NEW.number, NEW.unit_cost, NEW.received_on, NEW.expires_on, NEW.source_id)
     IS DISTINCT FROM
     ROW(OLD.product_id, OLD.number, OLD.unit_cost, OLD.received_on, OLD.expires_on, OLD.source_id)
  THEN {refuse("batch_is_frozen", "of a batch only its prices change")} END IF;
  RETURN NEW;
END
"""
# Whoever takes goods holds the rows of all batches of the products, always in the same order.
# What a holder, or one of their lines, keeps counts as free to them.
HELD = """
  SELECT b.batch_id, b.product_id, b.on_hand, b.value, a.expires_on, a.received_on,
         coalesce((SELECT sum(r.quantity) FROM stock_reservation r
                   WHERE r.organization_id = b.organization_id AND r.batch_id = b.batch_id
                     AND r.place_id = b.place_id AND r.state = 'active' AND r.expires_at > moment
                     AND r.holder_id <> holder AND r.line_id <> holder), 0)
  FROM stock_balance b JOIN stock_batch a ON a.id = b.batch_id
  WHERE b.organization_id = nullif(current_setting('prs.org', true), '')::uuid
    AND b.place_id = place AND b.product_id = ANY (products) AND b.on_hand > 0
  ORDER BY b.product_id, b.batch_id
  FOR NO KEY UPDATE OF b
"""


class Batch(TenantModel):
    """An intake of a product: what it cost, what it sells for, and when it expires."""

    product = TenantForeignKey(Product, verbose_name=_("product"))
    number = models.CharField(_("batch"), max_length=24)
    lot = models.CharField(_("lot of the maker"), max_length=40, blank=True)
    supplier_id = models.UUIDField(null=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    received_on = models.DateField(_("received"))
    # Landed: with the duties and freight that it took to get here, in the home currency.
    unit_cost = models.DecimalField(_("landed cost of a unit"), max_digits=19, decimal_places=6)
    retail_price = models.DecimalField(
        _("retail price"), null=True, blank=True, max_digits=19, decimal_places=4
    )
    wholesale_price = models.DecimalField(
        _("wholesale price"), null=True, blank=True, max_digits=19, decimal_places=4
    )
    source_kind = models.CharField(max_length=40)
    source_id = models.UUIDField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "product", "received_on"], name="batch_by_product"
            ),
            models.Index(
                fields=["organization", "expires_on"],
                condition=models.Q(expires_on__isnull=False),
                name="batch_by_expiry",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="batch_number_unique"),
            models.CheckConstraint(
                condition=models.Q(unit_cost__gte=0), name="batch_cost_not_negative"
            ),
            models.CheckConstraint(
                condition=(models.Q(retail_price__isnull=True) | models.Q(retail_price__gte=0))
                & (models.Q(wholesale_price__isnull=True) | models.Q(wholesale_price__gte=0)),
                name="batch_price_not_negative",
            ),
            Trigger(name="batch_is_frozen", when="BEFORE UPDATE ON {table}", body=FROZEN_BATCH),
        ]

    def __str__(self) -> str:
        return self.number


class Movement(TenantModel):
    """Goods that came to a place (above zero) or left it (below), once for each cause."""

    class Kind(models.TextChoices):
        INTAKE = "intake", _("Received")
        DISPATCH = "dispatch", _("Sent")
        ARRIVAL = "arrival", _("Arrived")
        SALE = "sale", _("Sold")
        SALE_RETURN = "sale_return", _("Returned by a customer")
        PICK = "pick", _("Picked")
        PICK_RETURN = "pick_return", _("Put back")
        ADJUSTMENT = "adjustment", _("Adjusted")

    batch = TenantForeignKey(Batch, verbose_name=_("batch"))
    product = TenantForeignKey(Product, verbose_name=_("product"))
    place = TenantForeignKey(Place, verbose_name=_("place"))
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    value = models.DecimalField(_("worth"), max_digits=19, decimal_places=4)
    source_kind = models.CharField(max_length=40)
    source_id = models.UUIDField()
    line_id = models.UUIDField()
    on_date = models.DateField(_("date"))
    at = models.DateTimeField(_("when"))
    by_id = models.UUIDField(null=True)
    by_label = models.CharField(_("who"), max_length=200)

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-at", "-id"], name="movement_newest_first"),
            models.Index(fields=["organization", "product", "-at"], name="movement_by_product"),
            models.Index(fields=["batch"], name="movement_by_batch"),
            models.Index(fields=["organization", "source_id"], name="movement_by_source"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="movement_append_only"),
            models.UniqueConstraint(
                fields=["organization", "source_id", "kind", "line_id", "batch", "place"],
                name="movement_once_per_cause",
            ),
            models.CheckConstraint(condition=~models.Q(quantity=0), name="movement_of_something"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, value__gte=0)
                | models.Q(quantity__lt=0, value__lte=0)
                | models.Q(quantity=0),
                name="movement_worth_goes_with_goods",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["sale", "pick"]) | models.Q(quantity__lt=0),
                name="movement_sale_takes",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["sale_return", "pick_return"])
                | models.Q(quantity__gt=0),
                name="movement_return_brings",
            ),
            Trigger(
                name="movement_names_its_product",
                when="BEFORE INSERT ON {table}",
                body=NAMES_ITS_PRODUCT,
            ),
            Trigger(name="movement_of_fresh_goods", when="BEFORE INSERT ON {table}", body=FRESH),
            Trigger(
                name="movement_intake_is_locked", when="BEFORE INSERT ON {table}", body=INTAKE_FIRST
            ),
            Trigger(
                name="movement_transfer_loses_nothing",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=CONSERVED,
                constraint=True,
            ),
            Trigger(name="movement_moves_its_balance", when="AFTER INSERT ON {table}", body=MOVES),
            Trigger(
                name="movement_spares_what_is_kept", when="AFTER INSERT ON {table}", body=SPARES
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quantity}"


class Balance(TenantModel):
    """What lies of a batch at a place, added up by the database as goods move."""

    batch = TenantForeignKey(Batch, verbose_name=_("batch"))
    product = TenantForeignKey(Product, verbose_name=_("product"))
    place = TenantForeignKey(Place, verbose_name=_("place"))
    on_hand = models.DecimalField(_("on hand"), max_digits=14, decimal_places=3)
    value = models.DecimalField(_("worth"), max_digits=19, decimal_places=4)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        indexes: ClassVar = [
            models.Index(fields=["organization", "place", "product"], name="stock_by_place"),
            models.Index(fields=["organization", "product"], name="stock_by_product"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "batch", "place"], name="stock_balance_unique"
            ),
            models.CheckConstraint(condition=models.Q(on_hand__gte=0), name="stock_not_below_zero"),
            models.CheckConstraint(
                condition=models.Q(value__gte=0) & (models.Q(on_hand__gt=0) | models.Q(value=0)),
                name="stock_worth_follows_goods",
            ),
            WrittenByDatabase(name="stock_written_by_database"),
            DatabaseFunction(
                name="stock_held",
                takes="place uuid, products uuid[], holder uuid, moment timestamptz",
                gives="TABLE (batch uuid, product uuid, on_hand numeric, worth numeric, "
                "expires_on date, received_on date, reserved numeric)",
                body=HELD,
            ),
            *DOORS,
        ]

    def __str__(self) -> str:
        return f"{self.on_hand}"
