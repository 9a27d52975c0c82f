"""What belongs to a customer: contacts, addresses, tags and notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Actor, Event
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.masterdata.parties import events
from prs.masterdata.parties.models import Address, Contact, Customer, CustomerTag, Note, Tag
from prs.masterdata.parties.services.customers import tidied


class ContactKnown(Refusal):
    """The customer has a contact with this address already."""

    sentence = _("This customer has a contact with this e-mail already.")


class NothingWritten(Invalid):
    """A note says something."""

    sentence = _("Write something first.")


class TagNameless(Invalid):
    """A tag is a word."""

    sentence = _("Give the tag a name of at most 40 letters.")


KNOWN: dict[str, type[Refusal]] = {"contact_email_unique": ContactKnown}
MARKS = ("is_primary", "is_billing")


def held(customer: Customer) -> Customer:
    """The customer's row, held until the commit: marks that only one may have move under it."""
    row: Customer = Customer.objects.select_for_update(of=("self",), no_key=True).get(
        pk=customer.pk
    )
    return row


def clear_marks(customer: Customer, fields: Mapping[str, Any]) -> None:
    """Take from the other contacts the marks that one is about to get."""
    for mark in MARKS:
        if fields.get(mark):
            Contact.objects.filter(customer=customer, **{mark: True}).update(**{mark: False})


@transaction.atomic
def add_contact(
    customer: Customer, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> Contact:
    """Add a person; the first one is the one to talk to. A new primary or billing contact takes the mark.

    :raises ContactKnown: the customer has one with this e-mail.
    :raises PhoneWrong: the phone can't be right.
    """
    held(customer)
    kept = tidied(fields, country=customer.country)
    if not Contact.objects.filter(customer=customer).exists():
        kept["is_primary"] = True
    clear_marks(customer, kept)
    with refusing(KNOWN):
        contact = Contact.objects.create(customer=customer, **kept)
    say(events.CONTACT_ADDED, customer, by=by, at=at, contact=contact.name)
    return contact


@transaction.atomic
def change_contact(
    contact: Contact, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> Contact:
    """Change a person at a customer.

    :raises ContactKnown: the customer has another with this e-mail.
    :raises Stale: somebody else changed it in between.
    """
    customer = held(contact.customer)
    kept = tidied(fields, country=customer.country)
    clear_marks(customer, kept)
    with refusing(KNOWN):
        write_version(contact, kept)
    say(events.CONTACT_CHANGED, customer, by=by, at=at, contact=contact.name)
    return contact


@transaction.atomic
def remove_contact(contact: Contact, *, by: Actor, at: datetime) -> None:
    """Remove a person; nothing refers to them."""
    customer, name = contact.customer, contact.name
    if Contact.objects.filter(pk=contact.pk).delete()[0]:
        say(events.CONTACT_REMOVED, customer, by=by, at=at, contact=name)


def clear_default(customer: Customer, kind: str) -> None:
    """Take the mark from the address of a kind that was used first."""
    Address.objects.filter(customer=customer, kind=kind, is_default=True).update(is_default=False)


@transaction.atomic
def add_address(
    customer: Customer, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> Address:
    """Add a place of a customer. The first of a kind is the one that is used first."""
    held(customer)
    kept = dict(fields)
    kind = kept.get("kind", Address.Kind.DELIVERY)
    if not Address.objects.filter(customer=customer, kind=kind).exists():
        kept["is_default"] = True
    if kept.get("is_default"):
        clear_default(customer, kind)
    address = Address.objects.create(customer=customer, **kept)
    say(events.ADDRESS_ADDED, customer, by=by, at=at, address=str(address))
    return address


@transaction.atomic
def change_address(
    address: Address, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> Address:
    """Change a place of a customer.

    :raises Stale: somebody else changed it in between.
    """
    customer = held(address.customer)
    kind = fields.get("kind", address.kind)
    if fields.get("is_default", address.is_default):
        clear_default(customer, kind)
        fields = {**fields, "is_default": True}
    write_version(address, fields)
    say(events.ADDRESS_CHANGED, customer, by=by, at=at, address=str(address))
    return address


@transaction.atomic
def remove_address(address: Address, *, by: Actor, at: datetime) -> None:
    """Remove a place; documents keep what they printed."""
    customer, label = address.customer, str(address)
    if Address.objects.filter(pk=address.pk).delete()[0]:
        say(events.ADDRESS_REMOVED, customer, by=by, at=at, address=label)


@transaction.atomic
def tag(
    customer: Customer, name: str, *, by: Actor, at: datetime, colour: str = Tag.Colour.GREY
) -> Tag:
    """Put a tag on a customer; a new word makes a new tag.

    :raises TagNameless: no name, or one that is too long.
    """
    word = " ".join(name.split())
    if not 0 < len(word) <= 40 or colour not in Tag.Colour.values:
        raise TagNameless
    found, _new = Tag.objects.get_or_create(name=word, defaults={"colour": colour})
    _row, put = CustomerTag.objects.get_or_create(customer=customer, tag=found)
    if put:
        say(events.TAGGED, customer, by=by, at=at, tag=found.name)
    return found


@transaction.atomic
def untag(customer: Customer, tag: Tag, *, by: Actor, at: datetime) -> None:
    """Take a tag from a customer."""
    if CustomerTag.objects.filter(customer=customer, tag=tag).delete()[0]:
        say(events.UNTAGGED, customer, by=by, at=at, tag=tag.name)


@transaction.atomic
def note(customer: Customer, text: str, *, by: Member, at: datetime) -> Note:
    """Write something down about a customer, for good.

    :raises NothingWritten: the note is empty.
    """
    written = text.strip()[:2000]
    if not written:
        raise NothingWritten
    row = Note.objects.create(customer=customer, text=written, by=by, at=at)
    say(events.NOTED, customer, by=by, at=at, note=written[:300])
    return row


def say(event: Event, customer: Customer, *, by: Actor, at: datetime, **words: str) -> None:
    """Record an event of a customer with its words."""
    record(event, customer, by=by, at=at, words=words)
