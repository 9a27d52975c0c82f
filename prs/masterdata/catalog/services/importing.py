"""Products from a file: its columns are named, every fault is shown with its row, then all or nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel.activity.services import record
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import Organization
from prs.masterdata.catalog import events, permissions, rules, selectors
from prs.masterdata.catalog.models import Barcode, Pack, Price, PriceList, Product, ProductTax, Unit
from prs.masterdata.catalog.services import coding, pack_cells, pricing, products, shelves
from prs.masterdata.catalog.services.pack_cells import PackSaid

MOST_ROWS: Final = 5_000
SHOWN_ROWS: Final = 20
ONE: Final = Decimal(1)
PRICE: Final = "price:"
BETWEEN, BELOW = ";", "/"
YES: Final = frozenset({"yes", "true", "1", "y", "x"})
NO: Final = frozenset({"no", "false", "0", "n"})


class Faulty(Invalid):
    """All or nothing: one fault, no import."""

    sentence = gettext_lazy("{count} faults are left. Nothing was imported.")


@dataclass(frozen=True)
class Target:
    """What a column can be: a field, its label, and the heads by which it is guessed."""

    name: str
    label: Any
    heads: tuple[str, ...] = ()


TARGETS: Final = (
    Target("sku", gettext_lazy("SKU"), ("code", "item code", "product code", "article")),
    Target("name", gettext_lazy("Name"), ("product", "product name", "item", "title")),
    Target("kind", gettext_lazy("Kind"), ("type",)),
    Target("category", gettext_lazy("Category"), ("category path", "group")),
    Target("brand", gettext_lazy("Brand"), ("maker", "manufacturer")),
    Target("unit", gettext_lazy("Counted in"), ("unit", "uom", "unit of measure")),
    Target("description", gettext_lazy("Description"), ("details",)),
    Target("barcodes", gettext_lazy("Barcodes"), ("barcode", "ean", "gtin", "upc")),
    Target("packs", gettext_lazy("Packs"), ("pack", "packaging", "packing", "cartons")),
    Target("taxes", gettext_lazy("Taxes"), ("tax", "tax codes")),
    Target("prices_include_tax", gettext_lazy("Prices include tax"), ("tax included",)),
    Target("expires", gettext_lazy("Has an expiry date"), ("expires", "expiry")),
    Target("reorder_point", gettext_lazy("Order again at"), ("reorder point", "minimum")),
    Target("reorder_quantity", gettext_lazy("Order at least"), ("reorder quantity",)),
    Target("active", gettext_lazy("In use"), ("active",)),
)


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell. Rows are counted as the file's reader sees them, the head is 1."""

    row: int
    label: str
    value: str
    text: str


@dataclass(frozen=True)
class Line:
    """One row as it would be imported: the product it changes, or None, and what it says anew."""

    row: int
    there: Product | None
    fields: Mapping[str, Any]


@dataclass
class Plan:
    """What an import would do. With a fault it does nothing."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def to_add(self) -> int:
        return sum(line.there is None for line in self.lines)

    @property
    def to_change(self) -> int:
        return sum(bool(line.there and line.fields) for line in self.lines)

    @property
    def unchanged(self) -> int:
        return len(self.lines) - self.to_add - self.to_change

    @property
    def shown(self) -> list[Line]:
        return self.lines[:SHOWN_ROWS]


def folded(text: Any) -> str:
    """Text as it is compared: small letters without marks, one space between words."""
    plain = unicodedata.normalize("NFKD", str(text).replace("_", " "))
    return " ".join("".join(s for s in plain if not unicodedata.combining(s)).casefold().split())


def targets() -> list[Target]:
    """Every field that a column can hold: the product's own, and a price in each list."""
    lists = [
        Target(f"{PRICE}{row.pk}", _("Price: %(name)s") % {"name": row.name}, (row.name,))
        for row in selectors.price_lists()
    ]
    return [*TARGETS, *lists]


