"""Where an invoice stands in the warehouse, how it came there, and who works on it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.places.models import Place
from prs.operations.fulfilment import rules
from prs.operations.invoicing.models import Invoice

STEPS = ", ".join(f"('{before}', '{after}')" for before, after in rules.pairs())
BEGINS = f"""
BEGIN
  IF NEW.state <> 'invoiced' THEN
    {refuse("fulfilment_begins_invoiced", "work on an invoice begins at its beginning")}
  END IF;
  RETURN NEW;
END
"""
MOVES = f"""
BEGIN
  IF TG_OP = 'DELETE' THEN
    {refuse("fulfilment_moves_as_laid_down", "the work on an invoice is never deleted")}
  END IF;
  IF OLD.invoice_id <> NEW.invoice_id OR OLD.state <> NEW.state
     AND (OLD.state::text, NEW.state::text) NOT IN ({STEPS}) THEN
    {refuse("fulfilment_moves_as_laid_down", "this step doesn't follow upon that")}
  END IF;
  RETURN NEW;
END
"""
# A correction may come while a line is looked at: the rows of the lines are asked when the state moves.
WHOLE = f"""
BEGIN
  IF NEW.state IN ('picked', 'packed') AND OLD.state IN ('picking', 'review') AND EXISTS (
       SELECT FROM fulfilment_fulfilmentline l
       WHERE l.organization_id = NEW.organization_id AND l.fulfilment_id = NEW.id
         AND l.picked + l.short + l.substituted <> l.ordered) THEN
    {refuse("fulfilment_picked_is_whole", "every line is picked, short or substituted")}
  END IF;
  RETURN NEW;
END
"""
HISTORY = """
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.state = NEW.state THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO fulfilment_statechange
    (id, organization_id, fulfilment_id, turn, before, after, reason, by_id, by_label, at)
  VALUES (gen_random_uuid(), NEW.organization_id, NEW.id,
          (SELECT count(*) + 1 FROM fulfilment_statechange c
           WHERE c.organization_id = NEW.organization_id AND c.fulfilment_id = NEW.id),
          CASE WHEN TG_OP = 'UPDATE' THEN OLD.state ELSE '' END, NEW.state, NEW.moved_reason,
          NEW.moved_by_id, NEW.moved_by_label, NEW.moved_at);
  RETURN NULL;
END
"""
ENDED_STAYS = f"""
BEGIN
  IF TG_OP = 'DELETE' THEN
    {refuse("work_session_stays_as_ended", "a session is never deleted")}
  END IF;
  IF OLD.outcome <> '' OR ROW(OLD.fulfilment_id, OLD.stage, OLD.member_id, OLD.begun_at)
     IS DISTINCT FROM ROW(NEW.fulfilment_id, NEW.stage, NEW.member_id, NEW.begun_at) THEN
    {refuse("work_session_stays_as_ended", "a session that ended is history")}
  END IF;
  RETURN NEW;
