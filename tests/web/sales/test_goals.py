"""Goals, standings and streaks on the screen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from prs.kernel import clock
from prs.operations.incentives import services as incentives
from prs.operations.incentives.models import Goal, GoalSkip, WorkCalendar
from prs.operations.incentives.rules.days import Calendar
from tests.cast import NOON
from tests.factories.incentives import NOVEMBER, sell
from tests.factories.walk import TODAY


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch, quick_documents):
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def as_(client):
    """The browser of a member."""

    def signed_in(member):
        client.force_login(member.user)
        return client

    return signed_in


def page(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_goal_is_set_and_its_pace_is_shown(cast, as_):
    sell(cast.sam, cast.vera)
    browser, add = as_(cast.olga), reverse("sales:add_goal")
    assert "No goal is running" in page(browser.get(reverse("sales:goals")))
    sent = {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "target": "2,100"}

    assert browser.post(add, {**sent, "ends_on": "2026-10-01"}).status_code == 422
    assert browser.post(add, sent).status_code == 302
    assert browser.post(add, sent).status_code == 422

    text = page(browser.get(reverse("sales:goals")))
    assert "Behind" in text
    assert "47 % of" in text


def test_a_goal_is_changed(cast, as_):
    goal = incentives.set_own_goal(Decimal(10), NOVEMBER, by=cast.sam, at=NOON)
    address = reverse("sales:goal", args=[goal.pk])
    browser = as_(cast.olga)
    page(browser.get(address))
    sent = {
        "member": cast.sam.pk,
        "starts_on": "2026-11-01",
        "ends_on": "2026-11-30",
        "target": "20",
        "version": goal.version,
        "initial-target": "10",
    }

    assert browser.post(address, sent).status_code == 302
    assert Goal.objects.get().target == 20


def test_who_sells_chooses_an_own_goal_or_puts_it_off(cast, as_):
    browser, own = as_(cast.sam), reverse("sales:own_goal")
    assert "You can put it off 2 times." in page(browser.get(own))

    browser.post(reverse("sales:skip_goal"))
    assert GoalSkip.objects.count() == 1
    assert browser.post(own, {"target": "many"}).status_code == 422
    assert browser.post(own, {"target": "5000"}).status_code == 302

    assert Goal.objects.get().target == 5000
    assert "put it off" not in page(browser.get(own))


def test_home_asks_who_sells_and_never_a_verifier(cast, as_):
    own = reverse("sales:own_goal")

    assert own in page(as_(cast.sam).get("/"))
    assert own not in page(as_(cast.vera).get("/"))
    assert own not in page(as_(cast.olga).get("/"))


def test_after_two_skips_home_leads_to_the_goal(cast, as_):
    for day in (2, 1):
        incentives.skip_goal(on=TODAY - timedelta(days=day), by=cast.sam, at=NOON)
    browser = as_(cast.sam)

    assert browser.get("/").headers["Location"] == reverse("sales:own_goal")
    assert "Choose one now" in page(browser.get(reverse("sales:own_goal")))
    browser.post(reverse("sales:own_goal"), {"target": "5000"})
    assert browser.get("/").status_code == 200


def test_the_working_days_are_set(cast, as_):
    browser, address = as_(cast.olga), reverse("sales:goal_calendar")
    page(browser.get(address))

    assert browser.post(address, {"week": []}).status_code == 422
    browser.post(address, {"week": ["6", "0"], "keep_holidays": "on"})

    assert WorkCalendar.objects.get().week == [0, 6]


def test_standings_show_ranks_and_the_own_streak(cast, as_):
    sell(cast.sara, cast.vera)
    incentives.replay([cast.sam], first=TODAY, last=TODAY, today=TODAY, calendar=Calendar())
    browser = as_(cast.sam)

    text = page(browser.get(reverse("sales:standings")))
    assert text.index("Sara") < text.index("Sam", text.index("Sara"))
    assert "Sales legend" in text
    assert "5.0 of 5 stars" in text
    for query in ("by=team", "period=week&limit=5", "period=nonsense&limit=x"):
        page(browser.get(f"{reverse('sales:standings')}?{query}"))


def test_own_rank_is_shown_below_the_limit(cast, as_):
    for _time in range(6):
        sell(cast.sara, cast.vera)
    text = page(as_(cast.sam).get(f"{reverse('sales:standings')}?limit=5"))

    assert "is-own" in text


def test_who_never_sold_shows_no_stars(cast, as_):
    text = page(as_(cast.olga).get(reverse("sales:standings")))

    assert "Not begun" in text
    assert "of 5 stars" not in text


def test_a_viewer_sees_standings_without_a_streak(cast, as_):
    assert "streak-card" not in page(as_(cast.bill).get(reverse("sales:standings")))
