"""Suppliers: numbered, named once, reachable."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.versions import Stale
from prs.kernel.tenancy.context import tenant_context
from prs.masterdata.parties import selectors
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Supplier
from tests.cast import NOON
from tests.factories.goods import make_supplier


def test_a_supplier_gets_the_next_code_and_the_organizations_currency(cast):
    first = make_supplier(cast.olga)
    second = make_supplier(cast.olga, "Harbour Foods", currency="EUR", code="HF")

    assert (first.code, first.currency) == ("S-0001", "USD")
    assert (second.code, second.currency) == ("HF", "EUR")
    assert make_supplier(cast.olga, "Third").code == "S-0002"


def test_two_suppliers_share_neither_name_nor_code_but_organizations_do(cast):
    make_supplier(cast.olga, code="LM")

    with pytest.raises(parties.SupplierNameTaken):
        make_supplier(cast.olga)
    with pytest.raises(parties.SupplierCodeTaken):
        make_supplier(cast.olga, "Another", code="LM")
    with tenant_context(cast.zenith.pk):
        make_supplier(cast.zoe, code="LM")


def test_a_phone_is_kept_as_the_world_dials_it_and_a_wrong_one_is_refused(cast):
    row = make_supplier(cast.olga, phone="+233 24 123 4567", country="GH")
    assert (row.phone, row.shown_phone) == ("+233241234567", "+233 24 123 4567")

    with pytest.raises(parties.PhoneWrong):
        parties.change_supplier(row, {"phone": "+233 1"}, by=cast.olga, at=NOON)
    with pytest.raises(parties.TaxNumberWrong):
        make_supplier(cast.olga, "German", country="DE", tax_id="DE123")


def test_a_change_is_told_with_what_was_before_and_an_old_page_changes_nothing(cast):
    row = make_supplier(cast.olga, lead_days=7)
    stale = Supplier.objects.get(pk=row.pk)
    parties.change_supplier(row, {"lead_days": 14}, by=cast.olga, at=NOON)

    event = AuditEvent.objects.get(code="supplier.changed")
    assert (event.before, event.after) == ({"lead_days": 7}, {"lead_days": 14})
    with pytest.raises(Stale):
        parties.change_supplier(stale, {"minimum_order": Decimal(5)}, by=cast.olga, at=NOON)


def test_one_orders_from_suppliers_in_use_only(cast):
    row = make_supplier(cast.olga)
    other = make_supplier(cast.olga, "Another")
    parties.change_supplier(row, {"active": False}, by=cast.olga, at=NOON)

    assert list(selectors.suppliers_in_use()) == [other]
    assert set(selectors.suppliers_visible_to(cast.bill)) == {row, other}
