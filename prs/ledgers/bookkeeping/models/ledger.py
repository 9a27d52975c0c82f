"""What is posted: entries, their lines, and the monthly sums that the database keeps of them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.models import CurrentTransaction, TransactionIdField
from prs.kernel.db.constraints import (
    AppendOnly,
    DatabaseStep,
    Trigger,
    WrittenByDatabase,
    refuse,
)
from prs.kernel.numbering import ENTRY
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.ledgers.bookkeeping.models.chart import Account

BALANCED = f"""
DECLARE found record;
BEGIN
  SELECT sum(lines) AS lines, sum(difference) AS difference, sum(debit) AS debit,
         bool_and(even) AS even INTO found
    FROM (SELECT count(*) AS lines, sum(home_amount) AS difference,
                 sum(greatest(home_amount, 0)) AS debit, sum(amount) = 0 AS even
          FROM bookkeeping_line WHERE entry_id = NEW.id GROUP BY currency) AS each_currency;
  IF found.lines IS DISTINCT FROM NEW.line_count THEN
    {refuse("entry_is_whole", "an entry is posted with all its lines")}
  END IF;
  IF found.difference <> 0 OR found.debit <> NEW.total THEN
    {refuse("entry_balanced", "debits and credits of an entry must be equal")}
  END IF;
  IF NOT found.even THEN
    {refuse("entry_balanced", "debits and credits must be equal in each currency")}
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
BEGIN
  IF EXISTS (SELECT FROM added l LEFT JOIN bookkeeping_entry e ON e.id = l.entry_id
             WHERE e.txid IS DISTINCT FROM pg_current_xact_id()
                OR l.entry_date IS DISTINCT FROM e.entry_date
                OR l.position NOT BETWEEN 1 AND e.line_count) THEN
    {refuse("line_with_its_entry", "a line is posted together with its entry")}
  END IF;
  RETURN NULL;
END
"""
# Postings share a lock that closing takes alone (`WAITS` in the periods): see there.
BOOKS = "hashtextextended('books:' || NEW.organization_id::text, 0)"
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
  IF EXISTS (SELECT FROM added l JOIN bookkeeping_account a ON a.id = l.account_id
             WHERE NOT a.active
                OR EXISTS (SELECT FROM bookkeeping_account c WHERE c.parent_id = a.id)) THEN
    {refuse("line_on_active_leaf", "lines are posted to active accounts without sub-accounts")}
  END IF;
  RETURN NULL;
END
"""
LINES_ADDED = "AFTER INSERT ON {table} REFERENCING NEW TABLE AS added"
# A rule whose account is empty says nothing, so what comes next in the list decides.
POST = f"""
#variable_conflict use_column
DECLARE org uuid := current_setting('prs.org')::uuid; year text := to_char(day, 'YYYY'); found uuid[];
BEGIN
  found := ARRAY(
    SELECT coalesce(
      side.account,
      (SELECT r.account_id FROM bookkeeping_postingrule r WHERE r.organization_id = org
        AND r.heading = side.code AND r.source_kind = kind ORDER BY r.number DESC LIMIT 1),
      (SELECT r.account_id FROM bookkeeping_postingrule r WHERE r.organization_id = org
        AND r.heading = side.code AND r.source_kind = '' ORDER BY r.number DESC LIMIT 1),
      (SELECT a.id FROM bookkeeping_account a WHERE a.organization_id = org AND a.code = side.code))
    FROM unnest(codes, accounts) WITH ORDINALITY AS side (code, account, place) ORDER BY place);
  IF array_position(found, NULL) IS NOT NULL THEN
    {refuse("line_on_active_leaf", "an account of this entry is missing")}
  END IF;
  WITH line AS (
    INSERT INTO bookkeeping_line (id, organization_id, entry_id, entry_date, position, account_id,
                                  amount, currency, home_amount, party_id, branch_id, project_id,
                                  member_id, memo)
    SELECT (left(entry::text, 32) || lpad(to_hex(place), 4, '0'))::uuid, org, entry, day, place,
           account, amount, currency, coalesce(home, amount), party, branch, project, member,
           coalesce(memo, '')
    FROM unnest(found, amounts, homes, parties, branches, projects, members, memos)
      WITH ORDINALITY AS side (account, amount, home, party, branch, project, member, memo, place)
    RETURNING home_amount
  ), written AS (
    SELECT count(*) AS lines, sum(home_amount) FILTER (WHERE home_amount > 0) AS debit FROM line
  ), counted AS (
    INSERT INTO tenancy_counter AS c (id, organization_id, kind, period, last)
    SELECT gen_random_uuid(), org, '{ENTRY.kind}', year, 1 FROM written
    ON CONFLICT (organization_id, kind, period) DO UPDATE SET last = c.last + 1
    RETURNING last
  )
  INSERT INTO bookkeeping_entry (id, organization_id, number, entry_date, description, source_kind,
                                 source_id, source_event, reverses_id, line_count, total,
                                 posted_by_id, posted_by_label, posted_at)
  SELECT entry, org, {ENTRY.sql("last", "year")}, day, left(description, 300), kind, source, event,
         reversed, lines, coalesce(debit, 0), by_id, by_label, moment
  FROM counted, written
  RETURNING number INTO number;
END
"""
POST_TAKES = (
    "entry uuid, kind text, source uuid, event text, day date, currency text, description text, "
    "by_id uuid, by_label text, moment timestamptz, codes text[], amounts numeric[], "
    "homes numeric[] DEFAULT NULL, accounts uuid[] DEFAULT NULL, parties uuid[] DEFAULT NULL, "
    "memos text[] DEFAULT NULL, branches uuid[] DEFAULT NULL, projects uuid[] DEFAULT NULL, "
    "members uuid[] DEFAULT NULL, reversed uuid DEFAULT NULL, OUT number text"
)


