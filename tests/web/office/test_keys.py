"""API keys: shown once, replaced with an overlap, taken back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from prs.kernel import clock
from prs.kernel.identity.models import ApiKey
from prs.kernel.identity.services import keys

ADD = reverse("office:add_key")
SENT = {"name": "Shop", "scopes": ["invoices.import"], "addresses": "", "expires_on": ""}


def secret_in(response):
    return re.search(r"prs_[0-9a-f]{32}_[0-9a-f]{8}_[0-9a-f]{64}", response.content.decode())[0]


def works(text):
    return keys.authenticate(text, address="192.0.2.7", at=clock.now())


def test_a_key_is_shown_once_and_works(olga, cast):
    response = olga.post(ADD, SENT)

    secret = secret_in(response)
    assert response["Cache-Control"] == "no-store"
    assert works(secret).name == "Shop"
    key = ApiKey.objects.get()
    for page in (reverse("office:keys"), reverse("office:key", args=[key.pk])):
        text = olga.get(page).content.decode()
        assert secret not in text
        assert key.prefix in text


@pytest.mark.parametrize(
    ("field", "value"),
    [("scopes", []), ("addresses", "shop.test"), ("expires_on", "2020-01-01"), ("name", "")],
)
def test_what_a_key_cannot_be_is_said_at_its_field(olga, cast, field, value):
    response = olga.post(ADD, {**SENT, field: value})

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not ApiKey.objects.exists()


def test_addresses_and_an_end_are_kept(olga, cast):
    olga.post(ADD, {**SENT, "addresses": "192.0.2.7\n198.51.100.0/24", "expires_on": "+30"})

    key = ApiKey.objects.get()
    assert key.addresses == ["192.0.2.7", "198.51.100.0/24"]
    assert timedelta(days=30) <= key.expires_at - clock.now() <= timedelta(days=31, hours=1)


def test_a_replaced_key_works_on_during_the_overlap(olga, cast):
    old = secret_in(olga.post(ADD, SENT))
    key = ApiKey.objects.get()

    new = secret_in(olga.post(reverse("office:rotate_key", args=[key.pk]), {"overlap": "24"}))

    assert works(old).pk == key.pk
    assert works(new).pk != key.pk


def test_a_key_replaced_without_overlap_stops_now(olga, cast):
    old = secret_in(olga.post(ADD, SENT))
    key = ApiKey.objects.get()

    olga.post(reverse("office:rotate_key", args=[key.pk]), {"overlap": "0"})

    with pytest.raises(keys.ExpiredKey):
        works(old)


def test_an_overlap_that_is_not_offered_replaces_nothing(olga, cast):
    olga.post(ADD, SENT)
    key = ApiKey.objects.get()

    olga.post(reverse("office:rotate_key", args=[key.pk]), {"overlap": "9999"})

    assert ApiKey.objects.count() == 1


def test_a_revoked_key_no_longer_works_and_offers_nothing(olga, cast):
    secret = secret_in(olga.post(ADD, SENT))
    key = ApiKey.objects.get()

    olga.post(reverse("office:revoke_key", args=[key.pk]))

    with pytest.raises(keys.RevokedKey):
        works(secret)
    text = olga.get(reverse("office:key", args=[key.pk])).content.decode()
    assert "Revoke key" not in text
    assert olga.post(reverse("office:revoke_key", args=[key.pk])).status_code == 409
