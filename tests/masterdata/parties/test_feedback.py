"""How content customers are: asked after a verified payment, at most once in thirty days."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from prs.kernel import clock
from prs.kernel.activity.models import Mail
from prs.kernel.identity.services import organizations
from prs.masterdata.parties import selectors
from prs.masterdata.parties.models import Feedback
from prs.masterdata.parties.services import details, feedback
from prs.operations.payments import services as payments
from tests.cast import NOON
from tests.factories.walk import make_customer, make_invoice, make_payment

pytestmark = pytest.mark.usefixtures("quick_documents")


def pays(cast, customer, *, at=NOON):
    invoice = make_invoice(cast.sam, customer=customer)
    return payments.verify(make_payment(cast.sam, invoice=invoice), by=cast.vera, at=at)


@pytest.fixture
def customer(cast):
    return make_customer(cast.sam, email="rosa@x.test")


def test_a_verified_payment_asks_by_mail(cast, customer):
    pays(cast, customer)

    row = Feedback.objects.get()
    mail = Mail.objects.get(key=f"feedback:{row.pk}")
    assert mail.recipient == "rosa@x.test"
    token = re.search(r"/sales/feedback/(\S+)/", mail.body)[1]
    assert selectors.read_token(token) == (cast.acme.pk, row.pk)


def test_nobody_is_asked_twice_in_thirty_days(cast, customer):
    pays(cast, customer)
    pays(cast, customer)
    assert Feedback.objects.count() == 1

    pays(cast, customer, at=NOON + timedelta(days=31))
    assert Feedback.objects.count() == 2


def test_the_person_to_talk_to_is_asked_when_the_customer_has_no_address(cast):
    row = make_customer(cast.sam)
    pays(cast, row)
    assert not Feedback.objects.exists()

    details.add_contact(row, {"first_name": "Rosa", "email": "r@x.test"}, by=cast.sam, at=NOON)
    pays(cast, row)
    assert Mail.objects.filter(key__startswith="feedback:").get().recipient == "r@x.test"


def test_an_organization_may_ask_nobody(cast, customer):
    changed = {"customerFeedback": False}
    organizations.change_settings(cast.acme, "notifications", changed, by=cast.olga, at=NOON)

    pays(cast, customer)

    assert not Feedback.objects.exists()


def test_the_same_cause_asks_once(cast, customer):
    receipt = pays(cast, customer)
    later = NOON + timedelta(days=60)

    assert feedback.ask_feedback(customer, receipt.payment, by=cast.olga, at=later) is None


@pytest.fixture
def question(cast, customer):
    pays(cast, customer, at=clock.now())
    return Feedback.objects.get()


def test_whoever_has_the_link_answers_once_without_signing_in(client, cast, customer, question):
    address = reverse("sales:feedback", args=[selectors.token_of(question)])
    assert "Acme Supplies" in client.get(address).content.decode()
    assert client.post(address, {"comment": "No face"}).status_code == 422

    client.post(address, {"score": "unsatisfied", "comment": "Late again"})
    again = client.post(address, {"score": "satisfied"})

    assert "Thank you" in again.content.decode()
    row = selectors.feedback_of(customer).get()
    assert (row.score, row.comment) == ("unsatisfied", "Late again")
    with pytest.raises(feedback.AlreadyAnswered):
        feedback.answer(question, score="satisfied", comment="", at=NOON)
    client.force_login(cast.sam.user)
    assert (
        "Late again" in client.get(reverse("sales:customer", args=[customer.pk])).content.decode()
    )


def test_a_link_that_was_made_up_or_has_expired_takes_no_answer(client, question):
    made_up = reverse("sales:feedback", args=["made-up"])
    assert client.get(made_up).status_code == 404
    assert client.post(made_up, {"score": "satisfied"}).status_code == 404

    Feedback.objects.update(expires_at=NOON - timedelta(days=400))
    address = reverse("sales:feedback", args=[selectors.token_of(question)])
    assert "expired" in client.post(address, {"score": "satisfied"}).content.decode()
    assert Feedback.objects.get().answered_at is None


def test_the_database_lets_no_answer_be_changed(cast, customer, question):
    feedback.answer(question, score="neutral", comment="", at=question.asked_at)

    with pytest.raises(IntegrityError, match="given once"), transaction.atomic():
        Feedback.objects.update(score="satisfied")
