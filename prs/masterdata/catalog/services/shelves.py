"""What products are sorted by and counted in: categories, brands and units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.tenancy.context import required_organization
from prs.masterdata.catalog import events
from prs.masterdata.catalog.models import Brand, Category, Unit
from prs.masterdata.catalog.services.writing import added, changed


class CategoryNameTaken(Refusal):
    """A shelf holds no two shelves of one name."""

    sentence = _("There is a category of this name at this place already. Choose another name.")


class CategoryBelowItself(Invalid):
    """A category can't lie below itself."""

    sentence = _("A category can't go below itself or below one of its own.")


class BrandNameTaken(Refusal):
    """Another brand has this name."""

    sentence = _("There is a brand of this name already.")


class UnitSymbolTaken(Refusal):
    """Another unit has this symbol."""

    sentence = _("Another unit has this symbol already.")


CATEGORY: dict[str, type[Refusal]] = {
    "category_name_unique": CategoryNameTaken,
    "category_not_below_itself": CategoryBelowItself,
}
BRAND: dict[str, type[Refusal]] = {"brand_name_unique": BrandNameTaken}
UNIT: dict[str, type[Refusal]] = {"unit_symbol_unique": UnitSymbolTaken}
# What a new organization counts in: name, symbol, decimals.
UNITS: Final = (
    (_("Piece"), "pcs", 0),
    (_("Box"), "box", 0),
    (_("Pair"), "pair", 0),
    (_("Kilogram"), "kg", 3),
    (_("Gram"), "g", 0),
    (_("Litre"), "l", 3),
    (_("Millilitre"), "ml", 0),
    (_("Metre"), "m", 2),
    (_("Hour"), "h", 2),
)


def add_category(fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Category:
    """Add a category, below another or at the top.

    :raises CategoryNameTaken: its place has one of this name.
    """
    row: Category = added(Category(**fields), events.CATEGORY_ADDED, CATEGORY, by=by, at=at)
    return row


def change_category(
    category: Category, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> Category:
    """Change a category; with `parent` it moves with everything below it.

    :raises CategoryNameTaken: its place has one of this name.
    :raises CategoryBelowItself: it would lie below itself.
    :raises Stale: somebody else changed it in between.
    """
    event = events.CATEGORY_CHANGED
    row: Category = changed(category, fields, event, CATEGORY, by=by, at=at)
    return row


@transaction.atomic
def move_category(category: Category, *, up: bool, by: Actor, at: datetime) -> None:
    """Let a category change places with its neighbour; at the end of its row nothing happens."""
    rows = Category.objects.filter(parent=category.parent_id).order_by("position", "name", "pk")
    shelf = list(rows.select_for_update(of=("self",), no_key=True))
    place = shelf.index(category)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(shelf):
        return
    shelf[place], shelf[other] = shelf[other], shelf[place]
    before, category = category.position, shelf[other]
    for number, row in enumerate(shelf):
        row.position = number
    Category.objects.bulk_update(shelf, ["position"])
    was, became = {"position": before}, {"position": category.position}
    record(events.CATEGORY_CHANGED, category, by=by, at=at, before=was, after=became)


def add_brand(fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Brand:
    """Add a brand.

    :raises BrandNameTaken: there is one of this name.
    """
    row: Brand = added(Brand(**fields), events.BRAND_ADDED, BRAND, by=by, at=at)
    return row


def change_brand(brand: Brand, fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Brand:
    """Change a brand.

    :raises BrandNameTaken: there is one of this name.
    :raises Stale: somebody else changed it in between.
    """
    row: Brand = changed(brand, fields, events.BRAND_CHANGED, BRAND, by=by, at=at)
    return row


def add_unit(fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Unit:
    """Add a unit.

    :raises UnitSymbolTaken: another has this symbol.
    """
    row: Unit = added(Unit(**fields), events.UNIT_ADDED, UNIT, by=by, at=at)
    return row


def change_unit(unit: Unit, fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Unit:
    """Change a unit.

    :raises UnitSymbolTaken: another has this symbol.
    :raises Stale: somebody else changed it in between.
    """
    row: Unit = changed(unit, fields, events.UNIT_CHANGED, UNIT, by=by, at=at)
    return row


def seed_units() -> None:
    """Give the current organization the units it lacks of those that most count in."""
    organization_id = required_organization()
    Unit.objects.bulk_create(
        [
            Unit(organization_id=organization_id, name=str(name), symbol=symbol, decimals=decimals)
            for name, symbol, decimals in UNITS
        ],
        ignore_conflicts=True,
    )
