"""Money that goes back: asked for and granted by two people, booked by those who may."""

from __future__ import annotations

from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from prs.ledgers.bookkeeping import selectors as books
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.payments import services as payments
from prs.operations.payments import tasks
from prs.operations.payments.models import Payment, Reversal
from prs.operations.payments.services import reversing
from prs.web.shell.places import place_of
from tests.cast import NOON
from tests.factories.walk import TODAY, make_invoice, make_payment, make_proof
from tests.web.verify.posting import send

REFUNDS = reverse("verify:refunds")


@pytest.fixture
def payment(cast):
    row = make_payment(cast.sam, invoice=make_invoice(cast.sam))
    payments.verify(row, by=cast.vera, at=NOON)
    return row


@pytest.fixture
def cheque(cast):
    row = make_payment(
        cast.sam,
        invoice=make_invoice(cast.sam),
        method="cheque",
        cheque_number="CH-000123",
        proof=make_proof(),
    )
    payments.verify(row, by=cast.vera, at=NOON)
    return row


def at(name, row):
    return reverse(f"verify:{name}", args=[row.pk])


def step(name, row):
    return reverse(f"billing:{name}", args=[row.pk])


def test_a_refund_is_asked_for_and_granted_by_somebody_else(vera, viktor, payment, check_now):
    send(vera, step("request_refund", payment), amount="40", reason="Too many boxes.")
    reversal = Reversal.objects.get()
    own = vera.get(at("reversal", reversal)).content.decode()
    assert "somebody else decides" in own
    assert "Approve the refund" not in own

    assert "Approve the refund" in viktor.get(at("reversal", reversal)).content.decode()
    send(viktor, at("approve_refund", reversal), remarks="Right.")
    check_now()

    assert Reversal.objects.get().status == "done"
    assert Credit.objects.get().amount == Decimal(40)
    balances = {
        row.code: row.balance for row in books.trial_balance(TODAY, TODAY.replace(year=2099)).rows
    }
    assert balances["1000"] == Decimal(60)
    page = viktor.get(at("reversal", reversal)).content.decode()
    assert "Taken from" in page
    assert "Right." in page


def test_the_note_of_a_refund_is_opened_from_its_page(olga, viktor, cast, payment, monkeypatch):
    monkeypatch.setattr(reversing, "enqueue", lambda *_words, **_ids: None)
    words = {"amount": Decimal(10), "reason": "Late.", "by": cast.olga, "at": NOON}
    reversal = payments.request_refund(payment, **words)
    assert olga.get(at("reversal_note", reversal)).status_code == 404
    payments.approve_refund(reversal, by=cast.viktor, at=NOON)
    assert "It is being prepared" in viktor.get(at("reversal", reversal)).content.decode()
    assert viktor.get(at("reversal_note", reversal)).status_code == 302

    tasks.render_reversal(organization_id=cast.acme.pk, reversal_id=reversal.pk)

    assert at("reversal_note", reversal) in viktor.get(at("reversal", reversal)).content.decode()
    answer = viktor.get(at("reversal_note", reversal))
    assert answer["Content-Type"] == "application/pdf"
    assert "REF-0001.pdf" in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_who_asked_can_not_approve_even_by_hand(olga, cast, payment):
    words = {"amount": Decimal(10), "reason": "Late.", "by": cast.olga, "at": NOON}
    reversal = payments.request_refund(payment, **words)

    assert send(olga, at("approve_refund", reversal)).status_code == 409
    assert Reversal.objects.get().status == "requested"


def test_each_label_names_its_own_field(vera, viktor, cast, payment):
    words = {"amount": Decimal(10), "reason": "Late.", "by": cast.olga, "at": NOON}
    reversal = payments.request_refund(payment, **words)
    waiting = make_payment(cast.sam, invoice=make_invoice(cast.sam))

    for page in (viktor.get(at("reversal", reversal)), vera.get(at("review", waiting))):
        soup = BeautifulSoup(page.content, "html.parser")
        ids = [each["id"] for each in soup.select(":is(input, select, textarea)[id]")]
        assert len(ids) == len(set(ids))


def test_a_refund_is_refused_with_a_reason(viktor, cast, payment):
    words = {"amount": Decimal(10), "reason": "Late.", "by": cast.vera, "at": NOON}
    reversal = payments.request_refund(payment, **words)

    assert send(viktor, at("refuse_refund", reversal)).status_code == 422
    send(viktor, at("refuse_refund", reversal), remarks="It came in time.")

    assert Reversal.objects.get().status == "refused"
    assert "It came in time." in viktor.get(at("reversal", reversal)).content.decode()


def test_the_document_of_a_refund_is_shown_to_those_who_may(vera, bill, cast, payment):
    reversal = payments.request_refund(
        payment, amount=Decimal(5), reason="Late.", proof=make_proof(), by=cast.sam, at=NOON
    )

    document = vera.get(at("reversal_proof", reversal))
    assert b"".join(document.streaming_content) == b"%PDF-1.4 proof"
    assert bill.get(at("reversal_proof", reversal)).status_code == 403


def test_a_notice_of_a_refund_leads_to_it(cast, payment):
    reversal = payments.request_refund(
        payment, amount=Decimal(5), reason="Late.", by=cast.sam, at=NOON
    )
    assert place_of("payments.reversal", reversal.pk) == at("reversal", reversal)


def test_a_chargeback_writes_off_what_it_paid(viktor, vera, payment, check_now):
    assert vera.get(step("charge_back", payment)).status_code == 403

    send(viktor, step("charge_back", payment), reason="The holder disputes it.")
    check_now()

    assert Payment.objects.get().status == "charged_back"
    assert Credit.objects.get().kind == "write_off"


def test_a_bounced_cheque_is_owed_again(viktor, cheque, check_now):
    page = viktor.get(at("record", cheque)).content.decode()
    assert step("bounce", cheque) in page

    send(viktor, step("bounce", cheque), reason="No funds.")
    check_now()

    assert Payment.objects.get().status == "bounced"
    assert Invoice.objects.get().paid == 0


def test_a_cheque_goes_to_the_bank_and_clears(vera, cheque, check_now):
    assert step("deposit_cheque", cheque) in vera.get(at("record", cheque)).content.decode()
    send(vera, step("deposit_cheque", cheque))
    assert step("clear_cheque", cheque) in vera.get(at("record", cheque)).content.decode()
    send(vera, step("clear_cheque", cheque))
    check_now()

    assert Payment.objects.get().cheque_state == "cleared"
    page = vera.get(at("record", cheque)).content.decode()
    assert step("bounce", cheque) not in page


def test_what_waits_stands_first_and_tabs_narrow_the_list(vera, cast, payment, cheque):
    words = {"reason": "Late.", "by": cast.vera, "at": NOON}
    waiting = payments.request_refund(payment, amount=Decimal(5), **words)
    payments.bounce(cheque, reason="No funds.", by=cast.viktor, at=NOON)

    rows = [record[0] for record in vera.get(REFUNDS).context["list"].page.records]
    assert rows[0] == waiting.pk
    assert len(rows) == 2
    bounced = vera.get(REFUNDS, {"kind": "bounce"}).context["list"].page.records
    assert len(bounced) == 1


def test_the_record_leads_to_a_refund_with_a_key(vera, payment):
    page = vera.get(at("record", payment)).content.decode()

    assert f'href="{step("request_refund", payment)}" data-key="r"' in page


def test_a_salesperson_sees_own_payments_only(sam, cast):
    other = make_payment(cast.sara, invoice=make_invoice(cast.sara))

    assert sam.get(at("record", other)).status_code == 404
