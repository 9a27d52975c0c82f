"""Writes of deals and projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity.rules import SYSTEM, Actor
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member, Team
from prs.kernel.numbering import DEAL, next_number
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.operations.deals import events, selectors
from prs.operations.deals.models import Deal, Project, ProjectTeam


class ValueTooLow(Refusal):
    """A deal is worth at least what came in or is said to have come in."""

    sentence = _("More than this is paid of the deal or waits for proof; its value can't be lower.")


class ValueOutOfRange(Invalid):
    """A deal has a value."""

    sentence = _("The value must be above zero and below one thousand million.")


class DueBeforeDeal(Invalid):
    """Nobody pays before the deal."""

    sentence = _("The deal can't be due before its date, nor in the past.")


class CustomerFixed(Refusal):
    """Payments name the customer; another one can't take them over."""

    sentence = _("Payments were recorded on this deal, so its customer stays.")


class CurrencyFixed(Refusal):
    """Payments and invoices are in the deal's currency; it can't become another."""

    sentence = _("Payments were recorded on this deal, so its currency and its rate stay.")


class HasPayments(Refusal):
    """A deal with money in it isn't called off; the money goes back first."""

    sentence = _(
        "Payments of this deal are verified or wait for proof. Refund or withdraw them first."
    )


class CalledOff(Refusal):
    """The deal is no more."""

    sentence = _("This deal was called off.")


class NameTaken(Refusal):
    """Another project has this name."""

    sentence = _("Another project already has this name.")


class NotesMissing(Invalid):
    """A note says something."""

    sentence = _("Write what happened.")


TAKEN: dict[str, type[Refusal]] = {"project_name_unique": NameTaken}
RANGES: dict[str, type[Refusal]] = {
    "deal_value_in_range": ValueOutOfRange,
    "deal_paid_within_value": ValueOutOfRange,
    "deal_due_after_date": DueBeforeDeal,
}
MOVED = {
    Deal.Status.PENDING: events.REOPENED,
    Deal.Status.VERIFIED: events.VERIFIED,
    Deal.Status.REJECTED: events.REJECTED,
}
# Most of these are rules that the payments lay on deals.
FLOORS: dict[str, type[Refusal]] = {
    "deal_paid_within_value": ValueTooLow,
    "deal_value_covers_claims": ValueTooLow,
    "deal_customer_is_its_payments": CustomerFixed,
    "deal_currency_is_its_payments": CurrencyFixed,
}


def said(deal: Deal) -> dict[str, str]:
    """The words that events of a deal use."""
    amount = money.Money(deal.currency, deal.value)
    return {"customer": deal.customer.name, "amount": money.spoken(amount)}


