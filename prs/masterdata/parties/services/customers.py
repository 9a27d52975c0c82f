"""Customers are added, changed, taken from other systems, and handed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Actor, Event
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.kernel.numbering import Series, next_number
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties import events, rules
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.rules import UnknownNumber, code_prefix

# One counter for all codes, so that two customers never share a number either.
CODE = Series("customer", "")


class CodeTaken(Refusal):
    """Another customer has this code."""

    sentence = _("Another customer already has this code. Choose a different one.")


class PhoneWrong(Invalid):
    """No phone has this number."""

    sentence = _("This can't be a phone number. Write it with its country, as +233 24 123 4567.")


class SecondPhoneWrong(PhoneWrong):
    """No phone has the second number."""


class TaxNumberWrong(Invalid):
    """The country knows no such tax number."""

    sentence = _("This is no tax number of {country}. Check it, or choose another country.")


class BlockUnexplained(Invalid):
    """Credit is not stopped without a reason."""

    sentence = _("Say why this customer gets no more credit.")


TAKEN: dict[str, type[Refusal]] = {
    "customer_code_unique": CodeTaken,
    "customer_external_code_unique": CodeTaken,
}


def home_country() -> str:
    """The country of the current organization; empty while nobody chose one."""
    found = Organization.objects.filter(pk=required_organization()).values_list(
        "country", flat=True
    )
    return found.first() or ""


def tidied(fields: Mapping[str, Any], *, country: str) -> dict[str, Any]:
    """Fields as they are kept: e-mail in small letters, phones as E.164, the tax number compact.

    :raises PhoneWrong, SecondPhoneWrong: a phone can't be right.
    :raises TaxNumberWrong: the country knows no such tax number.
    """
    kept = dict(fields)
    if kept.get("email"):
        kept["email"] = kept["email"].strip().lower()
    if not any(kept.get(name) for name in ("phone", "phone2", "tax_id")):
        return kept
    home = home_country()
    for name, refusal in (("phone", PhoneWrong), ("phone2", SecondPhoneWrong)):
        if kept.get(name):
            try:
                kept[name] = rules.phone_number(kept[name], home)
            except UnknownNumber as error:
                raise refusal from error
    if kept.get("tax_id"):
        theirs = kept.get("country") or country or home
        try:
            kept["tax_id"] = rules.tax_number(kept["tax_id"], theirs)
        except UnknownNumber as error:
            raise TaxNumberWrong(country=theirs) from error
    return kept


def tidied_or_kept(fields: Mapping[str, Any], *, home: str) -> dict[str, Any]:
    """Fields as they are kept, where they can be read; what can't be is kept as it came."""
    kept = dict(fields)
    if kept.get("email"):
        kept["email"] = kept["email"].strip().lower()
    for name in ("phone", "phone2"):
        if kept.get(name):
            kept[name] = readable(rules.phone_number, kept[name], home)
    if kept.get("tax_id"):
        kept["tax_id"] = readable(rules.tax_number, kept["tax_id"], kept.get("country") or home)
    return kept


def readable(read: Callable[[str, str], str], text: str, country: str) -> str:
    """What a rule makes of a text; the text itself when it can make nothing of it."""
    try:
        return read(text, country)
    except UnknownNumber:
        return text


@dataclass(frozen=True)
class ImportedCustomer:
    """A customer as another system describes it; `code` is what it is found by."""

    code: str
    name: str
    area: str = ""
    address1: str = ""
    address2: str = ""
    address3: str = ""
    postal_code: str = ""
    phone: str = ""
    phone2: str = ""
    email: str = ""

    def fields(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if name != "code"}


