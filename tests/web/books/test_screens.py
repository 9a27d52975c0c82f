"""Every screen of the books answers, and each figure leads to its lines."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from prs.ledgers.bookkeeping import selectors as books

YEAR = {"first": "2025-01-01", "last": "2026-12-31"}


def soup(response, status=200):
    assert response.status_code == status, response.content[:2000]
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def anna(worlds, browser):
    """The accountant, in an organization with one row of everything."""
    return browser(worlds.cast.anna)


READ = [
    "trial_balance",
    "income",
    "balance_sheet",
    "cash_flow",
    "tax",
    "accounts",
    "rules",
    "entries",
    "drafts",
    "add_draft",
    "recurring",
    "add_recurring",
    "periods",
    "opening",
    "rates",
    "add_account",
    "import_chart",
    "export_chart",
]


def test_every_screen_answers(anna, worlds):
    for name in READ:
        assert anna.get(reverse(f"books:{name}"), YEAR).status_code == 200, name
    one_row(anna, worlds)
    statements(anna)


def one_row(anna, worlds):
    rows = {
        "account": books.accounts().get(code="1000"),
        "edit_account": books.accounts().get(code="6910"),
        "entry": books.entries().order_by("pk").last(),
        "draft": books.drafts().filter(file__isnull=False).get(),
        "edit_draft": books.drafts().filter(file__isnull=False).get(),
        "close_period": books.periods().get(name="2024-12"),
        "open_period": books.periods().get(name="2025-02"),
        "close_year": books.years().get(),
    }
    for name, row in rows.items():
        assert anna.get(reverse(f"books:{name}", args=[row.pk])).status_code == 200, name
    party = reverse("books:party", args=["customers", worlds.acme.customer.pk])
    assert anna.get(party).status_code == 200
    assert anna.get(reverse("books:rule", args=["4000"])).status_code == 200
    assert anna.get(reverse("books:parties", args=["customers"]), YEAR).status_code == 200
    assert anna.get(reverse("books:parties", args=["suppliers"]), YEAR).status_code == 200
    file = anna.get(reverse("books:draft_file", args=[rows["draft"].pk]))
    assert b"".join(file.streaming_content).startswith(b"%PDF")


def statements(anna):
    """The same figures on the screen, in a comparison, as a file; and each leads to its lines."""
    page = soup(anna.get(reverse("books:income"), {**YEAR, "compare": "year"}))
    links = [a["href"] for a in page.select(".line-account .num a")]
    assert links
    assert anna.get(links[0]).status_code == 200
    for kind in ("months", "branch", "previous"):
        assert anna.get(reverse("books:income"), {**YEAR, "compare": kind}).status_code == 200
    made = anna.post(
        f"{reverse('books:balance_sheet')}?first=2026-01-01&last=2026-12-31", {"export": "csv"}
    )
    assert "Total liabilities and equity" in made.content.decode("utf-8-sig")
    page = soup(anna.get(reverse("books:balance_sheet"), YEAR))
    assert "Assets equal liabilities and equity" in page.select_one(".statement-truth").text
    page = soup(anna.get(reverse("books:cash_flow"), YEAR))
    assert "The change is that of the cash accounts" in page.select_one(".statement-truth").text