class Entry(TenantModel):
    """A balanced journal entry. Posting is adding the row; a correction is a reversal."""

    number = models.CharField(_("number"), max_length=24)
    entry_date = models.DateField(_("date"))
    description = models.CharField(_("description"), max_length=300)
    source_kind = models.CharField(max_length=40)
    source_id = models.UUIDField()
    source_event = models.CharField(max_length=40)
    reverses = TenantForeignKey("self", null=True, db_index=False)
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
            models.Index(
                fields=["organization", "entry_date"],
                condition=models.Q(source_kind="bookkeeping.year"),
                name="entry_of_closing",
            ),
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
            DatabaseStep(name="bookkeeping_post", takes=POST_TAKES, gives="text", body=POST),
        ]

    def __str__(self) -> str:
        return self.number


class Line(TenantModel):
    """One posting: an amount on an account, positive to debit and negative to credit.

    `entry_date` repeats the entry's, so that an account is read in the order of days from an index.
    """

    entry = TenantForeignKey(Entry, db_index=False)
    entry_date = models.DateField(_("date"))
    position = models.PositiveSmallIntegerField()
    account = TenantForeignKey(Account)
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    currency = models.CharField(max_length=3)
    home_amount = models.DecimalField(max_digits=19, decimal_places=4)
    party_id = models.UUIDField(null=True)
    branch_id = models.UUIDField(null=True)
    project_id = models.UUIDField(null=True)
    member_id = models.UUIDField(null=True)
    memo = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "account", "entry_date", "id"], name="line_by_account"
            ),
            models.Index(fields=["entry"], name="line_by_entry"),
            models.Index(
                fields=["organization", "party_id", "entry_date"],
                condition=models.Q(party_id__isnull=False),
                name="line_by_party",
            ),
            models.Index(
                fields=["organization", "branch_id", "entry_date"],
                condition=models.Q(branch_id__isnull=False),
                name="line_by_branch",
            ),
            models.Index(
                fields=["organization", "project_id", "entry_date"],
                condition=models.Q(project_id__isnull=False),
                name="line_by_project",
            ),
            models.Index(
                fields=["organization", "member_id", "entry_date"],
                condition=models.Q(member_id__isnull=False),
                name="line_by_member",
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
                name="line_with_its_entry",
                when=LINES_ADDED,
                body=WITH_ITS_ENTRY,
                each="STATEMENT",
            ),
            Trigger(name="line_on_active_leaf", when=LINES_ADDED, body=LEAF, each="STATEMENT"),
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
