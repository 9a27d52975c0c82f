"""Departments, job titles, teams and branches through their forms."""

from __future__ import annotations

import pytest
from django.urls import reverse

from prs.kernel.identity.models import Department, JobTitle, Team, TeamMember
from prs.kernel.identity.services import structure
from prs.masterdata.places.models import Branch, BranchMember
from tests.cast import NOON

KINDS = {
    "department": (Department, {"name": "North", "active": "on"}, "name"),
    "job_title": (JobTitle, {"title": "North", "active": "on"}, "title"),
    "team": (Team, {"name": "North", "active": "on"}, "name"),
    "branch": (Branch, {"name": "North", "code": "NO", "active": "on"}, "name"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_added_refused_twice_and_put_out_of_use(olga, cast, kind):
    model, sent, field = KINDS[kind]
    add = reverse(f"office:add_{kind}")

    assert olga.post(add, sent).status_code == 302
    again = olga.post(add, sent)
    assert again.status_code == 422
    assert field in again.context["form"].errors

    row = model.objects.get()
    address = reverse(f"office:{kind}", args=[row.pk])
    unticked = {name: value for name, value in sent.items() if name != "active"}
    change = {**unticked, "version": row.version, "initial-active": "True"}
    assert olga.post(address, change).status_code == 302
    assert not model.objects.get().active


@pytest.mark.parametrize(
    ("kind", "seats", "by"), [("team", TeamMember, "team"), ("branch", BranchMember, "branch")]
)
def test_people_are_seated_and_leave(olga, cast, kind, seats, by):
    model, sent, _field = KINDS[kind]
    people = [str(cast.sam.pk), str(cast.sara.pk)]
    olga.post(reverse(f"office:add_{kind}"), {**sent, "members": people})
    row = model.objects.get()
    assert seats.objects.filter(**{by: row}).count() == 2

    address = reverse(f"office:{kind}", args=[row.pk])
    change = {**sent, "version": row.version, "members": people[:1], "initial-members": people}
    assert olga.post(address, change).status_code == 302

    assert seats.objects.get(**{by: row}).member == cast.sam


def test_two_who_change_the_people_of_a_team_see_both_versions(olga, cast):
    team = structure.add_team({"name": "North", "members": [cast.sam]}, by=cast.olga, at=NOON)
    seen = {"name": "North", "active": "on", "version": team.version}
    seen |= {"initial-members": [str(cast.sam.pk)], "initial-name": "North"}
    structure.change_team(team, {"members": [cast.sam, cast.bill]}, by=cast.adam, at=NOON)

    response = olga.post(
        reverse("office:team", args=[team.pk]), {**seen, "members": [str(cast.sara.pk)]}
    )

    assert response.status_code == 409
    text = response.content.decode()
    assert "Bill, Sam" in text
    assert "Sara" in text


def test_a_person_of_another_organization_cannot_be_seated(olga, cast):
    sent = {"name": "North", "active": "on", "members": [str(cast.zoe.pk)]}

    assert olga.post(reverse("office:add_team"), sent).status_code == 422
    assert not Team.objects.exists()


def test_who_may_only_see_members_reads_a_team(client, cast):
    team = structure.add_team(
        {"name": "North", "lead": cast.vera, "members": [cast.sam]}, by=cast.olga, at=NOON
    )
    cast.bill.role.permissions = [*cast.bill.role.permissions, "members.view"]
    cast.bill.role.save()
    client.force_login(cast.bill.user)

    text = client.get(reverse("office:team", args=[team.pk])).content.decode()

    assert "Vera" in text
    assert "Sam" in text
    assert client.post(reverse("office:team", args=[team.pk]), {"name": "x"}).status_code == 403
