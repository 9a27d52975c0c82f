"""Tax rates and price lists: what counts from which day, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.tenancy.context import required_organization
from prs.masterdata.catalog import events
from prs.masterdata.catalog.models import Price, PriceList, ProductTax, TaxRate
from prs.masterdata.catalog.services.writing import added, changed

# A product and the quantity from which on a price counts.
Step = tuple[UUID, Decimal]
FROZEN = ("code", "rate", "starts_on")


class TaxBeginsTwice(Refusal):
    """One rate of a tax begins on a day."""

    sentence = _("This tax has a rate that begins on this day already. Change that one.")


class EndsBeforeItStarts(Invalid):
    """The last day comes after the first."""

    sentence = _("The last day can't come before the first.")


class RateBegun(Refusal):
    """A rate that products bear already counts as it is."""

    sentence = _(
        "Products bear this rate already. Add the new rate with the day from which it counts; "
        "it takes over by itself."
    )


class PriceListNameTaken(Refusal):
    """Another list has this name."""

    sentence = _("There is a price list of this name already.")


class PriceWrong(Invalid):
    """A price is zero or more, from a quantity above zero."""

    sentence = _("A price can't be below zero, and its quantity starts above zero.")


RATE: dict[str, type[Refusal]] = {
    "tax_rate_begins_once": TaxBeginsTwice,
    "tax_rate_ends_after_it_starts": EndsBeforeItStarts,
}
LIST: dict[str, type[Refusal]] = {
    "price_list_name_unique": PriceListNameTaken,
    "price_list_ends_after_it_starts": EndsBeforeItStarts,
}


def add_tax_rate(fields: Mapping[str, Any], *, by: Actor, at: datetime) -> TaxRate:
    """Add a rate of a tax, in force from a day on; an earlier one of the same code gives way to it.

    :raises TaxBeginsTwice: the tax has a rate that begins on this day.
    :raises EndsBeforeItStarts: the last day comes first.
    """
    row: TaxRate = added(TaxRate(**fields), events.TAX_RATE_ADDED, RATE, by=by, at=at)
    return row


@transaction.atomic
def change_tax_rate(
    rate: TaxRate, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> TaxRate:
    """Change a rate. Once products bear it and it has begun, only its name and its end.

    :raises RateBegun: it counts already.
    :raises TaxBeginsTwice, EndsBeforeItStarts: as they say.
    :raises Stale: somebody else changed it in between.
    """
    if any(name in fields for name in FROZEN) and counts_already(rate, at=at):
        raise RateBegun
    row: TaxRate = changed(rate, fields, events.TAX_RATE_CHANGED, RATE, by=by, at=at)
    return row


def counts_already(rate: TaxRate, *, at: datetime) -> bool:
    """Whether a rate has begun and products bear its tax."""
    begun = TaxRate.objects.filter(pk=rate.pk, starts_on__lte=at.date()).values("code")
    return ProductTax.objects.filter(code__in=begun).exists()


def add_price_list(fields: Mapping[str, Any], *, by: Actor, at: datetime) -> PriceList:
    """Add a price list.

    :raises PriceListNameTaken, EndsBeforeItStarts: as they say.
    """
    row: PriceList = added(PriceList(**fields), events.PRICE_LIST_ADDED, LIST, by=by, at=at)
    return row


def change_price_list(
    prices: PriceList, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> PriceList:
    """Change a price list's name, level, time or whether it counts.

    :raises PriceListNameTaken, EndsBeforeItStarts: as they say.
    :raises Stale: somebody else changed it in between.
    """
    event = events.PRICE_LIST_CHANGED
    row: PriceList = changed(prices, fields, event, LIST, by=by, at=at)
    return row


@transaction.atomic
def set_prices(
    prices: PriceList, amounts: Mapping[Step, Decimal | None], *, by: Actor, at: datetime
) -> int:
    """Set prices of a list by product and quantity; None takes a price away. Returns how many changed.

    :raises PriceWrong: a price is below zero, or its quantity not above.
    :raises Stale: somebody else changed the list in between.
    """
    steps = rows_of(prices, amounts)
    changes = {
        step: amount
        for step, amount in amounts.items()
        if (steps[step].amount if step in steps else None) != amount
    }
    if not changes:
        return 0
    write_version(prices, {})
    gone = [steps[step].pk for step, amount in changes.items() if amount is None]
    Price.objects.filter(pk__in=gone).delete()
    with refusing({"price_in_range": PriceWrong}):
        write(prices, {step: amount for step, amount in changes.items() if amount is not None})
    before = {said(step): steps[step].amount if step in steps else None for step in changes}
    after = {said(step): amount for step, amount in changes.items()}
    words = {"count": len(changes)}
    record(events.PRICES_SET, prices, by=by, at=at, before=before, after=after, words=words)
    return len(changes)


def rows_of(prices: PriceList, amounts: Mapping[Step, Any]) -> dict[Step, Price]:
    """The prices that a list has of the products in question, by product and quantity."""
    products = {product_id for product_id, _quantity in amounts}
    rows = Price.objects.filter(price_list=prices, product__in=products)
    return {(row.product_id, row.from_quantity): row for row in rows}


def write(prices: PriceList, amounts: Mapping[Step, Decimal]) -> None:
    """Write prices, whether they are new or not."""
    Price.objects.bulk_create(
        [
            Price(
                organization_id=required_organization(),
                price_list=prices,
                product_id=product_id,
                from_quantity=quantity,
                amount=amount,
            )
            for (product_id, quantity), amount in amounts.items()
        ],
        update_conflicts=True,
        unique_fields=["organization", "price_list", "product", "from_quantity"],
        update_fields=["amount"],
    )


def said(step: Step) -> str:
    """A price's place in the record of what changed."""
    product_id, quantity = step
    return f"{product_id} {quantity.normalize():f}"
