"""Numbers people read."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from prs.kernel.numbering import CREDIT_NOTE, DEAL, ENTRY, INVOICE, PAYMENT, RECEIPT, next_number
from prs.kernel.tenancy.context import tenant_context

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("series", "first"),
    [
        (INVOICE, "INV-2026-0001"),
        (CREDIT_NOTE, "CN-2026-0001"),
        (RECEIPT, "RCT-2026-0001"),
        (ENTRY, "JE-2026-000001"),
        (PAYMENT, "TXN-0001"),
        (DEAL, "DLID0001"),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_a_series_begins_at_one_in_its_own_form(cast, series, first):
    assert next_number(series, year=2026) == first


@pytest.mark.parametrize("series", [ENTRY, PAYMENT], ids=lambda series: series.kind)
@pytest.mark.parametrize("number", [1, 99_999_999])
def test_the_database_writes_a_number_as_python_does(series, number):
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + series.sql(str(number), "'2026'"))
        assert cursor.fetchone() == (series.label(number, "2026" if series.yearly else ""),)


def test_a_yearly_series_begins_again_each_year(cast):
    taken = [next_number(INVOICE, year=year) for year in (2026, 2026, 2027, 2026)]
    assert taken == ["INV-2026-0001", "INV-2026-0002", "INV-2027-0001", "INV-2026-0003"]


def test_another_series_goes_on_over_the_years(cast):
    assert [next_number(PAYMENT, year=year) for year in (2026, 2027)] == ["TXN-0001", "TXN-0002"]


def test_organizations_count_apart(cast):
    next_number(INVOICE, year=2026)
    with tenant_context(cast.zenith.pk):
        assert next_number(INVOICE, year=2026) == "INV-2026-0001"


def test_a_number_wider_than_its_width_is_written_out():
    assert INVOICE.label(123456, "2026") == "INV-2026-123456"


def test_a_number_that_is_rolled_back_is_given_again(cast):
    with transaction.atomic():
        next_number(RECEIPT, year=2026)
        transaction.set_rollback(True)
    assert next_number(RECEIPT, year=2026) == "RCT-2026-0001"
