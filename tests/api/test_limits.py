"""How often a key, and an address with bad keys, may ask: counted outside the business transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from prs.api import limits, services
from prs.api.models import Allowance, ApiRequest
from prs.kernel import clock
from prs.kernel.tenancy.context import tenant_context
from tests.api.caller import Caller, make_key, make_payload
from tests.cast import STANDING

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "cache"])


@pytest.fixture(autouse=True)
def _beside(settings):
    settings.API_LIMITS_DATABASE = "cache"


@pytest.fixture
def till():
    people = STANDING.cast()
    acme, olga = people.acme, people.olga
    return Caller(make_key(olga).secret), acme


def moved(seconds: int) -> None:
    """Let time pass for every allowance."""
    with connections["cache"].cursor() as cursor:
        cursor.execute(
            "UPDATE api_allowance SET whole_at = whole_at - %s * interval '1 s'", (seconds,)
        )


def test_a_key_may_ask_so_often_a_minute_and_is_told_what_is_left(till, settings):
    settings.API_RATE_LIMIT = 3
    caller, acme = till

    answers = [caller.post(b"{") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"3"}
    assert answers[0]["RateLimit-Reset"] == "20"
    assert answers[3]["Retry-After"] == "20"
    assert answers[3]["Content-Type"] == "application/problem+json"
    with tenant_context(acme.pk):
        assert [row.status for row in ApiRequest.objects.order_by("id")] == [400, 400, 400, 429]


def test_an_allowance_comes_back_step_by_step(till, settings):
    settings.API_RATE_LIMIT = 3
    caller, _acme = till
    for _ in range(3):
        caller.post(b"{")

    moved(21)

    assert [caller.post(b"{").status_code for _ in range(2)] == [400, 429]


def test_a_list_counts_once(till):
    caller, _acme = till

    response = caller.post([make_payload("HB-1"), make_payload("HB-2")])

    assert response["RateLimit-Remaining"] == "119"


def test_an_address_with_bad_keys_is_told_to_wait(till, settings):
    settings.API_BAD_KEY_LIMIT = 2
    caller, _acme = till
    bad = Caller("prs_wrong")

    assert [bad.post({}).status_code for _ in range(3)] == [401, 401, 429]
    assert "Retry-After" in bad.post({})
    assert caller.post(make_payload()).status_code == 201


def test_the_count_holds_across_connections():
    def ask(_turn: int) -> bool:
        try:
            limits.take("key:shared", limit=10)
        except limits.UsedUp:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(40))) == 10


def test_old_counts_are_forgotten():
    limits.take("key:now", limit=10)
    limits.take("key:then", limit=10)
    Allowance.objects.filter(subject="key:then").update(
        whole_at=clock.now() - services.COUNTED_FOR * 2
    )

    services.forget_old_allowances(at=clock.now())

    assert [row.subject for row in Allowance.objects.all()] == ["key:now"]
