"""The demonstration's tills: weeks of shifts with sales and returns, and one that is open now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from prs.kernel.clock import local_date
from prs.kernel.db.ids import new_id
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.stock import selectors as stocked
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog.models import Product
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.models import BranchMember, Place
from prs.operations.invoicing.services import CreditRefused
from prs.operations.till import rules, services
from prs.operations.till.models import Sale, Shift, Till
from prs.operations.till.selectors import sales

TILLS = (("OS", "OS-1", "Till 1"), ("KS", "KS-1", "Till 1"))
COIN = Decimal("0.05")
FLOAT = Decimal(200)
REASONS = ("Broken", "Wrong product", "Changed their mind")
WAYS = ("cash", "cash", "cash", "card", "mobile", "mobile")


@dataclass(frozen=True)
class Crew:
    """Who works at the tills: two cashiers, and somebody who confirms and approves."""

    organization: Organization
    cashiers: Sequence[Member]
    manager: Member


def open_tills(crew: Crew, *, weeks: int, at: datetime, seed: int = 1) -> None:
    """Tell some weeks of two shops, each day in a transaction of its own; the last day is today."""
    random = Random(seed)  # noqa: S311  (a story, not a secret)
    with tenant_context(crew.organization.pk):
        tills = set_up(crew, at=at - timedelta(weeks=weeks))
        fill(tills, crew, at=at - timedelta(weeks=weeks))
    for days in range(weeks * 7, 0, -1):
        morning = begin_of(crew, at - timedelta(days=days))
        if morning.weekday() == 6:
            continue
        for till, cashier in zip(tills, crew.cashiers, strict=True):
            with tenant_context(crew.organization.pk):
                Day(till, cashier, crew, random=random, morning=morning).tell()
    with tenant_context(crew.organization.pk):
        leave_open(tills[0], crew, random, at=at)


def begin_of(crew: Crew, at: datetime) -> datetime:
    """Eight in the morning of a day."""
    return at.replace(hour=8, minute=0, second=0, microsecond=0)


def set_up(crew: Crew, *, at: datetime) -> list[Till]:
    """Two tills, the smallest coin, and what each role may take off."""
    by = crew.manager
    places = {place.code: place for place in Place.objects.all()}
    services.change_setting(
        crew.organization.currency,
        {"rounding_step": COIN, "return_limit": Decimal(100)},
        by=by,
        at=at,
    )
    pins = ("2580", "1470")
    for member, pin in zip(crew.cashiers, pins, strict=True):
        services.set_pin(member, pin, by=member, at=at)
    for (code, _number, _name), member in zip(TILLS, crew.cashiers, strict=True):
        BranchMember.objects.create(branch=places[code].branch, member=member)
    services.set_pin(by, "3690", by=by, at=at)
    return [
        services.add_till({"place": places[code], "code": number, "name": name}, by=by, at=at)
        for code, number, name in TILLS
    ]


def fill(tills: Sequence[Till], crew: Crew, *, at: datetime) -> None:
    """Goods on the shelves of each shop, where none lie yet."""
    products = list(Product.objects.filter(active=True, kind="goods").order_by("sku")[:120])
    on = local_date(at, crew.organization.time_zone)
    for till in tills:
        there = stocked.there_of_each(till.place)
        cause = stock.Cause("demo.shelves", new_id(), on, crew.manager, at)
        lines = [
            stock.Intake(
                product,
                Decimal(400),
                Decimal(400) * (5 + number % 17),
                new_id(),
                retail_price=Decimal(9 + 2 * (number % 17)),
                wholesale_price=Decimal(7 + 2 * (number % 17)),
            )
            for number, product in enumerate(products)
            if not there.get(product.pk)
        ]
        if lines:
            stock.receive(lines, till.place, cause)
            worth = sum((line.cost for line in lines), Decimal(0))
            bookkeeping.post(
                bookkeeping.Source("demo.shelves", cause.id, "opened"),
                (chart.debit(chart.INVENTORY, worth), chart.credit(chart.CAPITAL, worth)),
                on=on,
                currency=crew.organization.currency,
                description=f"{till.place.name}",
                by=crew.manager,
                at=at,
            )


class Day:
    """A shift of one cashier, from the float to the count."""

    def __init__(
        self, till: Till, cashier: Member, crew: Crew, *, random: Random, morning: datetime
    ) -> None:
        self.till, self.cashier, self.crew, self.random = till, cashier, crew, random
        self.at = morning
        rows = Product.objects.filter(active=True, kind="goods").order_by("sku")[:60]
        self.products = list(rows)
        self.customers = list(Customer.objects.filter(active=True).order_by("name")[:6])

    def tell(self) -> None:
        """Sell through a day, count, and let the manager confirm."""
        shift = services.open_shift(self.till, opening=FLOAT, by=self.cashier, at=self.at)
        for _customer in range(self.random.randint(4, 8)):
            self.at += timedelta(minutes=self.random.randint(20, 70))
            sale = self.serve(shift)
            if sale is not None and self.random.random() < 0.08:
                self.take_back(sale, shift)
        self.close(shift)

    def serve(self, shift: Shift) -> Sale | None:
        """One customer: a basket, sometimes on credit, mostly for cash."""
        basket = self.fill_basket()
        if basket is None:
            return None
        words: dict[str, Any] = {
            "shift": shift,
            "by": self.cashier,
            "at": self.at,
            "key": new_id(),
        }
        if self.customers and self.random.random() < 0.08:
            services.set_customer(basket, self.random.choice(self.customers), at=self.at)
            try:
                return services.complete(basket, [], on_credit=True, **words)
            except CreditRefused:
                services.set_customer(basket, None, at=self.at)
        basket = Sale.objects.get(pk=basket.pk)
        way = self.random.choice(WAYS)
        due = basket.total if way != "cash" else rules.in_coins(basket.total, COIN)
        handed = due if way != "cash" else rules.quick_amounts(due, basket.currency)[-1]
        paid = services.Handed(way, handed, f"{way.upper()}-{self.random.randint(1000, 9999)}")
        return services.complete(basket, [paid] if handed else [], **words)

    def fill_basket(self) -> Sale | None:
        """A few products."""
        line = None
        for product in self.random.sample(self.products, self.random.randint(1, 4)):
            try:
                line = services.add_product(
                    self.till,
                    product,
                    Decimal(self.random.choice((1, 1, 1, 2, 3))),
                    by=self.cashier,
                    at=self.at,
                )
            except (stock.OutOfStock, stock.Expired, services.NoPrice):
                continue
        return None if line is None else Sale.objects.get(pk=line.sale_id)

    def take_back(self, sale: Sale, shift: Shift) -> None:
        """One piece of a sale comes back, if there is enough in the drawer to pay for it."""
        line = sales.lines_of(sale)[0]
        with suppress(services.DrawerTooEmpty):
            services.take_back(
                sale,
                [services.Back(Decimal(1), restock=self.random.random() < 0.7, line=line)],
                shift=shift,
                method="cash",
                reason=self.random.choice(REASONS),
                key=new_id(),
                by=self.cashier,
                at=self.at,
                approved_by=self.crew.manager,
            )

    def close(self, shift: Shift) -> None:
        """Count what is there, now and then a coin more or less."""
        shift.refresh_from_db()
        slip = self.random.choice((0, 0, 0, 0, -1, 1)) * COIN
        counted = services.close_shift(
            shift,
            in_pieces(shift.cash + slip, shift.currency),
            by=self.cashier,
            at=self.at + timedelta(hours=1),
        )
        services.confirm_shift(counted, by=self.crew.manager, at=self.at + timedelta(hours=2))


def in_pieces(amount: Decimal, currency: str) -> dict[str, int]:
    """An amount in as few banknotes and coins as can be."""
    found = {}
    for piece in rules.denominations(currency):
        count, amount = int(amount // piece), amount % piece
        if count:
            found[f"{piece.normalize():f}"] = count
    return found


def leave_open(till: Till, crew: Crew, random: Random, *, at: datetime) -> None:
    """Today's shift is open: some sales, and two baskets put aside."""
    cashier = crew.cashiers[0]
    morning = min(begin_of(crew, at), at - timedelta(hours=2))
    day = Day(till, cashier, crew, random=random, morning=morning)
    shift = services.open_shift(till, opening=FLOAT, by=cashier, at=day.at)
    for _customer in range(4):
        day.at += timedelta(minutes=12)
        day.serve(shift)
    for name in ("Blue umbrella", "Back in a moment"):
        basket = day.fill_basket()
        if basket is not None:
            services.hold(basket, name=name, by=cashier, at=at - timedelta(minutes=9))
