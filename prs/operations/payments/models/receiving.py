"""Payments, and which invoices they are for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import StoredFile, TenantForeignKey, TenantModel
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.models import Branch
from prs.operations.deals.models import Deal
from prs.operations.invoicing.models import Invoice

WAITING = "('pending', 'asked', 'checked')"
PROVEN = "('verified', 'refunded', 'charged_back', 'bounced')"
FROZEN = f"""
BEGIN
  IF TG_OP = 'DELETE' THEN
    {refuse("payment_decided_is_frozen", "a payment is never deleted")}
  END IF;
  IF OLD.status NOT IN {WAITING} AND
     ROW(OLD.amount, OLD.currency, OLD.rate, OLD.customer_id, OLD.deal_id, OLD.method, OLD.paid_on,
         OLD.verified_amount, OLD.decided_by_id, OLD.decided_at, OLD.proof_id, OLD.reference)
     IS DISTINCT FROM
     ROW(NEW.amount, NEW.currency, NEW.rate, NEW.customer_id, NEW.deal_id, NEW.method, NEW.paid_on,
         NEW.verified_amount, NEW.decided_by_id, NEW.decided_at, NEW.proof_id, NEW.reference) THEN
    {refuse("payment_decided_is_frozen", "a decided payment is never changed")}
  END IF;
  IF OLD.status <> NEW.status AND NOT (
       (OLD.status IN {WAITING}
        AND NEW.status NOT IN ('refunded', 'charged_back', 'bounced'))
       OR (OLD.status = 'verified' AND NEW.status IN ('refunded', 'charged_back', 'bounced'))) THEN
    {refuse("payment_moves_forward", "a payment does not move this way")}
  END IF;
  IF NEW.reversed_amount < OLD.reversed_amount THEN
    {refuse("payment_moves_forward", "what went back does not come back")}
  END IF;
  IF OLD.number <> NEW.number OR OLD.recorded_by_id <> NEW.recorded_by_id THEN
    {refuse("payment_decided_is_frozen", "a payment keeps its number and who recorded it")}
  END IF;
  RETURN NEW;
END
"""
ALLOCATION_FROZEN = f"""
DECLARE row_ record; status_ text;
BEGIN
  row_ := coalesce(NEW, OLD);
  SELECT status INTO status_ FROM payments_payment WHERE id = row_.payment_id;
  IF status_ IN {WAITING} OR (TG_OP = 'INSERT' AND status_ = 'verified') THEN
    RETURN row_;
  END IF;
  IF TG_OP <> 'UPDATE' OR status_ <> 'verified' OR NEW.reversed < OLD.reversed
     OR ROW(OLD.payment_id, OLD.invoice_id, OLD.amount, OLD.counted_at)
        IS DISTINCT FROM ROW(NEW.payment_id, NEW.invoice_id, NEW.amount, NEW.counted_at) THEN
    {refuse("allocation_decided_is_frozen", "what a decided payment paid is never changed")}
  END IF;
  RETURN row_;
END
"""
WITHIN = f"""
DECLARE payment record;
BEGIN
  SELECT * INTO payment FROM payments_payment WHERE id = NEW.{{payment}};
  IF payment.status NOT IN ('denied', 'withdrawn') AND
     (SELECT coalesce(sum(amount - reversed), 0) FROM payments_allocation
      WHERE payment_id = payment.id)
     > coalesce(payment.verified_amount, payment.amount) - payment.reversed_amount THEN
    {refuse("allocation_within_payment", "a payment pays no more than it brought")}
  END IF;
  IF EXISTS (SELECT FROM payments_allocation a JOIN invoicing_invoice i ON i.id = a.invoice_id
             WHERE a.payment_id = payment.id AND i.currency <> payment.currency) THEN
    {refuse("allocation_same_currency", "a payment pays invoices of its own currency")}
  END IF;
  RETURN NULL;
END
"""
SETTLED = f"""
BEGIN
  IF EXISTS (
    SELECT FROM invoicing_invoice i WHERE i.id IN ({{invoices}}) AND i.paid <> (
      SELECT coalesce(sum(a.amount - a.reversed), 0) FROM payments_allocation a
      JOIN payments_payment p ON p.id = a.payment_id
      WHERE a.invoice_id = i.id AND p.status IN {PROVEN})) THEN
    {{refusal}}
  END IF;
  RETURN NULL;
