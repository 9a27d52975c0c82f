"""What members earn: the rules, the money they are applied to, the lines and the payout."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.identity.models import Member, Role, Team
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.operations.deals.models import Deal
from prs.operations.incentives.rules.commissions import Basis, Mode
from prs.operations.invoicing.models import Invoice
from prs.operations.payments.models import Allocation, Payment, Reversal

# One at a time for each subject, so that two who write at once see each other.

APART = f"""
BEGIN
  IF NEW.ends_on < NEW.starts_on THEN RETURN NEW; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.organization_id::text || TG_TABLE_NAME, 0));
  IF EXISTS (
    SELECT FROM {{table}} other
    WHERE other.organization_id = NEW.organization_id AND other.id <> NEW.id AND {{same}}
      AND daterange(other.starts_on, other.ends_on, '[]')
          && daterange(NEW.starts_on, NEW.ends_on, '[]')) THEN
    {refuse("{name}", "two of these for the same days")}
  END IF;
  RETURN NEW;
END
"""
RULE_FROZEN = f"""
BEGIN
  IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'ends_on') <> (to_jsonb(OLD) - 'ends_on') THEN
    {refuse("commission_rule_is_frozen", "a rule ends; another one follows it")}
  END IF;
  RETURN NEW;
END
"""
ADDS_UP_TO_ALL = f"""
BEGIN
  IF (SELECT coalesce(sum(percent), 100) FROM incentives_split
      WHERE organization_id = coalesce(NEW.organization_id, OLD.organization_id)
        AND deal_id = coalesce(NEW.deal_id, OLD.deal_id)) <> 100 THEN
    {refuse("split_adds_up", "the shares of a deal are a hundred per cent together")}
  END IF;
  RETURN NULL;
END
"""
COMMISSION_FROZEN = f"""
BEGIN
  IF OLD.state = 'draft' THEN RETURN coalesce(NEW, OLD); END IF;
  IF TG_OP = 'DELETE'
     OR (to_jsonb(NEW) - '{{state,version}}'::text[]) <> (to_jsonb(OLD) - '{{state,version}}'::text[])
     OR NEW.state = 'draft' OR OLD.state = 'paid' THEN
    {refuse("commission_approved_is_frozen", "an approved commission is never changed")}
  END IF;
  RETURN NEW;
END
"""
LINE_FROZEN = f"""
BEGIN
  IF EXISTS (SELECT FROM incentives_commission
             WHERE id = coalesce(NEW.commission_id, OLD.commission_id) AND state <> 'draft') THEN
    {refuse("commission_line_is_frozen", "the lines of an approved commission are never changed")}
  END IF;
  RETURN coalesce(NEW, OLD);
END
"""
IS_ITS_LINES = f"""
DECLARE home record;
BEGIN
  SELECT * INTO home FROM incentives_commission WHERE id = {{commission}};
  IF FOUND AND home.earned <> (SELECT coalesce(sum(amount), 0) FROM incentives_commissionline
                               WHERE commission_id = home.id) THEN
    {refuse("commission_is_its_lines", "a commission is the sum of its lines")}
  END IF;
  RETURN NULL;
END
"""
PAYOUT_FITS = f"""
BEGIN
  IF NOT EXISTS (SELECT FROM incentives_commission WHERE id = NEW.commission_id
                 AND state = 'paid' AND receivable = NEW.amount AND currency = NEW.currency
                 AND member_id <> NEW.by_id) THEN
    {refuse("payout_is_what_was_approved", "what is paid out was approved, and belongs to another")}
  END IF;
  RETURN NULL;
