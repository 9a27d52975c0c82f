"""Rules of commissions, shares of team leads, and how a deal is shared out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.operations.deals.models import Deal
from prs.operations.incentives import events, selectors
from prs.operations.incentives.models import CommissionRule, Split, TeamOverride

DAY = timedelta(days=1)


class Overlapping(Refusal):
    """Two promises to the same people for the same days."""

    sentence = _("Another one holds for the same people on some of these days. End it first.")


class SharesWrong(Invalid):
    """Shares are a hundred per cent together."""

    sentence = _("The shares must come to 100 %, each above zero.")


class EndsTooEarly(Refusal):
    """A rule holds for a day at least, and what was paid by it stays promised."""

    sentence = _("It began on {day}; it can't end before.")


APART: dict[str, type[Refusal]] = {
    "commission_rules_apart": Overlapping,
    "overrides_apart": Overlapping,
}


@transaction.atomic
def add_rule(fields: Mapping[str, Any], *, by: Member, at: datetime) -> CommissionRule:
    """Promise something from a day on; an open-ended rule for the same people ends the day before.

    :raises Overlapping: another rule holds for the same people on some of these days.
    """
    rule = CommissionRule(**fields, created_by=by, created_at=at)
    CommissionRule.objects.filter(
        role=rule.role, member=rule.member, ends_on__isnull=True, starts_on__lt=rule.starts_on
    ).update(ends_on=rule.starts_on - DAY)
    with refusing(APART):
        rule.save(force_insert=True)
    record(events.RULE_ADDED, rule, by=by, at=at, after=model_to_dict(rule))
    return rule


@transaction.atomic
def end_rule(rule: CommissionRule, last: date, *, by: Member, at: datetime) -> CommissionRule:
    """Let a rule end on a day.

    :raises EndsTooEarly: it began later.
    """
    if last < rule.starts_on:
        raise EndsTooEarly(day=rule.starts_on)
    before = {"ends_on": rule.ends_on}
    rule.ends_on = last
    with refusing(APART):
        rule.save(update_fields=["ends_on"])
    words = {"day": last.isoformat()}
    record(
        events.RULE_ENDED, rule, by=by, at=at, before=before, after={"ends_on": last}, words=words
    )
    return rule


@transaction.atomic
def add_override(fields: Mapping[str, Any], *, by: Member, at: datetime) -> TeamOverride:
    """Give a lead a share of what the team sells; an open-ended one for the team ends the day before.

    :raises Overlapping: another one holds for the team on some of these days.
    """
    row = TeamOverride(**fields, created_by=by, created_at=at)
    TeamOverride.objects.filter(
        team=row.team, ends_on__isnull=True, starts_on__lt=row.starts_on
    ).update(ends_on=row.starts_on - DAY)
    with refusing(APART):
        row.save(force_insert=True)
    words = {
        "lead": row.lead.label,
        "team": row.team.name,
        "percent": f"{row.percent.normalize():f}",
    }
    record(events.OVERRIDE_ADDED, row, by=by, at=at, after=model_to_dict(row), words=words)
    return row


@transaction.atomic
def end_override(row: TeamOverride, last: date, *, by: Member, at: datetime) -> TeamOverride:
    """Let a lead's share end on a day.

    :raises EndsTooEarly: it began later.
    """
    if last < row.starts_on:
        raise EndsTooEarly(day=row.starts_on)
    before = {"ends_on": row.ends_on}
    row.ends_on = last
    with refusing(APART):
        row.save(update_fields=["ends_on"])
    words = {"day": last.isoformat()}
    record(
        events.RULE_ENDED, row, by=by, at=at, before=before, after={"ends_on": last}, words=words
    )
    return row


@transaction.atomic
def split_deal(
    deal: Deal, shares: Mapping[Member, Decimal], *, by: Member, at: datetime
) -> list[Split]:
    """Share out what a deal earns; without shares all of it is its salesperson's again.

    :raises SharesWrong: the shares don't come to a hundred per cent.
    """
    if shares and (sum(shares.values()) != 100 or min(shares.values()) <= 0):
        raise SharesWrong
    # One at a time for a deal: two who share it out at once would add up to two hundred.
    Deal.objects.select_for_update(of=("self",), no_key=True).get(pk=deal.pk)
    before = {row.member.name: str(row.percent) for row in selectors.splits_of(deal)}
    Split.objects.filter(deal=deal).delete()
    rows = [
        Split(organization_id=deal.organization_id, deal=deal, member=member, percent=percent)
        for member, percent in shares.items()
    ]
    Split.objects.bulk_create(rows)
    after = {member.name: f"{percent.normalize():f}" for member, percent in shares.items()}
    told = ", ".join(f"{name} {percent} %" for name, percent in after.items()) or "–"
    record(
        events.SPLIT,
        deal,
        by=by,
        at=at,
        before={"shares": before},
        after={"shares": after},
        words={"shares": told},
    )
    return rows
