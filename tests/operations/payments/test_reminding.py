"""What waits too long is told: once a day to verifiers, once per payment above them, once per deal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prs.kernel.activity.models import AuditEvent, Notification
from prs.operations.deals import services as deals
from prs.operations.deals import tasks as deal_tasks
from prs.operations.payments import services as payments
from prs.operations.payments import tasks
from prs.operations.payments.models import Payment
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY, make_invoice, make_payment

LATE = NOON + timedelta(hours=25)


@pytest.fixture
def waiting(cast):
    return make_payment(cast.sam, invoice=make_invoice(cast.sam))


def told(code):
    return set(Notification.objects.filter(code=code).values_list("member_id", flat=True))


def test_verifiers_are_reminded_once_a_day_however_often_the_task_runs(cast, waiting):
    assert not payments.remind_verifiers(at=NOON + timedelta(hours=23))

    assert [payments.remind_verifiers(at=LATE) for _time in range(3)] == [True, False, False]

    row = AuditEvent.objects.get(code="payment.waits")
    assert row.words["count"] == 1
    assert told("payment.waits") == {cast.vera.pk, cast.viktor.pk, cast.olga.pk}
    assert payments.remind_verifiers(at=LATE + timedelta(days=1))


def test_nobody_is_reminded_of_what_is_decided(cast, waiting):
    payments.verify(waiting, by=cast.vera, at=NOON)

    assert not payments.remind_verifiers(at=LATE)
    assert payments.escalate(at=LATE) == 0


def test_a_payment_past_the_organizations_hours_is_escalated_once(cast, waiting):
    cast.acme.settings["notifications"]["verificationHours"] = "48"
    cast.acme.save(update_fields=["settings"])
    assert payments.escalate(at=LATE) == 0

    late = NOON + timedelta(hours=49)
    assert [payments.escalate(at=late) for _time in range(2)] == [1, 0]
    assert cast.viktor.pk in told("payment.escalated")
    assert cast.vera.pk not in told("payment.escalated")

    make_payment(cast.sam, invoice=make_invoice(cast.sam))
    assert payments.escalate(at=late) == 1


def test_a_deal_that_stays_pending_is_told_its_salesperson_once(cast):
    deal = make_deal(cast.sam)
    assert deals.remind_all(at=NOON + timedelta(hours=23)) == 0

    assert [deals.remind_all(at=LATE) for _time in range(2)] == [1, 0]
    assert told("deal.reminded") == {deal.salesperson_id}


def test_a_deal_due_within_a_week_is_told_once_for_that_day(cast):
    deal = make_deal(cast.sam, due_date=TODAY + timedelta(days=7))
    paid = make_deal(cast.sam, due_date=TODAY + timedelta(days=7))
    payments.verify(pay_deal(cast.sam, paid), by=cast.vera, at=NOON)

    assert [deals.remind_all(at=NOON) for _time in range(2)] == [1, 0]

    row = AuditEvent.objects.get(code="deal.reminded")
    assert row.subject_id == deal.pk
    assert "1,000.00" in row.words["reason"]
    fresh = type(deal).objects.get(pk=deal.pk)
    deals.change(fresh, {"due_date": TODAY + timedelta(days=5)}, by=cast.sam, at=NOON)
    assert deals.remind_all(at=NOON) == 1


def test_the_tasks_speak_for_each_organization(cast, waiting):
    Payment.objects.filter(pk=waiting.pk).update(recorded_at=NOON - timedelta(days=900))

    for _time in range(2):
        tasks.remind_everybody()
        tasks.escalate_everywhere()
        deal_tasks.remind_everybody()

    assert AuditEvent.objects.filter(code="payment.waits").count() == 1
    assert AuditEvent.objects.filter(code="payment.escalated").count() == 1
