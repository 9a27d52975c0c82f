"""Writes of follow-ups and alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity.rules import SYSTEM, Actor
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties.models import Customer
from prs.operations.followups import events, rules, selectors
from prs.operations.followups.models import Alert, FollowUp
from prs.operations.invoicing import standings

# What a contact settles: the alerts that asked for one.
ANSWERED = (Alert.Kind.OVERDUE, Alert.Kind.DUE_SOON, Alert.Kind.NO_FOLLOWUP)


class PromiseIncomplete(Invalid):
    """A promise names an amount and a day."""

    sentence = _("A promise needs an amount and a day that is not past.")


class EscalateToWhom(Invalid):
    """An escalation goes to a colleague."""

    sentence = _("Choose the colleague to whom it is escalated.")


class PlaceMissing(Invalid):
    """A visit was somewhere."""

    sentence = _("Say where the visit took place.")


class NextInThePast(Invalid):
    """The next contact lies ahead."""

    sentence = _("The next contact can't lie in the past.")


class Escalated(Refusal):
    """Somebody took the account over."""

    sentence = _("This account is escalated to {name}; only they log and resolve here.")


class AlreadyResolved(Refusal):
    """Somebody was faster."""

    sentence = _("Someone has already resolved this alert.")


class HowMissing(Invalid):
    """A resolution says how."""

    sentence = _("Say how it was resolved.")


INCOMPLETE: dict[str, type[Refusal]] = {
    "followup_promise_is_whole": PromiseIncomplete,
    "followup_escalation_names_somebody": EscalateToWhom,
    "followup_visit_has_a_place": PlaceMissing,
}


@transaction.atomic
def log(customer: Customer, fields: Mapping[str, Any], *, by: Member, at: datetime) -> FollowUp:
    """Log a contact: it answers the alerts that asked for one, and may escalate the account.

    :raises Invalid: the promise, the escalation, the visit or the next day is incomplete.
    :raises Escalated: the account is escalated to somebody else.
    """
    organization = by.organization
    today = local_date(at, organization.time_zone)
    held = Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
    refuse_escalated(held, by=by)
    refuse_past(fields, today)
    account = standings.account_of(held, currency=organization.currency, on=today)
    with refusing(INCOMPLETE):
        row = FollowUp.objects.create(
            **fields,
            customer=held,
            owed=account.owed,
            currency=organization.currency,
            by=by,
            at=at,
        )
    open_alerts = Alert.objects.filter(customer=held, resolved_at__isnull=True)
    open_alerts.filter(kind__in=ANSWERED).update(
        resolved_at=at, resolved_by=by, resolution=str(row)
    )
    record(events.LOGGED, held, by=by, at=at)
    if row.escalated_to is not None:
        escalate(held, row.escalated_to, account, by=by, at=at)
    return row


def refuse_escalated(customer: Customer, *, by: Member) -> None:
    """Refuse whoever an escalated account doesn't belong to."""
    alert = selectors.escalation_of(customer)
    if alert is not None and alert.assigned_to is not None and alert.assigned_to_id != by.pk:
        raise Escalated(name=alert.assigned_to.name)


def refuse_past(fields: Mapping[str, Any], today: date) -> None:
    """Refuse days that have passed."""
    if fields.get("next_on") and fields["next_on"] < today:
        raise NextInThePast
    if fields.get("promised_on") and fields["promised_on"] < today:
        raise PromiseIncomplete


def escalate(
    customer: Customer,
    colleague: Member,
    account: standings.Account,
    *,
    by: Member,
    at: datetime,
) -> Alert:
    """Hand an account to a colleague, who alone resolves it."""
    alert, _made = Alert.objects.update_or_create(
        customer=customer,
        kind=Alert.Kind.ESCALATED,
        resolved_at=None,
        defaults={
            "assigned_to": colleague,
            "severity": Alert.Severity.HIGH,
            "owed": account.owed,
            "currency": account.currency,
            "oldest_due_days": days_late(
                account.oldest_due, local_date(at, by.organization.time_zone)
            ),
            "raised_at": at,
        },
    )
    words = {**said(alert, customer), "colleague": colleague.name}
    record(events.ESCALATED, alert, by=by, at=at, words=words)
    return alert


