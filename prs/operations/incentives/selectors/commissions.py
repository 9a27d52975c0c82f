"""Reads of commissions: whose they are, how they came about, and what a period would give now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Document
from prs.masterdata.places.selectors import colleagues
from prs.operations.deals.models import Deal
from prs.operations.incentives.models import (
    Commission,
    CommissionLine,
    CommissionRule,
    Dispute,
    Payout,
    SalesMoney,
    Split,
    TeamOverride,
)
from prs.operations.incentives.permissions import VIEW_ALL
from prs.operations.incentives.rules import commissions as rules_
from prs.operations.incentives.rules.commissions import (
    Basis,
    Claim,
    Counted,
    Mode,
    MoneyEvent,
    Step,
    Terms,
    Tier,
)
from prs.operations.incentives.rules.days import Period
from prs.operations.incentives.selectors.sales import contenders, in_home, rows_in, unit_of

STATEMENT = "commission"
DRAFT = Commission.State.DRAFT
UNCOUNTED = """
    SELECT p.number FROM payments_allocation a
    JOIN payments_payment p ON p.id = a.payment_id
    WHERE a.organization_id = %s AND a.counted_at IS NOT NULL AND NOT EXISTS (
      SELECT FROM incentives_salesmoney s WHERE s.organization_id = a.organization_id
      AND s.allocation_id = a.id AND s.reversal_id IS NULL)
    ORDER BY p.number LIMIT 1
"""
NOT_RETURNED = """
    SELECT p.number FROM payments_allocation a
    JOIN payments_payment p ON p.id = a.payment_id
    WHERE a.organization_id = %s AND a.reversed > 0 AND a.reversed <> (
      SELECT coalesce(-sum(s.amount), 0) FROM incentives_salesmoney s
      WHERE s.organization_id = a.organization_id AND s.allocation_id = a.id
      AND s.reversal_id IS NOT NULL)
    ORDER BY p.number LIMIT 1
