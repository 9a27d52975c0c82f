"""Goods from the supplier's door to the shelf of a shop, and what the books say of it."""

from __future__ import annotations

from decimal import Decimal

from prs.ledgers.bookkeeping import rules as chart
from prs.operations.purchasing import selectors as buying
from tests.factories.goods import make_place, make_product, make_supplier
from tests.journeys.person import signed_in


def lines(**fields):
    """The first row of a form."""
    return {f"lines-0-{name}": value for name, value in fields.items()}


def one(person, beginning):
    """The name of the field that begins so."""
    return next(
        str(each["name"])
        for each in person.page.select("input[name]")
        if str(each["name"]).startswith(beginning)
    )


def test_a_delivery_reaches_the_shelf_is_counted_corrected_and_paid(cast, check_now):
    store = make_place("Harbour Store")
    shop = make_place("Harbour Shop", code="HS", kind="storefront")
    make_product("SOAP-1", name="Shea Soap")
    mill = make_supplier(cast.olga)

    olga = signed_in("olga@acme.test").opens("/stock/orders/").follows("Write an order")
    row = lines(product="SOAP-1", quantity="20", unit_price="5", tax_rate="10")
    olga.presses("Draft the order", supplier=str(mill.pk), place=str(store.pk), **row)
    olga.presses("Mark as sent").sees("Sent", "110.00")
    olga.follows("Take in what came").presses("Take in the goods", charges="10")
    olga.sees("GRN-000001", "Shea Soap", "110.00")

    olga.opens("/stock/transfers/").follows("Draft a transfer")
    row = lines(product="SOAP-1", quantity="8")
    olga.presses(
        "Ask for the transfer", origin=str(store.pk), destination=str(shop.pk), **row
    ).presses("Approve the transfer").presses("Send the goods").sees("On the way")
    olga.presses("Take in what arrived", **{one(olga, "quantity-"): "7"}).sees("Received")

    adam = signed_in("adam@acme.test").opens("/stock/adjustments/").follows("ADJ-000001")
    adam.sees("In transit", "Loss").presses("Approve and carry out").sees("Carried out")

    olga.opens("/stock/counts/").follows("Begin a count")
    olga.presses("Begin to count", place=str(shop.pk))
    olga.presses("Write down what I counted", **{one(olga, "counted-"): "6"})
    olga.presses("End the count").sees("1 difference waits for approval")
    adam.opens("/stock/adjustments/").follows("ADJ-000002").presses("Approve and carry out")

    olga.opens("/stock/receipts/").follows("GRN-000001").follows("Record its bill")
    olga.presses("Record and post the bill", reference="M-77").sees("BILL-000001", "110.00")
    olga.follows("Pay the bill").presses("Post the payment", account=chart.BANK).sees("Paid")

    olga.opens("/stock/reports/valuation/").sees("They agree", "99.00")
    olga.opens("/stock/levels/").follows("Shea Soap").sees("It adds up")
    check_now()
    # What arrived and was counted is worth 18 of 20; the freight is owed until its own bill comes.
    assert buying.inventory_balance(chart.INVENTORY) == Decimal(99)
    assert buying.inventory_balance(chart.SHRINKAGE) == Decimal(11)
    assert buying.inventory_balance(chart.PAYABLE) == 0
