"""Tables of the stock ledger."""

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
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import StoredFile, TenantForeignKey, TenantModel
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
FROZEN_BATCH = f"""
BEGIN
  IF ROW(NEW.product_id, NEW.number, NEW.unit_cost, NEW.received_on, NEW.expires_on, NEW.source_id)
     IS DISTINCT FROM
     ROW(OLD.product_id, OLD.number, OLD.unit_cost, OLD.received_on, OLD.expires_on, OLD.source_id)
  THEN {refuse("batch_is_frozen", "of a batch only its prices change")} END IF;
  RETURN NEW;
END
"""
# What it is worth is known once the goods have moved, and written then, once.
DECIDED = f"""
BEGIN
  IF OLD.state <> 'pending' AND (OLD.value IS NOT NULL
     OR ROW(NEW.state, NEW.kind, NEW.quantity, NEW.batch_id, NEW.place_id, NEW.decided_by_id)
        IS DISTINCT FROM
        ROW(OLD.state, OLD.kind, OLD.quantity, OLD.batch_id, OLD.place_id, OLD.decided_by_id)) THEN
    {refuse("adjustment_decided_is_frozen", "a decided adjustment is never changed")}
  END IF;
  RETURN NEW;
END
"""
# Whoever takes goods holds the rows of all batches of the products, always in the same order.
HELD = """
  SELECT b.batch_id, b.product_id, b.on_hand, b.value, a.expires_on, a.received_on,
         coalesce((SELECT sum(r.quantity) FROM stock_reservation r
                   WHERE r.organization_id = b.organization_id AND r.batch_id = b.batch_id
                     AND r.place_id = b.place_id AND r.state = 'active' AND r.expires_at > moment
                     AND r.holder_id <> holder), 0)
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
        ]

    def __str__(self) -> str:
        return f"{self.on_hand}"


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


class Transfer(TenantModel):
    """Goods asked for at one place, sent from another, and received: each step by somebody."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        DISPATCHED = "dispatched", _("On the way")
        RECEIVED = "received", _("Received")
        CANCELLED = "cancelled", _("Cancelled")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    number = models.CharField(_("number"), max_length=24)
    origin = TenantForeignKey(Place, verbose_name=_("from"))
    destination = TenantForeignKey(Place, verbose_name=_("to"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    priority = models.CharField(
        _("priority"), max_length=6, choices=Priority, default=Priority.MEDIUM
    )
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    reason = models.CharField(_("why not"), max_length=500, blank=True)
    requested_by = TenantForeignKey(Member, verbose_name=_("asked for by"))
    requested_at = models.DateTimeField(_("asked for"))
    approved_by = TenantForeignKey(Member, null=True, verbose_name=_("approved by"))
    approved_at = models.DateTimeField(_("approved"), null=True)
    dispatched_by = TenantForeignKey(Member, null=True, verbose_name=_("sent by"))
    dispatched_at = models.DateTimeField(_("sent"), null=True)
    received_by = TenantForeignKey(Member, null=True, verbose_name=_("received by"))
    received_at = models.DateTimeField(_("received"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-requested_at", "-id"], name="transfer_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="transfer_number_unique"
            ),
            models.CheckConstraint(
                condition=~models.Q(origin=models.F("destination")),
                name="transfer_between_two_places",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["rejected", "cancelled"]) | models.Q(reason__gt=""),
                name="transfer_refused_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "dispatched", "received"])
                | models.Q(approved_by__isnull=False, approved_at__isnull=False),
                name="transfer_sent_when_approved",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["dispatched", "received"])
                | models.Q(dispatched_by__isnull=False, dispatched_at__isnull=False),
                name="transfer_received_when_sent",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="received")
                | models.Q(received_by__isnull=False, received_at__isnull=False),
                name="transfer_received_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TransferLine(TenantModel):
    """A product of a transfer: asked for, granted, sent, and arrived."""

    transfer = TenantForeignKey(Transfer, on_delete=models.CASCADE)
    product = TenantForeignKey(Product, verbose_name=_("product"))
    requested = models.DecimalField(_("asked for"), max_digits=14, decimal_places=3)
    approved = models.DecimalField(_("granted"), null=True, max_digits=14, decimal_places=3)
    dispatched = models.DecimalField(_("sent"), null=True, max_digits=14, decimal_places=3)
    received = models.DecimalField(_("arrived"), null=True, max_digits=14, decimal_places=3)
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("line of a transfer")
        verbose_name_plural = _("lines of transfers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "transfer", "product"], name="transfer_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(requested__gt=0), name="transfer_line_of_something"
            ),
            models.CheckConstraint(
                condition=(models.Q(approved__isnull=True) | models.Q(approved__gte=0))
                & (models.Q(dispatched__isnull=True) | models.Q(dispatched__gte=0))
                & (models.Q(received__isnull=True) | models.Q(received__gte=0)),
                name="transfer_line_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(received__isnull=True)
                | models.Q(received__lte=models.F("dispatched")),
                name="transfer_line_received_within_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}"


class Adjustment(TenantModel):
    """A correction of stock that somebody asks for and another approves; approving carries it out."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waits for approval")
        COMPLETED = "completed", _("Carried out")
        REJECTED = "rejected", _("Rejected")

    class Kind(models.TextChoices):
        THEFT = "theft", _("Theft")
        DAMAGE = "damage", _("Damage")
        EXPIRED = "expired", _("Expired")
        SPOILAGE = "spoilage", _("Spoilage")
        LOSS = "loss", _("Loss")
        SAMPLE = "sample", _("Sample")
        WRITE_OFF = "write_off", _("Write-off")
        SUPPLIER_RETURN = "supplier_return", _("Returned to the supplier")
        CUSTOMER_RETURN = "customer_return", _("Returned by a customer")
        FOUND = "found", _("Found")
        CORRECTION = "correction", _("Correction")
        RECOUNT = "recount", _("Counted again")
        OTHER = "other", _("Other")

    number = models.CharField(_("number"), max_length=24)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    batch = TenantForeignKey(Batch, verbose_name=_("batch"))
    place = TenantForeignKey(Place, verbose_name=_("place"))
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    quantity_before = models.DecimalField(_("before"), max_digits=14, decimal_places=3)
    value = models.DecimalField(_("worth"), null=True, max_digits=19, decimal_places=4)
    reason = models.CharField(_("why"), max_length=500)
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    proof = TenantForeignKey(StoredFile, null=True, blank=True, verbose_name=_("photo or document"))
    created_by = TenantForeignKey(Member, verbose_name=_("asked for by"))
    created_at = models.DateTimeField(_("asked for"))
    decided_by = TenantForeignKey(Member, null=True, verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    remarks = models.CharField(_("remarks"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at", "-id"], name="adjustment_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="adjustment_number_unique"
            ),
            models.CheckConstraint(condition=~models.Q(quantity=0), name="adjustment_of_something"),
            models.CheckConstraint(
                condition=~models.Q(
                    kind__in=[
                        "theft",
                        "damage",
                        "expired",
                        "spoilage",
                        "loss",
                        "sample",
                        "write_off",
                        "supplier_return",
                    ]
                )
                | models.Q(quantity__lt=0),
                name="adjustment_loss_takes",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["customer_return", "found"])
                | models.Q(quantity__gt=0),
                name="adjustment_find_brings",
            ),
            models.CheckConstraint(condition=models.Q(reason__gt=""), name="adjustment_says_why"),
            models.CheckConstraint(
                condition=models.Q(state="pending", decided_by__isnull=True)
                | models.Q(
                    state__in=["completed", "rejected"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="adjustment_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("created_by")),
                name="adjustment_approved_by_another",
            ),
            Trigger(
                name="adjustment_decided_is_frozen",
                when="BEFORE UPDATE ON {table}",
                body=DECIDED,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Count(TenantModel):
    """A count of what lies at a place, blind: the counter doesn't see what the books expect."""

    class State(models.TextChoices):
        OPEN = "open", _("Counting")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(_("number"), max_length=24)
    place = TenantForeignKey(Place, verbose_name=_("place"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    notes = models.CharField(_("notes"), max_length=500, blank=True)
    opened_by = TenantForeignKey(Member, verbose_name=_("begun by"))
    opened_at = models.DateTimeField(_("begun"))
    closed_by = TenantForeignKey(Member, null=True, verbose_name=_("ended by"))
    closed_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("count")
        verbose_name_plural = _("counts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="count_number_unique"),
            models.UniqueConstraint(
                fields=["organization", "place"],
                condition=models.Q(state="open"),
                name="count_one_open_per_place",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CountLine(TenantModel):
    """What somebody counted of a batch, and what the ledger said at that moment."""

    count = TenantForeignKey(Count, on_delete=models.CASCADE)
    batch = TenantForeignKey(Batch, verbose_name=_("batch"))
    expected = models.DecimalField(_("expected"), max_digits=14, decimal_places=3)
    counted = models.DecimalField(_("counted"), max_digits=14, decimal_places=3)
    counted_by = TenantForeignKey(Member, verbose_name=_("counted by"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("counted batch")
        verbose_name_plural = _("counted batches")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "count", "batch"], name="count_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(counted__gte=0), name="count_line_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted}"
