"""Two customers that are one: merged, undone, and never in a chain."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from prs.ledgers.bookkeeping import selectors as books
from prs.masterdata.parties import selectors
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.services import merging
from prs.masterdata.parties.services.customers import ImportedCustomer
from prs.operations.invoicing import standings
from prs.operations.payments import selectors as payment_reads
from prs.operations.payments import services as payments
from tests.cast import NOON
from tests.factories.walk import TODAY, make_customer, make_invoice, make_payment

pytestmark = pytest.mark.usefixtures("quick_documents")


@pytest.fixture
def three(cast):
    return [make_customer(cast.sam, name=name) for name in ("One", "Two", "Three")]


def owed(row):
    return standings.account_of(row, currency="USD", on=TODAY).owed


def ledger(cast):
    """What the books say of everybody, to the cent."""
    rows = Customer.everyone.order_by("pk")
    return {row.pk: books.party_balance([row.pk], ("1100", "2200"), until=TODAY) for row in rows}


def test_a_merge_changes_no_balance_and_its_undoing_none_either(cast, three, check_now):
    one, two, _three = three
    for row, amount in ((one, "100.00"), (two, "60.00")):
        invoice = make_invoice(cast.sam, customer=row, amount=amount)
        payment = make_payment(cast.sam, invoice=invoice, amount="25.00")
        payments.verify(payment, by=cast.vera, at=NOON)
    before, total = ledger(cast), books.trial_balance(TODAY, TODAY)
    assert (owed(one), owed(two)) == (75, 35)

    merging.merge(two, one, by=cast.olga, at=NOON)
    one.refresh_from_db()

    assert owed(one) == 110
    assert ledger(cast) == before
    # Somebody pays what is open under the old name, and somebody writes to the new one.
    late = next(iter(payment_reads.Invoice.objects.filter(customer=two)))
    payments.verify(make_payment(cast.sam, invoice=late, amount="35.00"), by=cast.vera, at=NOON)
    make_invoice(cast.sam, customer=one, amount="5.00")
    assert owed(one) == 80

    two.refresh_from_db()
    merging.unmerge(two, by=cast.olga, at=NOON)

    assert (owed(one), owed(two)) == (80, 0)
    after = ledger(cast)
    assert (after[one.pk], after[two.pk]) == (80, 0)
    assert books.trial_balance(TODAY, TODAY).balanced
    assert total.balanced
    check_now()


def test_whoever_is_merged_is_no_longer_chosen_from(cast, three):
    one, two, other = three
    merging.merge(two, one, by=cast.olga, at=NOON)

    assert set(selectors.listed(cast.olga)) == {one, other}
    two.refresh_from_db()
    assert not two.active
    assert selectors.family(one) == selectors.family(two) == [one.pk, two.pk]


def test_undoing_gives_back_whether_it_was_active(cast, three):
    one, two, _three = three
    parties.change(two, {"active": False}, by=cast.olga, at=NOON)
    merging.merge(two, one, by=cast.olga, at=NOON)

    assert not merging.unmerge(two, by=cast.olga, at=NOON).active
    with pytest.raises(merging.NotMerged):
        merging.unmerge(two, by=cast.olga, at=NOON)
    assert list(selectors.merges_of(one)) == []


def test_neither_chains_nor_cycles_nor_oneself(cast, three):
    one, two, other = three
    merging.merge(two, one, by=cast.olga, at=NOON)

    with pytest.raises(merging.AlreadyMerged):
        merging.merge(two, other, by=cast.olga, at=NOON)
    with pytest.raises(merging.AlreadyMerged):
        merging.merge(other, two, by=cast.olga, at=NOON)
    with pytest.raises(merging.HasOtherNames):
        merging.merge(one, other, by=cast.olga, at=NOON)
    with pytest.raises(merging.SameCustomer):
        merging.merge(one, one, by=cast.olga, at=NOON)


@pytest.mark.parametrize("way", ["into a merged one", "one with other names", "itself", "walk-in"])
def test_the_database_refuses_what_no_verb_would_do(cast, three, way):
    one, two, other = three
    merging.merge(two, one, by=cast.olga, at=NOON)
    walk_in = selectors.walk_in()
    row, into = {
        "into a merged one": (other, two),
        "one with other names": (one, other),
        "itself": (other, other),
        "walk-in": (other, walk_in),
    }[way]

    with pytest.raises(IntegrityError, match="stands by itself"), transaction.atomic():
        Customer.objects.filter(pk=row.pk).update(merged_into=into, active=False)


def test_an_import_that_names_the_old_code_finds_the_customer_that_was_kept(cast):
    one = make_customer(cast.sam, name="One", external_code="C-1")
    two = make_customer(cast.sam, name="Two", external_code="C-2")
    merging.merge(two, one, by=cast.olga, at=NOON)

    sent = ImportedCustomer(code="C-2", name="Two, newly named")
    found = parties.take_from_import(sent, by=cast.olga, at=NOON)

    assert found == one
    assert found.name == "One"


def test_look_alikes_are_found_with_their_reasons_and_told_apart_for_good(cast):
    one = make_customer(cast.sam, name="Harbour Pharmacy", phone="+233241234567")
    two = make_customer(cast.sam, name="Harbor Pharmacy Ltd", phone="+233 24 123 4567")
    three = make_customer(cast.sam, name="Quite Different", tax_id="77")
    four = make_customer(cast.sam, name="Nothing Alike", tax_id="77")

    found = {(pair.one, pair.other): set(pair.reasons) for pair in selectors.duplicates(cast.olga)}
    assert found == {
        (one, two): {"same phone", "nearly the same name"},
        (three, four): {"same tax number"},
    }
    assert [pair.one for pair in selectors.duplicates(cast.olga, of=four)] == [three]

    merging.tell_apart(four, three, by=cast.olga, at=NOON)
    assert [pair.one for pair in selectors.duplicates(cast.olga)] == [one]
    assert selectors.duplicates(cast.sara) == []
