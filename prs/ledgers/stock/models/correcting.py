"""What corrects the ledger: adjustments, and counts that ask for them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import StoredFile, TenantForeignKey, TenantModel
from prs.ledgers.stock.models.ledger import Batch
from prs.masterdata.places.models import Place

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
