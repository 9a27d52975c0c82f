"""Working out commissions: one, everyone's, and what recorded ones differ from what they should be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity.models import AuditEvent
from prs.kernel.activity.rules import SYSTEM, Actor
from prs.kernel.activity.services import record
from prs.kernel.db.versions import Stale
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member, TeamMember
from prs.kernel.tenancy.models import Organization
from prs.operations.incentives import events
from prs.operations.incentives.models import Commission, CommissionLine, TeamOverride
from prs.operations.incentives.rules import commissions as rules
from prs.operations.incentives.rules.commissions import Counted, Earned
from prs.operations.incentives.rules.days import Period
from prs.operations.incentives.selectors import commissions as selectors
from prs.operations.incentives.selectors.sales import unit_of

ZERO = Decimal(0)
INPUTS = (
    "currency",
    "rate",
    "exchange_rate",
    "bonus",
    "bonus_reason",
    "penalty",
    "penalty_reason",
)


class NotADraft(Refusal):
    """An approved commission is frozen; what changes later lands in the next period."""

    sentence = _("This commission is approved. What changes now lands in the next period.")


class OwnCommission(Refusal):
    """Nobody sets their own commission."""

    sentence = _("You can't change your own commission. Ask a colleague who may.")


def said(commission: Commission) -> dict[str, str]:
    """The words that events of a commission use."""
    period = f"{commission.starts_on:%Y-%m-%d} – {commission.ends_on:%Y-%m-%d}"
    amount = money.Money(commission.currency, commission.receivable)
    return {
        "member": commission.member.name,
        "period": period,
        "amount": money.spoken(amount),
    }


def period_of(commission: Commission) -> Period:
    """The days of a commission."""
    return Period(commission.starts_on, commission.ends_on)


@dataclass(frozen=True)
class Found:
    """What a commission comes to now: its lines, and the sums that they make, not yet converted."""

    lines: list[CommissionLine]
    sales: Decimal
    own: Decimal
    team: Decimal

    @property
    def earned(self) -> Decimal:
        """All lines together."""
        return sum((line.amount for line in self.lines), ZERO)


@transaction.atomic
def open_commission(member: Member, period: Period, *, at: datetime) -> Commission:
    """The commission of a member and a period, as a draft with what the rule says if it is new."""
    found = Commission.objects.filter(
        member=member, starts_on=period.first, ends_on=period.last
    ).first()
    if found is not None:
        return found
    rule = selectors.rule_for(member, period)
    home = Organization.objects.values_list("currency", flat=True).get(pk=member.organization_id)
    return Commission.objects.create(
        member=member,
        starts_on=period.first,
        ends_on=period.last,
        rule=rule,
        home_currency=home,
        currency=rule.currency if rule else home,
        exchange_rate=rule.exchange_rate if rule else Decimal(1),
        calculated_at=at,
    )


def held(commission: Commission) -> Commission:
    """A draft's row, held until the commit.

    :raises NotADraft: it is approved.
    """
    row = (
        Commission.objects.select_for_update(of=("self",), no_key=True)
        .select_related("member", "rule")
        .get(pk=commission.pk)
    )
    if row.state != Commission.State.DRAFT:
        raise NotADraft
    return row


@transaction.atomic
def calculate(member: Member, period: Period, *, by: Actor, at: datetime) -> Commission:
    """Work a member's commission of a period out, or again. The same money gives the same result.

    :raises NotADraft: it is approved.
    """
    row = held(open_commission(member, period, at=at))
    row.rule = selectors.rule_for(row.member, period)
    write(row, found_for(row), at=at)
    # People are told of a commission once, however often it is worked out again.
    told = AuditEvent.objects.filter(code=events.CREATED.code, subject_id=row.pk).exists()
    record(events.CALCULATED if told else events.CREATED, row, by=by, at=at, words=said(row))
    return row


def calculate_all(
    members: Iterable[Member], period: Period, *, by: Actor, at: datetime
) -> list[Commission]:
    """Work out everyone's commission of a period; approved ones stay as they are."""
    done = Commission.objects.filter(starts_on=period.first, ends_on=period.last).exclude(
        state=Commission.State.DRAFT
    )
    frozen = set(done.values_list("member_id", flat=True))
    return [
        calculate(member, period, by=by, at=at) for member in members if member.pk not in frozen
    ]


def keep_current(members: Iterable[Member], period: Period, *, at: datetime) -> list[Commission]:
    """Work drafts of a period out again whose money has moved, and begin those of whoever earned.

    What is approved, and a draft that says what its money says, stay untouched.
    """
    kept = {
        row.member_id: row
        for row in Commission.objects.filter(
            starts_on=period.first, ends_on=period.last
        ).select_related("member", "rule")
    }
    return [
        calculate(member, period, by=SYSTEM, at=at)
        for member in members
        if outdated(kept.get(member.pk), member, period)
    ]