@transaction.atomic
def add(fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Customer:
    """Add a customer; without a code it gets the next one, such as `AC-0007`.

    :raises CodeTaken: another customer has the code.
    :raises Invalid: a phone or the tax number can't be right.
    """
    return write_new(tidied(fields, country=""), by=by, at=at)


def write_new(
    fields: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    event: Event = events.CUSTOMER_ADDED,
) -> Customer:
    """Write a customer whose fields are tidy."""
    customer = Customer(**fields)
    if not customer.code:
        number = next_number(CODE, year=at.year)
        customer.code = f"{code_prefix(customer.name)}-{number}"
    with refusing(TAKEN):
        customer.save(force_insert=True)
    record(event, customer, by=by, at=at, after=model_to_dict(customer))
    return customer


@transaction.atomic
def change(customer: Customer, fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Customer:
    """Change a customer.

    :raises Stale: somebody else changed it in between.
    :raises CodeTaken: another customer has the code.
    :raises Invalid: a phone or the tax number can't be right.
    """
    kept = tidied(fields, country=customer.country)
    with refusing(TAKEN):
        before = write_version(customer, kept)
    record(events.CUSTOMER_CHANGED, customer, by=by, at=at, before=before, after=kept)
    return customer


@transaction.atomic
def set_credit(
    customer: Customer, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> Customer:
    """Set a customer's limit, or stop their credit with a reason.

    :raises BlockUnexplained: credit is stopped without a reason.
    :raises Stale: somebody else changed it in between.
    """
    with refusing({"customer_block_has_a_reason": BlockUnexplained}):
        before = write_version(customer, fields)
    record(events.CREDIT_CHANGED, customer, by=by, at=at, before=before, after=fields)
    return customer


def seed_walk_in() -> Customer:
    """Give the current organization the customer of those who pay at the counter and leave no name."""
    walk_in: Customer | None = Customer.everyone.filter(is_walk_in=True).first()
    return walk_in or Customer.everyone.create(
        code="WALK-IN",
        kind=Customer.Kind.PERSON,
        name=str(_("Walk-in customer")),
        terms_days=0,
        credit_limit=0,
        is_walk_in=True,
    )


@transaction.atomic(savepoint=False)
def take_from_import(
    imported: ImportedCustomer,
    *,
    by: Actor,
    at: datetime,
    salesperson: Member | None = None,
    country: str = "",
) -> Customer:
    """Find an imported customer by its external code and bring it up to date, or add it.

    The code of a customer that was merged names the one it was merged into. `country` is the
    organization's, for phones without one.
    """
    found = (
        Customer.objects.select_related("merged_into").filter(external_code=imported.code).first()
    )
    fields = tidied_or_kept(imported.fields(), home=country)
    if found is None:
        return add_imported(imported, fields, by=by, at=at, salesperson=salesperson)
    if found.merged_into is not None:
        return found.merged_into
    # A system that leaves a field out does not know it; what people entered stays.
    changed = {name: new for name, new in fields.items() if new and getattr(found, name) != new}
    if changed:
        before = {name: getattr(found, name) for name in changed}
        for name, new in changed.items():
            setattr(found, name, new)
        found.version += 1
        found.save(update_fields=[*changed, "version"])
        record(events.CUSTOMER_CHANGED, found, by=by, at=at, before=before, after=changed)
    return found


def add_imported(
    imported: ImportedCustomer,
    fields: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    salesperson: Member | None,
) -> Customer:
    """Add a customer that an import names for the first time.

    Two imports may name it at once: the second waits for the first and then finds its row.
    """
    try:
        extra = {"external_code": imported.code, "salesperson": salesperson}
        return write_new({**fields, **extra}, by=by, at=at)
    except CodeTaken:
        return Customer.objects.get(external_code=imported.code)


@transaction.atomic
def hand_over(leaver: Member, successor: Member, *, by: Actor, at: datetime) -> int:
    """Give a leaving member's customers to a colleague. Returns how many."""
    count = Customer.objects.filter(salesperson=leaver).update(salesperson=successor)
    if count:
        words = {"count": count, "successor": successor.label}
        record(events.CUSTOMERS_HANDED_OVER, leaver, by=by, at=at, words=words)
    return count
