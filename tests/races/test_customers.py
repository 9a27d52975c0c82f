"""Two people at the same customers: one merge wins, one mark stays, one question is asked."""

from __future__ import annotations

import pytest

from prs.kernel.tenancy.context import tenant_context
from prs.masterdata.parties.models import Contact, Customer, Feedback, Merge
from prs.masterdata.parties.services import details, feedback, merging
from tests.cast import NOON
from tests.factories.walk import make_customer, make_invoice, make_payment
from tests.races.together import kinds, together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def three(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        return [
            make_customer(committed_cast.sam, name=name, email="a@x.test")
            for name in ("One", "Two", "Three")
        ]


def merges(cast, *pairs):
    def verb(merged, into):
        return lambda: merging.merge(merged, into, by=cast.olga, at=NOON)

    return together(cast.acme.pk, *[verb(*pair) for pair in pairs])


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_merges_of_one_customer_one_wins(committed_cast, three, attempt):
    one, two, other = three

    answers = merges(committed_cast, (one, two), (one, other))

    assert kinds(answers) == ["AlreadyMerged", "Merge"]


@pytest.mark.parametrize("attempt", range(3))
def test_two_merges_that_would_make_a_circle_or_a_chain_make_neither(
    committed_cast, three, attempt
):
    one, two, other = three

    circle = merges(committed_cast, (one, two), (two, one))
    assert "Merge" in kinds(circle)
    with tenant_context(committed_cast.acme.pk):
        assert Merge.objects.count() == 1
        kept = Customer.objects.get(pk__in=[one.pk, two.pk], merged_into__isnull=True)
        gone = Customer.objects.get(merged_into__isnull=False)

    chain = merges(committed_cast, (kept, other), (other, gone))
    with tenant_context(committed_cast.acme.pk):
        assert Customer.objects.filter(merged_into__merged_into__isnull=False).count() == 0
    assert set(kinds(chain)) <= {"AlreadyMerged", "HasOtherNames"}


@pytest.mark.parametrize("attempt", range(3))
def test_a_merge_into_somebody_who_is_being_merged_makes_no_chain(committed_cast, three, attempt):
    one, two, other = three

    merges(committed_cast, (one, two), (two, other))

    with tenant_context(committed_cast.acme.pk):
        assert Merge.objects.count() == 1
        assert Customer.objects.filter(merged_into__merged_into__isnull=False).count() == 0


def test_of_two_first_contacts_one_is_the_first_to_talk_to(committed_cast, three):
    def add(name):
        fields = {"first_name": name, "is_primary": True}
        return lambda: details.add_contact(three[0], fields, by=committed_cast.sam, at=NOON)

    together(committed_cast.acme.pk, add("Rosa"), add("Kofi"))

    with tenant_context(committed_cast.acme.pk):
        assert Contact.objects.filter(is_primary=True).count() == 1
        assert Contact.objects.count() == 2


def test_two_payments_at_once_ask_once(committed_cast, three):
    with tenant_context(committed_cast.acme.pk):
        invoice = make_invoice(committed_cast.sam, customer=three[0])
        causes = [
            make_payment(committed_cast.sam, invoice=invoice, amount=amount)
            for amount in ("10.00", "20.00")
        ]

    together(
        committed_cast.acme.pk,
        *[
            lambda cause=cause: feedback.ask_feedback(
                three[0], cause, by=committed_cast.olga, at=NOON
            )
            for cause in causes
        ],
    )

    with tenant_context(committed_cast.acme.pk):
        assert Feedback.objects.count() == 1
