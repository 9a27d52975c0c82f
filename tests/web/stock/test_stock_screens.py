"""Stock and buying on the screen: every page is drawn, and the work goes from delivery to books."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from prs.kernel.db.ids import new_id
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock import services
from prs.operations.purchasing import selectors as buying
from prs.operations.purchasing.models import GoodsReceipt, PurchaseOrder, SupplierBill
from tests.cast import NOON
from tests.factories.goods import (
    make_bill,
    make_came,
    make_order,
    make_place,
    make_product,
    make_receipt,
    make_stock,
    make_supplier,
)


def soup(response):
    assert response.status_code == 200, response.content[:400]
    return BeautifulSoup(response.content, "html.parser")


def once(**fields):
    return {"once": str(new_id()), **fields}


def rows(*lines, prefix="lines"):
    sent = {f"{prefix}-TOTAL_FORMS": len(lines), f"{prefix}-INITIAL_FORMS": 0}
    for at, line in enumerate(lines):
        sent |= {f"{prefix}-{at}-{name}": value for name, value in line.items()}
    return sent


@pytest.fixture
def store(cast):
    return make_place("Store")


@pytest.fixture
def shop(cast):
    return make_place("Corner Shop", code="CS", kind="storefront")


@pytest.fixture
def soap(cast):
    return make_product("SOAP-1", name="Shea Soap")


@pytest.fixture
def mill(cast):
    return make_supplier(cast.olga)


LISTS = [
    "levels",
    "batches",
    "movements",
    "alerts",
    "as_of",
    "reports",
    "valuation",
    "shrinkage",
    "velocity",
    "transfers",
    "add_transfer",
    "requests",
    "add_request",
    "adjustments",
    "add_adjustment",
    "counts",
    "add_count",
    "orders",
    "add_order",
    "suggestions",
    "receiving",
    "take_in",
    "receipts",
    "bills",
    "add_bill",
]


@pytest.mark.parametrize("name", LISTS)
def test_every_page_is_drawn_when_there_is_nothing(browser, cast, name):
    assert soup(browser(cast.olga).get(reverse(f"stock:{name}"))).h1


def test_every_page_is_drawn_when_there_is_something(browser, cast, soap, store, shop, mill):
    client = browser(cast.olga)
    order = make_order(cast.olga, soap, store, supplier=mill)
    came = make_came(soap, 8, 5, expires_on=NOON.date() + timedelta(days=9))
    receipt = make_receipt(cast.olga, [came], store, supplier=mill)
    make_receipt(cast.olga, [make_came(soap, 2)], store, supplier=mill)
    bill = make_bill(cast.olga, receipt)
    (lies, _other) = stock.lying(place=store)
    said = {"kind": "damage", "quantity": Decimal(1), "reason": "Wet"}
    adjustment = services.ask_adjustment(lies.batch, store, said, by=cast.sam, at=NOON)
    count = services.open_count(store, by=cast.olga, at=NOON)
    asked = services.ask_stock({"place": shop}, {soap: Decimal(2)}, by=cast.sam, at=NOON)
    transfer = services.draft_transfer(
        {"origin": store, "destination": shop}, {soap: Decimal(2)}, by=cast.sam, at=NOON
    )
    services.raise_stock_alerts(today=NOON.date(), at=NOON)
    pages = {
        "level": soap,
        "batch": lies.batch,
        "transfer": transfer,
        "cancel_transfer": transfer,
        "reject_transfer": transfer,
        "request": asked,
        "edit_request": asked,
        "cancel_request": asked,
        "override_request": asked,
        "adjustment": adjustment,
        "reject_adjustment": adjustment,
        "count": count,
        "order": order,
        "close_order": order,
        "cancel_order": order,
        "receive_order": order,
        "receipt": receipt,
        "bill": bill,
        "pay_bill": bill,
    }
    for name, row in pages.items():
        assert soup(client.get(reverse(f"stock:{name}", args=[row.pk]))).h1, name
    for name in LISTS:
        assert soup(client.get(reverse(f"stock:{name}"))).h1, name
    moment = {"day": NOON.date().isoformat()}
    assert "Shea Soap" in soup(client.get(reverse("stock:valuation"), moment)).text
    pdf = client.get(reverse("stock:order_document", args=[order.pk]))
    assert pdf.content.startswith(b"%PDF")


def test_without_the_right_nobody_sees_what_stock_cost(browser, cast, soap, store):
    make_stock(soap, store, 10, "73.10", by=cast.olga)
    for name, member, shown in (("levels", cast.olga, True), ("levels", cast.sam, False)):
        if member is cast.sam:
            member.role.permissions = [*member.role.permissions, "stock.view"]
            member.role.save()
        text = soup(browser(member).get(reverse(f"stock:{name}"))).text
        assert ("73.10" in text) is shown


def test_an_order_is_written_sent_and_taken_in_short(browser, cast, soap, store, mill):
    client = browser(cast.olga)
    head = {"supplier": mill.pk, "place": store.pk}
    line = {"product": "SOAP-1", "quantity": "10", "unit_price": "5", "tax_rate": "10"}
    answer = client.post(reverse("stock:add_order"), once(**head, **rows(line)))
    assert answer.status_code == 302, BeautifulSoup(answer.content, "html.parser").select(".errors")
    order = PurchaseOrder.objects.get()
    client.post(reverse("stock:send_order", args=[order.pk]), once())
    page = soup(client.get(reverse("stock:receive_order", args=[order.pk])))
    line_id = page.select_one("input[name=lines-0-line]")["value"]
    came = {
        "product": "SOAP-1",
        "line": line_id,
        "quantity": "6",
        "damaged": "1",
        "remark": "Crushed",
        "unit_price": "5",
        "tax_rate": "10",
    }
    sent = {"place": store.pk, "received_on": "today", "charges": "3", "recoverable": "on"}

    answer = client.post(
        reverse("stock:receive_order", args=[order.pk]),
        once(**sent, **{**rows(came), "lines-INITIAL_FORMS": 1}),
    )

    assert answer.status_code == 302, answer.content
    receipt = GoodsReceipt.objects.get()
    order.refresh_from_db()
    assert (order.state, receipt.worth) == ("part", 33)
    assert stock.there_of_each()[soap.pk] == 6
    bill = {
        "receipt": receipt.pk,
        "reference": "M-1",
        "bill_date": "today",
        "net": "30",
        "tax": "3",
    }
    assert client.post(reverse("stock:add_bill"), once(**bill)).status_code == 302
    owed = SupplierBill.objects.get()
    paid = {"amount": "33", "account": chart.BANK, "paid_on": "today"}
    assert client.post(reverse("stock:pay_bill", args=[owed.pk]), once(**paid)).status_code == 302
    owed.refresh_from_db()
    assert owed.left == 0
    assert buying.inventory_balance(chart.RECEIVED_NOT_BILLED) == -3
    carrier = {"supplier": mill.pk, "reference": "F-1", "bill_date": "today", "net": "3"}
    assert client.post(reverse("stock:add_bill"), once(**carrier)).status_code == 302
    assert buying.inventory_balance(chart.RECEIVED_NOT_BILLED) == 0
    assert buying.inventory_balance(chart.PRICE_DIFFERENCES) == 0
    assert list(buying.findings()) == []


def test_a_delivery_that_can_not_be_so_is_shown_again_with_why(browser, cast, soap, store, mill):
    came = {"product": "SOAP-1", "quantity": "0", "damaged": "2"}
    sent = {"kind": "purchase", "supplier": mill.pk, "place": store.pk, "received_on": "today"}

    answer = browser(cast.olga).post(reverse("stock:take_in"), once(**sent, **rows(came)))

    assert answer.status_code == 422
    assert "Say what is wrong with Shea Soap." in answer.content.decode()


def test_a_transfer_goes_its_way_and_says_what_is_missing(browser, cast, soap, store, shop):
    make_stock(soap, store, 10, 50, by=cast.olga)
    client = browser(cast.olga)
    head = {"origin": store.pk, "destination": shop.pk, "priority": "high", "act": "request"}
    line = {"product": "SOAP-1", "quantity": "4"}
    answer = client.post(reverse("stock:add_transfer"), once(**head, **rows(line)))
    page = answer.headers["Location"]
    pk = re.search(r"[0-9a-f-]{36}", page)[0]
    for step, quantity in (("approve", "4"), ("dispatch", "4"), ("receive", "3")):
        field = soup(client.get(page)).select_one("input[name^=quantity-]")["name"]
        sent = {field: quantity, field.replace("quantity", "remark"): "One fell"}
        answer = client.post(reverse(f"stock:{step}_transfer", args=[pk]), once(**sent))
        assert answer.status_code == 302, answer.content

    assert stock.as_of(NOON + timedelta(days=900), place=shop) == {soap.pk: 3}
    (loss,) = stock.adjustments()
    assert (loss.quantity, loss.reason) == (-1, "One fell")


def test_more_than_was_sent_can_not_arrive(browser, cast, soap, store, shop):
    make_stock(soap, store, 10, 50, by=cast.olga)
    ends = {"origin": store, "destination": shop}
    row = services.draft_transfer(ends, {soap: Decimal(4)}, by=cast.sam, at=NOON)
    services.request_transfer(row, by=cast.sam, at=NOON)
    services.approve_transfer(row, {}, by=cast.olga, at=NOON)
    services.dispatch_transfer(row, {}, by=cast.olga, at=NOON)
    (line,) = stock.transfer_lines(row)

    sent = once(**{f"quantity-{line.pk}": "5"})
    answer = browser(cast.olga).post(reverse("stock:receive_transfer", args=[row.pk]), sent)

    assert answer.status_code == 422
    assert not stock.as_of(NOON + timedelta(days=900), place=shop)


def test_a_shop_asks_and_gets_a_transfer(browser, cast, soap, store, shop):
    make_stock(soap, store, 10, 50, by=cast.olga)
    client = browser(cast.olga)
    asked = once(place=shop.pk, priority="low", **rows({"product": "Shea Soap", "quantity": "4"}))
    page = client.post(reverse("stock:add_request"), asked).headers["Location"]

    assert "Store" in soup(client.get(page)).text
    answer = client.post(page, {"origin": store.pk})

    (transfer,) = stock.transfers()
    (request,) = stock.requests()
    assert answer.headers["Location"] == reverse("stock:transfer", args=[transfer.pk])
    assert (request.state, request.transfer_id) == ("assigned", transfer.pk)
    edit = client.get(reverse("stock:edit_request", args=[request.pk]))
    assert edit.status_code == 409


def test_an_adjustment_is_asked_for_and_the_picked_are_approved_by_another(
    browser, cast, soap, store
):
    batch = make_stock(soap, store, 10, 50, by=cast.olga)
    address = f"{reverse('stock:add_adjustment')}?product={soap.pk}"
    sent = {"where": f"{batch.pk}:{store.pk}", "kind": "damage", "reason": "Wet"}
    answer = browser(cast.adam).post(address, once(**sent, quantity="2"))
    assert answer.status_code == 302, answer.content
    browser(cast.adam).post(address, once(**sent, quantity="50"))

    picked = {"pick": [row.pk for row in stock.adjustments()]}
    answer = browser(cast.olga).post(reverse("stock:approve_adjustments"), picked, follow=True)

    assert stock.there_of_each()[soap.pk] == 8
    text = soup(answer).text
    assert "1 adjustment is carried out." in text
    assert "Only 8 of Shea Soap can be had" in text


def test_a_count_is_blind_and_its_differences_wait_for_approval(browser, cast, soap, store):
    batch = make_stock(soap, store, 37, 50, by=cast.olga)
    client = browser(cast.olga)
    page = client.post(reverse("stock:add_count"), once(place=store.pk)).headers["Location"]
    shown = soup(client.get(page, {"code": "SOAP-1"}))
    assert "37" not in shown.main.text
    field = shown.select_one("input[name^=counted-]")["name"]
    assert field == f"counted-{batch.pk}"

    client.post(f"{page}?code=SOAP-1", {field: "35"})
    pk = re.search(r"[0-9a-f-]{36}", page)[0]
    client.post(reverse("stock:close_count", args=[pk]), once())

    (asked,) = stock.adjustments()
    assert (asked.quantity, asked.state) == (-2, "pending")
    assert "37" in soup(client.get(page)).main.text


def test_a_suggested_order_is_drafted_in_one_press(browser, cast, soap, store, mill):
    make_receipt(cast.olga, [make_came(soap, 3, "4.20")], store, supplier=mill)
    sent = once(supplier=mill.pk, place=store.pk, pick=[soap.pk])

    browser(cast.olga).post(reverse("stock:suggestions"), sent)

    (line,) = buying.order_lines(PurchaseOrder.objects.get())
    assert (line.product, line.unit_price) == (soap, Decimal("4.20"))


def test_the_prices_of_a_batch_change_and_nothing_else(browser, cast, soap, store):
    batch = make_stock(soap, store, 10, 50, by=cast.olga)
    page = reverse("stock:batch", args=[batch.pk])
    sent = {"retail_price": "9.90", "wholesale_price": "", "version": "1", "unit_cost": "1"}

    assert browser(cast.olga).post(page, sent).status_code == 302

    batch.refresh_from_db()
    assert (batch.retail_price, batch.unit_cost) == (Decimal("9.90"), 5)


def test_the_reconciliation_can_fail(browser, cast, soap, store, monkeypatch):
    make_stock(soap, store, 10, 50, by=cast.olga)
    page = reverse("stock:level", args=[soap.pk])
    assert "It adds up" in soup(browser(cast.olga).get(page)).text

    terms = stock.terms_of(soap)
    monkeypatch.setattr(
        stock, "terms_of", lambda _product: type(terms)(received=Decimal(12), on_hand=Decimal(10))
    )

    assert "It does not add up" in soup(browser(cast.olga).get(page)).text


def asked_for(cast, shop, soap, quantity=4):
    return services.ask_stock({"place": shop}, {soap: Decimal(quantity)}, by=cast.sam, at=NOON)


def test_all_of_a_request_is_sent_from_its_page(browser, cast, soap, store, shop):
    make_stock(soap, store, 10, by=cast.olga)
    row = asked_for(cast, shop, soap)
    client = browser(cast.olga)
    page = soup(client.get(reverse("stock:request", args=[row.pk])))
    button = page.select_one("button[formaction]")
    sent = {"origin": page.select_one("select option[selected]")["value"]}

    answer = client.post(button["formaction"], once(**sent))

    (transfer,) = stock.transfers()
    assert answer.url == reverse("stock:transfer", args=[transfer.pk])
    assert (transfer.state, transfer.dispatched_by) == ("dispatched", cast.olga)


def test_who_may_only_ask_sends_nothing_and_sets_no_status(browser, cast, soap, store, shop):
    make_stock(soap, store, 10, by=cast.olga)
    row = asked_for(cast, shop, soap)
    role = cast.sam.role
    client = browser(cast.sam)
    for rights, steps in (
        (["stock.view", "stock.transfer"], ("fulfil_request", "override_request")),
        (["stock.view", "stock.approve_transfers"], ("fulfil_request",)),
    ):
        role.permissions = rights
        role.save()
        page = client.get(reverse("stock:request", args=[row.pk])).content.decode()
        for step in steps:
            url = reverse(f"stock:{step}", args=[row.pk])
            assert url not in page
            sent = once(origin=store.pk, state="cancelled", reason="No")
            assert client.post(url, sent).status_code == 403
    assert stock.requests().get().state == "new"
    assert not stock.transfers()


def test_a_supervisor_sets_the_status_and_the_page_says_who_and_why(browser, cast, soap, shop):
    row = asked_for(cast, shop, soap)
    client = browser(cast.olga)
    url = reverse("stock:override_request", args=[row.pk])
    assert "force" not in str(soup(client.get(url)).select_one("form.form"))
    assert client.post(url, once(state="fulfilled", reason="")).status_code == 422

    client.post(url, once(state="fulfilled", reason="Bought at the market"))

    page = soup(client.get(reverse("stock:request", args=[row.pk]))).text
    assert f"Status set by {cast.olga.name}" in page
    assert "from New to Fulfilled: Bought at the market" in page
    assert soup(client.get(url)).select_one("input[name=force]")
    assert client.post(url, once(state="new", reason="By mistake")).status_code == 409
    client.post(url, once(state="new", reason="By mistake", force="on"))
    assert stock.requests().get().state == "new"


def test_a_bill_is_voided_on_its_page_by_those_who_may(browser, cast, soap, store, mill):
    row = make_receipt(cast.olga, [make_came(soap, 10, 5)], store, supplier=mill)
    bill = make_bill(cast.olga, row)
    page = reverse("stock:bill", args=[bill.pk])
    place = reverse("stock:void_bill", args=[bill.pk])
    assert place in {link["href"] for link in soup(browser(cast.anna).get(page)).select("a[href]")}

    assert browser(cast.adam).post(place, once(reason="No")).status_code == 403
    anna = browser(cast.anna)
    assert anna.post(place, once(reason="")).status_code == 422
    shown = soup(anna.post(place, once(reason="Typed twice"), follow=True))

    assert "Anna voided this bill" in shown.text
    assert "Typed twice" in shown.text
    links = {link["href"] for link in shown.select("a[href]")}
    assert not links & {place, reverse("stock:pay_bill", args=[bill.pk])}
    listed = soup(anna.get(reverse("stock:bills"), {"state": "void"}))
    assert bill.number in listed.text
    assert bill.number not in soup(anna.get(reverse("stock:bills"), {"state": "open"})).main.text
    assert "Record its bill" in soup(anna.get(reverse("stock:receipt", args=[row.pk]))).text
