"""Every page of the office: who may open it, and that it opens."""

from __future__ import annotations

import pytest
from django.urls import reverse

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.models import Department, JobTitle, Role, Team, TeamMember
from prs.kernel.identity.services import invitations, keys, structure
from prs.kernel.tenancy.context import tenant_context
from prs.masterdata.places import services as places
from tests.cast import NOON

PLAIN = (
    "organization",
    "security",
    "demand_passwords",
    "members",
    "invite",
    "invitations",
    "badge",
    "badge_image",
    "check_badge",
    "teams",
    "add_team",
    "departments",
    "add_department",
    "job_titles",
    "add_job_title",
    "branches",
    "add_branch",
    "roles",
    "add_role",
    "matrix",
    "menus",
    "keys",
    "add_key",
    "audit",
)
OPEN_TO_ALL = {"badge", "badge_image"}
VIEWING = {"members", "teams", "check_badge"}


@pytest.fixture
def things(cast):
    """One of everything that has a page of its own."""
    by = {"by": cast.olga, "at": NOON}
    role = Role.objects.get(key="viewer")
    return {
        "member": cast.sam,
        "edit_member": cast.sam,
        "give_role": cast.sam,
        "deactivate": cast.sam,
        "member_menu": cast.sam,
        "card": cast.sam,
        "card_image": cast.sam,
        "invitation": invitations.invite(email="new@acme.test", role=role, **by),
        "team": structure.add_team({"name": "North", "members": [cast.sam]}, **by),
        "department": structure.add(Department, {"name": "Sales"}, **by),
        "job_title": structure.add(JobTitle, {"title": "Clerk"}, **by),
        "branch": places.add({"name": "Harbour", "code": "HB"}, **by),
        "role": role,
        "edit_role": role,
        "copy_role": role,
        "role_menu": role,
        "key": keys.make(name="Shop", scopes=["invoices.import"], **by).row,
        "audit_event": AuditEvent.objects.first(),
    }


def addresses(things):
    yield from ((name, reverse(f"office:{name}")) for name in PLAIN)
    for group in ("regional", "appearance", "notifications", "receipt"):
        yield "settings", reverse("office:settings", args=[group])
    for step in ("profile", "money", "people", "places", "invoice"):
        yield "start", reverse("office:start", args=[step])
    yield from ((name, reverse(f"office:{name}", args=[row.pk])) for name, row in things.items())


def test_an_owner_opens_every_page(client, cast, things):
    client.force_login(cast.olga.user)

    answers = {url: client.get(url).status_code for _name, url in addresses(things)}

    assert set(answers.values()) == {200}, answers


def test_who_only_sells_finds_nothing_of_the_office_but_their_badge(client, cast, things):
    client.force_login(cast.sam.user)

    for name, url in addresses(things):
        assert client.get(url).status_code == (200 if name in OPEN_TO_ALL else 403), url


def test_who_sees_members_sees_them_and_changes_nothing(client, cast, things):
    cast.bill.role = Role.objects.get(key="manager")
    cast.bill.save()
    client.force_login(cast.bill.user)

    for name, url in addresses(things):
        allowed = name in OPEN_TO_ALL | VIEWING | {"member", "team"}
        assert client.get(url).status_code == (200 if allowed else 403), url


def test_the_neighbours_find_nothing_of_acme(client, cast, things):
    client.force_login(cast.zoe.user)

    for name, row in things.items():
        with tenant_context(cast.zenith.pk):
            url = reverse(f"office:{name}", args=[row.pk])
        assert client.get(url).status_code == 404, url


def test_strangers_are_sent_to_the_door(client, cast, things):
    for _name, url in addresses(things):
        response = client.get(url)
        assert response.status_code == 302
        assert "/accounts/login/" in response["Location"]


def test_a_narrow_view_shows_only_ones_own_people(client, cast):
    team = structure.add_team({"name": "North", "lead": cast.bill}, by=cast.olga, at=NOON)
    TeamMember.objects.create(team=team, member=cast.sam)
    cast.bill.role = Role.objects.get(key="team_lead")
    cast.bill.save()
    client.force_login(cast.bill.user)

    text = client.get(reverse("office:members")).content.decode()
    assert "sam@acme.test" in text
    assert "sara@acme.test" not in text
    assert client.get(reverse("office:member", args=[cast.sam.pk])).status_code == 200
    assert client.get(reverse("office:member", args=[cast.sara.pk])).status_code == 404


@pytest.mark.parametrize("name", ["members", "roles", "teams", "audit", "keys"])
def test_a_list_costs_no_more_queries_with_more_rows(
    client, cast, name, django_assert_max_num_queries
):
    for number in range(12):
        structure.add_team({"name": f"Team {number}"}, by=cast.olga, at=NOON)
        keys.make(name=f"Key {number}", scopes=["invoices.import"], by=cast.olga, at=NOON)
    client.force_login(cast.olga.user)

    with django_assert_max_num_queries(22):
        client.get(reverse(f"office:{name}"))


def test_unknown_groups_and_steps_are_not_found(client, cast):
    client.force_login(cast.olga.user)

    assert client.get(reverse("office:settings", args=["moon"])).status_code == 404
    assert client.get(reverse("office:start", args=["moon"])).status_code == 404
    assert Team.objects.count() == 0