def outdated(row: Commission | None, member: Member, period: Period) -> bool:
    """Whether a member's commission of a period wants to be worked out."""
    if row is None:
        leads = selectors.in_force(TeamOverride.objects.filter(lead=member), period)
        return bool(selectors.sold_in(period, [member.pk]).events) or leads.exists()
    return row.state == Commission.State.DRAFT and difference_of(row).matters


def found_for(row: Commission) -> Found:
    """What a draft comes to: own sales, the team's, corrections of earlier periods, upheld disputes."""
    own, sales, earned = own_lines(row)
    team = team_lines(row, current_overrides(row))
    return Found(
        [*own, *team, *correction_lines(row), *dispute_lines(row)],
        sales,
        earned,
        sum((line.amount for line in team), ZERO),
    )


def own_lines(row: Commission) -> tuple[list[CommissionLine], Decimal, Decimal]:
    """The lines of a member's own sales, with their total and what it earns."""
    period, terms = period_of(row), selectors.terms_of(row.rule, row.rate)
    sold = selectors.sold_in(period, [row.member_id])
    things = selectors.counted_for(sold, row.member_id, terms.basis, period)
    total, earned = rules.commission(terms, things, unit_of(row.home_currency))
    base = rules.base_of(things)
    rate = total * 100 / base if base else terms.rate
    lines = [line_of(row, each, sold, kind="sale", rate=rate) for each in earned]
    return lines, base, total


def line_of(
    row: Commission,
    earned: Earned,
    sold: selectors.Sold,
    *,
    kind: str,
    rate: Decimal,
    source: UUID | None = None,
) -> CommissionLine:
    """A line for something that counts."""
    thing: Counted = earned.counted
    return CommissionLine(
        organization_id=row.organization_id,
        commission=row,
        kind=kind,
        why=thing.kind,
        on=thing.on,
        payment_id=thing.payment,
        deal_id=thing.claim if thing.claim in sold.deals else None,
        invoice_id=sold.invoices[thing.claim, thing.payment],
        source_id=source,
        base=rules.rounded(thing.base, Decimal("0.0001")),
        rate=rules.rounded(rate, Decimal("0.0001")),
        amount=earned.amount,
    )


def current_overrides(row: Commission) -> list[tuple[UUID, Decimal]]:
    """Whose sales a lead shares in and how much, as it holds for the commission's period."""
    rows = selectors.in_force(TeamOverride.objects.filter(lead=row.member_id), period_of(row))
    found: dict[tuple[UUID, UUID], Decimal] = {}
    for each in rows:
        seats = TeamMember.objects.filter(team=each.team_id).order_by("member__name", "member")
        for member in seats.values_list("member_id", flat=True):
            if member != row.member_id:
                found.setdefault((each.team_id, member), each.percent)
    return [(member, percent) for (_team, member), percent in found.items()]


def team_lines(row: Commission, overrides: Sequence[tuple[UUID, Decimal]]) -> list[CommissionLine]:
    """The lines of a lead's share in what others sell, each by the seller's own basis."""
    if not overrides:
        return []
    period, unit = period_of(row), unit_of(row.home_currency)
    people = {
        each.pk: each for each in Member.objects.filter(pk__in=[pk for pk, _share in overrides])
    }
    sold = selectors.sold_in(period, list(people))
    lines = []
    for pk, percent in overrides:
        basis = selectors.terms_of(selectors.rule_for(people[pk], period)).basis
        things = selectors.counted_for(sold, pk, basis, period)
        total = rules.rounded(rules.base_of(things) * percent / 100, unit)
        lines += [
            line_of(row, each, sold, kind="team", rate=percent, source=pk)
            for each in rules.shared_out(total, things, unit)
        ]
    return lines


def due_now(row: Commission) -> Decimal:
    """What an approved commission would come to now, with the terms and the team it was approved with."""
    _lines, _base, earned = own_lines(row)
    frozen = CommissionLine.objects.filter(commission=row, kind="team").order_by("position")
    overrides = dict(frozen.values_list("source_id", "rate"))
    team = team_lines(row, list(overrides.items()))
    return earned + sum((line.amount for line in team), ZERO)


