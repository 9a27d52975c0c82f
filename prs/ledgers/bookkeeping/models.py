"""Tables of the general ledger. Only this app imports them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.models import CurrentTransaction, TransactionIdField
from prs.kernel.db.constraints import AppendOnly, Trigger, WrittenByDatabase, refuse
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel

BALANCED = f"""
DECLARE found record;
BEGIN
  SELECT count(*) AS lines, coalesce(sum(home_amount), 0) AS difference,
         coalesce(sum(home_amount) FILTER (WHERE home_amount > 0), 0) AS debit
    INTO found FROM bookkeeping_line WHERE entry_id = NEW.id;
  IF found.lines <> NEW.line_count THEN
    {refuse("entry_is_whole", "an entry is posted with all its lines")}
  END IF;
  IF found.difference <> 0 OR found.debit <> NEW.total THEN
    {refuse("entry_balanced", "debits and credits of an entry must be equal")}
  END IF;
  INSERT INTO bookkeeping_balance AS b
    (id, organization_id, account_id, period, debit, credit)
  SELECT gen_random_uuid(), NEW.organization_id, account_id, to_char(NEW.entry_date, 'YYYY-MM'),
         sum(greatest(home_amount, 0)), sum(greatest(-home_amount, 0))
    FROM bookkeeping_line WHERE entry_id = NEW.id GROUP BY account_id ORDER BY account_id
  ON CONFLICT (organization_id, account_id, period) DO UPDATE
    SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit;
  RETURN NULL;
END
"""
# A line's place is below the count its entry declared, and places are unique: once the entry was
# found whole, no further line fits, even in its own transaction.
WITH_ITS_ENTRY = f"""
DECLARE home record;
BEGIN
  SELECT txid, line_count INTO home FROM bookkeeping_entry WHERE id = NEW.entry_id;
  IF home.txid IS DISTINCT FROM pg_current_xact_id()
     OR NEW.position NOT BETWEEN 1 AND home.line_count THEN
    {refuse("line_with_its_entry", "a line is posted together with its entry")}
  END IF;
  RETURN NULL;
END
"""
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
PERIOD_OPEN = f"""
BEGIN
  PERFORM pg_advisory_xact_lock_shared({BOOKS});
  IF EXISTS (SELECT FROM bookkeeping_period p WHERE p.organization_id = NEW.organization_id
             AND NEW.entry_date BETWEEN p.starts_on AND p.ends_on AND p.status <> 'open') THEN
    {refuse("entry_in_open_period", "the period of this date is closed")}
  END IF;
  RETURN NEW;
END
"""
LEAF = f"""
BEGIN
  IF NOT (SELECT active AND NOT EXISTS (SELECT FROM bookkeeping_account c WHERE c.parent_id = a.id)
          FROM bookkeeping_account a WHERE a.id = NEW.account_id) THEN
    {refuse("line_on_active_leaf", "lines are posted to active accounts without sub-accounts")}
  END IF;
  RETURN NULL;
END
"""


class Account(TenantModel):
    """A heading of the chart of accounts."""

    class Kind(models.TextChoices):
        ASSET = "asset", _("Asset")
        LIABILITY = "liability", _("Liability")
        EQUITY = "equity", _("Equity")
        REVENUE = "revenue", _("Revenue")
        EXPENSE = "expense", _("Expense")

    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    parent = TenantForeignKey("self", null=True, blank=True, verbose_name=_("part of"))
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="account_code_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


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

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "starts_on", "ends_on"], name="period_dates_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="period_in_order"
            ),
            Trigger(
                name="period_waits_for_postings",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=WAITS,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Entry(TenantModel):
    """A balanced journal entry. Posting is adding the row; a correction is a reversal."""

    number = models.CharField(_("number"), max_length=24)
    entry_date = models.DateField(_("date"))
    description = models.CharField(_("description"), max_length=300)
    source_kind = models.CharField(max_length=40)
    source_id = models.UUIDField()
    source_event = models.CharField(max_length=40)
    reverses = TenantForeignKey("self", null=True)
    line_count = models.PositiveSmallIntegerField()
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4)
    posted_by_id = models.UUIDField(null=True)
    posted_by_label = models.CharField(_("posted by"), max_length=200)
    posted_at = models.DateTimeField(_("posted"))
    txid = TransactionIdField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-entry_date", "-id"], name="entry_by_date"),
            models.Index(fields=["organization", "source_id"], name="entry_by_source"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="entry_append_only"),
            models.UniqueConstraint(fields=["organization", "number"], name="entry_number_unique"),
            models.UniqueConstraint(
                fields=["organization", "source_kind", "source_id", "source_event"],
                name="entry_once_per_source",
            ),
            models.UniqueConstraint(
                fields=["organization", "reverses"], name="entry_reversed_once"
            ),
            models.CheckConstraint(
                condition=models.Q(line_count__gte=2), name="entry_has_two_lines"
            ),
            models.CheckConstraint(condition=models.Q(total__gt=0), name="entry_total_positive"),
            Trigger(
                name="entry_balanced",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=BALANCED,
                constraint=True,
            ),
            Trigger(name="entry_in_open_period", when="BEFORE INSERT ON {table}", body=PERIOD_OPEN),
        ]

    def __str__(self) -> str:
        return self.number


class Line(TenantModel):
    """One posting: an amount on an account, positive to debit and negative to credit."""

    entry = TenantForeignKey(Entry)
    position = models.PositiveSmallIntegerField()
    account = TenantForeignKey(Account)
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    currency = models.CharField(max_length=3)
    home_amount = models.DecimalField(max_digits=19, decimal_places=4)
    party_id = models.UUIDField(null=True)
    memo = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        indexes: ClassVar = [
            models.Index(fields=["organization", "account", "entry"], name="line_by_account"),
            models.Index(fields=["entry"], name="line_by_entry"),
            models.Index(
                fields=["organization", "party_id"],
                condition=models.Q(party_id__isnull=False),
                name="line_by_party",
            ),
        ]
        constraints: ClassVar = [
            AppendOnly(name="line_append_only"),
            models.UniqueConstraint(
                fields=["organization", "entry", "position"], name="line_position_unique"
            ),
            models.CheckConstraint(condition=~models.Q(home_amount=0), name="line_not_zero"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, home_amount__gt=0)
                | models.Q(amount__lt=0, home_amount__lt=0)
                | models.Q(amount=0),
                name="line_same_side_in_both_currencies",
            ),
            Trigger(
                name="line_with_its_entry", when="AFTER INSERT ON {table}", body=WITH_ITS_ENTRY
            ),
            Trigger(name="line_on_active_leaf", when="AFTER INSERT ON {table}", body=LEAF),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount}"

    @property
    def credit(self) -> Decimal:
        """The amount of a credit, without its sign."""
        return -self.home_amount


class Balance(TenantModel):
    """Debits and credits of an account in a month, added up by the database as lines arrive."""

    account = TenantForeignKey(Account)
    period = models.CharField(max_length=7)
    debit = models.DecimalField(max_digits=21, decimal_places=4)
    credit = models.DecimalField(max_digits=21, decimal_places=4)

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "account", "period"], name="balance_unique"
            ),
            WrittenByDatabase(name="balance_written_by_database"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.period}"
