"""A form that is sent once counts once, however often it arrives."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from prs.kernel.tenancy.models import IdempotencyKey
from prs.masterdata.parties.models import Customer

pytestmark = pytest.mark.urls("tests.web.kit.urls")


def send(client: Any, key: Any, name: str = "Reed", **more: str) -> Any:
    return client.post("/test/add", {"once": str(key), "name": name, **more})


def test_the_second_post_gets_the_first_answer_and_does_nothing(signed_in: Any) -> None:
    key = uuid4()

    first, second = send(signed_in, key), send(signed_in, key)

    assert (first.content, second.content) == (b"1", b"1")
    assert Customer.objects.count() == 1


def test_another_key_counts_again(signed_in: Any) -> None:
    send(signed_in, uuid4())
    send(signed_in, uuid4())

    assert Customer.objects.count() == 2


def test_the_same_key_with_other_content_is_refused(signed_in: Any) -> None:
    key = uuid4()
    send(signed_in, key)

    assert send(signed_in, key, name="Other").status_code == 422
    assert Customer.objects.count() == 1


def test_a_refused_post_keeps_no_key_and_may_be_sent_again(signed_in: Any) -> None:
    send(signed_in, uuid4(), code="C1")
    key = uuid4()

    assert send(signed_in, key, code="C1").status_code == 409
    assert IdempotencyKey.objects.count() == 1
    assert send(signed_in, key, code="C2").status_code == 200


@pytest.mark.parametrize("key", ["", "x", "1"])
def test_a_post_without_a_key_does_nothing(signed_in: Any, key: str) -> None:
    assert send(signed_in, key).status_code == 422
    assert not Customer.objects.exists()


def test_a_key_is_the_members_own(client: Any, signed_in: Any, cast: Any) -> None:
    key = uuid4()
    send(signed_in, key)
    client.force_login(cast.adam.user)

    assert send(client, key).content == b"2"
