"""The rules of verifying: seen across places, set, changed, taken away, and what they would do."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from prs.masterdata.places import services as places
from prs.operations.payments import selectors
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment, VerificationPolicy
from tests.cast import NOON
from tests.factories.walk import make_invoice, make_payment

POLICY, ADD = reverse("verify:policy"), reverse("verify:add_policy")


@pytest.fixture
def rule(cast):
    return payments.add_policy(
        {"method": "bank", "second_above": Decimal(500)}, by=cast.viktor, at=NOON
    )


@pytest.fixture
def harbour(cast):
    return places.add({"name": "Harbour", "code": "HB"}, by=cast.olga, at=NOON)


def test_only_those_who_may_set_rules_see_them(vera, viktor):
    assert vera.get(POLICY).status_code == 403
    assert viktor.get(POLICY).status_code == 200


def test_a_place_without_a_rule_follows_everywhere(viktor, rule, harbour):
    page = viktor.get(POLICY)

    cells = dict(page.context["rows"])[Payment.Method.BANK.label]
    assert [(cell.rule, cell.inherited) for cell in cells] == [(rule, False), (rule, True)]
    assert "as everywhere" in page.content.decode()


def test_a_rule_is_set_for_a_place(viktor, harbour):
    sent = {"method": "cash", "place": harbour.pk, "way": "till_close", "second_above": "1,000"}

    assert viktor.post(ADD, sent)["Location"] == POLICY

    row = VerificationPolicy.objects.get()
    assert (row.place, row.way, row.second_above) == (harbour, "till_close", Decimal(1000))


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"method": "bank", "way": "person"}, "place"),
        ({"method": "card", "way": "till_close"}, "way"),
        ({"method": "card", "way": "person", "second_above": "-1"}, "second_above"),
    ],
)
def test_a_rule_that_can_not_be_is_refused_beside_its_field(viktor, rule, sent, field):
    response = viktor.post(ADD, sent)

    assert response.status_code == 422
    assert field in response.context["form"].errors


def form_of(row, **changes):
    shown = {
        "method": row.method,
        "place": "",
        "way": row.way,
        "second_above": "500.00",
        "version": row.version,
    }
    initial = {f"initial-{name}": value for name, value in shown.items() if name != "version"}
    return {**shown, **initial, **changes}


def test_a_rule_is_changed_and_what_waits_follows_it(viktor, cast, rule):
    address = reverse("verify:change_policy", args=[rule.pk])

    response = viktor.post(address, form_of(rule, second_above="90"))

    assert response.status_code == 302
    assert VerificationPolicy.objects.get().second_above == Decimal(90)


def test_two_at_one_field_get_the_comparison(viktor, cast, rule):
    address = reverse("verify:change_policy", args=[rule.pk])
    stale = form_of(rule, second_above="90")
    payments.change_policy(rule, {"second_above": Decimal(70)}, by=cast.olga, at=NOON)

    response = viktor.post(address, stale)

    assert response.status_code == 409
    assert "70" in response.content.decode()
    assert VerificationPolicy.objects.get().second_above == Decimal(70)


def test_a_rule_is_taken_away(viktor, rule):
    viktor.post(reverse("verify:remove_policy", args=[rule.pk]))

    assert VerificationPolicy.objects.count() == 0


def test_the_effect_counts_what_waits_and_would_need_a_second_look(viktor, cast, harbour):
    for amount in ("50.00", "600.00", "700.00"):
        make_payment(cast.sam, invoice=make_invoice(cast.sam, amount=amount), amount=amount)
    kept_apart = Payment.objects.get(amount=700)
    Payment.objects.filter(pk=kept_apart.pk).update(place=harbour)
    effect = reverse("verify:policy_effect")
    asked = {"method": "cash", "second_above": "500"}
    assert "2 waiting payments" in viktor.get(effect, asked).content.decode()

    payments.add_policy({"method": "cash", "place": harbour}, by=cast.viktor, at=NOON)

    assert "1 waiting payment " in viktor.get(effect, asked).content.decode()
    there = {**asked, "place": harbour.pk}
    assert "1 waiting payment " in viktor.get(effect, there).content.decode()
    assert selectors.over(selectors.touched_by("cash", None), None) == 0


def test_the_form_says_what_its_rule_does_now(viktor, cast, rule):
    page = viktor.get(reverse("verify:change_policy", args=[rule.pk])).content.decode()

    assert "0 waiting payments would need a second verifier." in page
