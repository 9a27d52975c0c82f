"""Reads of what the stock on hand would bring: expected revenue, cost and profit, before tax."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    Case,
    DecimalField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Round

from prs.kernel.money import minor_units
from prs.ledgers.stock.models import Balance
from prs.masterdata.catalog import rules as trade
from prs.masterdata.catalog import selectors as catalog
from prs.masterdata.catalog.models import Price, PriceList, ProductTax

MONEY: Final = DecimalField(max_digits=19, decimal_places=4)
ZERO: Final = Value(Decimal(0), output_field=MONEY)
HUNDRED: Final = Decimal(100)
PRICED, UNPRICED, EXPIRED = "priced", "unpriced", "expired"
BY = {"category": "product__category", "place": "place"}
NAMES = {"category": "product__category__name", "place": "place__name"}


def asked(level: str, *, on: date, currency: str) -> Any:
    """What a price list asks for one unit of the row's product, or None."""
    lists = catalog.lists_in_force(level=level, on=on, currency=currency)
    prices = Price.objects.filter(
        product=OuterRef("product"), price_list__in=lists.values("pk"), from_quantity__lte=1
    )
    return Subquery(prices.order_by("-from_quantity", "amount").values("amount")[:1])


def included_tax(on: date) -> Any:
    """The tax in per cent that stands in the prices of the row's product on a day."""
    counting = trade.in_force(catalog.rates(), on)
    if not counting:
        return ZERO
    borne = ProductTax.objects.filter(product=OuterRef("product")).order_by().values("product")
    rate = Case(
        *(When(code=tax.code, then=Value(tax.rate)) for tax in counting),
        default=ZERO,
        output_field=MONEY,
    )
    total = Subquery(borne.annotate(rate=Sum(rate)).values("rate"), output_field=MONEY)
    return Case(
        When(product__prices_include_tax=True, then=Coalesce(total, ZERO)),
        default=ZERO,
        output_field=MONEY,
    )


def projected(*, on: date, currency: str) -> QuerySet[Balance]:
    """What lies of each batch at each place, with what it would bring: `retail` and `wholesale`
    revenue without tax, `retail_profit` and `wholesale_profit`, and `standing`, which says whether
    it has a price, has none, or is past its date and can't be sold.

    A price list in force stands above the batch's own price; a missing price of one level is
    the other's.
    """
    retail = Coalesce(
        asked(PriceList.Level.RETAIL, on=on, currency=currency), "batch__retail_price"
    )
    wholesale = Coalesce(
        asked(PriceList.Level.WHOLESALE, on=on, currency=currency), "batch__wholesale_price"
    )
    rows = Balance.objects.filter(on_hand__gt=0).annotate(
        tax=included_tax(on), retail_list=retail, wholesale_list=wholesale
    )
    standing = Case(
        When(batch__expires_on__lt=on, then=Value(EXPIRED)),
        When(retail_list__isnull=True, wholesale_list__isnull=True, then=Value(UNPRICED)),
        default=Value(PRICED),
    )
    rows = rows.annotate(
        standing=standing,
        retail=revenue("retail_list", "wholesale_list", currency),
        wholesale=revenue("wholesale_list", "retail_list", currency),
    )
    return rows.annotate(
        retail_profit=F("retail") - F("value"), wholesale_profit=F("wholesale") - F("value")
    )


def revenue(price: str, instead: str, currency: str) -> Any:
    """What a row would bring at a price, without the tax in it, at the currency's minor unit. None
    where nothing can be sold.
    """
    amount = F("on_hand") * Coalesce(F(price), F(instead)) / (1 + F("tax") / HUNDRED)
    return Case(
        When(
            standing=PRICED, then=Round(amount, precision=minor_units(currency), output_field=MONEY)
        ),
        default=Value(None),
        output_field=MONEY,
    )


@dataclass(frozen=True)
class Expected:
    """What stock would bring: worth and revenue of what has a price, and the worth of what has none
    or is past its date.
    """

    key: UUID | None
    name: str
    cost: Decimal
    retail: Decimal
    wholesale: Decimal
    unpriced: Decimal
    expired: Decimal

    @property
    def retail_profit(self) -> Decimal:
        return self.retail - self.cost

    @property
    def wholesale_profit(self) -> Decimal:
        return self.wholesale - self.cost

    def mixed(self, share: Decimal) -> Decimal:
        """The revenue when so many per cent are sold at retail and the rest at wholesale."""
        return (self.retail * share + self.wholesale * (HUNDRED - share)) / HUNDRED


def projection(*, by: str, on: date, currency: str) -> list[Expected]:
    """What stock would bring by `category` or `place`, the greatest profit at retail first."""
    rows = projected(on=on, currency=currency)

    def total(name: str, standing: str) -> Any:
        return Coalesce(Sum(name, filter=Q(standing=standing)), ZERO)

    sums = (
        rows.order_by()
        .values_list(BY[by], NAMES[by])
        .annotate(
            cost_of_priced=total("value", PRICED),
            sum_retail=total("retail", PRICED),
            sum_wholesale=total("wholesale", PRICED),
            unpriced=total("value", UNPRICED),
            expired=total("value", EXPIRED),
        )
    )
    found = [Expected(key, name or "", *rest) for key, name, *rest in sums]
    return sorted(found, key=lambda each: (-each.retail_profit, each.name))


def summed_up(rows: list[Expected], name: str) -> Expected:
    """All of it in one row."""
    fields = ("cost", "retail", "wholesale", "unpriced", "expired")
    totals = [sum((getattr(row, each) for row in rows), Decimal(0)) for each in fields]
    return Expected(None, name, *totals)
