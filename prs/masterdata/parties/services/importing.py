"""Customers from a file: its columns are named, every fault is shown with its row, then all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import Any, Final

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel.activity.services import record
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.files import CheckedFile, open_stored, table_rows
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.services import keep_file
from prs.masterdata.parties import events, selectors
from prs.masterdata.parties.models import Customer, CustomerImport
from prs.masterdata.parties.rules import folded
from prs.masterdata.parties.services.customers import (
    home_country,
    tidied_or_kept,
    write_new,
)

MOST_ROWS: Final = 5_000
SHOWN_ROWS: Final = 20
KEYS: Final = ("code", "external_code", "email")


class TooManyRows(Invalid):
    """More than are taken at once."""

    sentence = gettext_lazy("The file has more than {most} rows. Split it and import the parts.")


class NoRows(Invalid):
    """Only a head, or nothing."""

    sentence = gettext_lazy("The file has no rows below its head.")


class NoName(Invalid):
    """Customers have names."""

    sentence = gettext_lazy("Say which column holds the name.")


class Faulty(Invalid):
    """All or nothing: one fault, no import."""

    sentence = gettext_lazy("{count} faults are left. Nothing was imported.")


class Finished(Refusal):
    """A file is imported once."""

    sentence = gettext_lazy("This file is imported already.")


@dataclass(frozen=True)
class Target:
    """What a column can be: a field, its label, and the heads by which it is guessed."""

    name: str
    label: Any
    heads: tuple[str, ...]


TARGETS: Final = (
    Target("name", gettext_lazy("Name"), ("name", "customer", "customer name", "client")),
    Target("code", gettext_lazy("Code"), ("code", "customer code", "client code")),
    Target(
        "external_code",
        gettext_lazy("Code in other systems"),
        ("external code", "external id", "erp code", "id"),
    ),
    Target("kind", gettext_lazy("Kind"), ("kind", "type", "customer type")),
    Target("email", gettext_lazy("E-mail"), ("email", "e-mail", "mail", "email address")),
    Target("phone", gettext_lazy("Phone"), ("phone", "phone1", "telephone", "mobile", "tel")),
    Target("phone2", gettext_lazy("Second phone"), ("phone2", "second phone", "other phone")),
    Target("website", gettext_lazy("Website"), ("website", "web", "url")),
    Target("address1", gettext_lazy("Address"), ("address", "address1", "street", "line1")),
    Target("address2", gettext_lazy("Address, second line"), ("address2", "line2")),
    Target("postal_code", gettext_lazy("Postal code"), ("postal code", "pincode", "zip", "pin")),
    Target("city", gettext_lazy("City"), ("city", "town")),
    Target("state", gettext_lazy("State or region"), ("state", "region", "province")),
    Target("country", gettext_lazy("Country"), ("country", "country code")),
    Target("area", gettext_lazy("Area"), ("area", "district")),
    Target("tax_id", gettext_lazy("Tax number"), ("tax id", "tax number", "vat", "tin", "gstin")),
    Target(
        "registration_number",
        gettext_lazy("Registration number"),
        ("registration number", "registration", "company number"),
    ),
    Target(
        "terms_days", gettext_lazy("Days to pay"), ("terms", "days", "payment terms", "credit days")
    ),
    Target("price_level", gettext_lazy("Prices"), ("price level", "prices", "level")),
    Target(
        "salesperson", gettext_lazy("Salesperson"), ("salesperson", "salesman", "seller", "owner")
    ),
)
FIELDS: Final = tuple(target.name for target in TARGETS)


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell. Rows are counted as the file's reader sees them, the head is 1."""

    row: int
    label: str
    value: str
    text: str


@dataclass(frozen=True)
class Line:
    """One row as it would be imported: the customer it changes, or None, and the fields."""

    row: int
    customer: Customer | None
    fields: Mapping[str, Any]


@dataclass
class Plan:
    """What an import would do. With a fault it does nothing."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0

    @property
    def to_add(self) -> int:
        return sum(line.customer is None for line in self.lines)

    @property
    def to_change(self) -> int:
        return sum(bool(line.customer and line.fields) for line in self.lines)

    @property
    def unchanged(self) -> int:
        return len(self.lines) - self.to_add - self.to_change

    @property
    def shown(self) -> list[Line]:
        return self.lines[:SHOWN_ROWS]


def plain_head(text: str) -> str:
    """A head as it is compared with the guesses."""
    return " ".join(folded(text).replace("_", " ").replace("-", " ").replace(".", " ").split())


def guessed(head: Sequence[str]) -> dict[str, int]:
    """Which column most likely holds which field: by its head, each column once."""
    plain = [plain_head(text) for text in head]
    mapping: dict[str, int] = {}
    for target in TARGETS:
        words = {plain_head(text) for text in (*target.heads, target.name, str(target.label))}
        for place, text in enumerate(plain):
            if text in words and place not in mapping.values():
                mapping[target.name] = place
                break
    return mapping


def rows_of(row: CustomerImport) -> list[list[str]]:
    """The rows of an import's file, its head first; empty rows at the end are left out."""
    with open_stored(row.file.name) as file:
        rows = table_rows(file.read(), row.file.kind, most=MOST_ROWS + 2)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


