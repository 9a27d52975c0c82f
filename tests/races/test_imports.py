"""Another system that posts the same thing eight times at once gets one invoice."""

from __future__ import annotations

import pytest

from prs.kernel.activity.rules import SYSTEM
from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import selectors as books
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from tests.cast import NOON
from tests.factories.world import sent_invoice
from tests.races.together import kinds, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_posts_of_one_number_make_one_invoice(committed_cast):
    acme = committed_cast.acme

    def post():
        return invoices.take_import(sent_invoice("SI-9"), organization=acme, by=SYSTEM, at=NOON)

    answers = together(acme.pk, *[post] * 8)

    assert [answer.created for answer in answers].count(True) == 1
    assert all(answer.same for answer in answers)
    assert len({answer.invoice.pk for answer in answers}) == 1
    with tenant_context(acme.pk):
        assert Invoice.objects.count() == Customer.objects.count() == 1
        assert books.entries().count() == 1


def test_invoices_that_name_a_new_customer_at_once_share_it(committed_cast):
    acme = committed_cast.acme

    def post(number):
        return invoices.take_import(sent_invoice(number), organization=acme, by=SYSTEM, at=NOON)

    answers = together(acme.pk, *[lambda n=n: post(f"SI-{n}") for n in range(5)])

    assert all(answer.created for answer in answers)
    with tenant_context(acme.pk):
        assert Customer.objects.count() == 1
        assert list(books.findings()) == []


def test_of_two_corrections_one_wins(committed_cast):
    acme = committed_cast.acme
    with tenant_context(acme.pk):
        taken = invoices.take_import(sent_invoice("SI-1"), organization=acme, by=SYSTEM, at=NOON)
        invoices.return_for_correction(
            taken.invoice, reason="Price", by=committed_cast.olga, at=NOON
        )

    def correct(price):
        return invoices.correct(
            sent_invoice("SI-1", price=price), notes="", organization=acme, by=SYSTEM, at=NOON
        )

    answers = together(acme.pk, lambda: correct("21.00"), lambda: correct("22.00"))

    assert kinds(answers) == ["Invoice", "NotInReview"]
    with tenant_context(acme.pk):
        assert Invoice.objects.get().revision == 2
        assert list(books.findings()) == []


def test_an_invoice_is_returned_once(committed_cast):
    acme = committed_cast.acme
    with tenant_context(acme.pk):
        taken = invoices.take_import(sent_invoice("SI-1"), organization=acme, by=SYSTEM, at=NOON)

    def give_back():
        return invoices.return_for_correction(
            taken.invoice, reason="Price", by=committed_cast.olga, at=NOON
        )

    assert kinds(together(acme.pk, give_back, give_back)) == ["CannotReturn", "Invoice"]