END
"""
IN_ORDER = models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on"))


def apart(name: str, table: str, same: str) -> Trigger:
    """The rule that no two rows of the same subject hold on the same day."""
    return Trigger(
        name=name,
        when="BEFORE INSERT OR UPDATE ON {table}",
        body=APART.replace("{table}", table).replace("{same}", same),
    )


class SalesMoney(TenantModel):
    """Verified money that a sale brought in, or that went back: what everything here is made from.

    `earned_on` is the day on which the money first counted, also for what went back; `happened_on` is
    the day of the event itself. Who sold is kept as it was then: a hand-over moves no past sale.
    """

    class Kind(models.TextChoices):
        VERIFIED = "verified", _("Verified")
        REFUND = "refund", _("Refunded")
        CHARGEBACK = "chargeback", _("Charged back")
        BOUNCE = "bounce", _("Bounced")

    allocation = TenantForeignKey(Allocation)
    reversal = TenantForeignKey(Reversal, null=True)
    payment = TenantForeignKey(Payment)
    invoice = TenantForeignKey(Invoice)
    deal = TenantForeignKey(Deal, null=True)
    member = TenantForeignKey(Member, null=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    home = models.DecimalField(max_digits=31, decimal_places=12)
    earned_on = models.DateField()
    happened_on = models.DateField(_("date"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("money of a sale")
        verbose_name_plural = _("money of sales")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "happened_on", "member"],
                include=["home"],
                name="sales_money_by_day",
            ),
            models.Index(fields=["organization", "earned_on"], name="sales_money_by_earning"),
            models.Index(fields=["organization", "deal"], name="sales_money_by_deal"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="sales_money_append_only"),
            models.UniqueConstraint(
                fields=["organization", "allocation", "reversal"],
                nulls_distinct=False,
                name="sales_money_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="verified", reversal__isnull=True, amount__gt=0, home__gt=0)
                | models.Q(
                    ~models.Q(kind="verified"), reversal__isnull=False, amount__lt=0, home__lt=0
                ),
                name="sales_money_sign_fits_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened_on} {self.amount} {self.currency}"


class CommissionRule(TenantModel):
    """What selling earns, from a day on: for one member, for a role, or for everyone.

    Its terms never change. Another promise is another row, from the day after this one ends.
    """

    class Bases(models.TextChoices):
        VALUE = Basis.VALUE, _("The value of deals with verified money")
        CASH = Basis.CASH, _("Verified money")
        PAID = Basis.PAID, _("The value of deals that are paid in full")

    class Modes(models.TextChoices):
        MARGINAL = Mode.MARGINAL, _("Each rate for the part above its threshold")
        CLIFF = Mode.CLIFF, _("The highest rate reached for everything")

    name = models.CharField(_("name"), max_length=120)
    role = TenantForeignKey(Role, null=True, blank=True, verbose_name=_("role"))
    member = TenantForeignKey(Member, null=True, blank=True, verbose_name=_("member"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    basis = models.CharField(_("basis"), max_length=8, choices=Bases, default=Bases.VALUE)
    rate = models.DecimalField(_("rate, %"), default=Decimal(5), max_digits=7, decimal_places=4)
    tiers = models.JSONField(_("tiers"), default=list, blank=True)
    mode = models.CharField(_("tiers apply"), max_length=8, choices=Modes, default=Modes.MARGINAL)
    cap = models.DecimalField(_("at most"), null=True, blank=True, max_digits=19, decimal_places=4)
    currency = models.CharField(_("paid in"), max_length=3)
    exchange_rate = models.DecimalField(
        _("exchange rate"), max_digits=18, decimal_places=8, default=1
    )
    created_by = TenantForeignKey(Member, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("commission rule")
        verbose_name_plural = _("commission rules")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "-starts_on", "-id"], name="commission_rule_newest"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(name__gt=""), name="commission_rule_has_a_name"
            ),
            models.CheckConstraint(
                condition=models.Q(role__isnull=True) | models.Q(member__isnull=True),
                name="commission_rule_has_one_target",
            ),
            models.CheckConstraint(condition=IN_ORDER, name="commission_rule_in_order"),
            models.CheckConstraint(
                condition=models.Q(rate__gte=0, rate__lte=100), name="commission_rule_rate_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(exchange_rate__gt=0, exchange_rate__lte=10_000),
                name="commission_rule_exchange_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(cap__isnull=True) | models.Q(cap__gt=0),
                name="commission_rule_cap_positive",
            ),
            apart(
                "commission_rules_apart",
                "incentives_commissionrule",
                "other.role_id IS NOT DISTINCT FROM NEW.role_id "
                "AND other.member_id IS NOT DISTINCT FROM NEW.member_id",
            ),
            Trigger(
                name="commission_rule_is_frozen",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=RULE_FROZEN,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Split(TenantModel):
    """A member's share of what a deal earns."""

    deal = TenantForeignKey(Deal)
    member = TenantForeignKey(Member, verbose_name=_("member"))
    percent = models.DecimalField(_("share, %"), max_digits=7, decimal_places=4)

    class Meta:
        verbose_name = _("share of a deal")
        verbose_name_plural = _("shares of deals")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "deal", "member"], name="split_once_per_member"
            ),
            models.CheckConstraint(
                condition=models.Q(percent__gt=0, percent__lte=100), name="split_in_range"
            ),
            Trigger(
                name="split_adds_up",
                when="AFTER INSERT OR UPDATE OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=ADDS_UP_TO_ALL,
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.percent}"


