"""Receivables on the screen: what a figure says, its rows sum to; who may do what about them."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from prs.kernel.activity.models import AuditEvent, Mail
from prs.kernel.db.ids import new_id
from prs.masterdata.parties import services as parties
from prs.operations.invoicing import services as invoicing
from prs.operations.invoicing.models import CreditOverride, Invoice
from prs.operations.payments import services as payments
from prs.operations.receivables import selectors, services
from prs.operations.receivables.models import Collection, Reminder, ReminderText, WriteOff
from prs.operations.receivables.rules import filled
from prs.operations.receivables.texts import Text
from tests.cast import NOON
from tests.factories.walk import TODAY, make_customer, make_invoice, make_payment

pytestmark = pytest.mark.django_db

LATE = NOON + timedelta(days=75)


@pytest.fixture
def browser():
    """A browser of their own for everybody."""

    def signed_in(member):
        client = Client()
        client.force_login(member.user)
        return client

    return signed_in


@pytest.fixture
def key():
    """A key for each form that counts once."""
    return lambda: str(new_id())


@pytest.fixture
def claims(cast):
    """Two claims of Sam, 45 days late, one of them paid in part, and one that is not due."""
    old = [
        make_invoice(
            cast.sam,
            customer=make_customer(cast.sam, name=name, email=f"{name.lower()}@late.test"),
            amount=amount,
        )
        for name, amount in (("Acacia", "80.00"), ("Baobab", "300.00"))
    ]
    payments.verify(make_payment(cast.sam, invoice=old[1], amount="120.00"), by=cast.vera, at=NOON)
    return [Invoice.objects.get(pk=row.pk) for row in old]


@pytest.fixture
def late(time_machine):
    time_machine.move_to(LATE, tick=False)


def soup_of(answer):
    assert answer.status_code == 200, answer.status_code
    return BeautifulSoup(answer.content, "html.parser")


def total_of(client, address):
    rows = client.get(address).context["list"].rows
    return sum((row.left_then for row in rows), Decimal(0))


def test_each_figure_of_the_report_leads_to_the_rows_that_sum_to_it(
    browser, cast, claims, late, check_now
):
    check_now()
    client = browser(cast.olga)
    page = client.get(reverse("billing:ageing"))
    report = page.context["report"]

    assert report.total == 260 == report.booked
    assert total_of(client, page.context["all_url"]) == 260
    for row, ages, url, _risk in page.context["rows"]:
        assert total_of(client, url) == row.total
        for amount, place in ages:
            assert total_of(client, place) == amount
    for amount, place in page.context["sums"]:
        assert total_of(client, place) == amount


def test_the_report_of_a_day_that_has_passed_leads_to_the_claims_of_that_day(
    browser, cast, claims, late
):
    client = browser(cast.olga)
    page = client.get(reverse("billing:ageing"), {"on": (TODAY - timedelta(days=1)).isoformat()})
    assert not page.context["rows"]

    page = client.get(reverse("billing:ageing"), {"on": TODAY.isoformat()})

    assert page.context["report"].total == total_of(client, page.context["all_url"]) == 260


def test_the_list_is_narrowed_by_age_and_its_figures_stay(browser, cast, claims, late):
    client = browser(cast.olga)

    page = client.get(reverse("billing:receivables"), {"bucket": "over_90"})

    shown = page.context["list"]
    assert shown.page.records == []
    assert [figure["value"] for figure in shown.figures] == ["260.00", "0.00", "260.00"] + [
        "0.00"
    ] * 2


def test_the_report_is_a_pdf_and_a_table_for_who_may_export(browser, cast, claims, late):
    client = browser(cast.olga)

    pdf = client.get(reverse("billing:ageing_pdf"))
    csv = client.get(reverse("billing:ageing_file", args=["csv"]))
    xlsx = client.get(reverse("billing:ageing_file", args=["xlsx"]))

    assert pdf.content.startswith(b"%PDF")
    assert csv.content.decode("utf-8-sig").splitlines()[1].endswith(
        "180.00,USD,,High"
    ) or "Medium" in (csv.content.decode())
    assert xlsx.content.startswith(b"PK")
    assert browser(cast.sam).get(reverse("billing:ageing_file", args=["csv"])).status_code == 403


def test_picked_claims_are_reminded_and_who_was_reminded_lately_is_named(
    browser, cast, claims, late
):
    services.remind(claims[0], by=cast.olga, at=LATE - timedelta(hours=1))
    client = browser(cast.olga)

    answer = client.post(
        reverse("billing:remind_picked"), {"pick": [str(row.pk) for row in claims]}, follow=True
    )

    assert Reminder.objects.filter(at=LATE).count() == 1
    assert "1 reminder goes out" in answer.content.decode()
    assert "Acacia was reminded" in answer.content.decode()


def test_a_claim_is_taken_in_hand_and_let_go(browser, cast, claims, late, key):
    client, row = browser(cast.olga), claims[0]
    words = {"assigned_to": cast.sara.pk, "notes": "Calls weekly", "once": key()}
    client.post(reverse("billing:take_in_hand", args=[row.pk]), words)
    page = client.get(reverse("billing:invoice", args=[row.pk]))

    assert "In collection with Sara" in page.content.decode()
    listed = client.get(reverse("billing:receivables"), {"assignee": str(cast.sara.pk)})
    assert [each[1] for each in listed.context["list"].page.records] == [row.number]
    client.post(reverse("billing:let_go", args=[row.pk]), {"notes": "Promised", "once": key()})
    assert Collection.objects.get().closed_by == cast.olga


def test_two_people_write_a_claim_off(browser, cast, claims, late, key):
    row, anna, olga = claims[0], browser(cast.anna), browser(cast.olga)
    much = {"amount": "80.01", "reason": "Closed down", "once": key()}
    assert anna.post(reverse("billing:ask_write_off", args=[row.pk]), much).status_code == 422
    asked = {"amount": "80.00", "reason": "Closed down", "once": key()}
    anna.post(reverse("billing:ask_write_off", args=[row.pk]), asked)
    waiting = WriteOff.objects.get()
    page = reverse("billing:write_off", args=[waiting.pk])
    assert "You asked for this" in anna.get(page).content.decode()
    assert browser(cast.sam).get(page).status_code == 200
    approve = reverse("billing:approve_write_off", args=[waiting.pk])
    assert browser(cast.sam).post(approve, {"once": key()}).status_code == 403

    refused = olga.post(reverse("billing:refuse_write_off", args=[waiting.pk]), {"once": key()})
    assert refused.status_code == 422
    olga.post(approve, {"remarks": "Agreed", "once": key()})

    waiting.refresh_from_db()
    row.refresh_from_db()
    assert (waiting.state, row.status) == ("approved", "written_off")
    assert "Claim it again" in anna.get(reverse("billing:invoice", args=[row.pk])).content.decode()
    recover = reverse("billing:recover", args=[row.pk])
    anna.post(recover, {"amount": "30.00", "reason": "Paid after all", "once": key()})
    row.refresh_from_db()
    assert row.left == 30


def invoice_words(customer, key, **more):
    lines = {
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-description": "Gauze",
        "lines-0-quantity": "1",
        "lines-0-unit_price": "50",
        "lines-0-tax_rate": "0",
    }
    head = {"customer": str(customer.pk), "invoice_date": TODAY.isoformat(), "once": key()}
    return {**head, **lines, **more}


def test_credit_against_the_rules_asks_a_manager_for_a_reason(browser, cast, key):
    customer = make_customer(cast.sam)
    fields = {"credit_blocked": True, "credit_reason": "Cheques bounced"}
    parties.set_credit(customer, fields, by=cast.olga, at=NOON)
    add = reverse("billing:add_invoice")

    sams = browser(cast.sam).post(add, invoice_words(customer, key))
    olgas = browser(cast.olga).post(add, invoice_words(customer, key))

    assert (sams.status_code, olgas.status_code) == (409, 409)
    assert "Cheques bounced" in str(sams.context["form"].errors["customer"])
    assert "override_reason" not in sams.context["form"].fields
    assert "Cheques bounced" in str(olgas.context["form"].errors["override_reason"])
    given = invoice_words(customer, key, override_reason="Pays on Friday")
    assert browser(cast.olga).post(add, given).status_code == 302
    assert CreditOverride.objects.get().reason == "Pays on Friday"
    log = browser(cast.olga).get(reverse("billing:overrides"))
    assert "Pays on Friday" in log.content.decode()


def test_a_customers_credit_shows_its_use_its_changes_and_what_went_against_it(
    browser, cast, claims, late
):
    customer = claims[1].customer
    parties.set_credit(customer, {"credit_limit": Decimal(1000)}, by=cast.olga, at=NOON)

    text = soup_of(
        browser(cast.olga).get(reverse("billing:customer_credit", args=[customer.pk]))
    ).get_text(" ", strip=True)

    for word in ("820.00", "180.00", "18 %", "USD 1,000.00", "Olga"):
        assert word in text, word


def test_the_credit_that_is_used_stands_with_who_uses_most_first(browser, cast, claims):
    for row, limit in zip(claims, (100, 9000), strict=True):
        parties.set_credit(row.customer, {"credit_limit": Decimal(limit)}, by=cast.olga, at=NOON)

    page = browser(cast.olga).get(reverse("billing:credit"))

    assert [row.name for row, _account in page.context["rows"]] == ["Acacia", "Baobab"]
    assert page.context["used"] == 260


def test_what_was_collected_leads_to_its_payments(browser, cast, claims):
    client = browser(cast.olga)
    span = {"first": TODAY.replace(day=1).isoformat(), "last": TODAY.isoformat()}
    page = client.get(reverse("billing:collected"), span)

    ((word, count, amount, url),) = page.context["received"]

    assert (str(word), count, amount) == ("Cash", 1, 120)
    assert len(client.get(url).context["list"].page.records) == 1
    assert (
        client.get(reverse("billing:collected"), {**span, "last": "2020-01-01"}).status_code == 422
    )


def test_the_claims_cost_no_more_queries_when_there_are_more(
    browser, cast, claims, django_assert_max_num_queries
):
    client = browser(cast.olga)
    client.get(reverse("billing:receivables"))

    with django_assert_max_num_queries(17):
        client.get(reverse("billing:receivables"))
    with django_assert_max_num_queries(17):
        client.get(reverse("billing:ageing"))


def write_off_the_rest(cast, invoice):
    """What is left of an invoice is lost."""
    asked = services.ask_write_off(invoice, invoice.left, reason="Gone", by=cast.anna, at=LATE)
    services.approve_write_off(asked, by=cast.olga, at=LATE)
    invoice.refresh_from_db()


def test_an_invoice_paid_in_part_and_lost_for_the_rest_reads_written_off(
    browser, cast, claims, late, check_now
):
    part, client = claims[1], browser(cast.olga)
    services.take_in_hand(part, assigned_to=cast.sam, notes="Call", by=cast.olga, at=LATE)
    write_off_the_rest(cast, part)
    check_now()

    page = soup_of(client.get(reverse("billing:invoice", args=[part.pk])))
    assert "Written off" in page.select_one(".page-head, header.page, main").text
    assert "the rest is written off" in page.text
    assert "paid in full" not in page.text
    assert not Collection.objects.filter(closed_at__isnull=True).exists()

    def listed(state):
        answer = client.get(reverse("billing:invoices"), {"state": state})
        return {row.pk for row in answer.context["list"].rows}

    assert (listed("written_off"), listed("paid")) == ({part.pk}, set())
    place = reverse("sales:statement", args=[part.customer_id])
    days = {"first": "2026-11-01", "last": LATE.date().isoformat()}
    statement = soup_of(client.get(place, days))
    assert f"Written off of invoice {part.number}" in statement.text


def test_what_is_recovered_is_open_again_and_paid_in_full_it_reads_paid(
    browser, cast, claims, late, check_now
):
    part, client = claims[1], browser(cast.olga)
    write_off_the_rest(cast, part)
    invoicing.recover(part, Decimal(180), reason="They paid", by=cast.olga, at=LATE)
    address = reverse("billing:invoice", args=[part.pk])
    assert "Overdue" in soup_of(client.get(address)).text

    part.refresh_from_db()
    payments.verify(make_payment(cast.sam, invoice=part, amount="180.00"), by=cast.vera, at=LATE)
    check_now()

    assert "paid in full" in soup_of(client.get(address)).text
    assert list(selectors.findings()) == []


# --- what reminders say ---------------------------------------------------------------------------------

TEXT = {"subject": "About {number}", "body": "Hello {customer}: {amount} of {number}, {late} late."}


def test_a_reminder_says_the_organizations_own_words_by_mail_and_on_paper(
    browser, cast, claims, late, key
):
    anna = browser(cast.anna)
    place = reverse("billing:edit_reminder_text", args=["last"])
    look = soup_of(anna.post(place, {**TEXT, "version": "0", "then": "look"}))
    assert "Hello Example customer: $1,234.50 of INV-2027-0042, 12 days late." in look.text
    assert not ReminderText.objects.exists()

    answer = anna.post(place, {**TEXT, "version": "0", "then": "save"}, follow=True)
    assert "Your own text" in soup_of(answer).text
    services.remind(claims[0], by=cast.sam, at=LATE, tone="last")

    sent = Mail.objects.get(key__startswith="reminder:")
    assert sent.subject == f"About {claims[0].number}"
    assert sent.body.startswith(f"Hello Acacia: $80.00 of {claims[0].number}, 45 days late.")
    letter = anna.get(reverse("billing:reminder_letter", args=[claims[0].pk]), {"tone": "last"})
    words = " ".join(PdfReader(io.BytesIO(letter.content)).pages[0].extract_text().split())
    assert f"Hello Acacia: $80.00 of {claims[0].number}, 45 days late." in words
    assert Reminder.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{amount} of {number}, {iban}, {name}", "{iban}, {name}"),
        ("Please pay {number}.", "must name {amount}"),
        ("Pay {amount}", "must name {number}"),
    ],
)
def test_a_text_that_cannot_be_filled_in_is_refused_beside_it(browser, cast, body, said):
    place = reverse("billing:edit_reminder_text", args=["firm"])
    sent = {"subject": "A reminder", "body": body, "version": "0", "then": "save"}

    answer = browser(cast.olga).post(place, sent)

    assert answer.status_code == 422
    page = BeautifulSoup(answer.content, "html.parser")
    assert said in page.text
    assert body in page.select_one("textarea").text
    assert not ReminderText.objects.exists()


def test_what_a_customer_is_called_is_not_read_as_a_placeholder_or_as_markup():
    text = Text("firm", "{customer}", "{customer}: {amount} {number}")
    words = {"customer": "<b>{amount}</b>", "amount": "5", "number": "7"}

    assert filled(text.body, words) == "<b>{amount}</b>: 5 7"


def test_two_who_edit_one_text_do_not_undo_each_other(browser, cast):
    place = reverse("billing:edit_reminder_text", args=["firm"])
    browser(cast.olga).post(place, {**TEXT, "version": "0", "then": "save"})

    answer = browser(cast.anna).post(
        place, {**TEXT, "subject": "Mine {number}", "version": "0", "then": "save"}
    )

    assert answer.status_code == 422
    assert "Someone changed this" in answer.content.decode()
    assert ReminderText.objects.get().subject == "About {number}"


def test_a_text_goes_back_to_the_standard_one(browser, cast):
    olga = browser(cast.olga)
    olga.post(
        reverse("billing:edit_reminder_text", args=["firm"]),
        {**TEXT, "version": "0", "then": "save"},
    )

    for _time in range(2):
        page = soup_of(
            olga.post(reverse("billing:reset_reminder_text", args=["firm"]), follow=True)
        )

    assert not ReminderText.objects.exists()
    assert "Overdue: invoice INV-" in page.text
    codes = AuditEvent.objects.filter(code__startswith="reminder_text.")
    assert sorted(codes.values_list("code", flat=True)) == [
        "reminder_text.changed",
        "reminder_text.reset",
    ]


def test_each_organization_has_its_own_texts(browser, cast):
    sent = {**TEXT, "version": "0", "then": "save"}
    browser(cast.olga).post(reverse("billing:edit_reminder_text", args=["firm"]), sent)

    page = soup_of(browser(cast.zoe).get(reverse("billing:reminder_texts")))

    assert "Your own text" not in page.text
