"""Departments, job titles and teams."""

from __future__ import annotations

from functools import partial

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.versions import Stale
from prs.kernel.identity.models import Department, JobTitle, Team, TeamMember
from prs.kernel.identity.services import structure
from tests.cast import NOON


@pytest.mark.parametrize(
    "named",
    [
        (Department, "name", "department"),
        (JobTitle, "title", "job_title"),
        (Team, "name", "team"),
    ],
)
def test_each_kind_is_added_once_by_name_and_changed(cast, named):
    kind, field, code = named
    add = structure.add_team if kind is Team else partial(structure.add, kind)
    change = structure.change_team if kind is Team else structure.change

    part = add({field: "North"}, by=cast.adam, at=NOON)
    with pytest.raises(structure.NameTaken):
        add({field: "North"}, by=cast.adam, at=NOON)
    change(part, {"active": False}, by=cast.adam, at=NOON)

    codes = AuditEvent.objects.filter(subject_id=part.pk).order_by("pk")
    assert [event.code for event in codes] == [f"{code}.added", f"{code}.changed"]
    assert not kind.objects.get(pk=part.pk).active


def test_a_title_may_repeat_in_another_department(cast):
    sales = structure.add(Department, {"name": "Sales"}, by=cast.adam, at=NOON)

    for department in (None, sales):
        structure.add(JobTitle, {"title": "Clerk", "department": department}, by=cast.adam, at=NOON)

    assert JobTitle.objects.filter(title="Clerk").count() == 2


def test_a_stale_change_is_refused(cast):
    sales = structure.add(Department, {"name": "Sales"}, by=cast.adam, at=NOON)
    mine = Department.objects.get(pk=sales.pk)
    structure.change(sales, {"name": "Selling"}, by=cast.adam, at=NOON)

    with pytest.raises(Stale):
        structure.change(mine, {"description": "x"}, by=cast.olga, at=NOON)


def test_a_team_consists_of_exactly_those_named(cast):
    team = structure.add_team({"name": "North", "members": [cast.sam]}, by=cast.adam, at=NOON)

    structure.change_team(team, {"members": [cast.sam, cast.sara]}, by=cast.adam, at=NOON)
    structure.change_team(team, {"members": [cast.sara, cast.bill]}, by=cast.adam, at=NOON)

    members = TeamMember.objects.filter(team=team).values_list("member__name", flat=True)
    assert set(members) == {"Sara", "Bill"}
    event = AuditEvent.objects.filter(code="team.changed").order_by("pk").last()
    assert (event.before["members"], event.after["members"]) == (["Sam", "Sara"], ["Bill", "Sara"])


def test_people_stay_when_only_the_name_changes(cast):
    team = structure.add_team({"name": "North", "members": [cast.sam]}, by=cast.adam, at=NOON)

    structure.change_team(team, {"name": "South"}, by=cast.adam, at=NOON)

    assert TeamMember.objects.get(team=team).member == cast.sam


def test_two_who_change_the_people_of_a_team_at_once_do_not_undo_each_other(cast):
    team = structure.add_team({"name": "North"}, by=cast.adam, at=NOON)
    mine = Team.objects.get(pk=team.pk)
    structure.change_team(team, {"members": [cast.sam]}, by=cast.adam, at=NOON)

    with pytest.raises(Stale):
        structure.change_team(mine, {"members": [cast.bill]}, by=cast.olga, at=NOON)
