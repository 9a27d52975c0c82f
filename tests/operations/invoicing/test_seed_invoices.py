"""Invoices to try things out with."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from prs.ledgers.bookkeeping import selectors as books
from prs.operations.invoicing.models import Invoice, InvoiceLine, Revision


def seed(cast, *options: str) -> None:
    call_command(
        "seed_invoices", "--organization", cast.acme.name, "--force", *options, verbosity=0
    )


def test_invoices_of_two_to_five_items_arrive(cast, check_now, capsys):
    seed(cast, "--count", "8")
    check_now()

    assert Invoice.objects.filter(origin="import", status="issued", billing="billed").count() == 8
    counts = InvoiceLine.objects.values("invoice").annotate(count=Count("pk"))
    assert {row["count"] for row in counts} == {2, 3, 4, 5}
    day = Invoice.objects.values_list("invoice_date", flat=True).distinct().get()
    assert books.trial_balance(day, day).balanced


def test_a_second_run_adds_to_the_first(cast, capsys):
    seed(cast, "--count", "2")
    seed(cast, "--count", "3")

    assert Invoice.objects.count() == 5


@pytest.mark.parametrize(
    ("status", "billing", "revisions"),
    [("review", "review", 0), ("REVIEW", "review", 0), ("re_invoiced", "re_invoiced", 2)],
)
def test_they_stand_where_they_are_asked_to(cast, capsys, check_now, status, billing, revisions):
    seed(cast, "--count", "2", "--status", status)
    check_now()

    assert Invoice.objects.filter(billing=billing).count() == 2
    assert Revision.objects.count() == revisions


def test_real_business_is_left_alone(cast):
    with pytest.raises(CommandError, match="does real business"):
        call_command("seed_invoices", "--organization", cast.acme.name)

    assert not Invoice.objects.exists()


def test_the_organization_is_named_when_there_are_several(cast):
    with pytest.raises(CommandError, match="Acme Supplies, Zenith Trading"):
        call_command("seed_invoices")


@pytest.mark.parametrize("count", ["0", "5001"])
def test_a_count_has_bounds(cast, count):
    with pytest.raises(CommandError, match="between 1 and 5000"):
        seed(cast, "--count", count)
