"""Departments, job titles and teams: added, changed, and put out of use, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.identity import events
from prs.kernel.identity.models import Department, JobTitle, Member, Team, TeamMember

Part = TypeVar("Part", Department, JobTitle)

ADDED: Mapping[type, Event] = {
    Department: events.DEPARTMENT_ADDED,
    JobTitle: events.JOB_TITLE_ADDED,
}
CHANGED: Mapping[type, Event] = {
    Department: events.DEPARTMENT_CHANGED,
    JobTitle: events.JOB_TITLE_CHANGED,
}


class NameTaken(Refusal):
    """Two of a kind with one name could not be told apart."""

    sentence = _("Another one already has this name. Choose a different one.")


NAMES: Mapping[str, type[Refusal]] = {
    "department_name_unique": NameTaken,
    "job_title_unique": NameTaken,
    "team_name_unique": NameTaken,
}


@transaction.atomic
def add(kind: type[Part], fields: Mapping[str, Any], *, by: Member, at: datetime) -> Part:
    """Add a department or a job title.

    :raises NameTaken: there is one of this name.
    """
    part = kind(**fields)
    with refusing(dict(NAMES)):
        part.save(force_insert=True)
    record(ADDED[kind], part, by=by, at=at, after=fields)
    return part


@transaction.atomic
def change(part: Part, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Part:
    """Change a department or a job title, unless it changed since it was read.

    Raises `NameTaken` or `Stale`.
    """
    with refusing(dict(NAMES)):
        before = write_version(part, fields)
    record(CHANGED[type(part)], part, by=by, at=at, before=before, after=fields)
    return part


@transaction.atomic
def add_team(fields: Mapping[str, Any], *, by: Member, at: datetime) -> Team:
    """Add a team; `members` among the fields are the people in it.

    :raises NameTaken: there is one of this name.
    """
    rest, members = apart(fields)
    team = Team(**rest)
    with refusing(dict(NAMES)):
        team.save(force_insert=True)
    _before, names = seat(team, members or ())
    record(events.TEAM_ADDED, team, by=by, at=at, after={**rest, "members": names})
    return team


@transaction.atomic
def change_team(team: Team, fields: Mapping[str, Any], *, by: Member, at: datetime) -> Team:
    """Change a team; with `members` it consists of exactly these. Its lead need not be one of them.

    Raises `NameTaken` or `Stale`.
    """
    rest, members = apart(fields)
    with refusing(dict(NAMES)):
        before = write_version(team, rest)
    if members is not None:
        before["members"], rest["members"] = seat(team, members)
    record(events.TEAM_CHANGED, team, by=by, at=at, before=before, after=rest)
    return team


def apart(fields: Mapping[str, Any]) -> tuple[dict[str, Any], Collection[Member] | None]:
    """A team's own fields, and its people when they are among them."""
    return {name: value for name, value in fields.items() if name != "members"}, fields.get(
        "members"
    )


def seat(team: Team, members: Collection[Member]) -> tuple[list[str], list[str]]:
    """Let a team consist of exactly these people; the names of those before, and of these."""
    wanted = {member.pk: member for member in members}
    rows = TeamMember.objects.filter(team=team).select_related("member")
    present = {row.member_id: row.member for row in rows}
    rows.exclude(member__in=wanted).delete()
    TeamMember.objects.bulk_create(
        [
            TeamMember(organization_id=team.organization_id, team=team, member=member)
            for pk, member in wanted.items()
            if pk not in present
        ]
    )
    return sorted(map(str, present.values())), sorted(map(str, wanted.values()))