"""


def visible_to(member: Member) -> QuerySet[Commission]:
    """Everyone's within the row scope for those who may see them; else one's own."""
    rows = Commission.objects.select_related("member", "rule", "approved_by")
    if not member.may(VIEW_ALL):
        return rows.filter(member=member)
    reach = colleagues(member)
    return rows if reach is None else rows.filter(member__in=reach)


def approvable(member: Member) -> QuerySet[Commission]:
    """Drafts of others."""
    return visible_to(member).filter(state=DRAFT).exclude(member=member)


def rules() -> QuerySet[CommissionRule]:
    """Every version of the rules, the newest first."""
    return CommissionRule.objects.select_related("role", "member").order_by("-starts_on", "-pk")


def overrides() -> QuerySet[TeamOverride]:
    """What leads earn of their teams, the newest first."""
    rows = TeamOverride.objects.select_related("team", "lead")
    return rows.order_by("-starts_on", "team__name", "-pk")


def in_force(rows: QuerySet[Any], period: Period) -> QuerySet[Any]:
    """What holds for a period: what held on its first day, else the first that starts inside it."""
    return rows.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=period.first), starts_on__lte=period.last
    ).order_by("starts_on", "pk")


def rules_promise(period: Period) -> bool:
    """Whether any rule of the organization holds in a period."""
    return in_force(CommissionRule.objects.all(), period).exists()


def rule_for(member: Member, period: Period) -> CommissionRule | None:
    """The rule for a member in a period: their own, else their role's, else everyone's."""
    rows = in_force(CommissionRule.objects.all(), period).filter(
        Q(member=member)
        | Q(role=member.role_id, member__isnull=True)
        | Q(role__isnull=True, member__isnull=True)
    )
    found = sorted(rows, key=lambda row: (not row.member_id, not row.role_id))
    return found[0] if found else None


def terms_of(rule: CommissionRule | None, own_rate: Decimal | None = None) -> Terms:
    """What a rule promises; a rate agreed for one commission stands instead of rate and tiers."""
    if rule is None:
        return Terms(rate=rules_.DEFAULT_RATE if own_rate is None else own_rate)
    if own_rate is not None:
        return Terms(basis=Basis(rule.basis), rate=own_rate, cap=rule.cap)
    tiers = tuple(Tier(Decimal(row["above"]), Decimal(row["rate"])) for row in rule.tiers)
    return Terms(Basis(rule.basis), rule.rate, tiers, Mode(rule.mode), rule.cap)


# --- what counts --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sold:
    """The money that concerns a period, and what it pays."""

    events: list[MoneyEvent]
    claims: dict[UUID, Claim]
    invoices: dict[tuple[UUID, UUID], UUID]
    deals: frozenset[UUID]


def sold_in(period: Period, members: Collection[UUID]) -> Sold:
    """All money of the claims that had money in a period, for those members who sold or share in it."""
    shared = Split.objects.filter(member__in=members).values("deal")
    touched = SalesMoney.objects.filter(earned_on__range=(period.first, period.last)).filter(
        Q(member__in=members) | Q(deal__in=shared)
    )
    deals = set(touched.filter(deal__isnull=False).values_list("deal_id", flat=True))
    alone = set(touched.filter(deal__isnull=True).values_list("invoice_id", flat=True))
    rows = list(
        SalesMoney.objects.filter(Q(deal__in=deals) | Q(deal__isnull=True, invoice__in=alone))
        .select_related("deal", "invoice")
        .order_by("pk")
    )
    return Sold(
        [event_of(row) for row in rows],
        claims_of(rows, splits(deals)),
        {(row.deal_id or row.invoice_id, row.payment_id): row.invoice_id for row in rows},
        frozenset(deals),
    )


def event_of(row: SalesMoney) -> MoneyEvent:
    """A row of money as the rules see it."""
    return MoneyEvent(
        key=row.pk,
        claim=row.deal_id or row.invoice_id,
        payment=row.payment_id,
        member=row.member_id,
        on=row.earned_on,
        amount=row.amount,
        home=row.home,
        kind=row.kind,
    )


def splits(deals: Collection[UUID]) -> dict[UUID, dict[UUID, Decimal]]:
    """The agreed shares of deals."""
    found: dict[UUID, dict[UUID, Decimal]] = defaultdict(dict)
    rows = Split.objects.filter(deal__in=deals).values_list("deal", "member", "percent")
    for deal, member, percent in rows:
        found[deal][member] = percent
    return found


def claims_of(
    rows: Collection[SalesMoney], shares: dict[UUID, dict[UUID, Decimal]]
) -> dict[UUID, Claim]:
    """What the money pays, with its value."""
    found: dict[UUID, Claim] = {}
    for row in rows:
        key: UUID = row.deal_id or row.invoice_id
        if row.deal is not None:
            value, rate = row.deal.value, row.deal.rate
        else:
            value, rate = row.invoice.total - row.invoice.credited, row.invoice.rate
        found[key] = Claim(key, value, value * rate, shares.get(key, {}))
    return found


def counted_for(sold: Sold, member: UUID, basis: Basis, period: Period) -> list[Counted]:
    """What counts as sold by one member in a period."""
    return rules_.counted(
        sold.events, sold.claims, member=member, basis=basis, first=period.first, last=period.last
    )


# --- what is shown ------------------------------------------------------------------------------------


def earners() -> QuerySet[Member]:
    """Everyone who earns commissions."""
    return contenders().select_related("role")


def lines_of(commission: Commission) -> QuerySet[CommissionLine]:
    """The lines of a commission, in order."""
    return (
        CommissionLine.objects.filter(commission=commission)
        .select_related("payment", "deal", "invoice", "source", "corrects", "dispute")
        .order_by("position", "pk")
    )


def ladder_of(commission: Commission) -> list[Step]:
    """How the own sales of a commission are cut into parts with a rate each."""
    terms = terms_of(commission.rule, commission.rate)
    unit = unit_of(commission.home_currency)
    return [
        replace(step, amount=rules_.rounded(step.amount, unit))
        for step in rules_.ladder(terms, commission.sales)
        if step.base
    ]


def disputes_of(commission: Commission) -> QuerySet[Dispute]:
    """The disputes about a commission, newest first."""
    return (
        Dispute.objects.filter(commission=commission)
        .select_related("raised_by", "resolved_by")
        .order_by("-raised_at", "-pk")
    )


def payout_of(commission: Commission) -> Payout | None:
    """How a commission was paid out."""
    return Payout.objects.filter(commission=commission).select_related("by").first()


def document_of(commission: Commission) -> Document | None:
    """The stored statement of an approved commission; None until its task has rendered it."""
    return Document.objects.filter(kind=STATEMENT, source_id=commission.pk).first()


def statement_rows(commission: Commission) -> list[CommissionLine]:
    """The lines as the statement lists them."""
    return list(lines_of(commission))


def splits_of(deal: Deal) -> QuerySet[Split]:
    """How a deal is shared out; nothing when all of it is its salesperson's."""
    return Split.objects.filter(deal=deal).select_related("member").order_by("-percent", "pk")


@dataclass(frozen=True)
class GridRow:
    """One member of the grid: the commission, if it was calculated, and what the rule says."""

    member: Member
    commission: Commission | None
    rule: CommissionRule | None

    @property
    def rate(self) -> Decimal:
        """The rate that the rule gives."""
        return self.rule.rate if self.rule else rules_.DEFAULT_RATE

    @property
    def editable(self) -> bool:
        """Whether it is still a draft."""
        return self.commission is not None and self.commission.state == DRAFT


