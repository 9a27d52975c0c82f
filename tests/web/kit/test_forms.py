"""Editing: two people at one thing, and what people type."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import translation

from prs.kernel.activity.models import AuditEvent
from prs.masterdata.parties.models import Customer
from prs.web.kit.fields import parse_day
from tests.cast import Cast

FRIDAY = date(2026, 11, 20)
pytestmark = pytest.mark.urls("tests.web.kit.urls")


@pytest.fixture(autouse=True)
def _template(settings: Any, tmp_path: Any) -> None:
    (tmp_path / "test_edit.html").write_text(
        '{% if rows %}{% include "components/_conflict.html" %}{% endif %}'
        '<form method="post">{% include "components/_errors.html" %}{{ form }}</form>'
    )
    templates = [dict(settings.TEMPLATES[0])]
    templates[0]["DIRS"] = [tmp_path, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates


def opened(client: Any, row: Customer) -> dict[str, str]:
    """The fields of the form as a browser would send them back."""
    soup = BeautifulSoup(client.get(f"/test/customers/{row.pk}/edit").content, "html.parser")
    return filled(soup)


def filled(soup: BeautifulSoup) -> dict[str, str]:
    fields = {}
    for field in soup.select("input[name]"):
        if field.get("type") != "checkbox" or field.has_attr("checked"):
            fields[field["name"]] = field.get(
                "value", "on" if field.get("type") == "checkbox" else ""
            )
    for field in soup.select("select[name]"):
        chosen = field.select_one("option[selected]") or field.select_one("option")
        fields[field["name"]] = chosen.get("value", "") if chosen else ""
    return fields


def send(client: Any, row: Customer, fields: dict[str, str]) -> Any:
    return client.post(f"/test/customers/{row.pk}/edit", fields)


def test_only_what_was_touched_is_written_and_recorded(signed_in: Any, make_customers: Any) -> None:
    (row,) = make_customers(1)

    answer = send(signed_in, row, {**opened(signed_in, row), "area": "West"})

    assert answer.content == b"kept"
    row.refresh_from_db()
    assert (row.area, row.version) == ("West", 2)
    event = AuditEvent.objects.get(code="customer.changed")
    assert (event.before, event.after) == ({"area": "North"}, {"area": "West"})


def test_two_people_at_different_fields_both_save(signed_in: Any, make_customers: Any) -> None:
    (row,) = make_customers(1)
    mine, theirs = opened(signed_in, row), opened(signed_in, row)
    send(signed_in, row, {**theirs, "area": "West"})

    assert send(signed_in, row, {**mine, "name": "Reed"}).content == b"kept"

    row.refresh_from_db()
    assert (row.name, row.area, row.version) == ("Reed", "West", 3)


def test_two_people_at_one_field_see_both_and_the_second_decides(
    client: Any, signed_in: Any, make_customers: Any, cast: Cast
) -> None:
    (row,) = make_customers(1)
    mine, theirs = opened(signed_in, row), opened(signed_in, row)
    send(signed_in, row, {**theirs, "name": "Theirs", "area": "West"})

    answer = send(signed_in, row, {**mine, "name": "Mine"})

    soup = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 409
    assert [cell.text for cell in soup.select(".conflict-table tbody td")] == ["Theirs", "Mine"]
    assert cast.olga.name in soup.select_one("#conflict").text
    assert soup.select_one("#id_name")["value"] == "Mine"
    assert soup.select_one("#id_area")["value"] == "West"
    assert send(signed_in, row, filled(soup)).content == b"kept"
    row.refresh_from_db()
    assert (row.name, row.area) == ("Mine", "West")


def test_an_untouched_form_saves_nothing(signed_in: Any, make_customers: Any) -> None:
    (row,) = make_customers(1)

    assert send(signed_in, row, opened(signed_in, row)).content == b"kept"

    row.refresh_from_db()
    assert row.version == 1


def test_a_faulty_form_comes_back_with_its_words_and_the_error(
    signed_in: Any, make_customers: Any
) -> None:
    (row,) = make_customers(1)

    answer = send(signed_in, row, {**opened(signed_in, row), "name": "", "area": "West"})

    soup = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 422
    assert soup.select_one("#errors a")["href"] == "#id_name"
    assert soup.select_one("#id_name")["aria-invalid"] == "true"
    assert soup.select_one("#id_area")["value"] == "West"


def test_a_refusal_of_the_domain_stands_at_its_field(signed_in: Any, make_customers: Any) -> None:
    one, two = make_customers(2)

    answer = send(signed_in, two, {**opened(signed_in, two), "code": one.code})

    assert answer.status_code == 422
    assert "already has this code" in answer.content.decode()
    two.refresh_from_db()
    assert two.version == 1


def test_a_choice_holds_only_rows_of_the_own_organization(
    signed_in: Any, make_customers: Any, cast: Cast
) -> None:
    (row,) = make_customers(1)

    answer = send(signed_in, row, {**opened(signed_in, row), "salesperson": str(cast.zoe.pk)})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("today", "en", date(2026, 11, 20)),
        ("tomorrow", "de", date(2026, 11, 21)),
        ("fri", "en", date(2026, 11, 20)),
        ("sat", "en", date(2026, 11, 21)),
        ("montag", "de", date(2026, 11, 23)),
        ("mo", "de", date(2026, 11, 23)),
        ("+30", "en", date(2026, 12, 20)),
        ("-1w", "en", date(2026, 11, 13)),
        ("+3m", "en", date(2027, 2, 20)),
        ("+1y", "en", date(2027, 11, 20)),
        ("1 dec", "en", date(2026, 12, 1)),
        ("Dec 1", "en", date(2026, 12, 1)),
        ("1. Dezember", "de", date(2026, 12, 1)),
        ("3 jan", "en", date(2027, 1, 3)),
        ("21.11.26", "de", date(2026, 11, 21)),
        ("11/21", "en", date(2026, 11, 21)),
        ("21/11", "fr", date(2026, 11, 21)),
        ("21/11", "en", date(2026, 11, 21)),
        ("2026-12-01", "en", date(2026, 12, 1)),
        ("Nov 21, 2026", "en", date(2026, 11, 21)),
        ("29 feb", "en", None),
        ("31.11.", "de", None),
        ("soon", "en", None),
        ("", "en", None),
        ("99999999", "en", None),
        ("+9999y", "en", None),
    ],
)
def test_days_are_read_as_people_write_them(typed: str, language: str, meant: date | None) -> None:
    assert parse_day(typed, today=FRIDAY, language=language) == meant


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [("1.200,50", "de", "1200.50"), ("1,200.50", "en", "1200.50"), ("1 200,5", "fr", "1200.5")],
)
def test_amounts_are_read_as_people_write_them(typed: str, language: str, meant: str) -> None:
    from tests.web.kit.urls import Typed

    with translation.override(language):
        form = Typed({"day": "1 dec", "amount": typed})
        assert form.is_valid(), form.errors

    assert form.cleaned_data["amount"] == Decimal(meant)


def test_what_can_not_be_read_says_how_to_write_it() -> None:
    from tests.web.kit.urls import Typed

    form = Typed({"day": "soon", "amount": "lots"})

    assert not form.is_valid()
    assert "“fri”" in form.errors["day"][0]
    assert form.errors["amount"]