END
"""
NOT_DERIVED = refuse(
    "invoice_paid_is_verified_allocations", "what is paid is the sum of verified allocations"
)
# What must hold between a deal, its invoices and its payments. Laid on all three.
DEAL_FOLLOWS = f"""
DECLARE deal record; derived text;
BEGIN
  SELECT * INTO deal FROM deals_deal WHERE id = NEW.{{deal}};
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT CASE WHEN bool_or(status IN {WAITING}) THEN 'pending'
              WHEN bool_or(status = 'verified') THEN 'verified'
              WHEN bool_or(status = 'denied') THEN 'rejected'
              ELSE 'pending' END
    INTO derived FROM payments_payment
     WHERE organization_id = deal.organization_id AND deal_id = deal.id;
  IF deal.status <> derived OR deal.paid <> (
       SELECT coalesce(sum(paid), 0) FROM invoicing_invoice
       WHERE organization_id = deal.organization_id AND deal_id = deal.id) THEN
    {refuse("deal_follows_its_payments", "the state of a deal follows from its payments")}
  END IF;
  RETURN NULL;
END
"""
DEAL_COVERS = f"""
DECLARE deal record;
BEGIN
  SELECT * INTO deal FROM deals_deal WHERE id = NEW.{{deal}};
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF deal.value < (SELECT coalesce(sum(total - credited), 0) FROM invoicing_invoice
                   WHERE organization_id = deal.organization_id AND deal_id = deal.id
                   AND status IN ('draft', 'issued')) THEN
    {refuse("deal_value_covers_claims", "a deal is worth what its payments claim")}
  END IF;
  IF deal.cancelled_at IS NOT NULL AND EXISTS (
       SELECT FROM payments_payment
       WHERE organization_id = deal.organization_id AND deal_id = deal.id
       AND status IN ('pending', 'asked', 'checked', 'verified')) THEN
    {refuse("deal_called_off_has_no_claims", "a deal with money in it is not called off")}
  END IF;
  IF EXISTS (SELECT FROM payments_payment
             WHERE organization_id = deal.organization_id AND deal_id = deal.id
             AND customer_id <> deal.customer_id) THEN
    {refuse("deal_customer_is_its_payments", "the payments of a deal are of its customer")}
  END IF;
  RETURN NULL;
END
"""
# Whatever became of them: what was recorded is in the deal's currency, at its rate.
DEAL_CURRENCY = f"""
BEGIN
  IF ROW(OLD.currency, OLD.rate) IS DISTINCT FROM ROW(NEW.currency, NEW.rate) AND (
       EXISTS (SELECT FROM payments_payment
               WHERE organization_id = NEW.organization_id AND deal_id = NEW.id)
       OR EXISTS (SELECT FROM invoicing_invoice
                  WHERE organization_id = NEW.organization_id AND deal_id = NEW.id)) THEN
    {refuse("deal_currency_is_its_payments", "what was recorded of a deal is in its currency")}
  END IF;
  RETURN NULL;
END
"""


def settled(invoices: str) -> str:
    """The rule that an invoice's paid amount is the sum of its verified allocations."""
    return SETTLED.replace("{invoices}", invoices).replace("{refusal}", NOT_DERIVED)