def guessed(head: Sequence[str]) -> dict[str, int]:
    """Which column most likely holds which field: by its head, each column once."""
    plain = [folded(text) for text in head]
    mapping: dict[str, int] = {}
    for target in targets():
        words = {folded(text) for text in (*target.heads, target.name, target.label)}
        for place, text in enumerate(plain):
            if text in words and place not in mapping.values():
                mapping[target.name] = place
                break
    return mapping


# --- what is there ----------------------------------------------------------------------------------


class Catalogue:
    """The catalogue as a file writes it: each product as texts by field. A few queries for all of it."""

    def __init__(self) -> None:
        self.paths = {shelf.category.pk: shelf for shelf in selectors.tree()}
        self.categories = {folded(shelf.label): shelf.category for shelf in self.paths.values()}
        self.brands = {folded(row.name): row for row in selectors.brands()}
        self.units = {
            folded(text): row for row in selectors.units() for text in (row.name, row.symbol)
        }
        self.codes = gathered(Barcode.objects.filter(pack__isnull=True), "code")
        self.packs = gathered_packs()
        self.taxes = gathered(ProductTax.objects.all(), "code")
        self.known_taxes = {row.code for row in selectors.tax_rates()}
        self.lists = {str(row.pk): row for row in selectors.price_lists()}
        prices = Price.objects.filter(from_quantity=ONE)
        steps = prices.values_list("product", "price_list", "amount")
        self.prices = {(product, str(of)): amount for product, of, amount in steps}

    def values(self, row: Product) -> dict[str, Any]:
        """A product's fields, as they are compared and written."""
        return {
            "sku": row.sku,
            "name": row.name,
            "kind": row.kind,
            "category": self.paths[row.category_id].label if row.category_id else "",
            "brand": row.brand.name if row.brand else "",
            "unit": row.unit.symbol,
            "description": row.description,
            "barcodes": self.codes.get(row.pk, []),
            "packs": self.packs.get(row.pk, ()),
            "taxes": self.taxes.get(row.pk, []),
            "prices_include_tax": row.prices_include_tax,
            "expires": row.expires,
            "reorder_point": row.reorder_point,
            "reorder_quantity": row.reorder_quantity,
            "active": row.active,
            **{f"{PRICE}{of}": self.prices.get((row.pk, of)) for of in self.lists},
        }


def gathered(rows: Any, name: str) -> dict[Any, list[str]]:
    """The texts of rows by their product, in order."""
    found: dict[Any, list[str]] = {}
    for product, text in rows.order_by(name, "pk").values_list("product", name):
        found.setdefault(product, []).append(text)
    return found


def gathered_packs() -> dict[Any, tuple[PackSaid, ...]]:
    """The packs of every product with their codes; two queries."""
    codes: dict[Any, list[str]] = {}
    coded = Barcode.objects.filter(pack__isnull=False).order_by("code", "pk")
    for pack, code in coded.values_list("pack", "code"):
        codes.setdefault(pack, []).append(code)
    found: dict[Any, list[PackSaid]] = {}
    for pk, product, quantity, name in Pack.objects.order_by("pk").values_list(
        "pk", "product", "quantity", "name"
    ):
        said = PackSaid(quantity, name, tuple(codes.get(pk, ())))
        found.setdefault(product, []).append(said)
    return {product: tuple(sorted(packs)) for product, packs in found.items()}


def table(rows: Sequence[Product]) -> list[list[Any]]:
    """Products as a file that can be brought back: the head, then a row each."""
    there, columns = Catalogue(), targets()
    head = [str(target.label) for target in columns]
    values = [there.values(row) for row in rows]
    return [head, *([written(each[target.name]) for target in columns] for each in values)]


