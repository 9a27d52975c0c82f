"""Packs and barcodes of products: what a scanner reads, and how many it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.numbering import Series, next_number
from prs.masterdata.catalog import events, rules
from prs.masterdata.catalog.models import Barcode, Pack, Product, Unit

OWN_CODE = Series("barcode", "", width=rules.OWN_DIGITS)


class BarcodeTaken(Refusal):
    """A barcode names one thing only."""

    sentence = _("{owner} has this barcode already. A barcode names one product only.")


class CheckDigitWrong(Invalid):
    """The last digit of the number says that another one is wrong."""

    sentence = _("The check digit does not fit: the number should end in {digit}. Read it again.")


class BarcodeEmpty(Invalid):
    """A barcode has at least one sign."""

    sentence = _("Scan or type a code.")


class PackNameTaken(Refusal):
    """A product has no two packs of one name."""

    sentence = _("This product has a pack of this name already.")


class PackHoldsNothing(Invalid):
    """A pack holds something."""

    sentence = _("A pack holds more than nothing.")


class PackTooFine(Invalid):
    """A pack holds what the unit can count."""

    sentence = _("{unit} is counted with {decimals} decimals. Enter what the pack holds exactly.")


class PackUsed(Refusal):
    """Something was bought or sold in this pack."""

    sentence = _("This pack stands on documents and stays. Add another one with its own name.")


PACK: dict[str, type[Refusal]] = {
    "pack_name_unique": PackNameTaken,
    "pack_holds_something": PackHoldsNothing,
}


def exact(product: Product, quantity: Decimal) -> Decimal:
    """What a pack holds, when the product's unit counts as finely.

    :raises PackTooFine: it does not.
    """
    return exact_in(product.unit, quantity)


def exact_in(unit: Unit, quantity: Decimal) -> Decimal:
    """A quantity, when a unit counts as finely.

    :raises PackTooFine: it does not.
    """
    if quantity != round(quantity, unit.decimals):
        raise PackTooFine(unit=unit.name, decimals=unit.decimals)
    return quantity


@transaction.atomic
def add_pack(product: Product, fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Pack:
    """Say that a product comes in a pack too.

    :raises PackNameTaken, PackHoldsNothing, PackTooFine: as they say.
    """
    exact(product, fields["quantity"])
    with refusing(PACK):
        pack = Pack.objects.create(product=product, **fields)
    record(events.PACK_ADDED, product, by=by, at=at, words={"pack": pack.name})
    return pack


@transaction.atomic
def change_pack(pack: Pack, fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Pack:
    """Change a pack's name or what it holds.

    :raises PackNameTaken, PackHoldsNothing, PackTooFine: as they say.
    :raises Stale: somebody else changed it in between.
    """
    if "quantity" in fields:
        exact(pack.product, fields["quantity"])
    with refusing(PACK):
        before = write_version(pack, fields)
    words = {"pack": pack.name}
    record(
        events.PACK_CHANGED, pack.product, by=by, at=at, before=before, after=fields, words=words
    )
    return pack


@transaction.atomic
def remove_pack(pack: Pack, *, by: Actor, at: datetime) -> None:
    """Remove a pack with its barcodes.

    :raises PackUsed: a document refers to it.
    """
    product, name = pack.product, pack.name
    try:
        pack.delete()
    except models.ProtectedError as error:
        raise PackUsed from error
    record(events.PACK_REMOVED, product, by=by, at=at, words={"pack": name})


def kept_code(code: str) -> str:
    """A code as it is kept.

    :raises BarcodeEmpty: there is none.
    :raises CheckDigitWrong: it looks like a GTIN and its last digit is wrong.
    """
    plain = rules.looked_up(code)
    if not plain:
        raise BarcodeEmpty
    digit = rules.expected_digit(plain)
    if digit and not plain.endswith(digit):
        raise CheckDigitWrong(digit=digit)
    return plain


@transaction.atomic
def add_barcode(
    product: Product, code: str, *, by: Actor, at: datetime, pack: Pack | None = None
) -> Barcode:
    """Let a code name a product, or a pack of it.

    :raises BarcodeTaken: it names something else.
    :raises BarcodeEmpty, CheckDigitWrong: it can't be right.
    """
    plain = kept_code(code)
    owner = Barcode.objects.filter(code=plain).select_related("product").first()
    if owner is not None:
        raise BarcodeTaken(owner=owner.product.name)
    with refusing({"barcode_unique": BarcodeTakenNow}):
        row = Barcode.objects.create(product=product, pack=pack, code=plain)
    record(events.BARCODE_ADDED, product, by=by, at=at, words={"barcode": rules.shown(plain)})
    return row


class BarcodeTakenNow(BarcodeTaken):
    """Somebody gave the code away at this moment."""

    sentence = _("Another product just got this barcode.")


@transaction.atomic
def make_barcode(product: Product, *, by: Actor, at: datetime, pack: Pack | None = None) -> Barcode:
    """Give a product an EAN-13 of the organization's own, from the numbers that GS1 leaves to shops."""
    code = rules.own_code(int(next_number(OWN_CODE, year=at.year)))
    while Barcode.objects.filter(code=rules.looked_up(code)).exists():
        code = rules.own_code(int(next_number(OWN_CODE, year=at.year)))
    return add_barcode(product, code, by=by, at=at, pack=pack)


@transaction.atomic
def remove_barcode(row: Barcode, *, by: Actor, at: datetime) -> None:
    """Let a code name nothing any more."""
    product, shown = row.product, rules.shown(row.code)
    row.delete()
    record(events.BARCODE_REMOVED, product, by=by, at=at, words={"barcode": shown})