class Payment(TenantModel):
    """Money said to have come in. It counts once somebody else has verified it."""

    class Method(models.TextChoices):
        CASH = "cash", _("Cash")
        BANK = "bank", _("Bank transfer")
        CHEQUE = "cheque", _("Cheque")
        CARD = "card", _("Card")
        MOBILE = "mobile", _("Mobile money")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for proof")
        CHECKED = "checked", _("Waiting for a second verifier")
        ASKED = "asked", _("Asked back")
        VERIFIED = "verified", _("Verified")
        DENIED = "denied", _("Denied")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REFUNDED = "refunded", _("Refunded")
        CHARGED_BACK = "charged_back", _("Charged back")
        BOUNCED = "bounced", _("Bounced")

    class Category(models.TextChoices):
        ADVANCE = "advance", _("Advance")
        PARTIAL = "partial", _("Partial")
        FINAL = "final", _("Final")

    class Cheque(models.TextChoices):
        RECEIVED = "received", _("Received")
        DEPOSITED = "deposited", _("Deposited")
        CLEARED = "cleared", _("Cleared")
        BOUNCED = "bounced", _("Bounced")

    number = models.CharField(_("number"), max_length=24)
    customer = TenantForeignKey(Customer, verbose_name=_("customer"))
    deal = TenantForeignKey(Deal, null=True, blank=True, verbose_name=_("deal"))
    category = models.CharField(_("category"), max_length=8, choices=Category, blank=True)
    place = TenantForeignKey(Branch, null=True, blank=True, verbose_name=_("place"))
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=8, default=1)
    method = models.CharField(_("method"), max_length=8, choices=Method)
    paid_on = models.DateField(_("paid on"))
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    cheque_number = models.CharField(_("cheque number"), max_length=20, blank=True)
    cheque_state = models.CharField(
        _("cheque"), max_length=10, choices=Cheque, blank=True, editable=False
    )
    remarks = models.TextField(_("remarks"), max_length=1000, blank=True)
    proof = TenantForeignKey(StoredFile, null=True, blank=True, verbose_name=_("proof"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    recorded_by = TenantForeignKey(Member, verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded"))
    claimed_by = TenantForeignKey(Member, null=True, verbose_name=_("claimed by"))
    claimed_until = models.DateTimeField(null=True)
    first_by = TenantForeignKey(Member, null=True, verbose_name=_("checked first by"))
    first_at = models.DateTimeField(null=True)
    decided_by = TenantForeignKey(Member, null=True, verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    verified_amount = models.DecimalField(
        _("verified amount"), max_digits=19, decimal_places=4, null=True
    )
    reversed_amount = models.DecimalField(
        _("went back"), max_digits=19, decimal_places=4, default=0
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-recorded_at", "-id"], name="payment_newest"),
            models.Index(
                fields=["organization", "recorded_at", "id"],
                condition=models.Q(status__in=["pending", "checked"]),
                name="payment_waiting",
            ),
            models.Index(
                fields=["organization", "deal"],
                condition=models.Q(status__in=["pending", "checked", "asked"]),
                name="payment_unproven",
            ),
            models.Index(
                fields=["organization", "customer", "-paid_on"], name="payment_by_customer"
            ),
            models.Index(
                fields=["organization", "recorded_by", "-recorded_at"], name="payment_by_recorder"
            ),
            models.Index(
                fields=["organization", "deal", "recorded_at"],
                condition=models.Q(deal__isnull=False),
                name="payment_by_deal",
            ),
            models.Index(
                fields=["organization", "-decided_at"],
                condition=models.Q(decided_at__isnull=False),
                name="payment_by_decision",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="payment_number_unique"
            ),
            models.UniqueConstraint(
                fields=["organization", "cheque_number"],
                condition=~models.Q(cheque_number="")
                & ~models.Q(status__in=["denied", "withdrawn"]),
                name="payment_cheque_number_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="payment_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("recorded_by")),
                name="payment_not_decided_by_recorder",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["pending", "checked", "asked", "withdrawn"],
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    verified_amount__isnull=True,
                )
                | models.Q(
                    status="denied",
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    verified_amount__isnull=True,
                )
                | models.Q(
                    status__in=["verified", "refunded", "charged_back", "bounced"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    verified_amount__isnull=False,
                ),
                name="payment_decision_is_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(verified_amount__isnull=True)
                | models.Q(verified_amount__gt=0, verified_amount__lte=models.F("amount")),
                name="payment_verified_within_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(claimed_by__isnull=True, claimed_until__isnull=True)
                | models.Q(claimed_by__isnull=False, claimed_until__isnull=False),
                name="payment_claim_has_an_end",
            ),
            models.CheckConstraint(
                condition=~models.Q(method="cheque") | models.Q(cheque_number__regex="^.{6,20}$"),
                name="payment_cheque_has_a_number",
            ),
            models.CheckConstraint(
                condition=models.Q(cheque_state="") | models.Q(method="cheque"),
                name="payment_only_cheques_have_a_cheque_state",
            ),
            models.CheckConstraint(
                condition=models.Q(first_by__isnull=True, first_at__isnull=True)
                & ~models.Q(status="checked")
                | models.Q(first_by__isnull=False, first_at__isnull=False)
                & ~models.Q(first_by=models.F("recorded_by"))
                & (
                    models.Q(decided_by__isnull=True)
                    | ~models.Q(first_by=models.F("decided_by"))
                    | models.Q(status="denied")
                ),
                name="payment_second_verifier_is_another",
            ),
            models.CheckConstraint(
                condition=models.Q(reversed_amount=0)
                & ~models.Q(status__in=["refunded", "charged_back", "bounced"])
                | models.Q(
                    status="verified",
                    reversed_amount__gt=0,
                    reversed_amount__lt=models.F("verified_amount"),
                )
                | models.Q(
                    status__in=["refunded", "charged_back", "bounced"],
                    reversed_amount=models.F("verified_amount"),
                ),
                name="payment_reversed_within_verified",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="bounced") | models.Q(method="cheque"),
                name="payment_only_cheques_bounce",
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="payment_rate_positive"),
            Trigger(
                name="deal_follows_its_payments",
                when="AFTER INSERT OR UPDATE OF status ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=DEAL_FOLLOWS.replace("{deal}", "deal_id"),
                constraint=True,
            ),
            Trigger(
                name="deal_state_is_derived",
                when="AFTER INSERT OR UPDATE OF status, paid ON {table} "
                "DEFERRABLE INITIALLY DEFERRED",
                body=DEAL_FOLLOWS.replace("{deal}", "id"),
                constraint=True,
                on="deals_deal",
            ),
            Trigger(
                name="deal_paid_is_its_invoices",
                when="AFTER INSERT OR UPDATE OF paid ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=DEAL_FOLLOWS.replace("{deal}", "deal_id"),
                constraint=True,
                on="invoicing_invoice",
            ),
            # Not deferred: whoever changes a deal is told at once, and its row keeps payments waiting.
            Trigger(
                name="deal_value_covers_claims",
                when="AFTER UPDATE OF value, customer_id, cancelled_at ON {table}",
                body=DEAL_COVERS.replace("{deal}", "id"),
                on="deals_deal",
            ),
            Trigger(
                name="deal_currency_is_its_payments",
                when="AFTER UPDATE OF currency, rate ON {table}",
                body=DEAL_CURRENCY,
                on="deals_deal",
            ),
            Trigger(
                name="payment_of_a_living_deal",
                when="AFTER INSERT OR UPDATE OF status, customer_id, deal_id ON {table} "
                "DEFERRABLE INITIALLY DEFERRED",
                body=DEAL_COVERS.replace("{deal}", "deal_id"),
                constraint=True,
            ),
            Trigger(
                name="invoice_within_its_deal",
                when="AFTER INSERT OR UPDATE OF total, status, credited ON {table} "
                "DEFERRABLE INITIALLY DEFERRED",
                body=DEAL_COVERS.replace("{deal}", "deal_id"),
                constraint=True,
                on="invoicing_invoice",
            ),
            Trigger(
                name="payment_keeps_what_it_pays",
                when="AFTER UPDATE OF reversed_amount ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=WITHIN.replace("{payment}", "id"),
                constraint=True,
            ),
            Trigger(
                name="payment_decided_is_frozen",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=FROZEN,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Allocation(TenantModel):
    """What one payment pays of one invoice."""

    payment = TenantForeignKey(Payment)
    invoice = TenantForeignKey(Invoice)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    reversed = models.DecimalField(_("went back"), max_digits=19, decimal_places=4, default=0)
    counted_at = models.DateTimeField(null=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        indexes: ClassVar = [
            models.Index(fields=["invoice"], name="allocation_by_invoice"),
            models.Index(fields=["payment"], name="allocation_by_payment"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "payment", "invoice"], name="allocation_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="allocation_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(reversed__gte=0, reversed__lte=models.F("amount")),
                name="allocation_reversed_within_amount",
            ),
            Trigger(
                name="allocation_decided_is_frozen",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=ALLOCATION_FROZEN,
            ),
            Trigger(
                name="allocation_within_payment",
                when="AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=WITHIN.replace("{payment}", "payment_id"),
                constraint=True,
            ),
            Trigger(
                name="allocation_settles_its_invoice",
                when="AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=settled("NEW.invoice_id"),
                constraint=True,
            ),
            Trigger(
                name="payment_settles_its_invoices",
                when="AFTER UPDATE OF status ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=settled(
                    "SELECT x.invoice_id FROM payments_allocation x WHERE x.payment_id = NEW.id"
                ),
                constraint=True,
                on="payments_payment",
            ),
            Trigger(
                name="invoice_paid_is_verified_allocations",
                when="AFTER INSERT OR UPDATE OF paid ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=settled("NEW.id"),
                constraint=True,
                on="invoicing_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.amount}"
