"""Deals on the screen: the list, the board, one of them, closing one with its first payment."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from prs.kernel import clock
from prs.kernel.db.ids import new_id
from prs.masterdata.parties.models import Customer
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal
from prs.operations.payments import selectors
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY, make_customer

pytestmark = pytest.mark.usefixtures("quick_documents")


def soup_of(response):
    return BeautifulSoup(response.content, "html.parser")


def page(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200, response.status_code
    return soup_of(response)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def day():
    return clock.now().date().isoformat()


def proof():
    target = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(target, "PNG")
    return SimpleUploadedFile("slip.png", target.getvalue(), "image/png")


def sent(customer=None, **fields):
    """The form of a new deal as a browser sends it."""
    words = {
        "once": str(new_id()),
        "customer": str(customer.pk) if customer else "",
        "name": "Clinic shelves",
        "value": "1000.00",
        "currency": "USD",
        "rate": "",
        "deal_date": day(),
        "source": "referral",
        "first-kind": "none",
    }
    return words | fields


def first(kind, **fields):
    words = {"method": "cash", "paid_on": day(), "remarks": "Counted at the desk"}
    return {f"first-{name}": text for name, text in {"kind": kind, **words, **fields}.items()}


def verified(deal, cast, amount):
    payment = pay_deal(cast.sam, deal, amount=amount, remarks="Counted")
    payments.verify(payment, by=cast.vera, at=NOON)
    return fresh(payment)


def names(soup):
    return [link.text for link in soup.select("tbody a.row-link")]


@pytest.fixture
def three(cast):
    """One deal with nothing paid, one paid in part, one in full."""
    customer = make_customer(cast.sam)
    untouched, partly, whole = [
        make_deal(cast.sam, customer=customer, name=name, due_date=TODAY + timedelta(days=40))
        for name in ("Untouched", "Partly", "Whole")
    ]
    verified(partly, cast, "400.00")
    verified(whole, cast, "1000.00")
    return [fresh(row) for row in (untouched, partly, whole)]


# --- the list and the board -----------------------------------------------------------------------


def test_the_list_filters_by_state_stage_and_what_is_left(browser, cast, three):
    untouched, partly, whole = three
    client = browser(cast.sam)
    asked = {
        ("state", "verified"): {partly, whole},
        ("stage", "initial"): {untouched},
        ("stage", "partial"): {partly},
        ("stage", "full"): {whole},
        ("unpaid", "true"): {untouched, partly},
        ("unpaid", "false"): {whole},
        ("waiting", "true"): set(),
        ("overdue", "true"): set(),
        ("overdue", "false"): {untouched, partly, whole},
        ("customer", str(whole.customer_id)): {untouched, partly, whole},
        ("source", "google"): set(),
    }
    for (name, value), rows in asked.items():
        shown = names(page(client, reverse("sales:deals"), **{name: value}))
        assert set(shown) == {row.number for row in rows}, (name, value)


def test_a_deal_without_a_due_day_is_not_overdue(browser, cast):
    deal = make_deal(cast.sam)

    assert names(page(browser(cast.sam), reverse("sales:deals"), overdue="false")) == [deal.number]


def test_the_figures_lead_to_the_rows_they_count(browser, cast, three):
    pay_deal(cast.sam, three[0], amount="250.00")
    soup = page(browser(cast.sam), reverse("sales:deals"))

    figures = {
        each.select_one(".figure-label").text: each for each in soup.select(".summary .figure")
    }
    assert "1,600.00" in figures["Left to pay"].text
    assert "250.00" in figures["Waits for proof"].text
    rows = names(soup_of(browser(cast.sam).get(figures["Waits for proof"]["href"])))
    assert rows == [three[0].number]


def test_what_was_verified_this_month_is_counted_net_of_what_went_back(browser, cast):
    deal = make_deal(cast.sam)
    payment = pay_deal(cast.sam, deal, amount="400.00")
    payments.verify(payment, by=cast.vera, at=clock.now())
    request = payments.request_refund(
        fresh(payment), amount=Decimal(100), reason="Late", by=cast.sam, at=clock.now()
    )
    payments.approve_refund(request, by=cast.viktor, at=clock.now())

    soup = page(browser(cast.sam), reverse("sales:deals"))

    assert "300.00" in soup.select(".summary .figure")[3].text
    assert names(page(browser(cast.sam), reverse("sales:deals"), this_month="true"))


def test_the_board_puts_each_deal_where_its_payments_say(browser, cast, three):
    rejected = make_deal(cast.sam, name="Refused")
    wrong = pay_deal(cast.sam, rejected, amount="10.00")
    payments.deny(wrong, reason="bank_decline", remarks="No", by=cast.vera, at=NOON)
    gone = make_deal(cast.sam, name="Gone")
    deals.call_off(gone, reason="No budget", by=cast.sam, at=NOON)

    soup = page(browser(cast.sam), reverse("sales:deal_board"))

    columns = {
        column.select_one("h2").text.strip(): [
            card.text.split("·")[1].strip() for card in column.select(".deal-card-name")
        ]
        for column in soup.select(".deal-column")
    }
    assert columns == {
        "Pending": ["Untouched"],
        "Verified, partly paid": ["Partly"],
        "Paid in full": ["Whole"],
        "Rejected": ["Refused"],
    }


def test_table_and_board_keep_the_filters_of_each_other(browser, cast, three):
    client = browser(cast.sam)
    soup = page(client, reverse("sales:deals"), stage="full")
    board = soup.select_one('.tabs a[href*="board"]')["href"]
    assert "stage=full" in board

    soup = soup_of(client.get(board))

    assert len(soup.select(".deal-card")) == 1
    assert "stage=full" in soup.select_one(".tabs a")["href"]


def test_the_list_and_the_board_cost_the_same_for_more_rows(
    browser, cast, django_assert_max_num_queries
):
    customer = make_customer(cast.sam)
    for number in range(12):
        make_deal(cast.sam, customer=customer, name=f"Deal {number}")
    client = browser(cast.sam)
    client.get("/")

    with django_assert_max_num_queries(24):
        page(client, reverse("sales:deals"))
    with django_assert_max_num_queries(28):
        page(client, reverse("sales:deal_board"))


def test_a_colleagues_deal_does_not_exist(browser, cast):
    deal = make_deal(cast.sara)
    client = browser(cast.sam)

    for name in ("deal", "edit_deal", "pay_deal", "use_credit", "call_off_deal"):
        assert client.get(reverse(f"sales:{name}", args=[deal.pk])).status_code == 404
    assert names(page(client, reverse("sales:deals"))) == []


# --- closing a deal -------------------------------------------------------------------------------


def test_a_deal_is_closed_with_a_customer_who_is_new(browser, cast):
    response = browser(cast.sam).post(
        reverse("sales:add_deal"), sent(new_customer="Quay Clinic", cost="600")
    )

    deal = Deal.objects.get()
    assert response["Location"] == reverse("sales:deal", args=[deal.pk])
    assert (deal.customer.name, deal.salesperson, deal.margin) == ("Quay Clinic", cast.sam, 400)


def test_a_deal_brings_its_first_payment(browser, cast, check_now):
    customer = make_customer(cast.sam)

    browser(cast.sam).post(
        reverse("sales:add_deal"), sent(customer, **first("part", amount="400.00"))
    )
    check_now()

    payment = Payment.objects.get()
    assert (payment.amount, payment.category, payment.deal.paid) == (400, "advance", 0)


def test_all_of_it_needs_no_amount(browser, cast, check_now):
    customer = make_customer(cast.sam)

    browser(cast.sam).post(reverse("sales:add_deal"), sent(customer, **first("all")))
    check_now()

    assert (Payment.objects.get().amount, Payment.objects.get().category) == (1000, "final")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (first("part"), "amount"),
        (first("part", amount="1000.00"), "amount"),
        (first("all", amount="999.00"), "amount"),
        (first("all", amount="1200.00"), "amount"),
        (first("all", method=""), "method"),
        (first("all", remarks=""), "remarks"),
        (first("all", method="bank"), "proof"),
        (first("all", method="cheque"), "proof"),
        (first("all", paid_on="2020-01-01"), "paid_on"),
    ],
)
def test_a_first_payment_that_cant_be_right_leaves_no_deal(browser, cast, fields, fault):
    customer = make_customer(cast.sam)
    response = browser(cast.sam).post(reverse("sales:add_deal"), sent(customer, **fields))

    assert response.status_code == 422
    assert fault in response.context["first"].errors
    assert not Deal.objects.exists()
    assert soup_of(response).select_one("[name=name]")["value"] == "Clinic shelves"


def test_a_cheque_has_a_number(browser, cast):
    customer = make_customer(cast.sam)
    fields = {**first("all", method="cheque", cheque_number="12"), "first-proof": proof()}
    response = browser(cast.sam).post(reverse("sales:add_deal"), sent(customer, **fields))

    assert "cheque_number" in response.context["first"].errors
    assert "slip.png is kept" in soup_of(response).text


def test_more_than_the_deal_is_explained_before_it_is_saved(browser, cast, check_now):
    customer = make_customer(cast.sam)
    client = browser(cast.sam)
    fields = sent(customer, **first("all", amount="1250.00"))
    asked = client.post(reverse("sales:add_deal"), fields)
    assert "250.00" in soup_of(asked).text
    assert "becomes credit of Harbour Pharmacy" in soup_of(asked).text

    client.post(reverse("sales:add_deal"), {**fields, "first-over": "on"})
    check_now()
    payments.verify(Payment.objects.get(), by=cast.vera, at=clock.now())

    assert selectors.credit_of(customer.pk, "USD") == 250


def test_what_was_typed_before_nothing_yet_was_chosen_is_no_fault(browser, cast):
    customer = make_customer(cast.sam)
    fields = first("none", amount="much", paid_on="never")

    assert browser(cast.sam).post(reverse("sales:add_deal"), sent(customer, **fields))["Location"]
    assert not Payment.objects.exists()


def test_one_form_closes_one_deal(browser, cast):
    customer = make_customer(cast.sam)
    fields = sent(customer)
    for _time in range(2):
        browser(cast.sam).post(reverse("sales:add_deal"), fields)

    assert Deal.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"customer": ""}, "customer"),
        ({"new_customer": "And another"}, "customer"),
        ({"value": "0"}, "value"),
        ({"value": "9999999999"}, "value"),
        ({"currency": "EUR"}, "rate"),
        ({"currency": "EUR", "rate": "20000"}, "rate"),
        ({"due_date": "2020-01-01"}, "due_date"),
        ({"cost": "-1"}, "cost"),
        ({"name": ""}, "name"),
    ],
)
def test_a_deal_that_cant_be_right_is_shown_again(browser, cast, fields, fault):
    customer = make_customer(cast.sam)
    response = browser(cast.sam).post(reverse("sales:add_deal"), sent(customer) | fields)

    assert response.status_code == 422
    assert fault in response.context["form"].errors
    assert Customer.everyone.filter(name="And another").count() == 0


def test_a_due_day_in_the_past_is_refused_beside_its_field(browser, cast):
    customer = make_customer(cast.sam)
    fields = sent(customer, deal_date="2026-10-01", due_date="2026-10-02")
    response = browser(cast.sam).post(reverse("sales:add_deal"), fields)

    assert "due_date" in response.context["form"].errors


def test_another_currency_keeps_its_rate_and_the_own_one_has_none(browser, cast):
    customer = make_customer(cast.sam)
    client = browser(cast.sam)
    client.post(reverse("sales:add_deal"), sent(customer, currency="EUR", rate="1.08"))
    client.post(reverse("sales:add_deal"), sent(customer, currency="USD", rate="7"))

    assert sorted(Deal.objects.values_list("rate", flat=True)) == [1, Decimal("1.08")]


# --- one deal -------------------------------------------------------------------------------------


def test_the_page_tells_what_came_what_waits_and_what_is_left(browser, cast):
    deal = make_deal(cast.sam, cost=Decimal(600), remarks="On the second floor")
    verified(deal, cast, "300.00")
    pay_deal(cast.sam, deal, amount="200.00")

    soup = page(browser(cast.sam), reverse("sales:deal", args=[deal.pk]))

    facts = {row.dt.text: row.dd.text.strip() for row in soup.select("#deal-sheet .facts > div")}
    assert facts["Verified"].endswith("300.00")
    assert facts["Waits for proof"].endswith("200.00")
    assert facts["Left to record"].endswith("500.00")
    assert facts["Margin"].endswith("400.00")
    assert soup.select_one("progress")["value"] == "30"
    assert "INV-2026-0001" in soup.text
    assert "RCT-2026-0001" in soup.text
    assert soup.find("a", href=reverse("sales:pay_deal", args=[deal.pk]))


def test_a_part_of_the_page_is_answered_alone(browser, cast):
    deal = make_deal(cast.sam)
    headers = {"HX-Request": "true", "HX-Target": "deal-sheet"}

    answer = browser(cast.sam).get(reverse("sales:deal", args=[deal.pk]), headers=headers)

    assert soup_of(answer).find(recursive=False)["id"] == "deal-sheet"


def test_what_a_person_changed_stands_beside_the_story(browser, cast):
    deal = make_deal(cast.sam)
    deals.change(fresh(deal), {"name": "Shelves and counter"}, by=cast.sam, at=NOON)

    soup = page(browser(cast.sam), reverse("sales:deal", args=[deal.pk]))

    assert "Edited, version 2" in soup.text
    edit = soup.select_one(".deal-edits")
    assert (edit.find("del").text, edit.find("ins").text) == (
        "Clinic shelves",
        "Shelves and counter",
    )


def test_a_note_joins_the_story_and_an_empty_one_is_asked_for(browser, cast):
    deal = make_deal(cast.sam)
    client = browser(cast.sam)
    address = reverse("sales:note_deal", args=[deal.pk])

    assert client.post(address, {"text": " "}).status_code == 422
    assert client.post(address, {"text": "Called twice."}).status_code == 302
    assert "Called twice." in page(client, reverse("sales:deal", args=[deal.pk])).text


def edit(deal, **fields):
    """The form of a deal as its page sends it back."""
    words = {
        "version": deal.version,
        "customer": str(deal.customer_id),
        "name": deal.name,
        "value": str(deal.value),
        "currency": deal.currency,
        "rate": "1",
        "deal_date": deal.deal_date.isoformat(),
        "source": deal.source,
        "salesperson": str(deal.salesperson_id),
    }
    shown = {f"initial-{name}": text for name, text in words.items() if name != "version"}
    return shown | words | fields


def test_a_deal_is_changed_and_its_currency_stays_once_it_is_paid(browser, cast):
    deal = make_deal(cast.sam)
    pay_deal(cast.sam, deal, amount="400.00")
    client, address = browser(cast.sam), reverse("sales:edit_deal", args=[deal.pk])

    client.post(address, edit(fresh(deal), name="Shelves", currency="EUR", rate="2"))
    assert (fresh(deal).name, fresh(deal).currency, fresh(deal).rate) == ("Shelves", "USD", 1)

    low = client.post(address, edit(fresh(deal), value="399.00"))
    assert "value" in low.context["form"].errors
    assert fresh(deal).value == 1000


def test_the_rate_follows_a_currency_that_becomes_the_own_one(browser, cast):
    deal = make_deal(cast.sam, currency="EUR", rate=Decimal("1.08"))
    fields = {**edit(deal), "initial-rate": "1.08", "rate": "1.08", "currency": "USD"}

    browser(cast.sam).post(reverse("sales:edit_deal", args=[deal.pk]), fields)

    assert (fresh(deal).currency, fresh(deal).rate) == ("USD", 1)


def test_two_who_change_one_field_see_both_versions(browser, cast):
    deal = make_deal(cast.sam)
    seen = edit(deal, name="Mine")
    deals.change(fresh(deal), {"name": "Theirs"}, by=cast.olga, at=NOON)

    response = browser(cast.sam).post(reverse("sales:edit_deal", args=[deal.pk]), seen)

    assert response.status_code == 409
    assert "Theirs" in soup_of(response).select_one(".conflict-table").text


def test_a_deal_is_called_off_while_no_money_is_in_it(browser, cast):
    deal = make_deal(cast.sam)
    client, address = browser(cast.sam), reverse("sales:call_off_deal", args=[deal.pk])
    assert client.post(address, {"reason": ""}).status_code == 422

    client.post(address, {"reason": "No budget"})

    soup = page(client, reverse("sales:deal", args=[deal.pk]))
    assert "Called off" in soup.text
    assert not soup.find("a", href=reverse("sales:pay_deal", args=[deal.pk]))
    shown = names(page(client, reverse("sales:deals"), state="called_off"))
    assert shown == [deal.number]


def test_who_sets_commissions_is_led_to_the_shares_of_a_deal(browser, cast):
    deal = make_deal(cast.sam)
    shares = reverse("sales:commission_split", args=[deal.pk])
    page = reverse("sales:deal", args=[deal.pk])

    assert soup_of(browser(cast.olga).get(page)).find("a", href=shares)
    assert not soup_of(browser(cast.sam).get(page)).find("a", href=shares)


def test_who_may_only_read_is_offered_nothing(browser, cast):
    deal = make_deal(cast.sam)
    client = browser(cast.bill)

    soup = page(client, reverse("sales:deal", args=[deal.pk]))

    assert soup.select(".page-actions a") == []
    assert not soup.select_one("form[action*=note]")
    assert client.get(reverse("sales:edit_deal", args=[deal.pk])).status_code == 403


# --- paying a deal --------------------------------------------------------------------------------


def paid(amount, **fields):
    words = {"once": str(new_id()), "amount": amount, "method": "cash", "paid_on": day()}
    return words | fields


def test_the_rest_is_filled_in_and_becomes_the_final_payment(browser, cast, check_now):
    deal = make_deal(cast.sam)
    verified(deal, cast, "400.00")
    client, address = browser(cast.sam), reverse("sales:pay_deal", args=[deal.pk])
    assert page(client, address).select_one("[name=amount]")["value"] == "600.00"

    client.post(address, paid("600.00"))
    check_now()

    assert Payment.objects.order_by("-number").first().category == "final"


def test_too_much_for_a_deal_is_agreed_to_first(browser, cast, check_now):
    deal = make_deal(cast.sam)
    client, address = browser(cast.sam), reverse("sales:pay_deal", args=[deal.pk])

    asked = client.post(address, paid("1250.00"))
    assert asked.status_code == 422
    assert soup_of(asked).select_one("[name=over]")

    client.post(address, paid("1250.00", over="on"))
    check_now()
    assert Payment.objects.get().amount == 1250


def test_a_deal_that_is_covered_takes_no_more(browser, cast):
    deal = make_deal(cast.sam)
    pay_deal(cast.sam, deal)
    address = reverse("sales:pay_deal", args=[deal.pk])

    assert browser(cast.sam).post(address, paid("10.00")).status_code == 409


def test_a_denied_payment_is_recorded_again_from_what_it_said(browser, cast):
    deal = make_deal(cast.sam)
    wrong = pay_deal(cast.sam, deal, amount="400.00", reference="TT-1")
    payments.deny(wrong, reason="bank_decline", remarks="Not there", by=cast.vera, at=NOON)
    client = browser(cast.sam)

    actions = page(client, reverse("billing:payment", args=[wrong.pk])).select(".page-actions a")
    (again,) = [each["href"] for each in actions if "again" in each.text]

    soup = soup_of(client.get(again))

    assert soup.select_one("[name=amount]")["value"] == "400.00"
    assert soup.select_one("[name=reference]")["value"] == "TT-1"


def test_credit_of_the_customer_pays_another_deal(browser, cast, check_now):
    deal = make_deal(cast.sam)
    verified(deal, cast, "1250.00")
    other = make_deal(cast.sam, customer=deal.customer)
    client, address = browser(cast.sam), reverse("sales:use_credit", args=[other.pk])
    soup = page(client, reverse("sales:deal", args=[other.pk]))
    assert soup.find("a", href=address)
    assert page(client, address).select_one("[name=amount]")["value"] == "250.00"

    client.post(address, {"once": str(new_id()), "amount": "200.00"})
    check_now()

    assert fresh(other).paid == 200
    assert "Paid with credit" in page(client, reverse("sales:deal", args=[other.pk])).text
