"""Tables of follow-ups."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.parties.models import Customer


class FollowUp(TenantModel):
    """One contact with a customer about what they owe. Contacts are added and never changed."""

    class Channel(models.TextChoices):
        PHONE = "phone", _("Phone")
        WHATSAPP = "whatsapp", _("WhatsApp")
        EMAIL = "email", _("E-mail")
        VISIT = "visit", _("Visit")

    class Outcome(models.TextChoices):
        PROMISED = "promised", _("Promised to pay")
        PARTIAL = "partial", _("Promised a part")
        NO_RESPONSE = "no_response", _("No response")
        DISPUTE = "dispute", _("Disputes it")
        ESCALATED = "escalated", _("Escalated")
        PAID = "paid", _("Says it is paid")

    customer = TenantForeignKey(Customer, verbose_name=_("customer"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    owed = models.DecimalField(_("owed then"), max_digits=21, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    promised_amount = models.DecimalField(
        _("promised"), max_digits=19, decimal_places=4, null=True, blank=True
    )
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    escalated_to = TenantForeignKey(Member, null=True, blank=True, verbose_name=_("escalated to"))
    next_on = models.DateField(_("next contact"), null=True, blank=True)
    place = models.CharField(_("place of the visit"), max_length=200, blank=True)
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    by = TenantForeignKey(Member, verbose_name=_("by"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes: ClassVar = [
            models.Index(fields=["organization", "customer", "-at"], name="followup_by_customer"),
            models.Index(fields=["organization", "by", "-at"], name="followup_by_member"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="followup_append_only"),
            models.CheckConstraint(
                condition=models.Q(
                    outcome__in=["promised", "partial"],
                    promised_amount__gt=0,
                    promised_on__isnull=False,
                )
                | ~models.Q(outcome__in=["promised", "partial"])
                & models.Q(promised_amount__isnull=True, promised_on__isnull=True),
                name="followup_promise_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="escalated", escalated_to__isnull=False)
                | ~models.Q(outcome="escalated") & models.Q(escalated_to__isnull=True),
                name="followup_escalation_names_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(channel="visit") & ~models.Q(place="")
                | ~models.Q(channel="visit") & models.Q(place=""),
                name="followup_visit_has_a_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_outcome_display()}"


class Alert(TenantModel):
    """Something about a customer's account that somebody should look at. One open for each kind."""

    class Kind(models.TextChoices):
        OVERDUE = "overdue", _("Contact overdue")
        DUE_SOON = "due_soon", _("Contact due soon")
        HIGH_RISK = "high_risk", _("High risk")
        NO_FOLLOWUP = "no_followup", _("Never contacted")
        ESCALATED = "escalated", _("Escalated")

    class Severity(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    customer = TenantForeignKey(Customer, verbose_name=_("customer"))
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    owed = models.DecimalField(_("owed"), max_digits=21, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    oldest_due_days = models.IntegerField(_("days late"), default=0)
    assigned_to = TenantForeignKey(Member, null=True, blank=True, verbose_name=_("assigned to"))
    raised_at = models.DateTimeField(_("raised"))
    resolved_at = models.DateTimeField(_("resolved"), null=True)
    resolved_by = TenantForeignKey(Member, null=True, verbose_name=_("resolved by"))
    resolution = models.CharField(_("how"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "severity", "raised_at"],
                condition=models.Q(resolved_at__isnull=True),
                name="alert_open",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "customer", "kind"],
                condition=models.Q(resolved_at__isnull=True),
                name="alert_one_open_per_kind",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="escalated") | models.Q(assigned_to__isnull=False),
                name="alert_escalation_is_somebodys",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_by__isnull=True) | models.Q(resolved_at__isnull=False),
                name="alert_resolver_has_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