@dataclass(frozen=True)
class Grid:
    """Everyone who earns, in one period."""

    period: Period
    rows: list[GridRow]
    sales: Decimal
    earned: Decimal

    @property
    def average(self) -> Decimal:
        """What each earned on average, of those who were calculated."""
        count = sum(1 for row in self.rows if row.commission)
        return in_home(self.earned / count) if count else Decimal(0)

    @property
    def effective_rate(self) -> Decimal:
        """What was earned of what was sold, in per cent."""
        return in_home(self.earned * 100 / self.sales) if self.sales else Decimal(0)


def grid(member: Member, period: Period) -> Grid:
    """Everyone in reach who earns, sold, or has a commission in a period."""
    reach = colleagues(member)
    kept = {
        row.member_id: row
        for row in visible_to(member).filter(starts_on=period.first, ends_on=period.last)
    }
    sellers = rows_in(period).filter(member__isnull=False).values("member")
    people = Member.objects.filter(
        Q(pk__in=earners().values("pk")) | Q(pk__in=list(kept)) | Q(pk__in=sellers)
    ).select_related("role")
    if reach is not None:
        people = people.filter(pk__in=reach)
    standing = list(in_force(CommissionRule.objects.select_related("role", "member"), period))
    rows = [
        GridRow(each, kept.get(each.pk), fitting(standing, each))
        for each in people.order_by("name", "pk")
    ]
    done = [row.commission for row in rows if row.commission]
    return Grid(
        period,
        rows,
        sum((each.sales for each in done), Decimal(0)),
        sum((each.earned for each in done), Decimal(0)),
    )


def fitting(standing: Collection[CommissionRule], member: Member) -> CommissionRule | None:
    """The rule for a member among those in force, as `rule_for` finds it."""
    for wanted in ((member.pk, None), (None, member.role_id), (None, None)):
        for rule in standing:
            if (rule.member_id, rule.role_id) == wanted:
                return rule
    return None


@dataclass(frozen=True)
class Overview:
    """A member's commission of a period, what is on its way, and what was earned this year."""

    commission: Commission | None
    waiting: Decimal
    paid_this_year: Decimal
    currency: str


def commission_overview(member: Member, period: Period) -> Overview:
    """A member's commission in a period, as dashboards show it."""
    own = Commission.objects.filter(member=member)
    found = own.filter(starts_on=period.first, ends_on=period.last).first()
    currency = found.currency if found else member.organization.currency
    sums = own.filter(currency=currency, starts_on__year=period.first.year).aggregate(
        waiting=Sum("receivable", filter=~Q(state="paid"), default=Decimal(0)),
        paid=Sum("receivable", filter=Q(state="paid"), default=Decimal(0)),
    )
    return Overview(found, sums["waiting"], sums["paid"], currency)


def approved_before(commission: Commission) -> QuerySet[Commission]:
    """A member's frozen commissions of earlier periods, the oldest first."""
    return (
        Commission.objects.filter(member=commission.member_id, ends_on__lt=commission.starts_on)
        .exclude(state=DRAFT)
        .select_related("rule", "member")
        .order_by("starts_on", "pk")
    )


def carried_elsewhere(commission: Commission) -> dict[UUID, Decimal]:
    """What other commissions of the member already correct, by the commission that is corrected."""
    rows = (
        CommissionLine.objects.filter(commission__member=commission.member_id, kind="correction")
        .exclude(commission=commission.pk)
        .order_by()
        .values_list("corrects")
        .annotate(total=Sum("amount"))
    )
    return dict(rows)


def upheld_disputes(commission: Commission) -> QuerySet[Dispute]:
    """Upheld disputes of the member that no other commission has made good."""
    done = CommissionLine.objects.filter(dispute__isnull=False).exclude(commission=commission.pk)
    return (
        Dispute.objects.filter(
            commission__member=commission.member_id,
            commission__ends_on__lt=commission.starts_on,
            state=Dispute.State.UPHELD,
        )
        .exclude(pk__in=done.values("dispute"))
        .order_by(F("resolved_at"), "pk")
    )


def findings() -> Iterator[str]:
    """What is wrong between the payments and what sales are made from."""
    organization = required_organization()
    with connection.cursor() as cursor:
        cursor.execute(UNCOUNTED, (organization,))
        for (number,) in cursor.fetchall():
            yield _("Verified money of payment {number} is not counted as sold.").format(
                number=number
            )
        cursor.execute(NOT_RETURNED, (organization,))
        for (number,) in cursor.fetchall():
            yield _("What went back of payment {number} is still counted as sold.").format(
                number=number
            )
