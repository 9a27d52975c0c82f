"""Tables of collecting what is owed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.operations.invoicing.models import Credit, Invoice

DECIDED = f"""
BEGIN
  IF OLD.state <> 'requested' OR ROW(NEW.invoice_id, NEW.amount, NEW.reason, NEW.requested_by_id)
     IS DISTINCT FROM ROW(OLD.invoice_id, OLD.amount, OLD.reason, OLD.requested_by_id) THEN
    {refuse("write_off_decided_once", "a write-off is decided once, as it was asked for")}
  END IF;
  RETURN NEW;
END
"""
# Laid on the credits of invoices: a loss is recovered once.
RECOVERED = f"""
BEGIN
  IF NEW.kind = 'recovery' AND (
      SELECT sum(amount) FROM invoicing_credit
      WHERE organization_id = NEW.organization_id AND invoice_id = NEW.invoice_id
        AND kind IN ('write_off', 'recovery')) < 0 THEN
    {refuse("recovered_within_written_off", "no more is recovered than was written off")}
  END IF;
  RETURN NULL;
END
"""


class Reminder(TenantModel):
    """One mail that reminded a customer of one invoice. `step` is the schedule's; none by hand."""

    class Tone(models.TextChoices):
        FRIENDLY = "friendly", _("Friendly")
        FIRM = "firm", _("Firm")
        LAST = "last", _("Last")

    invoice = TenantForeignKey(Invoice, verbose_name=_("invoice"))
    step = models.SmallIntegerField(_("step"), null=True)
    tone = models.CharField(_("tone"), max_length=8, choices=Tone)
    recipient = models.EmailField(_("sent to"))
    left = models.DecimalField(_("left to pay then"), max_digits=19, decimal_places=4)
    by = TenantForeignKey(Member, null=True, verbose_name=_("by"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        indexes: ClassVar = [
            models.Index(fields=["organization", "invoice", "-at"], name="reminder_by_invoice"),
            models.Index(fields=["organization", "-at", "-id"], name="reminder_newest"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="reminder_append_only"),
            models.UniqueConstraint(
                fields=["organization", "invoice", "step"],
                condition=models.Q(step__isnull=False),
                name="reminder_once_per_step",
            ),
            models.CheckConstraint(
                condition=models.Q(step__isnull=False) | models.Q(by__isnull=False),
                name="reminder_by_hand_has_a_sender",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.at:%Y-%m-%d}"


class ReminderText(TenantModel):
    """What an organization's reminders of one tone say, in its own words. None is the standard text."""

    tone = models.CharField(_("tone"), max_length=8, choices=Reminder.Tone)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=4000)
    changed_by = TenantForeignKey(Member, verbose_name=_("changed by"))
    changed_at = models.DateTimeField(_("changed"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("reminder text")
        verbose_name_plural = _("reminder texts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "tone"], name="reminder_text_one_per_tone"
            ),
            # A reminder that says neither what is owed nor for what reminds nobody.
            models.CheckConstraint(
                condition=models.Q(subject__gt="", body__contains="{amount}")
                & (models.Q(body__contains="{number}") | models.Q(subject__contains="{number}")),
                name="reminder_text_names_the_claim",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_tone_display())


class Collection(TenantModel):
    """A claim that somebody has taken in hand, from its beginning to its end."""

    invoice = TenantForeignKey(Invoice, verbose_name=_("invoice"))
    assigned_to = TenantForeignKey(Member, verbose_name=_("assigned to"))
    notes = models.TextField(_("notes"), max_length=2000)
    opened_by = TenantForeignKey(Member, verbose_name=_("opened by"))
    opened_at = models.DateTimeField(_("opened"))
    closed_by = TenantForeignKey(Member, null=True, verbose_name=_("ended by"))
    closed_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "assigned_to", "-opened_at"], name="collection_by_member"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "invoice"],
                condition=models.Q(closed_at__isnull=True),
                name="collection_one_open_per_invoice",
            ),
            models.CheckConstraint(condition=~models.Q(notes=""), name="collection_says_why"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False),
                name="collection_end_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return str(self.invoice_id)


class WriteOff(TenantModel):
    """A claim that somebody asks to give up as lost. Somebody else decides."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Waiting for approval")
        APPROVED = "approved", _("Written off")
        REFUSED = "refused", _("Refused")

    invoice = TenantForeignKey(Invoice, verbose_name=_("invoice"))
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    reason = models.CharField(_("reason"), max_length=1000)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.REQUESTED)
    requested_by = TenantForeignKey(Member, verbose_name=_("asked by"))
    requested_at = models.DateTimeField(_("asked"))
    decided_by = TenantForeignKey(Member, null=True, verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    remarks = models.CharField(_("remarks"), max_length=1000, blank=True)
    credit = TenantForeignKey(Credit, null=True)

    class Meta:
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-requested_at", "-id"], name="write_off_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "invoice"],
                condition=models.Q(state="requested"),
                name="write_off_one_open_per_invoice",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="write_off_amount_positive"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="write_off_says_why"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("requested_by")),
                name="write_off_decided_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state="requested",
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    credit__isnull=True,
                )
                | models.Q(state="approved", decided_at__isnull=False, credit__isnull=False)
                & models.Q(decided_by__isnull=False)
                | models.Q(state="refused", decided_at__isnull=False, credit__isnull=True)
                & models.Q(decided_by__isnull=False)
                & ~models.Q(remarks=""),
                name="write_off_decision_is_complete",
            ),
            Trigger(name="write_off_decided_once", when="BEFORE UPDATE ON {table}", body=DECIDED),
            Trigger(
                name="recovered_within_written_off",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=RECOVERED,
                constraint=True,
                on="invoicing_credit",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_state_display())