END
"""


class Fulfilment(TenantModel):
    """The warehouse's work on an invoice. Each of its steps is kept by the database as it is taken."""

    class State(models.TextChoices):
        INVOICED = "invoiced", _("To pick")
        PICKING = "picking", _("Being picked")
        PICKED = "picked", _("Picked")
        PACKING = "packing", _("Being packed")
        BOXING = "boxing", _("To box")
        PACKED = "packed", _("Packed")
        DISPATCHED = "dispatched", _("On the way")
        DELIVERED = "delivered", _("Delivered")
        REVIEW = "review", _("Back at billing")

    class Priority(models.IntegerChoices):
        HIGH = 1, _("High")
        MEDIUM = 2, _("Medium")
        LOW = 3, _("Low")

    class Section(models.TextChoices):
        PICKING = "picking", _("Picking")
        PACKING = "packing", _("Packing")
        DELIVERY = "delivery", _("Delivery")

    invoice = TenantForeignKey(Invoice, verbose_name=_("invoice"))
    number = models.CharField(_("invoice"), max_length=100)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.INVOICED)
    place = TenantForeignKey(Place, null=True, verbose_name=_("picked at"))
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, default=Priority.MEDIUM
    )
    express = models.BooleanField(_("express"), default=False)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    corrected = models.BooleanField(_("corrected since"), default=False)
    section = models.CharField(_("came back from"), max_length=10, choices=Section, blank=True)
    opened_at = models.DateTimeField(_("since"))
    moved_at = models.DateTimeField(_("last step"))
    moved_by_id = models.UUIDField(null=True)
    moved_by_label = models.CharField(_("by"), max_length=200)
    moved_reason = models.CharField(_("why"), max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("fulfilment")
        verbose_name_plural = _("fulfilments")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "state", "priority", "opened_at", "id"],
                condition=~models.Q(state="delivered"),
                name="fulfilment_queue",
            ),
            models.Index(
                fields=["organization", "-moved_at", "-id"], name="fulfilment_newest_first"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "invoice"], name="fulfilment_one_per_invoice"
            ),
            models.CheckConstraint(
                condition=models.Q(place__isnull=False)
                | models.Q(state__in=["invoiced", "review"]),
                name="fulfilment_works_somewhere",
            ),
            models.CheckConstraint(
                condition=models.Q(state="review", moved_reason__gt="", section__gt="")
                | ~models.Q(state="review"),
                name="fulfilment_review_says_why",
            ),
            Trigger(
                name="fulfilment_begins_invoiced", when="BEFORE INSERT ON {table}", body=BEGINS
            ),
            Trigger(
                name="fulfilment_moves_as_laid_down",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=MOVES,
            ),
            Trigger(name="fulfilment_picked_is_whole", when="BEFORE UPDATE ON {table}", body=WHOLE),
            Trigger(
                name="fulfilment_keeps_its_history",
                when="AFTER INSERT OR UPDATE ON {table}",
                body=HISTORY,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class StateChange(TenantModel):
    """A step that was taken, written by the database itself."""

    fulfilment = TenantForeignKey(Fulfilment)
    # Several steps may be taken in one moment.
    turn = models.PositiveIntegerField()
    before = models.CharField(_("from"), max_length=10, choices=Fulfilment.State, blank=True)
    after = models.CharField(_("to"), max_length=10, choices=Fulfilment.State)
    reason = models.CharField(_("why"), max_length=1000, blank=True)
    by_id = models.UUIDField(null=True)
    by_label = models.CharField(_("who"), max_length=200)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-at", "-id"], name="step_newest_first"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="state_change_append_only", insert=False),
            models.UniqueConstraint(
                fields=["organization", "fulfilment", "turn"], name="state_change_turn_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} {self.after} {self.at}"


class WorkSession(TenantModel):
    """One member at one stage of one invoice, from beginning to end. What was left stays as left."""

    class Stage(models.TextChoices):
        PICKING = "picking", _("Picking")
        PACKING = "packing", _("Packing")

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        HANDED_OVER = "handed_over", _("Handed over")
        RETURNED = "returned", _("Back to billing")

    fulfilment = TenantForeignKey(Fulfilment, verbose_name=_("invoice"))
    stage = models.CharField(_("stage"), max_length=8, choices=Stage)
    member = TenantForeignKey(Member, verbose_name=_("who"))
    device = models.CharField(_("device"), max_length=80, blank=True)
    begun_at = models.DateTimeField(_("begun"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=Outcome, blank=True, default=Outcome.OPEN
    )
    ended_by = TenantForeignKey(Member, null=True, verbose_name=_("ended by"))
    note = models.CharField(_("note"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("work session")
        verbose_name_plural = _("work sessions")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-begun_at", "-id"], name="session_newest_first"),
            models.Index(fields=["organization", "member", "-begun_at"], name="session_by_member"),
            models.Index(
                fields=["organization", "fulfilment", "begun_at"], name="session_by_fulfilment"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "member", "stage"],
                condition=models.Q(outcome=""),
                name="work_session_one_open_per_member",
            ),
            models.UniqueConstraint(
                fields=["organization", "fulfilment", "stage"],
                condition=models.Q(outcome=""),
                name="work_session_one_open_per_invoice",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(
                    ~models.Q(outcome=""),
                    ended_at__gte=models.F("begun_at"),
                    ended_by__isnull=False,
                ),
                name="work_session_ends_whole",
            ),
            Trigger(
                name="work_session_stays_as_ended",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=ENDED_STAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.begun_at:%Y-%m-%d %H:%M}"
