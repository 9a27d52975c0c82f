"""The page on which a member chooses what to be told, where, and when."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from prs.kernel.activity.models import NotificationPreference
from prs.web.shell.places import LISTS
from tests.cast import Cast

ADDRESS = "/notifications/choices"


@pytest.fixture
def as_olga(client: Any, cast: Cast) -> Any:
    client.force_login(cast.olga.user)
    return client


def soup_of(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def test_kinds_stand_under_headings_and_each_once(as_olga: Any) -> None:
    soup = soup_of(as_olga.get(ADDRESS))

    headings = [each.text for each in soup.select(".channel-group th")]
    assert headings[:2] == ["Customers", "Deals and projects"]
    names = [each["name"] for each in soup.select("select[name^='mail:']")]
    assert len(names) == len(set(names)) > 30


def test_what_is_urgent_is_not_offered_for_the_daily_mail(as_olga: Any) -> None:
    soup = soup_of(as_olga.get(ADDRESS))

    ways = soup.find("select", {"name": "mail:payment.bounced"}).select("option")
    assert [way["value"] for way in ways] == ["now", "off"]
    assert soup.find("input", {"name": "app:payment.bounced"}).has_attr("disabled")
    forced = {"mail:payment.bounced": "daily", "digest": "8"}
    assert as_olga.post(ADDRESS, forced).status_code == 422


def test_hours_of_mail_are_kept(as_olga: Any) -> None:
    hours = {"digest": "17", "quiet_from": "22:00", "quiet_until": "06:30"}

    assert as_olga.post(ADDRESS, hours).status_code == 302

    soup = soup_of(as_olga.get(ADDRESS))
    assert soup.select_one("#id_digest option[selected]").text == "17:00"
    assert soup.select_one("#id_quiet_from")["value"] == "22:00"
    assert soup.select_one("#id_quiet_until")["value"] == "06:30"


def test_the_page_says_on_which_clock(as_olga: Any, cast: Cast) -> None:
    assert cast.acme.time_zone in as_olga.get(ADDRESS).content.decode()


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ({"digest": "8", "quiet_from": "22:00"}, "need both a beginning and an end"),
        (
            {"digest": "8", "quiet_from": "22:00", "quiet_until": "22:00"},
            "end at the moment at which they begin",
        ),
        (
            {"digest": "6", "quiet_from": "22:00", "quiet_until": "06:30"},
            "would come at 06:00, in your quiet hours",
        ),
        ({"digest": "8", "quiet_from": "late"}, "Write a time such as 22:00."),
        ({"digest": "25"}, "Select a valid choice"),
    ],
)
def test_hours_that_cannot_be_come_back_with_the_reason_and_the_choices(
    as_olga: Any, hours: dict[str, str], sentence: str
) -> None:
    sent = {**hours, "app:payment.asked": "1", "mail:payment.asked": "daily"}

    answer = as_olga.post(ADDRESS, sent)

    assert answer.status_code == 422
    soup = soup_of(answer)
    assert sentence in soup.select_one("#errors").text
    ways = soup.find("select", {"name": "mail:payment.asked"})
    assert ways.select_one("option[selected]")["value"] == "daily"
    assert not NotificationPreference.objects.exists()


def test_a_way_of_mail_that_there_is_not_is_refused(as_olga: Any) -> None:
    sent = {"digest": "8", "mail:payment.asked": "hourly"}

    assert as_olga.post(ADDRESS, sent).status_code == 422


def test_a_notice_of_what_has_no_page_leads_to_its_like(as_olga: Any, cast: Cast) -> None:
    for kind, name in LISTS.items():
        answer = as_olga.get(f"/open/{kind}/{cast.acme.pk}")

        assert answer["Location"] == reverse(name)
        assert as_olga.get(answer["Location"]).status_code == 200