@transaction.atomic
def bring(file: CheckedFile, *, by: Member, at: datetime) -> CustomerImport:
    """Keep a file of customers, with what its columns most likely mean. Nothing is imported yet.

    :raises TooManyRows: it has more than 5,000 rows.
    :raises NoRows: it has none.
    """
    row = CustomerImport.objects.create(file=keep_file(file, at=at), created_by=by, created_at=at)
    rows = rows_of(row)
    if len(rows) < 2:
        raise NoRows
    if len(rows) > MOST_ROWS + 1:
        raise TooManyRows(most=MOST_ROWS)
    row.mapping = guessed(rows[0])
    row.save(update_fields=["mapping"])
    record(events.IMPORT_STARTED, row, by=by, at=at, words={"file": row.file.display_name})
    return row


@transaction.atomic
def name_columns(row: CustomerImport, mapping: Mapping[str, int]) -> CustomerImport:
    """Say which column holds which field.

    :raises NoName: no column holds the name.
    :raises Finished: the file is imported already.
    """
    kept = {name: place for name, place in mapping.items() if name in FIELDS}
    if "name" not in kept:
        raise NoName
    won = CustomerImport.objects.filter(pk=row.pk, finished_at__isnull=True).update(mapping=kept)
    if not won:
        raise Finished
    row.mapping = kept
    return row


class Planner:
    """Reads the rows of one file against the customers there are."""

    def __init__(self, row: CustomerImport, rows: list[list[str]], *, by: Member) -> None:
        self.mapping: dict[str, int] = row.mapping
        self.rows, self.by, self.plan = rows, by, Plan(rows=len(rows) - 1)
        self.labels = {target.name: str(target.label) for target in TARGETS}
        self.home = home_country()
        self.taken: dict[tuple[str, str], int] = {}

    @cached_property
    def known(self) -> dict[str, dict[str, Any]]:
        """The customers that the file names, by each key."""
        values = [self.cell(row, name) for row in self.rows[1:] for name in KEYS]
        return selectors.known_by(KEYS, {*values, *(value.lower() for value in values)})

    @cached_property
    def reach(self) -> set[Any]:
        """The ids among them that the member may change."""
        rows = [row for found in self.known.values() for row in found.values()]
        mine = selectors.listed(self.by).filter(pk__in=[row.pk for row in rows])
        return set(mine.values_list("pk", flat=True))

    @cached_property
    def members(self) -> dict[str, Member]:
        """Active members by name and by e-mail."""
        people = Member.objects.filter(active=True).select_related("user")
        by_name = {folded(member.name): member for member in people}
        return by_name | {member.user.email.lower(): member for member in people}

    def cell(self, row: Sequence[str], name: str) -> str:
        """What a row says of a field."""
        place = self.mapping.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    def fault(self, number: int, name: str, value: str, text: str) -> None:
        """Note a fault of a cell."""
        self.plan.faults.append(Fault(number, self.labels[name], value, text))

    def planned(self) -> Plan:
        """The whole file."""
        for number, row in enumerate(self.rows[1:], start=2):
            if any(row):
                self.read(number, row)
        return self.plan

    def read(self, number: int, row: Sequence[str]) -> None:
        """One row: the customer it names, and its fields."""
        before = len(self.plan.faults)
        fields: dict[str, Any] = {}
        for name in self.mapping:
            value = self.cell(row, name)
            if value:
                self.take(number, name, value, fields)
        customer = self.customer(number, row)
        if customer is None and not self.cell(row, "name"):
            self.fault(number, "name", "", _("A new customer needs a name."))
        if len(self.plan.faults) > before:
            return
        fields = tidied_or_kept(fields, home=self.home)
        if customer is not None:
            fields = {key: new for key, new in fields.items() if getattr(customer, key) != new}
        self.plan.lines.append(Line(number, customer, fields))

    def take(self, number: int, name: str, value: str, fields: dict[str, Any]) -> None:
        """Read one cell into its field, or note what is wrong with it."""
        try:
            fields[name] = READERS.get(name, kept_text)(self, name, value)
        except ValueError as error:
            self.fault(number, name, value, str(error))

    def customer(self, number: int, row: Sequence[str]) -> Customer | None:
        """The customer that a row names: by its code, else the other system's, else its e-mail."""
        named = [(name, self.cell(row, name)) for name in KEYS]
        name, value = next(((name, value) for name, value in named if value), ("", ""))
        if not name:
            return None
        value = value.lower() if name == "email" else value
        first = self.taken.setdefault((name, value), number)
        if first != number:
            self.fault(number, name, value, _("Row %(row)s has the same.") % {"row": first})
        found: Customer | None = self.known[name].get(value)
        if found is not None and found.pk not in self.reach:
            text = _("This customer is somebody else's, or was merged.")
            self.fault(number, "name", found.name, text)
        return found