def said(alert: Alert, customer: Customer) -> dict[str, str]:
    """The words that events of an alert use."""
    return {
        "customer": customer.name,
        "amount": money.spoken(money.Money(alert.currency, alert.owed)),
    }


def days_late(oldest: date | None, today: date) -> int:
    """For how many days the oldest claim is due; zero before."""
    return max((today - oldest).days, 0) if oldest else 0


@transaction.atomic
def resolve(alert: Alert, *, how: str, by: Member, at: datetime) -> Alert:
    """Resolve an alert, with how.

    :raises HowMissing: nothing was said.
    :raises Escalated: it is escalated to somebody else.
    :raises AlreadyResolved: somebody was faster.
    """
    if not how.strip():
        raise HowMissing
    escalated = alert.kind == Alert.Kind.ESCALATED and alert.assigned_to is not None
    if escalated and alert.assigned_to_id != by.pk:
        raise Escalated(name=alert.assigned_to.name if alert.assigned_to else "")
    won = Alert.objects.filter(pk=alert.pk, resolved_at__isnull=True).update(
        resolved_at=at, resolved_by=by, resolution=how.strip()
    )
    if not won:
        raise AlreadyResolved
    alert.refresh_from_db()
    words = {**said(alert, alert.customer), "reason": how.strip()}
    record(events.RESOLVED, alert, by=by, at=at, words=words)
    return alert


@transaction.atomic
def raise_alerts(organization: Organization, *, at: datetime, by: Actor = SYSTEM) -> int:
    """Bring the alerts of every account up to date. Returns how many were raised anew.

    Run twice on a day it changes nothing: an open alert keeps its row, one that no longer holds ends.
    """
    today = local_date(at, organization.time_zone)
    accounts = {each.root: each for each in standings.accounts(organization.currency, on=today)}
    customers = Customer.objects.select_related("salesperson").in_bulk(list(accounts))
    latest = {
        row.customer_id: row
        for row in FollowUp.objects.filter(customer__in=customers)
        .order_by("customer", "-at", "-pk")
        .distinct("customer")
    }
    wanted: set[tuple[UUID, str]] = set()
    raised = 0
    for key, customer in customers.items():
        sums, last = accounts[key], latest.get(key)
        since = None if last is None else (today - last.at.date()).days
        for due in rules.alerts_due(sums.owed, since, last.next_on if last else None, today):
            wanted.add((key, due.kind))
            raised += keep(customer, due, sums, organization, by=by, at=at)
    end_stale(wanted, at=at)
    return raised


def keep(
    customer: Customer,
    due: rules.Due,
    sums: standings.Sums,
    organization: Organization,
    *,
    by: Actor,
    at: datetime,
) -> bool:
    """Keep one alert up to date; tells of it, and says so, when it is new."""
    now = {
        "severity": due.severity,
        "owed": sums.owed,
        "currency": organization.currency,
        "oldest_due_days": days_late(sums.oldest_due, local_date(at, organization.time_zone)),
    }
    alert, made = Alert.objects.update_or_create(
        customer=customer,
        kind=due.kind,
        resolved_at=None,
        defaults=now,
        create_defaults={**now, "assigned_to": customer.salesperson, "raised_at": at},
    )
    if made:
        record(events.RAISED, alert, by=by, at=at, words=said(alert, customer))
    return made


def end_stale(wanted: set[tuple[UUID, str]], *, at: datetime) -> None:
    """End the alerts that no longer hold; what was escalated is ended by a person."""
    rows = Alert.objects.filter(resolved_at__isnull=True).exclude(kind=Alert.Kind.ESCALATED)
    stale = [
        row.pk
        for row in rows.only("pk", "customer_id", "kind")
        if (row.customer_id, row.kind) not in wanted
    ]
    Alert.objects.filter(pk__in=stale).update(resolved_at=at)
