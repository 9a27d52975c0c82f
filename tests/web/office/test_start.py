"""The first minutes: five short steps, each of which can be left."""

from __future__ import annotations

import pytest
from django.urls import reverse

from prs.kernel.identity.models import Invitation, Role
from prs.kernel.tenancy.models import Organization
from prs.masterdata.places.models import Branch


def step(name):
    return reverse("office:start", args=[name])


def fresh(cast):
    return Organization.objects.get(pk=cast.acme.pk)


def test_all_steps_lead_from_the_profile_to_the_first_invoice(olga, cast):
    version = cast.acme.version
    sent = {"name": "Acme Ltd", "address": "Harbour Road 1", "version": version}
    assert olga.post(step("profile"), sent)["Location"] == step("money")

    assert olga.post(step("money"), {"country": "KE"})["Location"] == step("people")

    role = Role.objects.get(key="verifier")
    olga.post(step("people"), {"email": "vic@acme.test", "role": role.pk})
    assert "vic@acme.test" in olga.get(step("people")).content.decode()
    assert olga.post(step("people"), {"later": "1"})["Location"] == step("places")

    olga.post(step("places"), {"name": "Harbour", "code": "HB"})
    assert olga.post(step("places"), {"later": "1"})["Location"] == step("invoice")

    assert olga.post(step("invoice"))["Location"] == reverse("billing:add_invoice")

    organization = fresh(cast)
    assert (organization.name, organization.currency, organization.time_zone) == (
        "Acme Ltd",
        "KES",
        "Africa/Nairobi",
    )
    assert organization.setup_step == "done"
    assert Invitation.objects.get().role == role
    assert Branch.objects.get().code == "HB"


def test_every_step_can_be_skipped(olga, cast):
    for name in ("profile", "money", "people", "places"):
        assert olga.post(step(name), {"later": "1"}).status_code == 302

    assert fresh(cast).setup_step == "invoice"
    assert olga.post(step("invoice"), {"later": "1"})["Location"] == "/"
    assert fresh(cast).setup_step == "done"


def test_who_comes_back_goes_on_where_they_left(olga, cast):
    olga.post(step("profile"), {"later": "1"})
    olga.post(step("money"), {"later": "1"})

    assert olga.get(reverse("office:first_step"))["Location"] == step("people")


def test_going_back_forgets_nothing(olga, cast):
    for name in ("profile", "money", "people"):
        olga.post(step(name), {"later": "1"})
    olga.post(step("profile"), {"later": "1"})

    assert fresh(cast).setup_step == "places"


def test_a_currency_may_differ_from_the_countrys(olga, cast):
    olga.post(step("money"), {"country": "GH", "currency": "USD"})

    assert (fresh(cast).country, fresh(cast).currency) == ("GH", "USD")
    assert fresh(cast).time_zone == "Africa/Accra"


def test_without_a_country_a_currency_alone_is_taken(olga, cast):
    olga.post(step("money"), {"currency": "EUR"})

    assert (fresh(cast).country, fresh(cast).currency) == ("", "EUR")


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("profile", {"name": "", "version": 1}),
        ("money", {"country": "XX"}),
        ("people", {"email": "nobody"}),
        ("places", {"name": "Harbour", "code": ""}),
    ],
)
def test_a_faulty_step_is_shown_again(olga, cast, name, sent):
    assert olga.post(step(name), sent).status_code == 422
    assert fresh(cast).setup_step == "profile"
