"""A day at the till without scripts: open, sell for cash, split, on credit, take back, close, confirm."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from prs.ledgers.bookkeeping import selectors as books
from prs.operations.till import services as till
from prs.operations.till.models import Return, Sale, Shift
from prs.operations.till.selectors import integrity
from tests.cast import NOON, make_member
from tests.factories.till import make_shop
from tests.factories.walk import make_customer
from tests.journeys.person import signed_in

pytestmark = pytest.mark.usefixtures("quick_documents")


@pytest.fixture
def shop(cast):
    """A shop whose drawer is closed: the day has not begun."""
    made = make_shop(cast.olga)
    till.close_shift(made.shift, {"100": 1}, by=made.cashier, at=NOON)
    make_customer(cast.sam, name="Harbour Pharmacy", email="shop@harbour.test")
    return made


def posted(person, address, **fields):
    """Post a form of the page that leads to an address, with some fields filled in."""
    form = person.page.find("form", method="post", action=re.compile(re.escape(address) + "$"))
    assert form, f"no form for {address} on {person.address}"
    sent = {}
    for each in form.find_all("input"):
        if each.get("type") in {"checkbox", "radio"} and not each.has_attr("checked"):
            continue
        if each.get("name"):
            sent.setdefault(each["name"], []).append(each.get("value", ""))
    for each in form.find_all("select"):
        option = each.find("option", selected=True) or each.find("option")
        sent[each["name"]] = [option["value"]] if option else []
    sent |= {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    answer = person.client.post(form["action"] or person.address, sent, follow=True)
    return person.shown(answer, form["action"], 200)


def test_a_day_at_the_till(cast, shop, check_now):
    ama = signed_in("cashierosu@acme.test")
    ama.opens("/").sees("Good to see you", "Till 1")
    posted(ama, "/till/open/", opening="50")
    ama.sees("Shea soap", "Hibiscus tea", "Scan the first product")

    # For cash, found by its code.
    posted(ama, "/till/basket/scan/", q="SOAP-OSU")
    posted(ama, "/till/basket/scan/", q="3*TEA-OSU")
    ama.sees("32.50").opens("/till/basket/pay/")
    posted(ama, "/till/basket/pay/", amount=["40", "", "", "", ""])
    ama.sees("Change", "7.50", "-0001")

    # Half by card, half in cash; then on credit.
    ama.opens("/till/")
    posted(ama, "/till/basket/scan/", q="hibiscus")
    ama.opens("/till/basket/pay/")
    posted(ama, "/till/basket/pay/", amount=["4", "6", "", "", ""])
    ama.sees("Paid exactly")
    ama.opens("/till/")
    posted(ama, "/till/basket/scan/", q="2*SOAP-OSU")
    ama.opens("/till/basket/customer/?q=harbour").sees("Harbour Pharmacy", "owes 0.00")
    posted(ama, "/till/basket/customer/")
    ama.opens("/till/basket/pay/")
    posted(ama, "/till/basket/pay/", amount=["", "", "", "", ""], on_credit="on")
    ama.sees("On credit", "5.00")

    first = Sale.objects.order_by("completed_at").first()
    one_tea_comes_back(ama, first)
    the_drawer_is_proven(ama, first)
    # Balances by month are kept at the commit.
    check_now()
    the_books_agree(first)


def one_tea_comes_back(ama, first):
    """A tea of the first sale comes back, for cash."""
    ama.opens(f"/till/sales/{first.pk}/").sees("32.50").follows("Take goods back")
    form = ama.page.find("input", attrs={"aria-label": "How many Hibiscus tea come back"})
    fields = {form["name"]: "1", "reason": "Torn", "method": "cash"}
    answer = ama.client.post(
        ama.address,
        {**fields, "once": ama.page.find("input", attrs={"name": "once"})["value"]},
        follow=True,
    )
    ama.shown(answer, ama.address, 200).sees("Torn", "10.00")
    assert Return.objects.get().total == 10


def the_drawer_is_proven(ama, first):
    """The drawer is counted blind, and confirmed by somebody else."""
    ama.opens("/till/shifts/close/")
    assert "76.50" not in ama.text
    posted(ama, "/till/shifts/close/", **{"piece-50": "1", "piece-20": "1", "piece-5": "1"})
    shift = Shift.objects.get(state="closed", difference__lt=0)
    assert shift.expected == Decimal("76.50")
    make_member("Marta", "manager")
    marta = signed_in("marta@acme.test")
    marta.opens(f"/till/shifts/{shift.pk}/").sees("Z report", "76.50", "75.00", "Confirm the count")
    posted(marta, f"/till/shifts/{shift.pk}/confirm/")
    marta.sees("Confirmed by", "Marta")


def the_books_agree(first):
    """What the drawers held, what is owed and what was missing are in the books."""
    assert list(integrity.findings()) == []
    totals = {
        row.code: row.net for row in books.trial_balance(NOON.date(), first.completed_on).rows
    }
    assert totals["5110"] == Decimal("1.50")
    assert totals["1100"] == 5
