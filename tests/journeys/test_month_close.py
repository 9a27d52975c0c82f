"""November from its first invoice to the locked-away year: worked, closed, opened by two, closed again.

Each report is read three times, on the screen, as CSV and as PDF, and says the same each time.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from prs.ledgers.bookkeeping.models import Entry
from prs.ledgers.bookkeeping.tasks import run_recurring
from tests.factories.goods import make_place, make_product, make_supplier
from tests.journeys.person import Person, signed_in

WORKING = "2026-11-20T12:00:00Z"
CLOSING = "2026-12-03T09:00:00Z"
NEXT_YEAR = "2027-01-05T09:00:00Z"
NOVEMBER = "first=2026-11-01&last=2026-11-30"
YEAR = "first=2026-01-01&last=2026-12-31"
Figures = dict[str, list[Decimal]]


def amount(text: str) -> Decimal:
    """A figure as a page writes it; nothing is a dash."""
    plain = text.replace(",", "").replace("\u2212", "-").strip()
    assert plain.lstrip("-").replace(".", "").isdigit() or plain in {"", "–"}, repr(text)
    return Decimal(0) if plain in {"", "–"} else Decimal(plain)


def on_screen(page: Any) -> Figures:
    """The lines of a report on the screen, by code; by name where they have none."""
    found = {}
    for row in page.select(".statement-lines tbody tr"):
        cells = [each.get_text(strip=True) for each in row.select("td.num")]
        code = row.select_one(".statement-code").get_text(strip=True)
        if cells:
            name = " ".join(row.select_one("th").get_text(" ").split())
            found[code or name] = [amount(each) for each in cells]
    return found


def in_file(content: str) -> Figures:
    """The lines of a report's CSV, by code; by name where they have none."""
    rows = list(csv.reader(io.StringIO(content)))[1:]
    return {
        code or name.strip(): [amount(each) for each in cells]
        for code, name, *cells in rows
        if any(cells)
    }


def reads(person: Person, report: str, span: str = NOVEMBER) -> Figures:
    """The figures of a report, the same on the screen, in the CSV and on paper."""
    address = f"/books/{report}?{span}"
    shown = on_screen(person.opens(address).page)
    sent = person.client.post(address, {"export": "csv"})
    assert sent.status_code == 200
    # Only what moves nothing at all may be left out of one of them.
    written = in_file(sent.content.decode("utf-8-sig"))
    assert {k: v for k, v in written.items() if any(v)} == {
        k: v for k, v in shown.items() if any(v)
    }
    paper = PdfReader(io.BytesIO(person.downloads(f"{address}&as=pdf")))
    words = "".join("".join(page.extract_text() for page in paper.pages).split())
    for line, figures in shown.items():
        for each in filter(None, figures):
            # A figure below zero has its sign or its brackets; the digits are the same.
            assert f"{abs(each):,.2f}" in words, (report, line, each)
    return shown


def line(number: int, **fields: str) -> dict[str, str]:
    """One row of a form."""
    return {f"lines-{number}-{name}": value for name, value in fields.items()}


def writes(person: Person, what: str, on: str, debit: str, credit: str, sum_: str, **head: str):
    """Write an entry by hand and hand it in."""
    person.opens("/books/drafts/").follows("Write an entry")
    rows = line(0, account=debit, debit=sum_) | line(1, account=credit, credit=sum_)
    person.presses("Hand in for approval", on=on, description=what, **rows, **head)
    return person.sees("Somebody else approves it")


def approves(person: Person, what: str, *, expecting: int = 200) -> Person:
    """Approve what somebody else handed in."""
    person.opens("/books/drafts/").follows(what)
    return person.presses("Approve and post", expecting=expecting)


def month_of(person: Person, name: str) -> Any:
    """The row of a month among the periods."""
    person.opens("/books/periods/")
    return next(
        row for row in person.page.select("tbody tr") if row.th.get_text().strip().startswith(name)
    )


