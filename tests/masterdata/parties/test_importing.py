"""Customers from a file: guessed columns, exact faults, all or nothing."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from prs.kernel.activity.models import AuditEvent
from prs.kernel.files import Kind, checked
from prs.masterdata.parties.models import Customer, CustomerImport
from prs.masterdata.parties.services import importing
from tests.cast import NOON
from tests.factories.walk import make_customer

HEAD = "Customer Name,Code,E-mail,Phone,Terms,Salesman,Type"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }


@pytest.fixture
def ghana(cast):
    cast.acme.country = "GH"
    cast.acme.save(update_fields=["country"])


def csv_file(*rows, head=HEAD, name="customers.csv"):
    return SimpleUploadedFile(name, "\n".join((head, *rows)).encode(), "text/csv")


def xlsx_file(*rows):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return SimpleUploadedFile("customers.xlsx", buffer.getvalue(), kind)


def brought(cast, upload):
    file = checked(upload, kinds={Kind.CSV, Kind.XLSX}, limit_bytes=5_000_000)
    return importing.bring(file, by=cast.olga, at=NOON)


def faults(cast, *rows, head=HEAD):
    plan = importing.plan_of(brought(cast, csv_file(*rows, head=head)), member=cast.olga)
    return [(fault.row, fault.label) for fault in plan.faults]


def test_columns_are_guessed_from_their_heads(cast):
    row = brought(cast, csv_file("Harbour,,,,,,"))

    assert row.mapping == {
        "name": 0,
        "code": 1,
        "email": 2,
        "phone": 3,
        "terms_days": 4,
        "salesperson": 5,
        "kind": 6,
    }


def test_rows_add_and_change_customers(cast, ghana):
    known = make_customer(cast.sam, name="Old name", code="A-1", area="North")
    row = brought(
        cast,
        csv_file(
            "New name,A-1,,024 123 4567,14,Sara,company",
            "Kofi Boateng,,kofi@x.test,ask Rosa,,,Person",
        ),
    )

    done = importing.carry_out(row, by=cast.olga, at=NOON)

    assert (done.added, done.changed) == (1, 1)
    known.refresh_from_db()
    assert (known.name, known.area, known.terms_days) == ("New name", "North", 14)
    assert (known.phone, known.salesperson) == ("+233241234567", cast.sara)
    kofi = Customer.objects.get(email="kofi@x.test")
    assert (kofi.kind, kofi.phone, kofi.salesperson) == ("person", "ask Rosa", cast.olga)
    assert AuditEvent.objects.filter(subject_id=known.pk, code="customer.changed").exists()
    with pytest.raises(importing.Finished):
        importing.carry_out(row, by=cast.olga, at=NOON)


def test_the_same_file_again_changes_nothing(cast):
    rows = ("Harbour,H-1,a@x.test,,30,,", "Kofi,K-1,,,,,")
    importing.carry_out(brought(cast, csv_file(*rows)), by=cast.olga, at=NOON)

    plan = importing.plan_of(brought(cast, csv_file(*rows)), member=cast.olga)

    assert (plan.to_add, plan.to_change, plan.unchanged, plan.faults) == (0, 0, 2, [])


def test_each_fault_has_its_row_and_its_column(cast):
    assert faults(
        cast,
        "Good,G-1,,,,,",
        ",,,,,,",
        ",N-1,,,,,",
        "Bad mail,,nobody,,,,",
        "Bad days,,,,soon,,",
        "Bad seller,,,,,Nobody,",
        "Bad kind,,,,,,robot",
        "Twice,G-1,,,,,",
        f"{'x' * 201},,,,,,",
    ) == [
        (4, "Name"),
        (5, "E-mail"),
        (6, "Days to pay"),
        (7, "Salesperson"),
        (8, "Kind"),
        (9, "Code"),
        (10, "Name"),
    ]


def test_one_fault_and_nothing_is_imported(cast):
    row = brought(cast, csv_file("Good,,,,,,", "Bad,,nobody,,,,"))

    with pytest.raises(importing.Faulty):
        importing.carry_out(row, by=cast.olga, at=NOON)

    assert not Customer.objects.exists()


def test_a_customer_of_somebody_else_is_not_changed_through_a_file(cast):
    make_customer(cast.sara, name="Hers", code="S-1")
    row = brought(cast, csv_file("Mine now,S-1,,,,,"))

    assert [fault.row for fault in importing.plan_of(row, member=cast.sam).faults] == [2]
    assert importing.plan_of(row, member=cast.olga).faults == []


def test_a_sheet_of_numbers_and_other_separators_read_the_same(cast, ghana):
    sheet = brought(cast, xlsx_file(["Name", "Phone", "Terms"], ["Harbour", 233241234567, 14.0]))
    line = importing.plan_of(sheet, member=cast.olga).lines[0]
    assert line.fields == {"name": "Harbour", "phone": "+233241234567", "terms_days": 14}

    text = brought(cast, csv_file("Harbour;0241234567", head="Name;Phone"))
    assert importing.plan_of(text, member=cast.olga).lines[0].fields["phone"] == "+233241234567"


def test_what_begins_like_a_formula_stays_text(cast):
    row = brought(cast, csv_file('"=SUM(A1)",,,,,,'))
    importing.carry_out(row, by=cast.olga, at=NOON)

    assert Customer.objects.get().name == "=SUM(A1)"


def test_a_country_is_written_as_a_name_or_in_two_letters(cast):
    row = brought(cast, csv_file("A,Ghana", "B,gh", "C,Nowhere", head="Name,Country"))
    plan = importing.plan_of(row, member=cast.olga)

    assert [line.fields["country"] for line in plan.lines] == ["GH", "GH"]
    assert [fault.row for fault in plan.faults] == [4]


def test_too_many_rows_and_none_are_refused(cast):
    with pytest.raises(importing.NoRows):
        brought(cast, csv_file())
    with pytest.raises(importing.TooManyRows):
        brought(cast, csv_file(*["x,,,,,,"] * 5_001))


def test_a_file_is_brought_mapped_looked_over_and_imported_on_the_screen(client, cast):
    client.force_login(cast.olga.user)
    assert client.get(reverse("sales:imports")).status_code == 200
    wrong = SimpleUploadedFile("x.exe", b"MZ", "application/octet-stream")
    assert client.post(reverse("sales:imports"), {"file": wrong}).status_code == 422

    file = csv_file("nobody,Harbour,soon", head="Mail,Firm,Terms")
    answer = client.post(reverse("sales:imports"), {"file": file})
    row = CustomerImport.objects.get()
    address = reverse("sales:import", args=[row.pk])
    assert answer["Location"] == address
    assert "Say which column holds the name" in client.get(address).content.decode()
    assert client.post(address, {"column-email": "0"}).status_code == 422

    client.post(address, {"column-name": "1", "column-email": "0"})
    text = client.get(address).content.decode()
    assert "This is no e-mail address" in text
    run = reverse("sales:run_import", args=[row.pk])
    assert client.post(run).status_code == 422
    told = client.get(reverse("sales:import_faults", args=[row.pk])).content.decode()
    assert "2,E-mail,nobody" in told

    client.post(address, {"column-name": "1"})
    assert client.post(run)["Location"] == reverse("sales:customers")
    assert Customer.objects.get().name == "Harbour"
    assert "Imported" in client.get(address).content.decode()
    client.post(run)
    assert Customer.objects.count() == 1


def test_many_rows_take_few_statements_each(cast, django_assert_max_num_queries):
    rows = [f"Customer {number},X-{number},,024{number:07d},,," for number in range(200)]
    row = brought(cast, csv_file(*rows))

    with django_assert_max_num_queries(5 * 200 + 20):
        importing.carry_out(row, by=cast.olga, at=NOON)

    assert Customer.objects.count() == 200
