"""Replaying the days of streaks. Replaying twice gives the same rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from prs.kernel.identity.models import Member
from prs.operations.deals.models import Deal
from prs.operations.incentives.models import SalesMoney, StreakDay
from prs.operations.incentives.rules import streaks as rules
from prs.operations.incentives.rules.days import Calendar, Period
from prs.operations.incentives.rules.streaks import SoldOn
from prs.operations.incentives.selectors.sales import contenders
from prs.operations.payments.models import Payment
from prs.operations.payments.selectors import WAITING

DAY = timedelta(days=1)
# How far back a nightly replay looks for money that was verified late.
LOOKS_BACK = timedelta(days=92)


def sold_by(members: Iterable[Member], period: Period) -> dict[UUID, dict[date, SoldOn]]:
    """What each of these members closed on each day, as far as it is proven or waits for proof."""
    deals = Deal.objects.filter(
        salesperson__in=[each.pk for each in members],
        deal_date__range=(period.first, period.last),
        cancelled_at__isnull=True,
    ).annotate(worth=F("value") * F("rate"))
    large = [
        (pk, seller, on, worth)
        for pk, seller, on, worth in deals.values_list("pk", "salesperson", "deal_date", "worth")
        if worth >= rules.LEAST_VALUE
    ]
    keys = [pk for pk, _seller, _on, _worth in large]
    money = SalesMoney.objects.filter(deal__in=keys).order_by().values("deal")
    proven = set(
        money.annotate(left=Sum("amount")).filter(left__gt=0).values_list("deal", flat=True)
    )
    waits = Payment.objects.filter(deal__in=keys, status__in=WAITING)
    waiting = set(waits.values_list("deal", flat=True))
    found: dict[UUID, dict[date, SoldOn]] = defaultdict(dict)
    for pk, seller, on, worth in large:
        day = found[seller].get(on, rules.NOTHING)
        if pk in proven:
            day = SoldOn(day.deals + 1, day.value + worth, day.waiting)
        elif pk in waiting:
            day = SoldOn(day.deals, day.value, waiting=True)
        found[seller][on] = day
    return found


@transaction.atomic
def replay(
    members: Iterable[Member],
    *,
    first: date,
    last: date,
    today: date,
    calendar: Calendar,
) -> int:
    """Work the streaks of members out again from a day on. Returns how many days changed.

    Days to come are left out. Whoever has no day yet begins with the last one of the span: nothing is
    held against anybody for the time before. Days that are recorded after the span follow from it, so
    they are worked out too.
    """
    people = list(members)
    list(
        Member.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[each.pk for each in people])
        .order_by("pk")
        .values_list("pk")
    )
    kept: dict[UUID, dict[date, StreakDay]] = defaultdict(dict)
    for row in StreakDay.objects.filter(member__in=people).order_by("on", "pk"):
        kept[row.member_id][row.on] = row
    latest = max((max(rows) for rows in kept.values()), default=last)
    whole = Period(first, min(max(last, latest), today))
    sold = sold_by(people, whole)
    written = 0
    for each in people:
        rows = kept.get(each.pk, {})
        begins = max(first, min(rows)) if rows else min(last, today)
        days = [on for on in Period(begins, whole.last).days if calendar.works(on)]
        start = max((on for on in rows if on < begins), default=None)
        streak = rows[start].streak if start else rules.START
        written += write(each, days, rows, sold.get(each.pk, {}), streak, today)
        gone = [row.pk for on, row in rows.items() if on >= begins and on not in days]
        written += StreakDay.objects.filter(pk__in=gone).delete()[0] if gone else 0
    return written


def write(  # noqa: PLR0917  (a streak is all of these)
    member: Member,
    days: list[date],
    kept: Mapping[date, StreakDay],
    sold: Mapping[date, SoldOn],
    streak: Decimal,
    today: date,
) -> int:
    """Write the days that differ from what is kept."""
    new, changed = [], []
    for day in rules.replayed(days, sold, start=streak, today=today):
        row = kept.get(day.on)
        fields = {
            "deals_closed": day.sold.deals,
            "value": day.sold.value.quantize(Decimal("0.0001")),
            "outcome": day.outcome,
            "streak": day.streak,
        }
        if row is None:
            new.append(
                StreakDay(
                    organization_id=member.organization_id, member=member, on=day.on, **fields
                )
            )
        elif any(getattr(row, name) != value for name, value in fields.items()):
            for name, value in fields.items():
                setattr(row, name, value)
            changed.append(row)
    StreakDay.objects.bulk_create(new)
    StreakDay.objects.bulk_update(changed, ["deals_closed", "value", "outcome", "streak"])
    return len(new) + len(changed)


def replay_all(
    *, today: date, calendar: Calendar, first: date | None = None, last: date | None = None
) -> int:
    """Work everyone's streak out again, up to today."""
    return replay(
        contenders(),
        first=first or today - LOOKS_BACK,
        last=min(last or today, today),
        today=today,
        calendar=calendar,
    )
