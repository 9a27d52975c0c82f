"""Money that went back: refunds, chargebacks, bounced cheques."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import StoredFile, TenantForeignKey, TenantModel
from prs.operations.payments.models.receiving import Allocation, Payment

REVERSED = f"""
DECLARE payment record;
BEGIN
  SELECT * INTO payment FROM payments_payment WHERE id = NEW.{{payment}};
  IF payment.reversed_amount <> (SELECT coalesce(sum(amount), 0) FROM payments_reversal
                                 WHERE organization_id = payment.organization_id
                                 AND payment_id = payment.id AND status = 'done') THEN
    {refuse("payment_reversed_is_its_reversals", "what went back is the sum of the reversals")}
  END IF;
  RETURN NULL;
END
"""
SHARED = f"""
DECLARE part record;
BEGIN
  SELECT * INTO part FROM payments_allocation WHERE id = NEW.{{allocation}};
  IF part.reversed <> (SELECT coalesce(sum(amount), 0) FROM payments_reversalshare
                       WHERE organization_id = part.organization_id
                       AND allocation_id = part.id) THEN
    {refuse("allocation_reversed_is_its_shares", "what an invoice lost is what reversals took")}
  END IF;
  RETURN NULL;
END
"""
REVERSAL_FROZEN = f"""
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status <> 'requested'
     OR ROW(OLD.number, OLD.payment_id, OLD.kind, OLD.amount, OLD.requested_by_id)
        IS DISTINCT FROM ROW(NEW.number, NEW.payment_id, NEW.kind, NEW.amount, NEW.requested_by_id)
     THEN {refuse("reversal_decided_is_frozen", "a reversal is decided once and never changed")}
  END IF;
  RETURN NEW;
END
"""


class Reversal(TenantModel):
    """Verified money that goes back: refunded, charged back by a bank, or a cheque that bounced."""

    class Kind(models.TextChoices):
        REFUND = "refund", _("Refund")
        CHARGEBACK = "chargeback", _("Chargeback")
        BOUNCE = "bounce", _("Bounced cheque")

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for approval")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    number = models.CharField(_("number"), max_length=24)
    payment = TenantForeignKey(Payment, verbose_name=_("payment"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    reason = models.CharField(_("reason"), max_length=1000)
    proof = TenantForeignKey(StoredFile, null=True, blank=True, verbose_name=_("proof"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    requested_by = TenantForeignKey(Member, verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested"))
    decided_by = TenantForeignKey(Member, null=True, verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    remarks = models.CharField(_("remarks"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-requested_at", "-id"], name="reversal_newest"),
            models.Index(
                fields=["organization", "payment", "requested_at"], name="reversal_by_payment"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="reversal_number_unique"
            ),
            models.UniqueConstraint(
                fields=["organization", "payment"],
                condition=models.Q(status="requested"),
                name="reversal_one_open_per_payment",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="reversal_amount_positive"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="reversal_says_why"),
            models.CheckConstraint(
                condition=models.Q(
                    status="requested", decided_by__isnull=True, decided_at__isnull=True
                )
                | models.Q(
                    status__in=["done", "refused"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="reversal_decision_is_complete",
            ),
            # A bank doesn't ask; a refund is granted by somebody else than who asks for it.
            models.CheckConstraint(
                condition=~models.Q(kind="refund")
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("requested_by")),
                name="reversal_refund_approved_by_another",
            ),
            Trigger(
                name="reversal_decided_is_frozen",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=REVERSAL_FROZEN,
            ),
            Trigger(
                name="payment_reversed_is_its_reversals",
                when="AFTER INSERT OR UPDATE OF status ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=REVERSED.replace("{payment}", "payment_id"),
                constraint=True,
            ),
            Trigger(
                name="payment_reversals_add_up",
                when="AFTER INSERT OR UPDATE OF reversed_amount ON {table} "
                "DEFERRABLE INITIALLY DEFERRED",
                body=REVERSED.replace("{payment}", "id"),
                constraint=True,
                on="payments_payment",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReversalShare(TenantModel):
    """What a reversal took from what a payment paid of one invoice."""

    reversal = TenantForeignKey(Reversal)
    allocation = TenantForeignKey(Allocation)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)

    class Meta:
        verbose_name = _("part of a reversal")
        verbose_name_plural = _("parts of reversals")
        indexes: ClassVar = [
            models.Index(fields=["organization", "allocation"], name="reversal_share_taken_from"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="reversal_share_append_only"),
            models.UniqueConstraint(
                fields=["organization", "reversal", "allocation"], name="reversal_share_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="reversal_share_positive"
            ),
            Trigger(
                name="allocation_reversed_is_its_shares",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=SHARED.replace("{allocation}", "allocation_id"),
                constraint=True,
            ),
            Trigger(
                name="allocation_shares_add_up",
                when="AFTER INSERT OR UPDATE OF reversed ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=SHARED.replace("{allocation}", "id"),
                constraint=True,
                on="payments_allocation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reversal_id} {self.amount}"
