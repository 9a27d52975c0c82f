"""What people write for the journal before it is posted, and what comes back each month."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import StoredFile, TenantForeignKey, TenantModel
from prs.ledgers.bookkeeping.models.chart import Account
from prs.ledgers.bookkeeping.models.ledger import Entry

POSTED_IS_FIXED = f"""
BEGIN
  IF OLD.entry_id IS NOT NULL THEN
    {refuse("draft_posted_is_fixed", "a posted draft is never changed")}
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END
"""
LINES_FIXED = f"""
DECLARE home uuid;
BEGIN
  IF TG_OP = 'DELETE' THEN home := OLD.draft_id; ELSE home := NEW.draft_id; END IF;
  IF EXISTS (SELECT FROM bookkeeping_draftentry d
             WHERE d.id = home AND d.state IN ('submitted', 'posted')) THEN
    {refuse("draft_line_is_fixed", "lines of what was handed in stay as they are")}
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END
"""


class DraftEntry(TenantModel):
    """An entry that somebody writes by hand: handed in, approved by somebody else, and posted."""

    class Kind(models.TextChoices):
        MANUAL = "manual", _("By hand")
        OPENING = "opening", _("Opening balances")
        RECURRING = "recurring", _("Recurring")
        TEMPLATE = "template", _("Template of a recurring entry")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("To approve")
        POSTED = "posted", _("Posted")
        DISCARDED = "discarded", _("Discarded")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.MANUAL)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    entry_date = models.DateField(_("date"))
    description = models.CharField(_("description"), max_length=300)
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, default=1)
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4, default=0)
    file = TenantForeignKey(StoredFile, null=True, blank=True, verbose_name=_("file"))
    note = models.CharField(_("why it came back"), max_length=500, blank=True)
    written_by = TenantForeignKey(Member, null=True, verbose_name=_("written by"))
    written_at = models.DateTimeField(_("written"))
    submitted_by = TenantForeignKey(Member, null=True, verbose_name=_("handed in by"))
    submitted_at = models.DateTimeField(_("handed in"), null=True)
    decided_by = TenantForeignKey(Member, null=True, verbose_name=_("approved by"))
    entry = TenantForeignKey(Entry, null=True, verbose_name=_("entry"))
    source_id = models.UUIDField(null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("draft of an entry")
        verbose_name_plural = _("drafts of entries")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-written_at", "-id"], name="draft_by_date"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "source_id", "entry_date"],
                condition=models.Q(kind="recurring"),
                name="draft_once_per_recurrence",
            ),
            models.CheckConstraint(condition=models.Q(description__gt=""), name="draft_says_what"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="draft_rate_positive"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("submitted_by")),
                name="draft_not_approved_by_its_writer",
            ),
            models.CheckConstraint(
                condition=models.Q(state="posted", entry__isnull=False)
                | ~models.Q(state="posted") & models.Q(entry__isnull=True),
                name="draft_posted_has_its_entry",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["submitted", "posted"])
                | models.Q(submitted_at__isnull=False),
                name="draft_handed_in_has_a_moment",
            ),
            Trigger(
                name="draft_posted_is_fixed",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=POSTED_IS_FIXED,
            ),
        ]

    def __str__(self) -> str:
        return self.description


class DraftLine(TenantModel):
    """One line of a draft: an amount on an account, positive to debit and negative to credit."""

    draft = TenantForeignKey(DraftEntry, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()
    account = TenantForeignKey(Account, verbose_name=_("account"))
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    party_id = models.UUIDField(null=True)
    branch_id = models.UUIDField(null=True)
    project_id = models.UUIDField(null=True)
    member_id = models.UUIDField(null=True)
    memo = models.CharField(_("memo"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("line of a draft")
        verbose_name_plural = _("lines of drafts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "draft", "position"], name="draft_line_position_unique"
            ),
            models.CheckConstraint(condition=~models.Q(amount=0), name="draft_line_not_zero"),
            Trigger(
                name="draft_line_is_fixed",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=LINES_FIXED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount}"

    @property
    def credit(self) -> Decimal:
        """The amount of a credit, without its sign."""
        return -self.amount


class Recurring(TenantModel):
    """An entry that comes back. It is posted by itself once somebody else has approved it."""

    class Every(models.TextChoices):
        WEEK = "week", _("every week")
        MONTH = "month", _("every month")
        QUARTER = "quarter", _("every quarter")
        YEAR = "year", _("every year")

    class Mode(models.TextChoices):
        DRAFT = "draft", _("Write a draft")
        POST = "post", _("Post it")

    template = TenantForeignKey(DraftEntry, verbose_name=_("template"))
    every = models.CharField(_("how often"), max_length=8, choices=Every, default=Every.MONTH)
    mode = models.CharField(_("what happens"), max_length=8, choices=Mode, default=Mode.DRAFT)
    starts_on = models.DateField(_("first on"))
    ends_on = models.DateField(_("last on"), null=True, blank=True)
    done = models.PositiveIntegerField(default=0, editable=False)
    active = models.BooleanField(_("runs"), default=True)
    made_by = TenantForeignKey(Member, verbose_name=_("set up by"))
    approved_by = TenantForeignKey(Member, null=True, verbose_name=_("approved by"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("recurring entry")
        verbose_name_plural = _("recurring entries")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "template"], name="recurring_template_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("made_by")),
                name="recurring_not_approved_by_its_maker",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="recurring_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} {self.every}"