def written(value: Any) -> Any:
    """A field's value as its cell holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return pack_cells.written(value)
    if isinstance(value, list):
        return f"{BETWEEN} ".join(rules.shown(each) for each in value)
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value or ""


# --- reading ----------------------------------------------------------------------------------------


class Planner:
    """Reads the rows of one file against the catalogue there is."""

    def __init__(self, rows: list[list[str]], mapping: Mapping[str, int], *, by: Member) -> None:
        self.rows, self.mapping, self.by = rows, mapping, by
        self.there, self.plan = Catalogue(), Plan()
        self.labels = {target.name: str(target.label) for target in targets()}
        self.seen: dict[str, int] = {}

    @cached_property
    def products(self) -> dict[str, Product]:
        """The products that the file names, by SKU."""
        wanted = [self.cell(row, "sku") for row in self.rows[1:]]
        rows = selectors.products_visible_to(self.by).filter(sku__in=wanted)
        return {row.sku: row for row in rows}

    @cached_property
    def owners(self) -> dict[str, tuple[Any, str]]:
        """Whose the barcodes are: the product, and the name of its pack or nothing."""
        rows = Barcode.objects.values_list("code", "product", "pack__name")
        return {code: (product, pack or "") for code, product, pack in rows}

    def cell(self, row: Sequence[str], name: str) -> str:
        """What a row says of a field; an apostrophe that guards a spreadsheet is no part of it."""
        place = self.mapping.get(name)
        text = row[place].strip() if place is not None and place < len(row) else ""
        return text[1:] if text[:1] == "'" and text[1:2] in "=+-@|%" else text

    def planned(self) -> Plan:
        """The whole file."""
        for number, row in enumerate(self.rows[1:], start=2):
            if any(row):
                self.read(number, row)
        return self.plan

    def fault(self, number: int, name: str, value: str, text: str) -> None:
        """Note a fault of a cell."""
        self.plan.faults.append(Fault(number, self.labels[name], value, text))

    def read(self, number: int, row: Sequence[str]) -> None:
        """One row: the product it names, and its fields."""
        before, sku = len(self.plan.faults), self.cell(row, "sku")
        there = self.products.get(sku)
        if sku and self.seen.setdefault(sku, number) != number:
            self.fault(number, "sku", sku, _("Row %(row)s has the same.") % {"row": self.seen[sku]})
        fields: dict[str, Any] = {}
        for name in self.mapping:
            text = self.cell(row, name)
            if text:
                self.take(number, name, text, fields)
        if there is None:
            for name in ("name", "unit"):
                if not self.cell(row, name):
                    self.fault(number, name, "", _("A new product needs this."))
        self.check_packs(number, there, fields)
        self.check_codes(number, there, fields)
        if len(self.plan.faults) == before:
            self.plan.lines.append(Line(number, there, self.news(there, fields)))

    def take(self, number: int, name: str, text: str, fields: dict[str, Any]) -> None:
        """Read one cell into its field, or note what is wrong with it."""
        reader = read_price if name.startswith(PRICE) else READERS.get(name, read_text)
        try:
            fields[name] = reader(self, name, text)
        except ValueError as error:
            self.fault(number, name, text, str(error))
        except Refusal as refusal:
            self.fault(number, name, text, str(refusal))

    def check_packs(self, number: int, there: Product | None, fields: Mapping[str, Any]) -> None:
        """A pack holds what the product's unit can count."""
        symbol = folded(fields.get("unit") or (there.unit.symbol if there else ""))
        unit: Unit | None = self.there.units.get(symbol)
        if unit is None:
            return
        for pack in fields.get("packs", ()):
            try:
                coding.exact_in(unit, pack.quantity)
            except Refusal as refusal:
                self.fault(number, "packs", pack_cells.entry(pack), str(refusal))

    def check_codes(self, number: int, there: Product | None, fields: Mapping[str, Any]) -> None:
        """A barcode names one product, or one pack of it, in the catalogue and in the file."""
        said = [("barcodes", "", code) for code in fields.get("barcodes", ())]
        said += [
            ("packs", pack.name, code) for pack in fields.get("packs", ()) for code in pack.codes
        ]
        product = there.pk if there else number
        for name, pack, code in said:
            owner = self.owners.setdefault(code, (product, pack))
            if owner[0] != product:
                self.fault(number, name, code, _("Another product has this barcode."))
            elif owner[1] != pack:
                self.fault(number, name, code, _("Another pack of this product has this barcode."))

    def news(self, there: Product | None, fields: dict[str, Any]) -> dict[str, Any]:
        """What a row says that is not so already. Codes are added, never taken away."""
        if there is None:
            return fields
        now = self.there.values(there)
        if "barcodes" in fields:
            fields["barcodes"] = sorted({*now["barcodes"], *fields["barcodes"]})
        if "packs" in fields:
            fields["packs"] = pack_cells.merged(now["packs"], fields["packs"])
        return {name: value for name, value in fields.items() if now[name] != value}