def closes(person: Person, name: str) -> Person:
    """Look through the checklist of a month, and close it."""
    link = month_of(person, name).find("a", string="Close")
    person.opens(link["href"]).sees("Debits and credits are equal.", "No draft of this time waits.")
    person.sees("Kept balances are the sums of their lines.")
    return person.presses("Close the month").sees(f"{name} is closed.")


@pytest.fixture
def at(time_machine):
    """Move the clock; whoever worked before signs in anew."""
    return lambda moment: time_machine.move_to(moment, tick=False)


def sells(cast, check_now) -> None:
    """An invoice of 1,000 and its tax, of which 650 come in and are verified."""
    sam = signed_in("sam@acme.test").opens("/billing/invoices/").follows("Write an invoice")
    rows = line(0, description="Shea butter", quantity="10", unit_price="100", tax_rate="15")
    sam.presses("Issue invoice", new_customer="Harbour Pharmacy", **rows).sees("1,150.00")
    sam.follows("Record a payment")
    share = str(sam.page.select_one("input[name^=pays_]")["name"])
    sam.presses("Record payment", method="cash", amount="650", **{share: "650"})
    vera = signed_in("vera@acme.test").opens("/verify/").presses("Take the oldest")
    vera.presses("Verify payment")
    check_now()


def buys(cast, olga: Person, check_now) -> None:
    """Goods of 100 and their tax: ordered, received, billed and paid from the bank."""
    store = make_place("Harbour Store")
    make_product("SOAP-1", name="Shea Soap")
    mill = make_supplier(cast.olga)
    olga.opens("/stock/orders/").follows("Write an order")
    row = line(0, product="SOAP-1", quantity="20", unit_price="5", tax_rate="10")
    olga.presses("Draft the order", supplier=str(mill.pk), place=str(store.pk), **row)
    olga.presses("Mark as sent").follows("Take in what came").presses("Take in the goods")
    olga.follows("Record its bill").presses("Record and post the bill", reference="M-77")
    olga.follows("Pay the bill").presses("Post the payment", account="1010").sees("Paid")
    check_now()


def spends(cast, anna: Person, olga: Person, check_now) -> None:
    """Rent by hand, insurance that comes back, and a hundred euros put into the bank."""
    writes(anna, "Rent of November", "2026-11-02", "6000", "1010", "400")
    olga.opens("/books/drafts/").follows("Rent of November").presses("Approve and post")
    anna.opens("/books/recurring/").follows("Set up an entry")
    rows = line(0, account="6000", debit="50") | line(1, account="1010", credit="50")
    anna.presses("Set it up", on="2026-11-15", description="Insurance", mode="post", **rows)
    olga.opens("/books/recurring/").presses("Approve")
    run_recurring(organization_id=cast.acme.pk)
    run_recurring(organization_id=cast.acme.pk)
    anna.opens("/books/rates/")
    anna.presses("Enter the rate", currency="EUR", on="2026-11-01", rate="1.1")
    writes(anna, "Euros of the owner", "2026-11-10", "1010", "3000", "100", currency="EUR")
    approves(olga, "Euros of the owner")
    check_now()


def come() -> tuple[Person, Person]:
    """The accountant and the owner, signed in at their time."""
    return signed_in("anna@acme.test"), signed_in("olga@acme.test")


def works_through_november(cast, check_now) -> None:
    """A month with a bit of everything."""
    anna, olga = come()
    olga.opens("/books/periods/").presses("Set up the year", first="2026-01-01").sees("2026-11")
    sells(cast, check_now)
    buys(cast, olga, check_now)
    spends(cast, anna, olga, check_now)


def says_what_happened(anna: Person) -> Figures:
    """The tax of the month, and its trial balance: before, debit, credit and after."""
    tax = reads(anna, "tax/")
    # The taxed amount and its tax.
    assert tax["Total tax on sales"] == [0, Decimal(150)]
    assert tax["Total tax on purchases"] == [0, Decimal(10)]
    assert tax["Left to pay"] == [0, Decimal(140)]
    trial = reads(anna, "")
    assert trial["1100"] == [0, Decimal(1150), Decimal(650), Decimal(500)]
    assert trial["1010"] == [0, Decimal(110), Decimal(560), Decimal(-450)]
    assert trial["6000"] == [0, Decimal(450), 0, Decimal(450)]
    assert trial["1200"] == [0, Decimal(100), 0, Decimal(100)]
    assert trial["4000"] == [0, 0, Decimal(1000), Decimal(-1000)]
    return trial


