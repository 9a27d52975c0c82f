"""A shop with a till, goods on its shelves and somebody behind the counter, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prs.kernel.db.ids import new_id
from prs.kernel.identity.models import Member
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog.models import Product, ProductTax, TaxRate
from prs.masterdata.parties import services as parties
from prs.masterdata.places.models import Place
from prs.operations.till import services as till
from prs.operations.till.models import Sale, Shift, Till
from prs.operations.till.selectors import sales
from tests.cast import NOON, make_member
from tests.factories.goods import make_place, make_product, make_stock


@dataclass(frozen=True)
class Shop:
    """A storefront with an open drawer. Soap costs 2.50 with 15 % tax in it, tea 10.00 without any."""

    place: Place
    till: Till
    cashier: Member
    shift: Shift
    soap: Product
    tea: Product

    def basket(self, *goods: tuple[Product, Any], by: Member | None = None) -> Sale:
        """The basket on the till's screen, with these goods."""
        for product, quantity in goods:
            line = till.add_product(
                self.till, product, Decimal(quantity), by=by or self.cashier, at=NOON
            )
        return Sale.objects.get(pk=line.sale_id)

    def sell(self, *goods: tuple[Product, Any], **words: Any) -> Sale:
        """Sell goods, for cash unless something else is handed over."""
        return sell(self.basket(*goods), self.shift, **{"by": self.cashier, **words})


def cash(amount: Any) -> till.Handed:
    """Cash handed over."""
    return till.Handed("cash", Decimal(amount))


def sell(basket: Sale, shift: Shift, *, by: Member, handed: Any = None, **words: Any) -> Sale:
    """Sell a basket, for exactly its total in cash unless something else is said."""
    paid = [cash(basket.total)] if handed is None and basket.total else handed or []
    words = {"key": new_id(), "at": NOON, **words}
    return till.complete(basket, paid, shift=shift, by=by, **words)


def make_shop(owner: Member, *, code: str = "OSU", cashier: Member | None = None) -> Shop:
    """A storefront with a till, two products and an open shift of a cashier."""
    place = make_place(f"Shop {code}", code=code, kind="storefront")
    register = till.add_till(
        {"place": place, "code": f"{code}-1", "name": "Till 1"}, by=owner, at=NOON
    )
    cashier = cashier or make_member(f"Cashier{code.title()}", "cashier")
    TaxRate.objects.get_or_create(
        code="VAT", starts_on=NOON.date(), defaults={"name": "VAT", "rate": 15}
    )
    soap = make_product(f"SOAP-{code}", name="Shea soap")
    ProductTax.objects.create(product=soap, code="VAT")
    tea = make_product(f"TEA-{code}", name="Hibiscus tea")
    prices = {"by": owner, "wholesale_price": Decimal(2), "retail_price": Decimal("2.50")}
    make_stock(soap, place, 100, 100, **prices)
    make_stock(tea, place, 50, 300, by=owner, retail_price=Decimal(10))
    shift = till.open_shift(register, opening=Decimal(100), by=cashier, at=NOON)
    return Shop(place, register, cashier, shift, soap, tea)


def make_till_world(owner: Member, seller: Member, checker: Member) -> None:
    """A till in every state: an open drawer and a confirmed one, sales, a return, a basket that waits."""
    shop = make_shop(owner, code="WT", cashier=seller)
    till.change_setting(
        owner.organization.currency, {"return_limit": Decimal(50)}, by=owner, at=NOON
    )
    till.change_rule(seller.role, line=Decimal(10), basket=Decimal(5), by=owner, at=NOON)
    till.set_pin(seller, "2580", by=seller, at=NOON)
    sold = shop.sell((shop.soap, 2), (shop.tea, 1))
    (line, *_rest) = sales.lines_of(sold)
    words = {"shift": shop.shift, "reason": "Torn", "by": seller, "at": NOON}
    back = [till.Back(Decimal(1), line=line)]
    till.take_back(sold, back, method="cash", key=new_id(), approved_by=owner, **words)
    (_soap, tea) = sales.lines_of(sold)
    back = [till.Back(Decimal(1), line=tea)]
    credit = till.take_back(sold, back, method="exchange", key=new_id(), **words)
    paid = till.Handed("exchange", Decimal(5), exchange=credit)
    shop.sell((shop.soap, 2), handed=[paid])
    owed = shop.basket((shop.tea, 1))
    till.set_customer(owed, parties.add({"name": "Till World"}, by=owner, at=NOON), at=NOON)
    sell(owed, shop.shift, by=seller, handed=[cash(4)], on_credit=True)
    undone = shop.sell((shop.soap, 1))
    till.void(undone, reason="Wrong", key=new_id(), by=seller, at=NOON, approved_by=owner)
    gone = shop.sell((shop.soap, 1))
    back = [till.Back(Decimal(1), line=line) for line in sales.lines_of(gone)]
    till.take_back(gone, back, method="cash", key=new_id(), **words)
    till.move_cash(shop.shift, "to_safe", Decimal(20), reason="Too full", by=seller, at=NOON)
    held = till.hold(shop.basket((shop.soap, 1)), name="Waits", by=seller, at=NOON)
    # Their time has run out: what others have kept is for the tests of stock to say.
    for basket in (held, shop.basket((shop.tea, 1))):
        stock.release(basket.pk)
    place = {"place": shop.place, "code": "WT-2", "name": "Till 2"}
    second = till.add_till(place, by=owner, at=NOON)
    for by in (checker, owner):
        shift = till.open_shift(second, opening=Decimal(10), by=by, at=NOON)
        till.close_shift(shift, {"10": 1}, by=by, at=NOON)
        if by is checker:
            till.confirm_shift(shift, by=owner, at=NOON)