def read_text(_planner: Planner, name: str, text: str) -> str:
    longest = Product._meta.get_field(name).max_length  # type: ignore[union-attr]
    if longest and len(text) > longest:
        raise ValueError(_("At most %(count)s letters.") % {"count": longest})
    return text


def read_kind(_planner: Planner, _name: str, text: str) -> str:
    for code, label in Product.Kind.choices:
        if folded(text) in {code, folded(label)}:
            return str(code)
    raise ValueError(
        _("This is one of: %(words)s.") % {"words": ", ".join(map(str, Product.Kind.labels))}
    )


def read_category(planner: Planner, _name: str, text: str) -> str:
    parts = [part.strip() for part in text.split(BELOW)]
    if not all(parts) or any(len(part) > 120 for part in parts):
        raise ValueError(_("Write the path as Food / Rice."))
    path = " / ".join(parts)
    known = planner.there.categories.get(folded(path))
    return planner.there.paths[known.pk].label if known else path


def read_brand(planner: Planner, _name: str, text: str) -> str:
    known = planner.there.brands.get(folded(text))
    if len(text) > 120:
        raise ValueError(_("At most %(count)s letters.") % {"count": 120})
    return known.name if known else text


def read_unit(planner: Planner, _name: str, text: str) -> str:
    known = planner.there.units.get(folded(text))
    if known is None:
        raise ValueError(_("There is no such unit. Add it first, or write its symbol as pcs."))
    return str(known.symbol)


def read_codes(_planner: Planner, _name: str, text: str) -> list[str]:
    return sorted({coding.kept_code(each) for each in text.split(BETWEEN) if each.strip()})


def read_packs(planner: Planner, name: str, text: str) -> tuple[PackSaid, ...]:
    def holds(typed: str) -> Decimal:
        return read_number(planner, name, typed.strip())

    return pack_cells.read(text, number=holds, kept=coding.kept_code)


def read_taxes(planner: Planner, _name: str, text: str) -> list[str]:
    codes = sorted({each.strip() for each in text.split(BETWEEN) if each.strip()})
    strange = [code for code in codes if code not in planner.there.known_taxes]
    if strange:
        raise ValueError(_("There is no tax %(code)s.") % {"code": strange[0]})
    return codes


def read_flag(_planner: Planner, _name: str, text: str) -> bool:
    if folded(text) in YES | NO:
        return folded(text) in YES
    raise ValueError(_("Write yes or no."))


def read_number(_planner: Planner, _name: str, text: str) -> Decimal:
    """A number as files hold it: a point or one comma before the decimals, nothing between thousands."""
    plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(_("This is no number. Write it as 1234.50.")) from error
    exponent = value.as_tuple().exponent
    if not (
        value.is_finite() and 0 <= value < 10**10 and isinstance(exponent, int) and exponent >= -4
    ):
        raise ValueError(_("Write a number from zero on, with at most four decimals."))
    return value


def read_price(planner: Planner, name: str, text: str) -> Decimal:
    if not planner.by.may(permissions.PRICES):
        raise ValueError(_("You may not set prices. Leave the column out."))
    return read_number(planner, name, text)


READERS: Final[dict[str, Callable[[Planner, str, str], Any]]] = {
    "kind": read_kind,
    "category": read_category,
    "brand": read_brand,
    "unit": read_unit,
    "barcodes": read_codes,
    "packs": read_packs,
    "taxes": read_taxes,
    "prices_include_tax": read_flag,
    "expires": read_flag,
    "active": read_flag,
    "reorder_point": read_number,
    "reorder_quantity": read_number,
}