def revalues(anna: Person, before: Figures, check_now) -> Figures:
    """A hundred euros are worth ten more at the end of the month."""
    anna.opens("/books/rates/")
    anna.presses("Enter the rate", currency="EUR", on="2026-11-30", rate="1.2")
    anna.presses("Revalue at the end of this day", on="2026-11-30")
    anna.sees("taken back on the next day")
    check_now()
    trial = reads(anna, "")
    assert trial["1010"][3] == before["1010"][3] + 10
    assert trial["Total"][1] == trial["Total"][2] == before["Total"][1] + 10
    return trial


def is_refused_late(anna: Person, olga: Person, before: Figures, check_now) -> None:
    """What comes after the closing is refused in words, and changes nothing."""
    writes(anna, "Late electricity", "2026-11-25", "6000", "1010", "30")
    approves(olga, "Late electricity", expecting=409).sees("The books of this date are closed")
    check_now()
    assert reads(anna, "") == before


def open_it_together(anna: Person, olga: Person) -> None:
    """One asks with the reason and can't grant it herself; the other one opens the month."""
    anna.opens("/books/periods/").follows("Open again")
    anna.presses("Ask for it", reason="The electricity bill came late.")
    anna.sees("Somebody else decides")
    assert not month_of(anna, "2026-11").find("button")
    olga.opens("/books/periods/").sees("Anna asks to open it: The electricity bill came late.")
    olga.presses("Open it").sees("Anna asked, Olga decided")


def correct_and_close(anna: Person, olga: Person, before: Figures, check_now) -> None:
    """Nobody closes over the draft that was refused; once it is posted, the month is closed again."""
    link = month_of(anna, "2026-11").find("a", string="Close")["href"]
    anna.opens(link).sees("1 draft of this time is not posted.")
    approves(olga, "Late electricity").sees("Posted as")
    check_now()
    closes(anna, "2026-11")
    trial = reads(anna, "")
    assert trial["6000"][3] == Decimal(480)
    assert trial["1010"][3] == before["1010"][3] - 30
    assert trial["Total"][1] == before["Total"][1] + 30


def ends_the_year(anna: Person, check_now) -> None:
    """Revenue and expense begin at nothing; the statement of the year says what it said."""
    earned = reads(anna, "income/", YEAR)
    anna.opens("/books/periods/").follows("Close the year").sees("The year's profit moves into")
    anna.presses("Close the year").sees("2026 is closed.")
    check_now()
    trial = reads(anna, "", YEAR)
    assert {code: trial[code][3] for code in ("4000", "6000")} == {"4000": 0, "6000": 0}
    assert trial["3900"][3] == Decimal(-520)
    assert trial["Total"][3] == 0
    assert reads(anna, "income/", YEAR) == earned
    sheet = reads(anna, "balance-sheet/", YEAR)
    assert sheet["Total assets"] == sheet["Total liabilities and equity"]
    anna.opens(f"/books/balance-sheet/?{YEAR}").sees("Assets equal liabilities and equity")
    assert Entry.objects.filter(description="Closing of 2026").count() == 1


def test_a_month_is_worked_closed_opened_by_two_corrected_and_closed_with_its_year(
    cast, at, check_now
):
    at(WORKING)
    works_through_november(cast, check_now)

    at(CLOSING)
    anna, olga = come()
    before = says_what_happened(anna)
    revalued = revalues(anna, before, check_now)
    closes(anna, "2026-11")
    is_refused_late(anna, olga, revalued, check_now)
    open_it_together(anna, olga)
    correct_and_close(anna, olga, revalued, check_now)

    at(NEXT_YEAR)
    anna, _olga = come()
    ends_the_year(anna, check_now)
