"""The log of requests: what those see who may make keys."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from prs.api.models import ApiRequest
from prs.kernel import clock
from prs.kernel.tenancy.context import tenant_context
from tests.api.caller import make_key


@pytest.fixture
def _asked(cast):
    for owner, subject in ((cast.olga, "HB-1"), (cast.zoe, "ZT-1")):
        key = make_key(owner).row
        with tenant_context(owner.organization_id):
            for status in (201, 409):
                ApiRequest.objects.create(
                    key=key,
                    method="POST",
                    path="/api/v1/invoices/import",
                    status=status,
                    subject=subject,
                    size=10,
                    milliseconds=5,
                    at=clock.now(),
                )


def page(member, query=""):
    client = Client()
    client.force_login(member.user)
    return client.get(reverse("office:api_requests") + query)


@pytest.mark.usefixtures("_asked")
def test_requests_are_listed_with_their_answers_and_only_ones_own(cast):
    text = page(cast.olga).content.decode()

    assert "201 done" in text
    assert "409 refused" in text
    assert "HB-1" in text
    assert "ZT-1" not in text


@pytest.mark.usefixtures("_asked")
def test_refused_requests_can_be_asked_for(cast):
    text = page(cast.olga, "?answer=4").content.decode()

    assert "409 refused" in text
    assert "201 done" not in text


def test_who_may_not_make_keys_does_not_see_them(cast):
    assert page(cast.sam).status_code == 403
