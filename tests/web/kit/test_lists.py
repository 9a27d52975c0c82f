"""Lists: the whole state is in the address, every value is escaped, and any page costs the same."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.models import Role
from prs.masterdata.parties.models import Customer
from prs.web.kit.exports import csv_text
from prs.web.models import SavedView
from tests.cast import Cast

pytestmark = pytest.mark.urls("tests.web.kit.urls")
LIST = "/test/customers"


def page(client: Any, address: str = LIST, **headers: Any) -> BeautifulSoup:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def names(soup: BeautifulSoup) -> list[str]:
    return [link.text for link in soup.select("a.row-link")]


def test_the_first_cell_links_to_the_row(signed_in: Any, make_customers: Any) -> None:
    (row,) = make_customers(name="Reed & Sons")

    link = page(signed_in).select_one("th.lead a.row-link")

    assert link.text == "Reed & Sons"
    assert link["href"] == f"/test/customers/{row.pk}"


@pytest.mark.parametrize("field", ["name", "area", "code", "city"])
def test_every_value_is_escaped(signed_in: Any, make_customers: Any, field: str) -> None:
    evil = "<script>alert(1)</script>'\"&"
    make_customers(**{field: evil})

    answer = signed_in.get(LIST, {"columns": "name,area,city"})

    assert b"<script>alert" not in answer.content
    assert evil in BeautifulSoup(answer.content, "html.parser").select_one("tbody").text


def test_a_hostile_filter_is_escaped_where_it_is_repeated(signed_in: Any) -> None:
    answer = signed_in.get(LIST, {"area": "<script>x", "q": '"><script>y', "sort": "<script>"})

    assert b"<script>x" not in answer.content
    assert b"<script>y" not in answer.content
    assert b"<script>" not in answer.content.replace(b"<script src=", b"").replace(
        b'<script type="module" src=', b""
    )


def test_a_column_sorts_both_ways_and_says_so(signed_in: Any, make_customers: Any) -> None:
    make_customers(3)

    up = page(signed_in, f"{LIST}?sort=name")
    down = page(signed_in, f"{LIST}?sort=-name")

    assert names(up) == names(down)[::-1]
    assert up.select_one("th[aria-sort]")["aria-sort"] == "ascending"
    assert down.select_one("th[aria-sort]")["aria-sort"] == "descending"
    assert "sort=-name" in up.select_one("th[aria-sort] a")["href"]


def test_the_order_a_list_opens_in_is_said_too(signed_in: Any, make_customers: Any) -> None:
    make_customers(1)

    (head,) = page(signed_in).select("th[aria-sort]")

    assert (head.text, head["aria-sort"]) == ("Name", "ascending")
    assert head.a["href"] == f"{LIST}?sort=-name"


@pytest.mark.parametrize(
    "sort", ["", "name", "-name", "area", "-area", "salesperson", "-salesperson", "status"]
)
def test_paging_by_key_shows_every_row_once_in_either_direction(
    signed_in: Any, make_customers: Any, cast: Cast, sort: str
) -> None:
    make_customers(40)
    make_customers(30, salesperson=cast.sam)
    seen, back, address = [], [], f"{LIST}?sort={sort}"
    while address:
        soup = page(signed_in, address)
        seen.append(names(soup))
        following = soup.select_one("#pager a[rel=next]")
        address, last = (following["href"] if following else ""), address

    address = last
    while address:
        soup = page(signed_in, address)
        back.insert(0, names(soup))
        before = soup.select_one("#pager a[rel=prev]")
        address = before["href"] if before else ""

    flat = [name for rows in seen for name in rows]
    assert len(flat) == len(set(flat)) == 70
    assert [name for rows in back for name in rows] == flat


def test_the_pager_says_where_the_page_stands(signed_in: Any, make_customers: Any) -> None:
    make_customers(60)

    first = page(signed_in)
    second = page(signed_in, first.select_one("a[rel=next]")["href"])

    assert first.select_one("#pager span").text == "1–25 of 60"
    assert second.select_one("#pager span").text == "26–50 of 60"


@pytest.mark.parametrize(
    "cursor", ["x", "eyJ9", "W1tdLDEsMV0", "%00", "W1siYSIsImIiXSwxLDFd", "9" * 3000]
)
def test_a_broken_place_opens_the_first_page(
    signed_in: Any, make_customers: Any, cursor: str
) -> None:
    make_customers(2)

    assert len(names(page(signed_in, f"{LIST}?after={cursor}"))) == 2
    assert len(names(page(signed_in, f"{LIST}?before={cursor}"))) == 2


def test_a_filter_becomes_a_chip_that_takes_itself_away(
    signed_in: Any, make_customers: Any
) -> None:
    make_customers(4)

    soup = page(signed_in, f"{LIST}?area=North&kind=company&sort=name")

    assert len(names(soup)) == 2
    chips = {chip.select_one("span").text: chip for chip in soup.select(".chip")}
    assert set(chips) == {"Area", "Kind"}
    assert chips["Kind"].select_one("b").text == "Company"
    assert chips["Area"].select_one("a")["href"] == f"{LIST}?kind=company&sort=name"


def test_search_finds_the_beginning_of_a_name_in_any_case(
    signed_in: Any, make_customers: Any
) -> None:
    make_customers(name="Harbour Supplies Ltd")
    make_customers(name="Reed")

    assert names(page(signed_in, f"{LIST}?q=harb")) == ["Harbour Supplies Ltd"]
    assert names(page(signed_in, f"{LIST}?q=HARBOUR")) == ["Harbour Supplies Ltd"]
    assert names(page(signed_in, f"{LIST}?q=supp")) == ["Harbour Supplies Ltd"]
    assert names(page(signed_in, f"{LIST}?q=ltd+harb")) == ["Harbour Supplies Ltd"]


def test_search_never_reads_a_sign_as_a_pattern(signed_in: Any, make_customers: Any) -> None:
    make_customers(name="Reed")

    assert names(page(signed_in, f"{LIST}?q=%25")) == []
    assert names(page(signed_in, f"{LIST}?q=R_ed")) == []


def test_a_figure_filters_when_pressed_and_lets_go_when_pressed_again(
    signed_in: Any, make_customers: Any
) -> None:
    make_customers(4)

    pressed = page(signed_in).select_one("a.figure")
    again = page(signed_in, pressed["href"]).select_one("a.figure")

    assert pressed["href"] == f"{LIST}?area=North"
    assert again["aria-current"] == "true"
    assert again["href"] == LIST


def test_the_empty_list_offers_the_first_step(signed_in: Any) -> None:
    soup = page(signed_in)

    assert soup.select_one(".empty h2").text == "No customers yet"
    assert soup.select_one(".empty a")["href"] == "/begin"


def test_a_filter_that_finds_nothing_offers_to_clear(signed_in: Any, make_customers: Any) -> None:
    make_customers(1)

    soup = page(signed_in, f"{LIST}?area=Nowhere")

    assert soup.select_one(".empty a")["href"] == LIST


def test_htmx_gets_the_part_it_asked_for_and_no_page(signed_in: Any, make_customers: Any) -> None:
    make_customers(1)

    answer = signed_in.get(LIST, headers={"HX-Request": "true", "HX-Target": "list"})

    text = answer.content.decode()
    assert text.lstrip().startswith('<section id="list"')
    assert "<html" not in text
    assert {"HX-Request", "HX-Target"} <= {v.strip() for v in answer["Vary"].split(",")}


def test_chosen_columns_are_kept_for_the_member_alone(
    client: Any, signed_in: Any, make_customers: Any, cast: Cast
) -> None:
    make_customers(1, city="Knock twice")
    signed_in.post(LIST, {"act": "columns", "columns": ["city"]})

    assert "Knock twice" in page(signed_in).select_one("tbody").text
    assert "North" not in page(signed_in).select_one("tbody").text
    client.force_login(cast.adam.user)
    assert "Knock twice" not in page(client).select_one("tbody").text


def test_a_saved_view_keeps_the_address_under_a_name(signed_in: Any, make_customers: Any) -> None:
    make_customers(4)
    signed_in.post(LIST, {"act": "save", "name": "Up north", "query": "area=North"})

    link = page(signed_in).select_one("#list-tools a.drop-item")

    assert link.text.strip() == "Up north"
    assert len(names(page(signed_in, link["href"]))) == 2


def test_a_view_may_open_first(signed_in: Any, make_customers: Any) -> None:
    make_customers(4)
    signed_in.post(LIST, {"act": "save", "name": "North", "query": "area=North", "opens": "1"})

    answer = signed_in.get(LIST)

    assert answer.status_code == 302
    assert answer["Location"] == f"{LIST}?area=North"


def test_a_forgotten_view_is_gone_and_anothers_stays(signed_in: Any, cast: Cast) -> None:
    signed_in.post(LIST, {"act": "save", "name": "Mine", "query": "area=North"})
    other = SavedView.objects.create(member=cast.adam, list_name="test-customers", name="His")
    for view in SavedView.objects.all():
        signed_in.post(LIST, {"act": "forget", "view": view.pk})

    assert list(SavedView.objects.all()) == [other]


def test_a_view_without_a_name_is_refused(signed_in: Any) -> None:
    answer = signed_in.post(LIST, {"act": "save", "name": "  ", "query": ""})

    assert answer.status_code == 422
    assert not SavedView.objects.exists()


def test_picked_rows_reach_their_action_and_strangers_do_not(
    signed_in: Any, make_customers: Any, cast: Cast
) -> None:
    one, two, _three = make_customers(3)

    answer = signed_in.post("/test/greet", {"pick": [one.pk, two.pk, cast.zenith.pk]})

    assert answer.content.decode() == f"{one.name}, {two.name}"
    assert signed_in.post("/test/greet", {"pick": ["x"]}).status_code == 422


def ceiling(client: Any, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_page_costs_the_same_queries_for_one_row_and_for_many(
    signed_in: Any, make_customers: Any, cast: Cast
) -> None:
    make_customers(1, salesperson=cast.sam)
    signed_in.get(LIST)
    few = ceiling(signed_in, LIST)
    make_customers(24, salesperson=cast.sara)

    many = ceiling(signed_in, LIST)

    assert many == few
    assert many <= 15


def test_an_htmx_part_asks_nothing_of_the_shell(signed_in: Any, make_customers: Any) -> None:
    make_customers(5)
    signed_in.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        signed_in.get(LIST, headers={"HX-Request": "true", "HX-Target": "list-rows"})

    text = " ".join(query["sql"] for query in queries)
    assert "identity_menuitem" not in text
    assert "activity_notification" not in text
    assert len(queries) <= 10


def test_a_later_page_counts_no_rows(signed_in: Any, make_customers: Any) -> None:
    make_customers(60)
    second = page(signed_in).select_one("a[rel=next]")["href"]
    with CaptureQueriesContext(connection) as queries:
        signed_in.get(second, headers={"HX-Request": "true", "HX-Target": "list-rows"})

    assert not [query for query in queries if re.search(r"COUNT\(", query["sql"])]


def test_nobody_sees_rows_of_another_organization(
    client: Any, make_customers: Any, cast: Cast
) -> None:
    make_customers(3)
    client.force_login(cast.zoe.user)

    assert names(page(client)) == []


# --- exports ------------------------------------------------------------------------------------------


def export(client: Any, form: str = "csv", address: str = LIST) -> Any:
    return client.post(address, {"act": "export", "format": form})


def test_an_export_holds_the_filtered_rows_and_is_recorded(
    signed_in: Any, make_customers: Any
) -> None:
    make_customers(4)

    answer = export(signed_in, address=f"{LIST}?area=North")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert answer["Content-Disposition"].startswith("attachment")
    row = AuditEvent.objects.get(code="list.exported")
    assert (row.words["rows"], row.words["query"]) == (2, "area=North")


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1"])
def test_an_export_holds_no_formula(signed_in: Any, make_customers: Any, evil: str) -> None:
    make_customers(1, name=evil)

    text = export(signed_in).content.decode("utf-8-sig")

    assert f"'{evil}" in text


def test_a_number_below_zero_stays_a_number_in_a_file_and_nothing_has_no_sign() -> None:
    rows = [[Decimal("-450.00"), Decimal("-0.00"), Decimal("0.5"), -3, "-3"]]

    text = csv_text(rows, ZoneInfo("UTC")).decode("utf-8-sig")

    assert text.strip() == "-450.00,0.00,0.5,-3,'-3"


def test_a_sheet_holds_text_numbers_and_moments_but_no_formula(
    signed_in: Any, make_customers: Any, tmp_path: Any
) -> None:
    from datetime import datetime

    from openpyxl import load_workbook

    make_customers(1, name="=HYPERLINK(1)", terms_days=14)
    path = tmp_path / "list.xlsx"
    path.write_bytes(export(signed_in, "xlsx").content)

    sheet = load_workbook(path).active

    head = [cell.value for cell in sheet[1]]
    row = dict(zip(head, sheet[2], strict=True))
    assert (row["Name"].value, row["Name"].data_type) == ("'=HYPERLINK(1)", "s")
    assert row["Days"].value == 14
    assert isinstance(row["Since"].value, datetime)


def test_an_export_needs_its_right(client: Any, make_customers: Any, cast: Cast) -> None:
    make_customers(1)
    assert "lists.export" not in Role.objects.get(key="salesperson").permissions
    client.force_login(cast.sam.user)

    assert export(client).status_code == 403
    assert not AuditEvent.objects.filter(code="list.exported").exists()


def test_an_export_that_is_too_long_is_refused(
    signed_in: Any, make_customers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_customers(3)
    monkeypatch.setattr("prs.web.kit.exports.MOST", 2)

    assert export(signed_in).status_code == 422
    assert Customer.objects.count() == 3