def plan_of(rows: list[list[str]], mapping: Mapping[str, int], *, by: Member) -> Plan:
    """What an import would do, and every fault in it. Reads only."""
    return Planner(rows, mapping, by=by).planned()


# --- writing ----------------------------------------------------------------------------------------


@transaction.atomic
def carry_out(
    rows: list[list[str]], mapping: Mapping[str, int], *, name: str, by: Member, at: datetime
) -> Plan:
    """Import a file called so: every row of it, or none.

    :raises Faulty: a row can't be imported.
    """
    plan = plan_of(rows, mapping, by=by)
    if plan.faults:
        raise Faulty(count=len(plan.faults))
    writer = Writer(by, at)
    for line in plan.lines:
        writer.write(line)
    writer.set_prices()
    words = {"file": name, "added": plan.to_add, "changed": plan.to_change}
    house = Organization.objects.get(pk=by.organization_id)
    record(events.CATALOGUE_IMPORTED, house, by=by, at=at, words=words)
    return plan


class Writer:
    """Writes the rows of a plan, with the categories and brands that they name for the first time."""

    def __init__(self, by: Member, at: datetime) -> None:
        self.by: dict[str, Any] = {"by": by, "at": at}
        self.there = Catalogue()
        self.amounts: dict[str, dict[pricing.Step, Decimal | None]] = {}

    def write(self, line: Line) -> None:
        """One row."""
        said = dict(line.fields)
        prices = {name: said.pop(name) for name in list(said) if name.startswith(PRICE)}
        codes, packs = said.pop("barcodes", []), said.pop("packs", ())
        fields = {name: self.row_of(name, value) for name, value in said.items()}
        row = line.there
        if row is None:
            row = products.add_product(fields, **self.by)
        elif fields:
            products.change_product(row, fields, **self.by)
        present = set(self.there.codes.get(row.pk, []))
        for code in codes:
            if code not in present:
                coding.add_barcode(row, code, **self.by)
        self.write_packs(row, packs)
        for name, amount in prices.items():
            self.amounts.setdefault(name.removeprefix(PRICE), {})[row.pk, ONE] = amount

    def write_packs(self, row: Product, packs: Sequence[PackSaid]) -> None:
        """Add the packs that lack and their codes, and say anew what the others hold."""
        present = {pack.name: pack for pack in self.there.packs.get(row.pk, ())}
        rows = {pack.name: pack for pack in selectors.packs_of(row)} if packs else {}
        for said in packs:
            if said.name not in rows:
                fields = {"name": said.name, "quantity": said.quantity}
                rows[said.name] = coding.add_pack(row, fields, **self.by)
            elif rows[said.name].quantity != said.quantity:
                coding.change_pack(rows[said.name], {"quantity": said.quantity}, **self.by)
            there = present[said.name].codes if said.name in present else ()
            for code in said.codes:
                if code not in there:
                    coding.add_barcode(row, code, pack=rows[said.name], **self.by)

    def row_of(self, name: str, value: Any) -> Any:
        """The row behind what a cell names."""
        if name == "category":
            return self.category(value)
        if name == "brand":
            key = folded(value)
            if key not in self.there.brands:
                self.there.brands[key] = shelves.add_brand({"name": value}, **self.by)
            return self.there.brands[key]
        return self.there.units[folded(value)] if name == "unit" else value

    def category(self, path: str) -> Any:
        """The category at the end of a path, made with those above it where they lack."""
        above, names = None, []
        for name in path.split(" / "):
            names.append(name)
            key = folded(" / ".join(names))
            if key not in self.there.categories:
                fields = {"name": name, "parent": above}
                self.there.categories[key] = shelves.add_category(fields, **self.by)
            above = self.there.categories[key]
        return above

    def set_prices(self) -> None:
        """Set the prices of each list at once."""
        for of, amounts in self.amounts.items():
            pricing.set_prices(PriceList.objects.get(pk=of), amounts, **self.by)
