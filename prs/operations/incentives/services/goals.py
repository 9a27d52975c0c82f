"""Setting goals and working days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.operations.incentives import events
from prs.operations.incentives.models import Goal, GoalSkip, WorkCalendar
from prs.operations.incentives.rules.days import Period
from prs.operations.incentives.selectors import goals as selectors


class GoalTaken(Refusal):
    """One goal for a subject and a period."""

    sentence = _("There is a goal for this period already. Change that one.")


class NoMoreSkips(Refusal):
    """Twice is enough."""

    sentence = _("You have put your goal off twice. Choose one now; you can change it later.")


TAKEN: dict[str, type[Refusal]] = {"goal_once_per_period": GoalTaken}


def said(goal: Goal, by: Member) -> dict[str, str]:
    """The words that events of a goal use."""
    return {"amount": money.spoken(money.Money(by.organization.currency, goal.target))}


@transaction.atomic
def set_goal(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Goal:
    """Set a goal for the organization, a team or a member.

    :raises GoalTaken: there is one for the subject and the period.
    """
    goal = Goal(**fields, set_by=by, set_at=at)
    with refusing(TAKEN):
        goal.save(force_insert=True)
    record(events.GOAL_SET, goal, by=by, at=at, after=model_to_dict(goal), words=said(goal, by))
    return goal


@transaction.atomic
def change_goal(goal: Goal, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Goal:
    """Change a goal.

    :raises Stale: somebody else changed it in between.
    :raises GoalTaken: there is one for the subject and the period.
    """
    with refusing(TAKEN):
        before = write_version(goal, fields)
    record(events.GOAL_SET, goal, by=by, at=at, before=before, after=fields, words=said(goal, by))
    return goal


def set_own_goal(target: Decimal, period: Period, *, by: Member, at: datetime) -> Goal:
    """Choose one's own goal for a period; one that is there is changed."""
    found = Goal.objects.filter(member=by, starts_on=period.first, ends_on=period.last).first()
    if found is not None:
        return change_goal(found, {"target": target}, by=by, at=at)
    fields = {"member": by, "starts_on": period.first, "ends_on": period.last, "target": target}
    return set_goal(fields, by=by, at=at)


@transaction.atomic
def skip_goal(*, on: date, by: Member, at: datetime) -> GoalSkip:
    """Put one's own goal off: twice at most, once a day.

    :raises NoMoreSkips: it was put off twice.
    """
    skips = list(GoalSkip.objects.filter(member=by).order_by("number"))
    if skips and skips[-1].skipped_on == on:
        return skips[-1]
    if len(skips) >= selectors.MOST_SKIPS:
        raise NoMoreSkips
    with refusing({"goal_skip_number_unique": NoMoreSkips}):
        row = GoalSkip.objects.create(member=by, number=len(skips) + 1, skipped_on=on)
    record(events.GOAL_SKIPPED, row, by=by, at=at)
    return row


@transaction.atomic
def set_calendar(week: list[int], *, keep_holidays: bool, by: Member, at: datetime) -> WorkCalendar:
    """Say on which days the organization works."""
    row = selectors.calendar_row()
    fields = {"week": sorted(week), "keep_holidays": keep_holidays}
    if row is None:
        row, before = WorkCalendar.objects.create(**fields), {}
    else:
        before = write_version(row, fields)
    record(events.CALENDAR_SET, row, by=by, at=at, before=before, after=fields)
    return row
