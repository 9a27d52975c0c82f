"""Projects on the screen: who finds them, what their deals come to, and their form."""

from __future__ import annotations

from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from prs.kernel.identity.models import Team, TeamMember
from prs.operations.deals import services as deals
from prs.operations.deals.models import Project, ProjectTeam
from tests.cast import NOON
from tests.factories.sales import make_deal
from tests.factories.walk import make_customer


def page(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200, response.status_code
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def north(cast):
    """Sam's team."""
    team = Team.objects.create(name="North", lead=cast.olga)
    TeamMember.objects.create(team=team, member=cast.sam)
    return team


@pytest.fixture
def clinic(cast, north):
    return deals.add_project({"name": "New clinic"}, by=cast.olga, at=NOON, teams=[north])


def test_a_project_is_found_by_its_teams_and_by_no_other_salesperson(browser, cast, clinic):
    address = reverse("sales:project", args=[clinic.pk])

    assert "New clinic" in page(browser(cast.sam), reverse("sales:projects")).text
    assert "Sam" in page(browser(cast.sam), address).text
    assert "New clinic" not in page(browser(cast.sara), reverse("sales:projects")).text
    assert browser(cast.sara).get(address).status_code == 404


def test_value_and_margin_are_told_by_currency(browser, cast, clinic):
    customer = make_customer(cast.sam)
    given = {"customer": customer, "project": clinic}
    make_deal(cast.sam, **given, value="1000.00", cost=Decimal(600))
    make_deal(cast.sam, **given, value="500.00")
    make_deal(cast.sam, **given, value="70.00", currency="EUR", rate=Decimal("1.1"))

    soup = page(browser(cast.olga), reverse("sales:project", args=[clinic.pk]))

    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in soup.select("table")[0].select("tbody tr")
    ]
    assert rows[0][:3] == ["EUR", "1", "EUR 70.00"]
    assert rows[0][-1] == "—"
    assert rows[1][:3] == ["USD", "2", "USD 1,500.00"]
    assert rows[1][-1] == "USD 400.00 of 1,000.00 whose cost is known"


def test_a_salesperson_sees_their_own_deals_of_a_shared_project(browser, cast, clinic):
    make_deal(cast.sam, project=clinic, name="Mine")
    make_deal(cast.sara, project=clinic, name="Hers")

    text = page(browser(cast.sam), reverse("sales:project", args=[clinic.pk])).text

    assert "Mine" in text
    assert "Hers" not in text


def test_a_project_is_set_up_for_teams_and_its_name_is_taken_then(browser, cast, north):
    client = browser(cast.olga)
    fields = {"name": "Harbour", "status": "planning", "teams": [str(north.pk)]}

    client.post(reverse("sales:add_project"), fields)
    again = client.post(reverse("sales:add_project"), fields)

    assert ProjectTeam.objects.get().team == north
    assert again.status_code == 422
    assert "name" in again.context["form"].errors


def test_a_project_does_not_end_before_it_starts(browser, cast):
    fields = {"name": "H", "status": "planning", "starts_on": "2026-11-02", "ends_on": "2026-11-01"}
    response = browser(cast.olga).post(reverse("sales:add_project"), fields)

    assert "ends_on" in response.context["form"].errors


def test_teams_leave_and_two_who_change_a_name_see_both(browser, cast, clinic, north):
    client, address = browser(cast.olga), reverse("sales:edit_project", args=[clinic.pk])
    shown = {"initial-name": "New clinic", "initial-status": "in_progress"}
    shown |= {"initial-teams": [str(north.pk)], "version": 1, "status": "in_progress"}

    client.post(address, {**shown, "name": "New clinic"})
    assert not ProjectTeam.objects.exists()
    deals.change_project(Project.objects.get(), {"name": "Theirs"}, by=cast.adam, at=NOON)

    response = client.post(address, {**shown, "initial-teams": [], "version": 2, "name": "Mine"})

    assert response.status_code == 409
    assert "Theirs" in response.content.decode()


def test_a_salesperson_sets_up_no_project(browser, cast):
    assert browser(cast.sam).get(reverse("sales:add_project")).status_code == 403