@transaction.atomic
def close(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Deal:
    """Close a deal: `fields` are its own, with currency; the salesperson is `by` unless given,
    and without a due date the customer's terms decide.

    :raises ValueOutOfRange: the value is not above zero, or too large.
    :raises DueBeforeDeal: it would be due before its date, or in the past.
    """
    deal = Deal(**fields)
    if deal.salesperson_id is None:
        deal.salesperson = by  # type: ignore[unreachable]
    deal.created_by, deal.created_at = by, at
    refuse_due(deal, local_date(at, by.organization.time_zone))
    if deal.due_date is None:
        deal.due_date = deal.deal_date + timedelta(days=deal.customer.terms_days)
    deal.number = next_number(DEAL, year=at.year)
    with refusing(RANGES):
        deal.save(force_insert=True)
    record(events.CREATED, deal, by=by, at=at, words=said(deal), after=model_to_dict(deal))
    return deal


def refuse_due(deal: Deal, today: date) -> None:
    """Refuse a due date that lies before the deal, or in the past when it is entered."""
    if deal.due_date and deal.due_date < max(deal.deal_date, today):
        raise DueBeforeDeal


@transaction.atomic
def change(deal: Deal, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Deal:
    """Change what a person may change of a deal.

    :raises Stale: somebody else changed it in between.
    :raises ValueTooLow: the value would fall below what is paid or waits for proof.
    :raises CustomerFixed: it has payments, and another customer was chosen.
    :raises CurrencyFixed: it has payments, and another currency or rate was chosen.
    :raises CalledOff: it was called off.
    """
    if deal.cancelled_at is not None:
        raise CalledOff
    if "due_date" in fields and fields["due_date"] != deal.due_date:
        due, today = fields["due_date"], local_date(at, by.organization.time_zone)
        if due and due < max(fields.get("deal_date", deal.deal_date), today):
            raise DueBeforeDeal
    with refusing({**RANGES, **FLOORS}):
        before = write_version(deal, fields)
    record(events.CHANGED, deal, by=by, at=at, before=before, after=fields, words=said(deal))
    return deal


@transaction.atomic
def note(deal: Deal, text: str, *, by: Member, at: datetime) -> None:
    """Add a line to a deal's activity log.

    :raises NotesMissing: there is no text.
    """
    if not text.strip():
        raise NotesMissing
    record(events.NOTED, deal, by=by, at=at, words={"text": text.strip()})


@transaction.atomic
def call_off(deal: Deal, *, reason: str, by: Member, at: datetime) -> Deal:
    """Call off a deal that no money was proven of; its number stays used.

    :raises NotesMissing: no reason was given.
    :raises CalledOff: it was called off before.
    :raises HasPayments: payments are verified or wait for proof.
    """
    if not reason.strip():
        raise NotesMissing
    with refusing(
        {"deal_called_off_is_unpaid": HasPayments, "deal_called_off_has_no_claims": HasPayments}
    ):
        won = Deal.objects.filter(pk=deal.pk, cancelled_at__isnull=True).update(cancelled_at=at)
    if not won:
        raise CalledOff
    deal.refresh_from_db()
    record(events.CALLED_OFF, deal, by=by, at=at, words={**said(deal), "reason": reason.strip()})
    return deal


def held(deal: Deal) -> Deal:
    """The deal's row, held until the commit: payments on one deal wait for each other.

    :raises CalledOff: it was called off.
    """
    row: Deal = (
        Deal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("customer", "salesperson")
        .get(pk=deal.pk)
    )
    if row.cancelled_at is not None:
        raise CalledOff
    return row


def follow(deal: Deal, *, status: str, paid: Decimal, by: Actor, at: datetime) -> Deal:
    """Bring a deal's state up to what its payments say. A person's edits keep their version."""
    was = (deal.status, deal.paid)
    if was == (status, paid):
        return deal
    deal.status, deal.paid = status, paid
    deal.save(update_fields=["status", "paid"])
    words = said(deal)
    if status != was[0]:
        record(MOVED[Deal.Status(status)], deal, by=by, at=at, words=words)
    if paid == deal.value and was[1] != deal.value:
        record(events.PAID, deal, by=by, at=at, words=words)
    return deal


@transaction.atomic
def remind(deal: Deal, reason: str, *, at: datetime, kind: str = "") -> None:
    """Tell the salesperson that a deal needs attention. `kind` tells one reminder from another."""
    after = {"reminder": kind} if kind else None
    words = {**said(deal), "reason": reason}
    record(events.REMINDED, deal, by=SYSTEM, at=at, words=words, after=after)


@transaction.atomic
def remind_all(*, at: datetime) -> int:
    """Tell each salesperson once of deals that stay pending, or are due soon and unpaid. How many."""
    organization = Organization.objects.select_for_update(of=("self",), no_key=True).get(
        pk=required_organization()
    )
    count = 0
    with translation.override(organization.language):
        for deal in selectors.stalled(at=at):
            remind(deal, str(_("it has been pending for more than a day.")), at=at, kind="pending")
            count += 1
        today = local_date(at, organization.time_zone)
        for deal in selectors.due_soon(on=today):
            reason = _("{amount} is due on {day}.").format(
                amount=money.spoken(money.Money(deal.currency, deal.due)), day=deal.due_date
            )
            remind(deal, reason, at=at, kind=f"due {deal.due_date}")
            count += 1
    return count


@transaction.atomic
def hand_over(leaver: Member, successor: Member, *, by: Actor, at: datetime) -> int:
    """Give a leaving member's open deals to a colleague. Returns how many."""
    count = Deal.objects.filter(selectors.OPEN, salesperson=leaver).update(salesperson=successor)
    if count:
        words = {"count": count, "successor": successor.label}
        record(events.HANDED_OVER, leaver, by=by, at=at, words=words)
    return count


@transaction.atomic
def add_project(
    fields: Mapping[str, Any], *, by: Member, at: datetime, teams: Iterable[Team] = ()
) -> Project:
    """Set up a project for teams.

    :raises NameTaken: another project has the name.
    """
    project = Project(**fields, created_by=by)
    with refusing(TAKEN):
        project.save(force_insert=True)
    give_to(project, teams)
    # A project is its teams' and nobody's in particular: it is told to those who see all of them.
    after = model_to_dict(project)
    record(events.PROJECT_ADDED, project, by=by, at=at, after=after, holders=())
    return project


@transaction.atomic
def change_project(
    project: Project,
    fields: Mapping[str, Any],
    *,
    by: Member,
    at: datetime,
    teams: Iterable[Team] | None = None,
) -> Project:
    """Change a project, and its teams when they are given.

    :raises Stale: somebody else changed it in between.
    :raises NameTaken: another project has the name.
    """
    with refusing(TAKEN):
        before = write_version(project, fields)
    if teams is not None:
        give_to(project, teams)
    record(events.PROJECT_CHANGED, project, by=by, at=at, before=before, after=fields)
    return project


def give_to(project: Project, teams: Iterable[Team]) -> None:
    """Let exactly these teams work on a project."""
    wanted = {team.pk: team for team in teams}
    rows = ProjectTeam.objects.filter(project=project)
    rows.exclude(team__in=wanted).delete()
    there = set(rows.values_list("team_id", flat=True))
    for key, team in wanted.items():
        if key not in there:
            ProjectTeam.objects.create(project=project, team=team)
