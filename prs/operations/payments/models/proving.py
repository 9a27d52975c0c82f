"""What was decided about a payment, its receipt, and what proof is asked for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.places.models import Branch
from prs.operations.payments.models.receiving import Payment


class Decision(TenantModel):
    """One decision on a payment, with its reason. Decisions are added and never changed."""

    class Kind(models.TextChoices):
        CHECK = "check", _("Checked first")
        VERIFY = "verify", _("Verified")
        DENY = "deny", _("Denied")
        ASK = "ask", _("Asked back")
        ANSWER = "answer", _("Answered")

    class Reason(models.TextChoices):
        NONE = "", _("None")
        INSUFFICIENT_FUNDS = "insufficient_funds", _("Insufficient funds")
        BANK_DECLINE = "bank_decline", _("Declined by the bank")
        TECHNICAL_ERROR = "technical_error", _("Technical error")
        CHEQUE_BOUNCE = "cheque_bounce", _("Cheque bounced")
        NOT_RECEIVED = "payment_received_not_reflected", _("Not on our account")

    payment = TenantForeignKey(Payment)
    kind = models.CharField(max_length=8, choices=Kind)
    reason = models.CharField(max_length=40, choices=Reason, blank=True)
    remarks = models.CharField(_("remarks"), max_length=1000, blank=True)
    amount = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    by = TenantForeignKey(Member)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes: ClassVar = [
            models.Index(fields=["organization", "payment", "at"], name="decision_by_payment"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="decision_append_only"),
            models.CheckConstraint(
                condition=~models.Q(kind="deny") | ~models.Q(reason=""),
                name="decision_denial_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["deny", "ask", "answer"]) | ~models.Q(remarks=""),
                name="decision_says_why",
            ),
            models.UniqueConstraint(
                fields=["organization", "payment"],
                condition=models.Q(kind__in=["verify", "deny"]),
                name="decision_final_once",
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Receipt(TenantModel):
    """The number under which a verified payment is receipted. The document is stored by its task."""

    number = models.CharField(_("number"), max_length=24)
    payment = TenantForeignKey(Payment)
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints: ClassVar = [
            AppendOnly(name="receipt_append_only"),
            models.UniqueConstraint(
                fields=["organization", "number"], name="receipt_number_unique"
            ),
            models.UniqueConstraint(
                fields=["organization", "payment"], name="receipt_once_per_payment"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class VerificationPolicy(TenantModel):
    """How payments of a method are proven, everywhere or at one place."""

    class Way(models.TextChoices):
        PERSON = "person", _("By a person, one by one")
        TILL_CLOSE = "till_close", _("Together, when the day's cash is counted")

    method = models.CharField(_("method"), max_length=8, choices=Payment.Method)
    place = TenantForeignKey(Branch, null=True, blank=True, verbose_name=_("place"))
    way = models.CharField(_("verified"), max_length=12, choices=Way, default=Way.PERSON)
    second_above = models.DecimalField(
        _("second verifier above"), max_digits=19, decimal_places=4, null=True, blank=True
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("verification policy")
        verbose_name_plural = _("verification policies")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "method", "place"],
                name="verification_policy_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(second_above__isnull=True) | models.Q(second_above__gte=0),
                name="verification_policy_threshold_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(way="person") | models.Q(method="cash"),
                name="verification_policy_only_cash_is_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} · {self.place or ''}"