class TeamOverride(TenantModel):
    """What a lead earns of what the team sells."""

    team = TenantForeignKey(Team, verbose_name=_("team"))
    lead = TenantForeignKey(Member, verbose_name=_("lead"))
    percent = models.DecimalField(_("share, %"), max_digits=7, decimal_places=4)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    created_by = TenantForeignKey(Member, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("team lead's share")
        verbose_name_plural = _("team leads' shares")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(percent__gt=0, percent__lte=100), name="override_in_range"
            ),
            models.CheckConstraint(condition=IN_ORDER, name="override_in_order"),
            apart("overrides_apart", "incentives_teamoverride", "other.team_id = NEW.team_id"),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {self.percent}"


class Commission(TenantModel):
    """What a member earned in a period. Computed while it is a draft, frozen once approved."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        DISPUTED = "disputed", _("Disputed")
        PAID = "paid", _("Paid out")

    number = models.CharField(_("number"), max_length=24, blank=True, editable=False)
    member = TenantForeignKey(Member, verbose_name=_("member"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    rule = TenantForeignKey(CommissionRule, null=True, verbose_name=_("rule"))
    home_currency = models.CharField(max_length=3)
    currency = models.CharField(_("paid in"), max_length=3)
    rate = models.DecimalField(_("rate, %"), null=True, blank=True, max_digits=7, decimal_places=4)
    exchange_rate = models.DecimalField(
        _("exchange rate"), max_digits=18, decimal_places=8, default=1
    )
    bonus = models.DecimalField(_("bonus"), default=0, max_digits=19, decimal_places=4)
    bonus_reason = models.CharField(_("why a bonus"), max_length=300, blank=True)
    penalty = models.DecimalField(_("penalty"), default=0, max_digits=19, decimal_places=4)
    penalty_reason = models.CharField(_("why a penalty"), max_length=300, blank=True)
    sales = models.DecimalField(_("sales"), default=0, max_digits=19, decimal_places=4)
    own_earned = models.DecimalField(_("of own sales"), default=0, max_digits=19, decimal_places=4)
    team_earned = models.DecimalField(
        _("of the team's sales"), default=0, max_digits=19, decimal_places=4
    )
    earned = models.DecimalField(_("commission"), default=0, max_digits=19, decimal_places=4)
    payable = models.DecimalField(
        _("converted commission"), default=0, max_digits=19, decimal_places=4
    )
    total = models.DecimalField(_("with bonus"), default=0, max_digits=19, decimal_places=4)
    receivable = models.DecimalField(_("to be paid"), default=0, max_digits=19, decimal_places=4)
    converted = models.DecimalField(
        _("converted sales"), default=0, max_digits=19, decimal_places=4
    )
    calculated_at = models.DateTimeField(_("calculated"))
    approved_by = TenantForeignKey(Member, null=True, verbose_name=_("approved by"))
    approved_at = models.DateTimeField(_("approved"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("commission")
        verbose_name_plural = _("commissions")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-starts_on", "-id"], name="commission_newest"),
            models.Index(
                fields=["organization", "member", "-starts_on"], name="commission_by_member"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "number"],
                condition=~models.Q(number=""),
                name="commission_number_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="commission_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(rate__isnull=True) | models.Q(rate__gte=0, rate__lte=100),
                name="commission_rate_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(exchange_rate__gt=0, exchange_rate__lte=10_000),
                name="commission_exchange_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(bonus__gte=0)
                & (models.Q(bonus=0) | ~models.Q(bonus_reason=""))
                & models.Q(penalty__gte=0)
                & (models.Q(penalty=0) | ~models.Q(penalty_reason="")),
                name="commission_bonus_and_penalty_say_why",
            ),
            models.CheckConstraint(
                condition=models.Q(total=models.F("payable") + models.F("bonus"))
                & models.Q(receivable=models.F("total") - models.F("penalty")),
                name="commission_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state="draft", number="", approved_by__isnull=True, approved_at__isnull=True
                )
                | (
                    ~models.Q(state="draft")
                    & ~models.Q(number="")
                    & models.Q(approved_by__isnull=False, approved_at__isnull=False)
                ),
                name="commission_approval_is_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("member")),
                name="commission_not_approved_by_earner",
            ),
            apart(
                "commission_periods_apart",
                "incentives_commission",
                "other.member_id = NEW.member_id",
            ),
            Trigger(
                name="commission_approved_is_frozen",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=COMMISSION_FROZEN,
            ),
            Trigger(
                name="commission_is_its_lines",
                when="AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=IS_ITS_LINES.replace("{commission}", "NEW.id"),
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.starts_on:%Y-%m-%d} – {self.ends_on:%Y-%m-%d}"


class Dispute(TenantModel):
    """An earner's objection to an approved commission, and what was decided."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for a decision")
        UPHELD = "upheld", _("Upheld")
        REFUSED = "refused", _("Refused")

    commission = TenantForeignKey(Commission)
    reason = models.CharField(_("what is wrong"), max_length=1000)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    raised_by = TenantForeignKey(Member, verbose_name=_("raised by"))
    raised_at = models.DateTimeField(_("raised"))
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    amount = models.DecimalField(_("owed besides"), default=0, max_digits=19, decimal_places=4)
    resolved_by = TenantForeignKey(Member, null=True, verbose_name=_("decided by"))
    resolved_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "commission", "raised_at"], name="dispute_by_commission"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "commission"],
                condition=models.Q(state="open"),
                name="dispute_one_open",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="dispute_says_why"),
            models.CheckConstraint(
                condition=models.Q(
                    state="open",
                    answer="",
                    amount=0,
                    resolved_by__isnull=True,
                    resolved_at__isnull=True,
                )
                | models.Q(
                    ~models.Q(answer=""),
                    ~models.Q(amount=0),
                    state="upheld",
                    resolved_by__isnull=False,
                    resolved_at__isnull=False,
                )
                | models.Q(
                    ~models.Q(answer=""),
                    state="refused",
                    amount=0,
                    resolved_by__isnull=False,
                    resolved_at__isnull=False,
                ),
                name="dispute_decision_is_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_by__isnull=True)
                | ~models.Q(resolved_by=models.F("raised_by")),
                name="dispute_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:60]


class CommissionLine(TenantModel):
    """One line of a commission: what earned it, down to the payment."""

    class Kind(models.TextChoices):
        SALE = "sale", _("Own sale")
        TEAM = "team", _("Sale of the team")
        CORRECTION = "correction", _("Correction of an earlier period")
        DISPUTE = "dispute", _("Dispute upheld")

    commission = TenantForeignKey(Commission, on_delete=models.CASCADE)
    position = models.PositiveIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    why = models.CharField(max_length=12, blank=True)
    on = models.DateField(_("date"))
    payment = TenantForeignKey(Payment, null=True, verbose_name=_("payment"))
    deal = TenantForeignKey(Deal, null=True, verbose_name=_("deal"))
    invoice = TenantForeignKey(Invoice, null=True, verbose_name=_("invoice"))
    source = TenantForeignKey(Member, null=True, verbose_name=_("sold by"))
    corrects = TenantForeignKey(Commission, null=True, verbose_name=_("corrects"))
    dispute = TenantForeignKey(Dispute, null=True, verbose_name=_("dispute"))
    base = models.DecimalField(_("counts"), default=0, max_digits=19, decimal_places=4)
    rate = models.DecimalField(_("rate, %"), null=True, max_digits=7, decimal_places=4)
    amount = models.DecimalField(_("earns"), max_digits=19, decimal_places=4)

    class Meta:
        verbose_name = _("line of a commission")
        verbose_name_plural = _("lines of commissions")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "commission", "position"],
                name="commission_line_position_unique",
            ),
            models.UniqueConstraint(
                fields=["organization", "dispute"],
                condition=models.Q(dispute__isnull=False),
                name="commission_line_once_per_dispute",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["sale", "team"], payment__isnull=False, invoice__isnull=False
                )
                | models.Q(kind="correction", corrects__isnull=False)
                | models.Q(kind="dispute", dispute__isnull=False),
                name="commission_line_says_what_earned_it",
            ),
            Trigger(
                name="commission_line_is_frozen",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=LINE_FROZEN,
            ),
            Trigger(
                name="commission_lines_add_up",
                when="AFTER INSERT OR UPDATE OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=IS_ITS_LINES.replace(
                    "{commission}", "coalesce(NEW.commission_id, OLD.commission_id)"
                ),
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.amount}"


class Payout(TenantModel):
    """Money that went out for an approved commission."""

    commission = TenantForeignKey(Commission)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    account = models.CharField(_("from"), max_length=20)
    paid_on = models.DateField(_("paid on"))
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    by = TenantForeignKey(Member, verbose_name=_("paid by"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints: ClassVar = [
            AppendOnly(name="payout_append_only"),
            models.UniqueConstraint(
                fields=["organization", "commission"], name="payout_once_per_commission"
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payout_amount_positive"),
            Trigger(
                name="payout_is_what_was_approved",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=PAYOUT_FITS,
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paid_on} {self.amount} {self.currency}"
