"""The wholesaler's stock: what it began with, a year of deliveries and bills, and work that waits.

Everything goes through the verbs that people use, so that stock and books agree here as everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from prs.kernel.clock import local_date
from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.stock import selectors
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog.models import Product
from prs.masterdata.parties.models import Supplier
from prs.masterdata.places.models import Place
from prs.operations.purchasing import services as purchasing
from prs.operations.purchasing.models import OrderLine
from prs.operations.purchasing.services import Came, Delivery, Ordered
from prs.web.management.demo.assortment import PRODUCTS

CENT, ONE = Decimal("0.01"), Decimal(1)
TAX = Decimal("12.5")
# Shops begin with a part of what the warehouse has.
SHARES = {"TC": Decimal("0.3"), "OS": Decimal("0.2"), "KS": Decimal("0.2")}
LOSSES = (
    ("damage", 2, "A carton fell from the shelf."),
    ("expired", 1, "Past its date, taken from the shelf."),
    ("theft", 3, "Missing after the weekend."),
    ("found", 4, "Behind the rack of last season."),
    ("sample", 1, "For a new customer to try."),
    ("spoilage", 2, "Wet after the storm."),
)


class Storehouse:
    """Fills the wholesaler's places. `asker` asks and takes in, `decider` approves and pays."""

    def __init__(self, asker: Member, decider: Member, *, until: datetime, days: int) -> None:
        self.asker, self.decider = asker, decider
        self.until, self.days = until, days
        self.random = random.Random(20261121)  # noqa: S311  (a story, not a secret)
        self.places = {place.code: place for place in Place.objects.filter(active=True)}
        self.trade = {each.sku: Decimal(each.trade or each.retail) for each in PRODUCTS}
        self.retail = {each.sku: Decimal(each.retail) for each in PRODUCTS}
        rows = Product.objects.filter(kind=Product.Kind.GOODS).select_related("unit")
        self.goods = list(rows.order_by("sku"))
        # A few run out: nothing of the first, too little of the others, and nobody ordered them.
        self.scarce = self.goods[5::11]
        self.suppliers = list(
            Supplier.objects.filter(currency=asker.organization.currency).order_by("code")
        )

    def fill(self) -> None:
        """What the organization began with, and what came since."""
        begun = self.until - timedelta(days=self.days)
        self.open_stock(begun)
        self.send_out(begun + timedelta(days=1))
        step = 14
        for number, back in enumerate(range(self.days - 7, 6, -step)):
            self.deliver(number, self.until - timedelta(days=back))

    def cost(self, product: Product) -> Decimal:
        """What a unit costs when it is bought."""
        return (self.trade[product.sku] * Decimal("0.72")).quantize(CENT)

    def came(self, product: Product, quantity: Decimal, at: datetime, **more: Any) -> Came:
        """A line of a delivery, with its prices and its date."""
        good_for = timedelta(days=self.random.randint(120, 540))
        last_day = more.pop("expires_on", (self.until + good_for).date())
        return Came(
            product=product,
            quantity=quantity,
            unit_price=self.cost(product),
            retail_price=self.retail[product.sku],
            wholesale_price=self.trade[product.sku],
            expires_on=last_day if product.expires else None,
            lot=f"L{at:%y%m}{self.random.randint(10, 99)}" if product.expires else "",
            **more,
        )

    def open_stock(self, at: datetime) -> None:
        """The stock that the warehouses begin with."""
        for code, share in (("WT", Decimal(5)), ("WK", Decimal(2))):
            lines = [
                self.came(product, (product.reorder_point * share).to_integral_value() or share, at)
                for product in self.goods
                if product not in self.scarce
            ]
            few = [each for each in self.scarce[1:] if code == "WT"]
            lines += [
                self.came(each, (each.reorder_point / 2).quantize(ONE) or ONE, at) for each in few
            ]
            self.take_in(lines, Delivery(place=self.places[code], opening=True), at)

    def take_in(self, lines: Sequence[Came], delivery: Delivery, at: datetime) -> Any:
        """Take goods in on the day they came."""
        return purchasing.take_in(delivery, lines, by=self.asker, at=at)

    def send_out(self, at: datetime) -> None:
        """Each shop gets its part, by a transfer that was asked for, approved, sent and received."""
        for code, share in SHARES.items():
            origin = self.places["WK" if code == "KS" else "WT"]
            there = selectors.available(self.goods, origin, at=at)
            wanted = {
                product: (there[product.pk] * share).to_integral_value() for product in self.goods
            }
            lines = {product: quantity for product, quantity in wanted.items() if quantity > 0}
            row = self.sent(origin, self.places[code], lines, at)
            stock.receive_transfer(row, {}, by=self.asker, at=at + timedelta(hours=5))

    def sent(self, origin: Place, destination: Place, lines: Any, at: datetime) -> Any:
        """A transfer on its way."""
        ends = {"origin": origin, "destination": destination}
        row = stock.draft_transfer(ends, lines, by=self.asker, at=at)
        stock.request_transfer(row, by=self.asker, at=at)
        stock.approve_transfer(row, {}, by=self.decider, at=at + timedelta(hours=1))
        return stock.dispatch_transfer(row, {}, by=self.asker, at=at + timedelta(hours=2))

    def deliver(self, number: int, at: datetime) -> None:
        """An order, what came of it, its bill, and the payment of it when it was due."""
        supplier = self.suppliers[number % len(self.suppliers)]
        chosen = self.random.sample([g for g in self.goods if g not in self.scarce], 8)
        place = self.places["WK" if number % 3 == 2 else "WT"]
        lines = [
            Ordered(product, product.reorder_quantity or Decimal(20), self.cost(product), TAX)
            for product in chosen
        ]
        ordered = at - timedelta(days=5)
        head = {
            "supplier": supplier,
            "place": place,
            "ordered_on": ordered.date(),
            "expected_on": at.date(),
        }
        order = purchasing.draft_order(head, lines, by=self.asker, at=ordered)
        purchasing.send_order(order, by=self.asker, at=ordered)
        receipt = self.take_in(
            self.as_it_came(order, number, at), self.with_order(order, number), at
        )
        self.bill(receipt, at + timedelta(days=2))

    def with_order(self, order: Any, number: int) -> Delivery:
        """A delivery against an order; every second one has freight."""
        charges = Decimal(180) if number % 2 else Decimal(0)
        return Delivery(
            place=order.place,
            supplier=order.supplier,
            order=order,
            charges=charges,
            reference=f"DN-{4100 + number}",
        )

    def as_it_came(self, order: Any, number: int, at: datetime) -> list[Came]:
        """The lines of a delivery: now and then something is short or damaged, or soon expires."""
        lines = []
        rows = OrderLine.objects.filter(order=order).select_related("product__unit")
        for place, line in enumerate(rows.order_by("position")):
            more: dict[str, Any] = {"order_line": line, "tax_rate": line.tax_rate}
            quantity = line.quantity
            if place == 0 and number % 4 == 1:
                quantity -= 2
                more |= {"damaged": Decimal(2), "remark": "Crushed at a corner"}
            if place == 1 and number % 5 == 2:
                quantity = (quantity / 2).to_integral_value()
                more |= {"remark": "The rest follows"}
            if place == 2 and self.until - at < timedelta(days=60):
                more["expires_on"] = (self.until + timedelta(days=8 + number % 15)).date()
            lines.append(self.came(line.product, quantity, at, **more))
        return lines

    def bill(self, receipt: Any, at: datetime) -> None:
        """The bill of a receipt, and its payment once it was due."""
        if at > self.until:
            return
        day = local_date(at, self.asker.organization.time_zone)
        due = day + timedelta(days=receipt.supplier.terms_days)
        fields = {
            "reference": f"{receipt.supplier.code}-{receipt.number[-4:]}",
            "bill_date": day,
            "due_date": due,
            "net": receipt.net + (Decimal(15) if receipt.number.endswith("3") else 0),
            "tax": receipt.tax,
        }
        bill = purchasing.record_bill(receipt.supplier, fields, [receipt], by=self.asker, at=at)
        paid_at = at + timedelta(days=receipt.supplier.terms_days - 2)
        if paid_at < self.until - timedelta(days=12):
            purchasing.pay_bill(
                bill,
                amount=bill.total,
                account=chart.BANK,
                on=paid_at.date(),
                by=self.decider,
                at=paid_at,
                reference="Bank transfer",
            )

    def leave_work(self) -> None:
        """What waits today: transfers in each state, corrections, counts, requests and drafts."""
        now = self.until - timedelta(hours=20)
        self.transfers_in_each_state(now)
        self.corrections(now)
        self.counts(now)
        self.requests(now)
        self.drafts(now)
        today = local_date(self.until, self.asker.organization.time_zone)
        stock.raise_stock_alerts(today=today, at=self.until)

    def few(self, place: Place, count: int, at: datetime) -> dict[Product, Decimal]:
        """A few products of which a place has some."""
        there = selectors.available(self.goods, place, at=at)
        having = [product for product in self.goods if there[product.pk] >= 12]
        return {product: Decimal(6) for product in self.random.sample(having, count)}

    def transfers_in_each_state(self, now: datetime) -> None:
        """One of each, the way to the Osu shop mostly."""
        origin, shop = self.places["WT"], self.places["OS"]
        by, ends = {"by": self.asker}, {"origin": origin, "destination": shop}

        def drafted(count: int, at: datetime, **more: Any) -> Any:
            return stock.draft_transfer({**ends, **more}, self.few(origin, count, at), **by, at=at)

        drafted(3, now)
        asked = drafted(4, now, priority="high", notes="For the weekend.")
        stock.request_transfer(asked, **by, at=now)
        granted = drafted(2, now)
        stock.request_transfer(granted, **by, at=now)
        stock.approve_transfer(granted, {}, by=self.decider, at=now + timedelta(hours=1))
        self.sent(origin, shop, self.few(origin, 5, now), now)
        refused = drafted(2, now)
        stock.request_transfer(refused, **by, at=now)
        stock.reject_transfer(refused, "Kumasi has these.", by=self.decider, at=now)
        off = drafted(1, now)
        stock.cancel_transfer(off, "Asked for twice.", **by, at=now)
        short = self.sent(origin, shop, self.few(origin, 2, now), now)
        first = selectors.transfer_lines(short)[0]
        told = {first.pk: "One was not in the box."}
        arrived = {first.pk: Decimal(5)}
        stock.receive_transfer(short, arrived, **by, at=now + timedelta(hours=6), remarks=told)

    def corrections(self, now: datetime) -> None:
        """Losses and finds over the last weeks, carried out; and a few that wait."""
        lying = list(selectors.lying(place=self.places["WT"]).filter(on_hand__gte=20)[:40])
        for number, (kind, quantity, reason) in enumerate(LOSSES * 2):
            row = lying[number * 3 % len(lying)]
            at = now - timedelta(days=2 * number)
            fields = {"kind": kind, "quantity": Decimal(quantity), "reason": reason}
            asked = stock.ask_adjustment(row.batch, row.place, fields, by=self.asker, at=at)
            if number == 5:
                stock.reject_adjustment(asked, "Dried out, still good.", by=self.decider, at=at)
            elif number >= 4:
                stock.approve_adjustment(asked, by=self.decider, at=at + timedelta(hours=3))

    def counts(self, now: datetime) -> None:
        """A count that ended with a difference, and one that goes on."""
        for code, ends in (("KS", True), ("OS", False)):
            place = self.places[code]
            count = stock.open_count(place, by=self.asker, at=now)
            for number, row in enumerate(selectors.lying(place=place)[:14]):
                found = row.on_hand - (1 if number == 3 else 0)
                stock.count_batch(count, row.batch, found, by=self.asker, at=now)
            if ends:
                stock.close_count(count, by=self.asker, at=now + timedelta(hours=2))

    def requests(self, now: datetime) -> None:
        """A shop asks, and another has its transfer already."""
        lines = self.few(self.places["WT"], 3, now)
        stock.ask_stock(
            {"place": self.places["OS"], "priority": "high"}, lines, by=self.asker, at=now
        )
        asked = stock.ask_stock({"place": self.places["TC"]}, lines, by=self.asker, at=now)
        stock.assign_request(asked, self.places["WT"], by=self.decider, at=now)

    def drafts(self, now: datetime) -> None:
        """An order that is late, one that is coming, and one that nobody sent."""
        for number, (sent, expected) in enumerate([(True, -3), (True, 5), (False, 9)]):
            chosen = self.random.sample(self.goods, 5)
            head = {
                "supplier": self.suppliers[number],
                "place": self.places["WT"],
                "expected_on": (now + timedelta(days=expected)).date(),
            }
            lines = [
                Ordered(product, product.reorder_quantity or Decimal(20), self.cost(product), TAX)
                for product in chosen
            ]
            order = purchasing.draft_order(head, lines, by=self.asker, at=now)
            if sent:
                purchasing.send_order(order, by=self.asker, at=now)
