"""The chart of accounts, and which account each heading of the system posts to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel

# Accounts that the system posts to now: the newest rule of each heading and kind.
POSTED_TO = """
  SELECT FROM bookkeeping_postingrule r WHERE r.account_id = {account}
   AND NOT EXISTS (SELECT FROM bookkeeping_postingrule n
                   WHERE n.organization_id = r.organization_id AND n.heading = r.heading
                     AND n.source_kind = r.source_kind AND n.number > r.number)
"""
TREE = f"""
DECLARE above record; step uuid; depth int := 0;
BEGIN
  IF NEW.parent_id IS NOT NULL THEN
    SELECT kind INTO above FROM bookkeeping_account
     WHERE id = NEW.parent_id AND organization_id = NEW.organization_id;
    IF NOT FOUND THEN RETURN NEW; END IF;
    IF above.kind IS DISTINCT FROM NEW.kind THEN
      {refuse("account_kind_of_its_parent", "an account is of the kind of what it is part of")}
    END IF;
    step := NEW.parent_id;
    WHILE step IS NOT NULL LOOP
      depth := depth + 1;
      IF step = NEW.id OR depth > 20 THEN
        {refuse("account_not_under_itself", "an account can't be part of itself")}
      END IF;
      SELECT parent_id INTO step FROM bookkeeping_account WHERE id = step;
    END LOOP;
    IF EXISTS (SELECT FROM bookkeeping_line WHERE account_id = NEW.parent_id) THEN
      {refuse("account_parent_takes_no_lines", "an account with lines can't have sub-accounts")}
    END IF;
    IF EXISTS ({POSTED_TO.replace("{account}", "NEW.parent_id")}) THEN
      {refuse("account_posted_to_stays", "the system posts to the account above")}
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.kind <> OLD.kind AND (
        EXISTS (SELECT FROM bookkeeping_line WHERE account_id = NEW.id)
        OR EXISTS (SELECT FROM bookkeeping_account WHERE parent_id = NEW.id)) THEN
      {refuse("account_kind_stays_once_used", "an account with lines keeps its kind")}
    END IF;
    IF NOT NEW.active AND EXISTS ({POSTED_TO.replace("{account}", "NEW.id")}) THEN
      {refuse("account_posted_to_stays", "the system posts to this account")}
    END IF;
  END IF;
  RETURN NEW;
END
"""
RULE_FITS = f"""
DECLARE first text; now text;
BEGIN
  IF NEW.account_id IS NULL THEN
    IF NEW.source_kind = '' THEN
      {refuse("posting_rule_names_an_account", "a heading always has an account")}
    END IF;
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT FROM bookkeeping_account a WHERE a.id = NEW.account_id
                 AND a.organization_id = NEW.organization_id) THEN
    RETURN NEW;
  END IF;
  SELECT CASE WHEN kind IN ('revenue', 'expense') THEN 'result' ELSE 'balance' END
    INTO now FROM bookkeeping_account a WHERE a.id = NEW.account_id AND a.active
     AND NOT EXISTS (SELECT FROM bookkeeping_account c WHERE c.parent_id = a.id);
  SELECT CASE WHEN a.kind IN ('revenue', 'expense') THEN 'result' ELSE 'balance' END
    INTO first FROM bookkeeping_postingrule r JOIN bookkeeping_account a ON a.id = r.account_id
   WHERE r.organization_id = NEW.organization_id AND r.heading = NEW.heading
   ORDER BY r.number LIMIT 1;
  IF now IS NULL OR first IS NOT NULL AND first <> now THEN
    {refuse("posting_rule_account_fits", "the account can't take what this heading posts")}
  END IF;
  RETURN NEW;
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

    class CashFlow(models.TextChoices):
        CASH = "cash", _("Is cash")
        OPERATING = "operating", _("Operating")
        INVESTING = "investing", _("Investing")
        FINANCING = "financing", _("Financing")

    class Tax(models.TextChoices):
        NONE = "", _("No tax account")
        OUTPUT = "output", _("Tax on sales")
        INPUT = "input", _("Tax on purchases")

    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    parent = TenantForeignKey("self", null=True, blank=True, verbose_name=_("part of"))
    cash_flow = models.CharField(
        _("in the cash flow statement"),
        max_length=10,
        choices=CashFlow,
        default=CashFlow.OPERATING,
    )
    tax = models.CharField(
        _("in the tax report"), max_length=8, choices=Tax, blank=True, default=Tax.NONE
    )
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="account_code_unique"),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Za-z0-9][A-Za-z0-9.\-]*$"),
                name="account_code_readable",
            ),
            models.CheckConstraint(condition=models.Q(name__gt=""), name="account_has_a_name"),
            models.CheckConstraint(
                condition=~models.Q(cash_flow="cash") | models.Q(kind__in=["asset", "liability"]),
                name="account_cash_is_held",
            ),
            models.CheckConstraint(
                condition=models.Q(tax="") | models.Q(kind__in=["asset", "liability"]),
                name="account_tax_is_owed",
            ),
            Trigger(
                name="account_in_the_tree",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=TREE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PostingRule(TenantModel):
    """The account that a heading of the system posts to. The newest rule holds; none is changed.

    With a `source_kind` it holds for what that kind of document posts; without an account, such a rule
    gives the heading back to the general one.
    """

    heading = models.CharField(_("heading"), max_length=12)
    source_kind = models.CharField(max_length=40, blank=True)
    number = models.PositiveIntegerField()
    account = TenantForeignKey(Account, null=True, verbose_name=_("account"))
    by_label = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("posting rule")
        verbose_name_plural = _("posting rules")
        constraints: ClassVar = [
            AppendOnly(name="posting_rule_append_only"),
            models.UniqueConstraint(
                fields=["organization", "heading", "source_kind", "number"],
                name="posting_rule_numbered",
            ),
            Trigger(
                name="posting_rule_account_fits", when="BEFORE INSERT ON {table}", body=RULE_FITS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.heading} {self.number}"
