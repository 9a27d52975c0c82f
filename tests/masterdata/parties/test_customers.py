"""What belongs to a customer, and how a customer is kept."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from prs.kernel.activity.models import AuditEvent
from prs.kernel.tenancy.context import tenant_context
from prs.masterdata.parties import selectors
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Address, Contact, Customer, CustomerTag
from prs.masterdata.parties.services import details
from prs.masterdata.parties.services.customers import BlockUnexplained, ImportedCustomer
from prs.masterdata.parties.services.details import NothingWritten, TagNameless
from tests.cast import NOON
from tests.factories.walk import make_customer


def add_contact(customer, cast, **fields):
    return details.add_contact(customer, {"first_name": "Rosa", **fields}, by=cast.sam, at=NOON)


def test_each_organization_has_one_walk_in_customer_that_never_owes(cast):
    walk_in = selectors.walk_in()
    assert walk_in is not None
    assert parties.seed_walk_in() == walk_in

    for change in ({"credit_limit": 1}, {"credit_limit": None}, {"active": False}):
        with pytest.raises(IntegrityError, match="pays_at_once"), transaction.atomic():
            Customer.everyone.filter(pk=walk_in.pk).update(**change)
    with tenant_context(cast.zenith.pk):
        assert selectors.walk_in() != walk_in


def test_the_first_contact_is_the_one_to_talk_to_and_a_new_primary_takes_the_mark(cast):
    row = make_customer(cast.sam)
    rosa = add_contact(row, cast)
    kofi = add_contact(row, cast, first_name="Kofi")
    assert (rosa.is_primary, kofi.is_primary) == (True, False)

    details.change_contact(kofi, {"is_primary": True}, by=cast.sam, at=NOON)

    assert Contact.objects.get(is_primary=True) == kofi


def test_a_new_billing_contact_takes_the_invoices_over(cast):
    row = make_customer(cast.sam)
    add_contact(row, cast, is_billing=True)
    kofi = add_contact(row, cast, first_name="Kofi", is_billing=True)

    assert Contact.objects.get(is_billing=True) == kofi
    assert selectors.contact_for_invoices(row) == kofi


def test_the_same_person_may_work_at_two_customers_but_not_twice_at_one(cast):
    row, other = make_customer(cast.sam), make_customer(cast.sam, name="Other")
    add_contact(row, cast, email="rosa@x.test")
    add_contact(other, cast, email="rosa@x.test")

    with pytest.raises(details.ContactKnown):
        add_contact(row, cast, email="Rosa@X.test")


def test_each_kind_of_address_has_one_that_is_used_first(cast):
    row = make_customer(cast.sam)
    gate = details.add_address(row, {"line1": "Gate 4"}, by=cast.sam, at=NOON)
    office = details.add_address(row, {"line1": "Office", "kind": "billing"}, by=cast.sam, at=NOON)
    yard = details.add_address(row, {"line1": "Yard"}, by=cast.sam, at=NOON)

    details.change_address(yard, {"is_default": True}, by=cast.sam, at=NOON)

    assert set(Address.objects.filter(is_default=True)) == {office, yard}
    gate.refresh_from_db()
    assert not gate.is_default


def test_the_same_word_is_one_tag_on_many_customers(cast):
    row, other = make_customer(cast.sam), make_customer(cast.sam, name="Other")
    first = details.tag(row, " Pharmacy ", by=cast.sam, at=NOON)
    assert details.tag(other, "Pharmacy", colour="rose", by=cast.sam, at=NOON) == first
    details.tag(row, "Pharmacy", by=cast.sam, at=NOON)

    assert CustomerTag.objects.count() == 2
    assert set(selectors.tagged(selectors.listed(cast.olga), first)) == {row, other}
    for wrong in ("", "x" * 41):
        with pytest.raises(TagNameless):
            details.tag(row, wrong, by=cast.sam, at=NOON)


def test_a_note_says_something_and_stays(cast):
    row = make_customer(cast.sam)
    with pytest.raises(NothingWritten):
        details.note(row, "  ", by=cast.sam, at=NOON)
    details.note(row, "Closes at four.", by=cast.sam, at=NOON)

    assert [note.text for note in selectors.notes_of(row)] == ["Closes at four."]


def test_credit_is_not_stopped_without_a_reason(cast):
    row = make_customer(cast.sam)

    with pytest.raises(BlockUnexplained):
        parties.set_credit(row, {"credit_blocked": True}, by=cast.olga, at=NOON)


def test_what_happens_to_a_customer_is_kept_with_who_did_it(cast):
    row = make_customer(cast.sam)
    add_contact(row, cast)
    parties.set_credit(row, {"credit_limit": 500}, by=cast.anna, at=NOON)

    codes = AuditEvent.objects.filter(subject_id=row.pk).values_list("code", "actor_label")
    assert ("customer.contact_added", cast.sam.label) in codes
    assert ("customer.credit_changed", cast.anna.label) in codes


def test_an_import_is_never_refused_over_a_phone(cast):
    sent = ImportedCustomer(code="C-1", name="Harbour", phone="ask Rosa", email="A@X.test")

    row = parties.take_from_import(sent, by=cast.olga, at=NOON, country="GH")

    assert (row.phone, row.email) == ("ask Rosa", "a@x.test")


def test_a_phone_of_an_import_is_kept_like_a_typed_one(cast):
    sent = ImportedCustomer(code="C-1", name="Harbour", phone="024 123 4567")

    row = parties.take_from_import(sent, by=cast.olga, at=NOON, country="GH")
    again = parties.take_from_import(sent, by=cast.olga, at=NOON, country="GH")

    assert row.phone == "+233241234567"
    assert again.version == row.version
