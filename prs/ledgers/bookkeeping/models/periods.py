"""Years and months of the books: open, closed or locked, and how a closed one is opened again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.ledgers.bookkeeping.models.ledger import Entry

# Postings share a lock that closing takes alone: a posting under way is waited for, and one that comes
# while the period is being closed waits and then finds it closed. A period that is not there yet has
# no row to lock, so the lock is on the organization's books.
BOOKS = "hashtextextended('books:' || NEW.organization_id::text, 0)"
WAITS = f"""
BEGIN
  PERFORM pg_advisory_xact_lock({BOOKS});
  RETURN NEW;
END
"""
KEPT = f"""
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status <> 'open' THEN
      {refuse("period_closed_is_kept", "a closed period is not deleted")}
    END IF;
    RETURN OLD;
  END IF;
  IF EXISTS (SELECT FROM bookkeeping_period p WHERE p.organization_id = NEW.organization_id
             AND p.organization_id = nullif(current_setting('prs.org', true), '')::uuid
             AND p.id <> NEW.id AND p.starts_on <= NEW.ends_on AND p.ends_on >= NEW.starts_on) THEN
    {refuse("period_overlaps_none", "periods do not overlap")}
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF OLD.status = 'locked' AND NEW.status <> 'locked' THEN
      {refuse("period_locked_for_good", "a locked period stays locked")}
    END IF;
    IF OLD.status <> 'open' AND (NEW.starts_on, NEW.ends_on) <> (OLD.starts_on, OLD.ends_on) THEN
      {refuse("period_closed_is_kept", "a closed period keeps its days")}
    END IF;
    IF OLD.status = 'closed' AND NEW.status = 'open' AND NOT EXISTS (
        SELECT FROM bookkeeping_reopening r WHERE r.period_id = NEW.id AND r.granted
         AND r.number = OLD.closings) THEN
      {refuse("period_reopened_by_two", "a closed period is opened by two people")}
    END IF;
  END IF;
  RETURN NEW;
END
"""


class FiscalYear(TenantModel):
    """A year of the books. While it is closed, its result stands in retained earnings."""

    name = models.CharField(_("name"), max_length=60)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    closing = TenantForeignKey(Entry, null=True, verbose_name=_("closing entry"))
    closings = models.PositiveIntegerField(default=0, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("fiscal year")
        verbose_name_plural = _("fiscal years")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "starts_on"], name="fiscal_year_starts_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")), name="fiscal_year_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(closing__isnull=True) | models.Q(closed_at__isnull=False),
                name="fiscal_year_closing_has_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Period(TenantModel):
    """A stretch of the books that is open, closed or locked. Dates without a period are open."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        LOCKED = "locked", _("Locked")

    name = models.CharField(_("name"), max_length=60)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    year = TenantForeignKey(FiscalYear, null=True, verbose_name=_("fiscal year"))
    closings = models.PositiveIntegerField(default=0, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by_label = models.CharField(_("closed by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="period_in_order"
            ),
            Trigger(
                name="period_waits_for_postings",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=WAITS,
            ),
            # Its name comes after the one above: triggers run in the order of their names.
            Trigger(
                name="period_within_its_rules",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=KEPT,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Reopening(TenantModel):
    """Somebody asks to open a closed period again; somebody else decides.

    `number` says which closing of the period it is about: a grant opens it once.
    """

    period = TenantForeignKey(Period, verbose_name=_("period"))
    number = models.PositiveIntegerField()
    reason = models.CharField(_("reason"), max_length=500)
    asked_by = TenantForeignKey(Member, verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    decided_by = TenantForeignKey(Member, null=True, verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    granted = models.BooleanField(_("granted"), default=False)

    class Meta:
        verbose_name = _("reopening")
        verbose_name_plural = _("reopenings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "period"],
                condition=models.Q(decided_at__isnull=True),
                name="reopening_one_open",
            ),
            models.CheckConstraint(condition=models.Q(reason__gt=""), name="reopening_says_why"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("asked_by")),
                name="reopening_not_decided_by_asker",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True, decided_by__isnull=True, granted=False)
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="reopening_decision_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.number}"
