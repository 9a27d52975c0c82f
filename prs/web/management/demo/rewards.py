"""What a year of sales earned: a rule, goals, commissions of the last months, and streaks."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.operations.incentives import selectors
from prs.operations.incentives import services as incentives
from prs.operations.incentives.rules.days import DAY, Period, month_of

BEGAN = timedelta(days=400)
STREAK = timedelta(days=40)
CENT = Decimal("0.01")


def reward(organization: Organization, people: dict[str, list[Member]], *, at: datetime) -> None:
    """Promise, set goals, work the last two months out, and replay the streaks of six weeks."""
    owner, sellers = people["owner"][0], people["salesperson"]
    payer = people.get("accountant", people["owner"])[0]
    today = selectors.today_of(organization, at)
    with tenant_context(organization.pk):
        promise(organization, owner, at=at - BEGAN)
        set_goals(organization, sellers, month_of(today), by=owner, at=at)
        last = month_of(today.replace(day=1) - DAY)
        before = month_of(last.first - DAY)
        for row in incentives.calculate_all(sellers, before, by=owner, at=at):
            approved = incentives.approve(row, by=owner, at=at)
            if approved.receivable > 0:
                incentives.pay_out(approved, account="1010", on=today, by=payer, at=at)
        incentives.calculate_all(sellers, last, by=owner, at=at)
        incentives.keep_current(sellers, month_of(today), at=at)
        calendar = selectors.calendar_of(organization)
        begun = next(day for day in Period(today - STREAK, today).days if calendar.works(day))
        for span in (Period(begun, begun), Period(begun, today)):
            incentives.replay(
                [*sellers, *people.get("team_lead", [])],
                first=span.first,
                last=span.last,
                today=span.last,
                calendar=calendar,
            )


def promise(organization: Organization, owner: Member, *, at: datetime) -> None:
    """Five per cent of verified money, and seven above a threshold."""
    fields = {
        "name": "Verified money, two steps",
        "starts_on": month_of(at.date()).first,
        "basis": "cash",
        "rate": Decimal(5),
        "tiers": [{"above": "50000", "rate": "7"}],
        "currency": organization.currency,
    }
    incentives.add_rule(fields, by=owner, at=at)


def set_goals(
    organization: Organization, sellers: list[Member], month: Period, *, by: Member, at: datetime
) -> None:
    """A tenth more than the month before, for everyone together and for each."""
    before = month_of(month.first - DAY)
    span = {"starts_on": month.first, "ends_on": month.last}
    subjects: list[Organization | Member] = [organization, *sellers]
    for subject in subjects:
        sold = max(selectors.verified_money(subject, before), Decimal(1000))
        target = (sold * Decimal("1.1")).quantize(CENT)
        whose = {"member": subject} if isinstance(subject, Member) else {}
        incentives.set_goal({**whose, **span, "target": target}, by=by, at=at)