def kept_text(_planner: Planner, name: str, value: str) -> str:
    """Text, as long as its field takes."""
    longest = getattr(Customer._meta.get_field(name), "max_length", None)
    if longest and len(value) > longest:
        raise ValueError(_("At most %(count)s letters.") % {"count": longest})
    return value


def read_email(planner: Planner, name: str, value: str) -> str:
    try:
        validate_email(value)
    except ValidationError as error:
        raise ValueError(_("This is no e-mail address.")) from error
    return kept_text(planner, name, value.lower())


def read_days(_planner: Planner, _name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) <= 365):
        raise ValueError(_("Days to pay are a whole number from 0 to 365."))
    return int(value)


def one_of(choices: Any) -> Callable[[Planner, str, str], str]:
    """A reader of a choice, by its code or its label."""

    def read(_planner: Planner, _name: str, value: str) -> str:
        for code, label in choices.choices:
            if folded(value) in {folded(code), folded(str(label))}:
                return str(code)
        words = ", ".join(str(label) for label in choices.labels)
        raise ValueError(_("This is one of: %(words)s.") % {"words": words})

    return read


@cache
def country_codes() -> dict[str, str]:
    """Countries by their code and by their English name."""
    named = {folded(name): code for code, name in Locale("en").territories.items()}
    codes = {code for code in named.values() if len(code) == 2 and code.isalpha()}
    found = {name: code for name, code in named.items() if code in codes}
    return found | {code.lower(): code for code in codes}


def read_country(_planner: Planner, _name: str, value: str) -> str:
    code = country_codes().get(folded(value))
    if code is None:
        raise ValueError(_("This is no country. Write its name in English, or two letters as GH."))
    return code


def read_member(planner: Planner, _name: str, value: str) -> Member:
    member = planner.members.get(folded(value))
    if member is None:
        raise ValueError(_("Nobody here has this name or e-mail."))
    return member


READERS: Final[dict[str, Callable[[Planner, str, str], Any]]] = {
    "email": read_email,
    "terms_days": read_days,
    "kind": one_of(Customer.Kind),
    "price_level": one_of(Customer.PriceLevel),
    "country": read_country,
    "salesperson": read_member,
}


def plan_of(row: CustomerImport, *, member: Member) -> Plan:
    """What an import would do, and every fault in it. Reads only."""
    return Planner(row, rows_of(row), by=member).planned()


@transaction.atomic
def carry_out(row: CustomerImport, *, by: Member, at: datetime) -> CustomerImport:
    """Import a file: every row of it, or none.

    :raises NoName: no column holds the name.
    :raises Faulty: a row can't be imported.
    :raises Finished: it is imported already.
    """
    if "name" not in row.mapping:
        raise NoName
    locked = CustomerImport.objects.select_for_update(of=("self",)).select_related("file")
    row = locked.get(pk=row.pk)
    if row.finished_at is not None:
        raise Finished
    plan = plan_of(row, member=by)
    if plan.faults:
        raise Faulty(count=len(plan.faults))
    for line in plan.lines:
        import_line(line, by=by, at=at)
    row.added, row.changed, row.finished_at = plan.to_add, plan.to_change, at
    row.save(update_fields=["added", "changed", "finished_at"])
    words = {"file": row.file.display_name, "added": row.added, "changed": row.changed}
    record(events.IMPORT_FINISHED, row, by=by, at=at, words=words)
    return row


def import_line(line: Line, *, by: Member, at: datetime) -> None:
    """Write one row: a new customer, or what the file says anew of one."""
    customer = line.customer
    if customer is None:
        fields = {"salesperson": by, **line.fields}
        write_new(fields, by=by, at=at, event=events.CUSTOMER_BROUGHT)
    elif line.fields:
        before = {name: getattr(customer, name) for name in line.fields}
        for name, value in line.fields.items():
            setattr(customer, name, value)
        customer.version += 1
        customer.save(update_fields=[*line.fields, "version"])
        record(events.CUSTOMER_CHANGED, customer, by=by, at=at, before=before, after=line.fields)
