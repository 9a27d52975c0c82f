"""The frame of every page: whose it is, where one is, and what waits."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prs.kernel.activity.models import AuditEvent, Notification
from prs.kernel.identity.models import MenuItem
from prs.operations.deals import services as deals
from prs.web.kit import searching
from prs.web.kit.keeping import HERE, TOKEN
from tests.cast import NOON, Cast
from tests.factories.sales import make_deal
from tests.factories.walk import make_invoice, make_payment
from tests.web.account.doors import verified


def page(client: Any, address: str, **headers: Any) -> BeautifulSoup:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def menu(soup: BeautifulSoup) -> list[str]:
    return [item.text for item in soup.select("#menu .menu-word")]


@pytest.fixture
def as_olga(client: Any, cast: Cast) -> Any:
    client.force_login(cast.olga.user)
    return client


# --- the frame ------------------------------------------------------------------------------------------


def test_the_menu_shows_what_a_member_may_open_and_marks_where_they_are(
    client: Any, cast: Cast
) -> None:
    client.force_login(cast.sam.user)

    soup = page(client, reverse("sales:customers"))

    assert "Customers" in menu(soup)
    assert "Verify payments" not in menu(soup)
    assert soup.select_one("#menu [aria-current=page]").text.strip() == "Customers"


def test_a_menu_item_without_a_screen_is_not_shown(as_olga: Any) -> None:
    MenuItem.objects.filter(code="customers").update(url_name="nowhere:at_all")

    assert "Customers" not in menu(page(as_olga, "/"))


def test_two_people_on_one_process_see_their_own_frames(client: Any, cast: Cast) -> None:
    for member in (cast.olga, cast.sam, cast.zoe, cast.olga):
        client.force_login(member.user)
        soup = page(client, "/")

        assert soup.select_one(".topbar-house span").text == member.organization.name
        assert f"Your account, {member.name}" in soup.select_one("summary.person").text


def test_a_kept_frame_carries_this_requests_token_and_address(as_olga: Any) -> None:
    for address in ("/keys?a=1", "/notifications?show=unread"):
        answer = as_olga.get(address)
        text = answer.content.decode()

        assert TOKEN not in text
        assert HERE not in text
        form = BeautifulSoup(text, "html.parser").select_one("form[data-preferences]")
        assert form.select_one("[name=next]")["value"] == address
        assert len(form.select_one("[name=csrfmiddlewaretoken]")["value"]) == 64


def test_the_token_of_a_kept_frame_is_accepted(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.olga.user)
    form = page(client, "/keys").select_one("form[data-preferences]")
    token = form.select_one("[name=csrfmiddlewaretoken]")["value"]

    answer = client.post("/preferences", {"theme": "dark", "csrfmiddlewaretoken": token})

    assert answer.status_code == 302


def test_payments_that_wait_are_counted_beside_the_menu(client: Any, cast: Cast) -> None:
    make_payment(cast.sam, invoice=make_invoice(cast.sam))
    client.force_login(cast.vera.user)

    soup = page(client, "/")

    assert soup.select_one("#count-verify").text == "1"
    assert "1 payment waits for proof" in soup.select_one("#desk").text


def test_an_error_page_asks_nothing_of_the_frame(as_olga: Any) -> None:
    as_olga.get("/no-such-page")
    with CaptureQueriesContext(connection) as queries:
        assert as_olga.get("/no-such-page").status_code == 404

    assert not [q for q in queries if "identity_menuitem" in q["sql"]]


def test_platform_staff_see_their_own_home(client: Any, cast: Cast) -> None:
    verified(client, cast.pat)

    assert "You run the platform" in page(client, "/").text


# --- preferences ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"), [("theme", "dark"), ("density", "compact"), ("language", "ar")]
)
def test_a_preference_is_kept(as_olga: Any, cast: Cast, name: str, value: str) -> None:
    answer = as_olga.post("/preferences", {name: value, "next": "/keys"})

    assert answer["Location"] == "/keys"
    cast.olga.user.refresh_from_db()
    assert getattr(cast.olga.user, name) == value


def test_arabic_turns_the_page_round(as_olga: Any) -> None:
    as_olga.post("/preferences", {"language": "ar"})

    soup = page(as_olga, "/keys")

    assert (soup.html["lang"], soup.html["dir"]) == ("ar", "rtl")
    assert soup.h1.text == "اختصارات لوحة المفاتيح"


@pytest.mark.parametrize("data", [{}, {"theme": "pink"}, {"language": "xx"}, {"email": "x@y.test"}])
def test_a_preference_that_is_none_is_refused(as_olga: Any, data: dict[str, str]) -> None:
    assert as_olga.post("/preferences", data).status_code == 422


def test_the_way_back_never_leads_elsewhere(as_olga: Any) -> None:
    answer = as_olga.post("/preferences", {"theme": "dark", "next": "https://evil.test/"})

    assert answer["Location"] == "/"


# --- search ---------------------------------------------------------------------------------------------


@pytest.fixture(params=[searching.MOST_HITS, 0], ids=["few hits", "many hits"])
def however_many(request: Any, monkeypatch: Any) -> None:
    """What is found is the same whether hits are fetched or rows are asked in turn."""
    monkeypatch.setattr(searching, "MOST_HITS", request.param)


def hits(client: Any, words: str) -> list[str]:
    soup = page(
        client, f"/search?q={words}", **{"HX-Request": "true", "HX-Target": "palette-results"}
    )
    return [link.select_one(".truncate").text for link in soup.select("a.palette-item")]


@pytest.mark.usefixtures("however_many")
def test_search_finds_customers_invoices_and_payments_by_their_beginnings(
    as_olga: Any, cast: Cast
) -> None:
    invoice = make_invoice(cast.sam)
    payment = make_payment(cast.sam, invoice=invoice)

    assert hits(as_olga, "harb") == [invoice.customer.name, invoice.number, payment.number]
    assert hits(as_olga, invoice.number) == [invoice.number]
    assert hits(as_olga, "pharmacy harbour")[0] == invoice.customer.name


@pytest.mark.usefixtures("however_many")
def test_search_keeps_to_the_rows_a_member_may_see(client: Any, cast: Cast) -> None:
    make_payment(cast.sam, invoice=make_invoice(cast.sam))

    for stranger in (cast.sara, cast.zoe):
        client.force_login(stranger.user)
        assert hits(client, "harb") == []


@pytest.mark.usefixtures("however_many")
def test_search_finds_deals_by_number_name_and_customer_and_keeps_to_the_scope(
    client: Any, cast: Cast
) -> None:
    deal = make_deal(cast.sam, name="Zebra cabinets")
    found = f"{deal.number} · Zebra cabinets"
    client.force_login(cast.sam.user)

    assert hits(client, deal.number.lower()) == [found]
    assert hits(client, "cabinets zeb") == [found]
    assert found in hits(client, "harbour")
    deals.change(deal, {"name": "Okapi cabinets"}, by=cast.sam, at=NOON)
    assert hits(client, "zebra") == []

    for stranger in (cast.sara, cast.zoe):
        client.force_login(stranger.user)
        assert hits(client, "okapi") == hits(client, deal.number) == []


def test_search_finds_pages_and_only_those_of_the_menu(client: Any, cast: Cast) -> None:
    client.force_login(cast.sam.user)

    assert hits(client, "custom") == ["Customers"]
    assert hits(client, "audit") == []


@pytest.mark.parametrize(
    "words", ["%25", "_", "a%00b", "x" * 500, "'; DROP TABLE", "(", "%E2%82%AC"]
)
def test_search_takes_anything(as_olga: Any, words: str) -> None:
    assert as_olga.get(f"/search?q={words}").status_code == 200


def test_search_follows_a_name_that_changed(as_olga: Any, cast: Cast) -> None:
    customer = make_invoice(cast.sam).customer
    customer.name = "Žižkov Müllerei"
    customer.save(update_fields=["name"])

    assert hits(as_olga, "harb") == []
    assert hits(as_olga, "žiž")[0] == "Žižkov Müllerei"
    assert hits(as_olga, "MÜLL")[0] == "Žižkov Müllerei"


# --- notifications --------------------------------------------------------------------------------------


@pytest.fixture
def told(cast: Cast) -> Notification:
    """Vera was told of a payment."""
    make_payment(cast.sam, invoice=make_invoice(cast.sam))
    return Notification.objects.get(member_id=cast.vera.pk, code="payment.recorded")


def test_a_member_sees_and_reads_their_own_notifications(
    client: Any, cast: Cast, told: Notification
) -> None:
    client.force_login(cast.vera.user)

    assert told.text in page(client, "/notifications").text
    assert (
        client.post(f"/notifications/{told.pk}/read", {"next": "/notifications"}).status_code == 302
    )
    told.refresh_from_db()
    assert told.read_at is not None
    assert told.text not in page(client, "/notifications?show=unread").text


def test_anothers_notification_is_not_there(client: Any, cast: Cast, told: Notification) -> None:
    for stranger in (cast.sam, cast.zoe):
        client.force_login(stranger.user)
        assert client.post(f"/notifications/{told.pk}/read").status_code == 404


def test_the_bell_counts_and_brings_the_counts_of_the_menu(
    client: Any, cast: Cast, told: Notification
) -> None:
    client.force_login(cast.vera.user)

    soup = page(client, "/notifications", **{"HX-Request": "true", "HX-Target": "bell"})

    assert soup.select_one("#bell .count").text == "1"
    assert soup.select_one("#count-verify")["hx-swap-oob"] == "true"


def test_a_notice_leads_to_its_screen(client: Any, cast: Cast, told: Notification) -> None:
    client.force_login(cast.vera.user)

    answer = client.get(f"/open/{told.subject_kind}/{told.subject_id}")

    assert answer["Location"] == reverse("billing:payment", args=[told.subject_id])
    assert client.get(f"/open/no.thing/{told.subject_id}").status_code == 404


def test_choices_are_kept_and_offered_only_for_what_can_reach_one(client: Any, cast: Cast) -> None:
    client.force_login(cast.sam.user)

    names = [
        box["name"] for box in page(client, "/notifications/choices").select("input[type=checkbox]")
    ]
    assert "app:payment.denied" in names
    assert "app:payment.recorded" not in names
    client.post("/notifications/choices", {"mail:payment.denied": "daily", "digest": "8"})
    soup = page(client, "/notifications/choices")
    box = soup.find("input", {"name": "app:payment.denied"})
    way = soup.find("select", {"name": "mail:payment.denied"}).select_one("option[selected]")
    assert (box.has_attr("checked"), way["value"]) == (False, "daily")


def test_an_organizations_words_are_looked_at_kept_and_given_back(as_olga: Any) -> None:
    address = "/notifications/texts/payment.denied"
    words = {"title": "Not proven", "text": "Sorry: {reason}"}

    looked = as_olga.post(address, {**words, "act": "preview"})
    assert "Sorry: The slip shows another amount." in looked.content.decode()
    assert not AuditEvent.objects.filter(code="text.changed").exists()
    as_olga.post(address, {**words, "act": "save"})
    assert page(as_olga, address).select_one("#id_title")["value"] == "Not proven"
    as_olga.post(address, {"act": "reset"})
    assert page(as_olga, address).select_one("#id_title")["value"] == "Payment denied"


def test_words_that_name_nothing_come_back_with_the_reason(as_olga: Any) -> None:
    answer = as_olga.post(
        "/notifications/texts/payment.denied",
        {"title": "x", "text": "{secret}", "act": "save"},
    )

    assert answer.status_code == 422
    assert "{secret} is not filled by anything" in answer.content.decode()


def test_words_are_the_owners_to_change(client: Any, cast: Cast) -> None:
    client.force_login(cast.sam.user)

    assert client.get("/notifications/texts").status_code == 403
    assert client.post("/notifications/texts/payment.denied", {"act": "reset"}).status_code == 403


def test_first_steps_are_shown_to_who_sets_up_until_they_are_done(as_olga: Any, cast: Cast) -> None:
    assert "First steps" in page(as_olga, "/").text
    cast.acme.setup_step = "done"
    cast.acme.save(update_fields=["setup_step"])
    make_payment(cast.sam, invoice=make_invoice(cast.sam))

    assert "First steps" not in page(as_olga, "/").text


def test_first_steps_are_not_for_who_only_sells(client: Any, cast: Cast) -> None:
    client.force_login(cast.sam.user)

    assert "First steps" not in page(client, "/").text
