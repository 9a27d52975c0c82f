"""Suppliers are added and changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.numbering import Series, next_number
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties import events
from prs.masterdata.parties.models import Supplier
from prs.masterdata.parties.services.customers import tidied

CODE = Series("supplier", "S-")


class SupplierNameTaken(Refusal):
    """Another supplier has this name."""

    sentence = _("Another supplier already has this name. Open that one, or tell them apart.")


class SupplierCodeTaken(Refusal):
    """Another supplier has this code."""

    sentence = _("Another supplier already has this code. Choose a different one.")


TAKEN: dict[str, type[Refusal]] = {
    "supplier_name_unique": SupplierNameTaken,
    "supplier_code_unique": SupplierCodeTaken,
}


@transaction.atomic
def add_supplier(fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Supplier:
    """Add a supplier; without a code it gets the next one, such as `S-0007`.

    Without a currency it sells in the organization's.
    :raises SupplierNameTaken, SupplierCodeTaken: another supplier has the name or the code.
    :raises PhoneWrong, TaxNumberWrong: the phone or the tax number can't be right.
    """
    supplier = Supplier(**tidied(fields, country=""))
    supplier.currency = supplier.currency or home_currency()
    supplier.code = supplier.code or next_number(CODE, year=at.year)
    with refusing(TAKEN):
        supplier.save(force_insert=True)
    record(events.SUPPLIER_ADDED, supplier, by=by, at=at, after=model_to_dict(supplier))
    return supplier


@transaction.atomic
def change_supplier(
    supplier: Supplier, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> Supplier:
    """Change a supplier.

    :raises Stale: somebody else changed it in between.
    :raises SupplierNameTaken, SupplierCodeTaken: another supplier has the name or the code.
    :raises PhoneWrong, TaxNumberWrong: the phone or the tax number can't be right.
    """
    kept = tidied(fields, country=supplier.country)
    with refusing(TAKEN):
        before = write_version(supplier, kept)
    record(events.SUPPLIER_CHANGED, supplier, by=by, at=at, before=before, after=kept)
    return supplier


def home_currency() -> str:
    """The currency of the current organization."""
    return Organization.objects.values_list("currency", flat=True).get(pk=required_organization())
