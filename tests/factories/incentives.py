"""Makers for what selling earns."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from prs.kernel.identity.models import Member, Team
from prs.operations.deals.models import Deal
from prs.operations.incentives import services as incentives
from prs.operations.incentives.models import Commission, CommissionRule
from prs.operations.incentives.rules.days import Calendar, Period
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31))
NEXT_MONTH = NOON + timedelta(days=15)
IN_JANUARY = NOON + timedelta(days=50)


def sell(
    by: Member,
    verifier: Member,
    *,
    value: str = "1000.00",
    paid: str = "",
    at: datetime = NOON,
    **fields: Any,
) -> tuple[Deal, Payment]:
    """A deal with verified money."""
    deal = make_deal(by, value=value, **fields)
    payment = pay_deal(by, deal, amount=paid or value)
    payments.verify(payment, by=verifier, at=at)
    return deal, payment


def give_back(payment: Payment, amount: str, *, asks: Member, grants: Member, at: datetime) -> None:
    """A refund, asked for and granted."""
    payment.refresh_from_db()
    request = payments.request_refund(
        payment, amount=Decimal(amount), reason="Returned", by=asks, at=at
    )
    payments.approve_refund(request, by=grants, at=at)


def make_rule(by: Member, **fields: Any) -> CommissionRule:
    given = {
        "name": "Five per cent",
        "starts_on": TODAY.replace(month=1, day=1),
        "basis": "value",
        "rate": Decimal(5),
        "currency": "USD",
        **fields,
    }
    return incentives.add_rule(given, by=by, at=NOON)


def make_commission(
    member: Member, *, by: Member, period: Period = NOVEMBER, at: datetime = NEXT_MONTH
) -> Commission:
    return incentives.calculate(member, period, by=by, at=at)


OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 9, 30))


def make_rewarded(owner: Member, seller: Member, checker: Member, deal: Deal) -> None:
    """One row of everything that selling earns: a commission in each state, goals and a streak."""
    make_rule(owner, ends_on=date(2026, 12, 31))
    team = Team.objects.get()
    override = {"team": team, "lead": checker, "percent": Decimal(2)}
    span = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
    incentives.add_override({**override, **span}, by=owner, at=NOON)
    incentives.split_deal(deal, {seller: Decimal(60), owner: Decimal(40)}, by=owner, at=NOON)
    first, second = (owed(seller, period, by=owner) for period in (SEPTEMBER, OCTOBER))
    paid = owed(checker, OCTOBER, by=owner)
    incentives.pay_out(paid, account="1000", on=TODAY, by=owner, at=NOON)
    raised = incentives.dispute(second, reason="A sale is missing", by=seller, at=NOON)
    incentives.resolve(raised, answer="It is", amount=Decimal(5), by=owner, at=NOON)
    incentives.dispute(first, reason="So it is here", by=seller, at=NOON)
    incentives.calculate(seller, NOVEMBER, by=owner, at=NOON)
    for subject in ({}, {"team": team}, {"member": seller}):
        span = {"starts_on": NOVEMBER.first, "ends_on": NOVEMBER.last}
        incentives.set_goal({**subject, **span, "target": Decimal(5000)}, by=owner, at=NOON)
    incentives.skip_goal(on=TODAY, by=checker, at=NOON)
    incentives.set_calendar([0, 1, 2, 3, 4], keep_holidays=True, by=owner, at=NOON)
    incentives.replay([seller], first=TODAY, last=TODAY, today=TODAY, calendar=Calendar())


def owed(member: Member, period: Period, *, by: Member) -> Commission:
    """An approved commission that is a bonus."""
    row = incentives.open_commission(member, period, at=NOON)
    fields = {"bonus": Decimal(10), "bonus_reason": "Well done"}
    return incentives.approve(incentives.change(row, fields, by=by, at=NOON), by=by, at=NOON)
