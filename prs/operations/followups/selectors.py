"""Reads of follow-ups: the tracker, promises, visits, alerts and the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import required_organization
from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.selectors import colleagues
from prs.operations.followups import rules
from prs.operations.followups.models import Alert, FollowUp
from prs.operations.invoicing import standings
from prs.operations.payments.models import Payment


def tracked(member: Member, *, currency: str, at: datetime) -> QuerySet[Customer]:
    """Customers who owe something, with the last contact, the next one and the risk."""
    today = local_date(at, member.organization.time_zone)
    rows = standings.owing(parties.visible_to(member), currency=currency, on=today)
    latest = FollowUp.objects.filter(customer=OuterRef("pk")).order_by("-at", "-pk")
    rows = standings.with_standing(rows, currency=currency, on=today).annotate(
        last_at=Subquery(latest.values("at")[:1], output_field=DateTimeField()),
        last_outcome=Subquery(latest.values("outcome")[:1]),
        next_on=Subquery(latest.values("next_on")[:1]),
    )
    return rows.annotate(risk=risk_case(at))


def risk_case(at: datetime) -> Case:
    """The rule of `rules.risk` as the database says it."""
    old = at - timedelta(days=rules.HIGH_DAYS + 1)
    older = at - timedelta(days=rules.MEDIUM_DAYS + 1)
    return Case(
        When(owed__lte=0, then=Value(rules.NONE)),
        When(
            Q(owed__gt=rules.HIGH_ABOVE) | Q(last_at__isnull=True) | Q(last_at__lte=old),
            then=Value(rules.HIGH),
        ),
        When(Q(owed__gt=rules.MEDIUM_ABOVE) | Q(last_at__lte=older), then=Value(rules.MEDIUM)),
        default=Value(rules.LOW),
        output_field=CharField(),
    )


@dataclass(frozen=True)
class Tally:
    """What so many accounts owe together, and how many of them are at high risk, are to be contacted
    today, and should have been already."""

    owed: Decimal
    customers: int
    high: int
    today: int
    late: int


# High risk is told as `risk_case` tells it.
TALLY = """
    SELECT coalesce(sum(account.owed), 0), count(*),
           count(*) FILTER (WHERE account.owed > %s OR last.at IS NULL OR last.at <= %s),
           count(*) FILTER (WHERE last.next_on = %s), count(*) FILTER (WHERE last.next_on < %s)
    FROM ({accounts}) AS account
    LEFT JOIN (SELECT DISTINCT ON (customer_id) customer_id, at, next_on FROM followups_followup
               WHERE organization_id = %s ORDER BY customer_id, at DESC, id DESC) AS last
      ON last.customer_id = account.root
    WHERE account.root IN ({reach})
"""


def tally(customers: QuerySet[Customer], *, currency: str, at: datetime, today: date) -> Tally:
    """The figures of a tracker over these customers, in one pass over what is open."""
    accounts, owed = standings.owed_each(currency)
    try:
        reach, reached = customers.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # nobody is asked for, which Django doesn't put into words
        return Tally(Decimal(0), 0, 0, 0, 0)
    old = at - timedelta(days=rules.HIGH_DAYS + 1)
    words = (rules.HIGH_ABOVE, old, today, today, *owed, required_organization(), *reached)
    with connection.cursor() as cursor:
        cursor.execute(TALLY.format(accounts=accounts, reach=reach), words)
        return Tally(*cursor.fetchone())


def log_of(customer: Customer) -> QuerySet[FollowUp]:
    """The contacts with a customer and those merged into it, newest first."""
    return (
        FollowUp.objects.filter(customer__in=parties.family(customer))
        .select_related("by", "escalated_to")
        .order_by("-at", "-pk")
    )


def latest_of(customer: Customer) -> FollowUp | None:
    """The last contact with a customer."""
    return log_of(customer).first()


def visits_visible_to(member: Member) -> QuerySet[FollowUp]:
    """Visits by the people in a member's row scope."""
    rows = FollowUp.objects.filter(channel=FollowUp.Channel.VISIT).select_related("customer", "by")
    reach = colleagues(member)
    return rows if reach is None else rows.filter(by__in=reach)


def alerts_visible_to(member: Member) -> QuerySet[Alert]:
    """Open alerts of the customers that a member sees, and those escalated to them."""
    rows = Alert.objects.filter(resolved_at__isnull=True).select_related("customer", "assigned_to")
    theirs = parties.visible_to(member).order_by().values("pk")
    return rows.filter(Q(customer__in=theirs) | Q(assigned_to=member))


def escalation_of(customer: Customer) -> Alert | None:
    """The open escalation of a customer's account."""
    return (
        Alert.objects.filter(customer=customer, kind=Alert.Kind.ESCALATED, resolved_at__isnull=True)
        .select_related("assigned_to")
        .first()
    )


@dataclass(frozen=True)
class Promise:
    """What a customer promised, and what came in since."""

    followup: FollowUp
    paid: Decimal
    state: str


def promises_of(customer: Customer, *, today: date) -> list[Promise]:
    """A customer's promises, newest first, each with what was verified between word and day."""
    rows = log_of(customer).filter(promised_amount__isnull=False)
    return [promise_of(row, today=today) for row in rows[:20]]


def promise_of(row: FollowUp, *, today: date) -> Promise:
    """What became of one promise."""
    paid = Payment.objects.filter(
        customer__in=parties.family(row.customer),
        currency=row.currency,
        decided_at__gte=row.at,
        paid_on__lte=row.promised_on,
        status=Payment.Status.VERIFIED,
    ).aggregate(sum=Sum(F("verified_amount") - F("reversed_amount"), default=Decimal(0)))["sum"]
    promised, day = row.promised_amount or Decimal(0), row.promised_on or today
    return Promise(row, paid, rules.promise(promised, paid, day, today))


def report(member: Member, *, since: datetime, until: datetime) -> Sequence[dict[str, Any]]:
    """Contacts by member within a period: how many, how they went, and what was promised."""
    rows = FollowUp.objects.filter(at__gte=since, at__lt=until)
    reach = colleagues(member)
    if reach is not None:
        rows = rows.filter(by__in=reach)
    outcome = FollowUp.Outcome
    return list(
        rows.order_by("by__name", "by", "currency")
        .values("by", "by__name", "currency")
        .annotate(
            contacts=Count("pk"),
            customers=Count("customer", distinct=True),
            visits=Count("pk", filter=Q(channel=FollowUp.Channel.VISIT)),
            promises=Count("pk", filter=Q(promised_amount__isnull=False)),
            promised=Sum("promised_amount", default=Decimal(0)),
            unanswered=Count("pk", filter=Q(outcome=outcome.NO_RESPONSE)),
            disputes=Count("pk", filter=Q(outcome=outcome.DISPUTE)),
            escalations=Count("pk", filter=Q(outcome=outcome.ESCALATED)),
        )
    )