def correction_lines(row: Commission) -> list[CommissionLine]:
    """What earlier approved commissions of the member came out wrong by, since money went back."""
    carried = selectors.carried_elsewhere(row)
    lines = []
    for earlier in selectors.approved_before(row):
        recorded = earlier.own_earned + earlier.team_earned + carried.get(earlier.pk, ZERO)
        difference = due_now(earlier) - recorded
        if difference:
            lines.append(
                CommissionLine(
                    organization_id=row.organization_id,
                    commission=row,
                    kind="correction",
                    on=row.starts_on,
                    corrects=earlier,
                    amount=difference,
                )
            )
    return lines


def dispute_lines(row: Commission) -> list[CommissionLine]:
    """What upheld disputes promised besides."""
    return [
        CommissionLine(
            organization_id=row.organization_id,
            commission=row,
            kind="dispute",
            on=row.starts_on,
            dispute=each,
            amount=each.amount,
        )
        for each in selectors.upheld_disputes(row)
    ]


def write(row: Commission, found: Found, *, at: datetime) -> None:
    """Replace the lines of a draft, and its computed fields."""
    CommissionLine.objects.filter(commission=row).delete()
    for position, line in enumerate(found.lines, start=1):
        line.position = position
    CommissionLine.objects.bulk_create(found.lines)
    row.own_earned, row.team_earned = found.own, found.team
    add_up(row, sales=found.sales, earned=found.earned)
    row.calculated_at = at
    row.version += 1
    row.save()


def add_up(row: Commission, *, sales: Decimal, earned: Decimal) -> None:
    """Fill a draft's computed fields from its inputs."""
    sums = rules.sums(
        sales=sales,
        earned=earned,
        exchange_rate=row.exchange_rate,
        bonus=row.bonus,
        penalty=row.penalty,
        unit=unit_of(row.currency),
        home_unit=unit_of(row.home_currency),
    )
    row.sales, row.earned, row.payable = sums.sales, sums.earned, sums.payable
    row.total, row.receivable, row.converted = sums.total, sums.receivable, sums.converted


@transaction.atomic
def change(
    commission: Commission, fields: Mapping[str, Any], *, by: Member, at: datetime
) -> Commission:
    """Set currency, rate, exchange rate, bonus or penalty of a draft, and work it out again.

    :raises OwnCommission: it is the member's own.
    :raises NotADraft: it is approved.
    :raises Stale: somebody else changed it in between.
    """
    if commission.member_id == by.pk:
        raise OwnCommission
    row = held(commission)
    if row.version != commission.version:
        raise Stale
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    write(row, found_for(row), at=at)
    record(events.CHANGED, row, by=by, at=at, before=before, after=dict(fields), words=said(row))
    return row


@transaction.atomic
def change_all(
    changes: Iterable[tuple[Commission, Mapping[str, Any]]], *, by: Member, at: datetime
) -> list[Commission]:
    """Change several drafts: all of them, or none when one is refused."""
    return [change(row, fields, by=by, at=at) for row, fields in changes]


@dataclass(frozen=True)
class Difference:
    """What a commission says, and what it should say now."""

    commission: Commission
    recorded_sales: Decimal
    sales: Decimal
    recorded: Decimal
    earned: Decimal

    @property
    def off(self) -> Decimal:
        """How far the recorded commission is off."""
        return self.earned - self.recorded

    @property
    def matters(self) -> bool:
        """Whether there is anything to do: of a frozen one, only money counts."""
        return bool(self.off) or (not self.frozen and self.sales != self.recorded_sales)

    @property
    def frozen(self) -> bool:
        """Whether it lands in the next period instead of changing this one."""
        return self.commission.state != Commission.State.DRAFT


def difference_of(row: Commission) -> Difference:
    """Compare a commission with what its money comes to now."""
    if row.state == Commission.State.DRAFT:
        found = found_for(row)
        sales = rules.rounded(found.sales, unit_of(row.home_currency))
        return Difference(row, row.sales, sales, row.earned, found.earned)
    _lines, base, _earned = own_lines(row)
    sales = rules.rounded(base, unit_of(row.home_currency))
    carried = sum(
        CommissionLine.objects.filter(kind="correction", corrects=row).values_list(
            "amount", flat=True
        ),
        ZERO,
    )
    recorded = row.own_earned + row.team_earned + carried
    return Difference(row, row.sales, sales, recorded, due_now(row))


def reconcile(
    rows: Iterable[Commission], *, by: Member, at: datetime, dry_run: bool
) -> list[Difference]:
    """The commissions that are off; without `dry_run`, drafts are worked out again.

    What an approved one is off by lands in the member's next draft, when that is calculated.
    """
    found = [each for each in map(difference_of, rows) if each.matters]
    if not dry_run:
        for each in found:
            if not each.frozen:
                calculate(each.commission.member, period_of(each.commission), by=by, at=at)
    return found
