"""What becomes of a payment besides being verified: withdrawn, refunded, charged back, its cheque's way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from prs.kernel.db.ids import new_id
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.payments import services as payments
from prs.operations.payments.models import Reversal
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import make_invoice, make_payment, make_proof

pytestmark = pytest.mark.usefixtures("quick_documents")


def page(client, row, name="billing:payment"):
    response = client.get(reverse(name, args=[row.pk]))
    assert response.status_code == 200, response.status_code
    return BeautifulSoup(response.content, "html.parser")


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def post(client, name, row, **fields):
    return client.post(reverse(f"billing:{name}", args=[row.pk]), {"once": str(new_id()), **fields})


def offered(soup):
    """The words of the page's actions."""
    return {each.get_text(" ", strip=True) for each in soup.select(".page-actions :is(a, button)")}


@pytest.fixture
def waiting(cast):
    return pay_deal(cast.sam, make_deal(cast.sam), amount="400.00")


@pytest.fixture
def verified(cast, waiting):
    payments.verify(waiting, by=cast.vera, at=NOON)
    return fresh(waiting)


@pytest.fixture
def cheque(cast):
    return pay_deal(cast.sam, make_deal(cast.sam), amount="400.00", method="cheque")


def test_the_page_names_the_deal(browser, cast, waiting):
    soup = page(browser(cast.sam), waiting)

    assert soup.find("a", href=reverse("sales:deal", args=[waiting.deal_id]))
    assert "Advance" in soup.text


def test_whoever_recorded_a_payment_takes_it_back_with_a_reason(browser, cast, waiting, check_now):
    client = browser(cast.sam)
    assert "Withdraw" in offered(page(client, waiting))
    assert post(client, "withdraw", waiting, reason="").status_code == 422

    post(client, "withdraw", waiting, reason="Typed twice")
    check_now()

    assert fresh(waiting).status == "withdrawn"
    assert "Record it again" in offered(page(client, waiting))


def test_nobody_else_takes_it_back(browser, cast, waiting):
    assert "Withdraw" not in offered(page(browser(cast.olga), waiting))
    assert post(browser(cast.olga), "withdraw", waiting, reason="No").status_code == 404


def test_a_refund_is_asked_for_once_and_shown(browser, cast, verified, check_now):
    client = browser(cast.sam)
    assert "Ask for a refund" in offered(page(client, verified))
    much = post(client, "request_refund", verified, amount="400.01", reason="Late")
    assert "amount" in much.context["form"].errors

    post(client, "request_refund", verified, amount="150.00", reason="Shelves came late")
    check_now()

    assert Reversal.objects.get().amount == 150
    soup = page(client, verified)
    assert "Shelves came late" in soup.text
    assert "Ask for a refund" not in offered(soup)
    assert post(client, "request_refund", verified, amount="1", reason="x").status_code == 409


def test_what_a_refund_left_is_what_can_go_back(browser, cast, verified):
    request = payments.request_refund(
        verified, amount=Decimal(150), reason="Late", by=cast.sam, at=NOON
    )
    payments.approve_refund(request, by=cast.viktor, at=NOON)
    soup = page(browser(cast.sam), verified, "billing:request_refund")

    assert soup.select_one("[name=amount]")["value"] == "250.00"
    assert "150.00" in page(browser(cast.sam), verified).text


def test_a_chargeback_is_booked_by_those_who_may(browser, cast, verified, check_now):
    assert "Chargeback" not in offered(page(browser(cast.sam), verified))
    assert post(browser(cast.sam), "charge_back", verified, reason="Bank").status_code == 403

    post(browser(cast.viktor), "charge_back", verified, reason="Bank took it")
    check_now()

    assert fresh(verified).status == "charged_back"


def test_a_cheque_is_deposited_and_cleared(browser, cast, cheque, check_now):
    payments.verify(cheque, by=cast.vera, at=NOON)
    client = browser(cast.vera)
    assert "Cheque is deposited" in offered(page(client, cheque))
    post(client, "deposit_cheque", cheque)
    assert "Cheque is cleared" in offered(page(client, cheque))
    post(client, "clear_cheque", cheque)
    check_now()

    assert fresh(cheque).cheque_state == "cleared"
    soup = page(client, cheque)
    assert "Cleared" in soup.text
    assert not {"Cheque is deposited", "Cheque is cleared"} & offered(soup)
    assert post(client, "clear_cheque", cheque).status_code == 409


def test_a_cheque_bounces_and_its_deal_is_owed_again(browser, cast, cheque, check_now):
    payments.verify(cheque, by=cast.vera, at=NOON)
    assert "Cheque bounced" in offered(page(browser(cast.viktor), cheque))

    post(browser(cast.viktor), "bounce", cheque, reason="No funds")
    check_now()

    assert fresh(cheque).status == "bounced"
    assert fresh(cheque.deal).paid == 0
    assert "Record it again" in offered(page(browser(cast.sam), cheque))


def test_a_denied_payment_of_an_invoice_is_recorded_again(browser, cast):
    invoice = make_invoice(cast.sam)
    wrong = make_payment(
        cast.sam, invoice=invoice, method="bank", proof=make_proof(), reference="TT-9"
    )
    payments.deny(wrong, reason="bank_decline", remarks="Not there", by=cast.vera, at=NOON)
    client = browser(cast.sam)
    (again,) = [
        each for each in page(client, wrong).select(".page-actions a") if "again" in each.text
    ]

    soup = BeautifulSoup(client.get(again["href"]).content, "html.parser")

    assert soup.select_one("[name=reference]")["value"] == "TT-9"
    assert soup.select_one("[name=amount]")["value"] == "100.00"


def test_credit_pays_an_invoice(browser, cast, check_now):
    deal = make_deal(cast.sam)
    over = pay_deal(cast.sam, deal, amount="1060.00", remarks="Rounded up")
    payments.verify(over, by=cast.vera, at=NOON)
    invoice = make_invoice(cast.sam, customer=deal.customer)
    client = browser(cast.sam)
    assert "Pay with credit" in offered(page(client, invoice, "billing:invoice"))

    post(client, "pay_with_credit", invoice, amount="60.00")
    check_now()

    assert fresh(invoice).left == 40
    assert post(client, "pay_with_credit", invoice, amount="1.00").status_code == 409


def test_an_accountant_credits_a_part_of_an_open_invoice(browser, cast, check_now):
    invoice = make_invoice(cast.sam)
    client = browser(cast.anna)
    assert "Credit a part" in offered(page(client, invoice, "billing:invoice"))
    much = post(client, "credit_invoice", invoice, amount="100.01", reason="Damaged")
    assert "amount" in much.context["form"].errors

    post(client, "credit_invoice", invoice, amount="30.00", reason="Damaged")
    check_now()

    assert Credit.objects.get().kind == "note"
    assert fresh(invoice).left == 70
    assert "Damaged" in page(client, invoice, "billing:invoice").text


def test_a_salesperson_gives_up_nothing(browser, cast):
    invoice = make_invoice(cast.sam)

    assert "Credit a part" not in offered(page(browser(cast.sam), invoice, "billing:invoice"))
    answer = post(browser(cast.sam), "credit_invoice", invoice, kind="note", amount="1", reason="x")
    assert answer.status_code == 403


def test_the_invoice_of_a_deal_names_it(browser, cast, waiting):
    invoice = Invoice.objects.get(deal=waiting.deal)

    soup = page(browser(cast.sam), invoice, "billing:invoice")

    assert soup.find("a", href=reverse("sales:deal", args=[waiting.deal_id]))
