"""Delivering: each way has its rules, and what goes otherwise is decided with a reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.fulfilment import rules, selectors
from prs.operations.fulfilment import services as floor
from tests.cast import NOON, make_member
from tests.factories.floor import TODAY, fulfilment_of
from tests.factories.walk import make_proof


@pytest.fixture
def driver(ground):
    return make_member("Dan", "driver")


@pytest.fixture
def words(driver):
    return {"by": driver, "at": NOON}


@pytest.fixture
def packed(ground):
    """An invoice in a sealed box."""
    return floor.express(ground.waiting("D-1"), by=ground.owner, at=NOON)


@pytest.fixture
def courier(ground):
    fields = {"code": "SW", "name": "Swift", "phone": "0700 000 000", "tracking_pattern": "SW####@"}
    return floor.add_courier(fields, by=ground.owner, at=NOON)


def state_of(row):
    row.refresh_from_db()
    return row.state


# --- over the counter ---


@pytest.mark.parametrize(
    ("pickup", "refusal"),
    [
        (floor.Pickup("", "0700000000"), floor.PickupIncomplete),
        (floor.Pickup("Kofi", "12"), floor.PickupIncomplete),
        (floor.Pickup("Kofi", "0700000000", for_company=True), floor.CompanyMissing),
    ],
)
def test_who_picks_up_is_written_down(packed, words, pickup, refusal):
    with pytest.raises(refusal):
        floor.pick_up(packed, pickup, **words)


def test_what_is_picked_up_is_delivered(packed, words):
    floor.pick_up(packed, floor.Pickup("Kofi", "+233 70-000 0000"), **words)

    assert state_of(packed) == "delivered"
    assert list(selectors.findings()) == []


def test_nothing_is_delivered_before_it_is_packed(ground, words):
    with pytest.raises(floor.AlreadyMoved):
        floor.pick_up(ground.waiting("D-2"), floor.Pickup("Kofi", "0700000000"), **words)


# --- by courier ---


def test_a_parcel_leaves_with_a_number_of_its_courier(packed, courier, words):
    delivery = floor.give_to_courier(packed, courier, **words)
    assert state_of(packed) == "packed"
    with pytest.raises(floor.TrackingMissing):
        floor.send(delivery, **words)
    with pytest.raises(floor.TrackingWrong):
        floor.send(delivery, tracking="XX1", **words)
    with pytest.raises(floor.DeliveryOver):
        floor.confirm(delivery, **words)

    floor.send(delivery, tracking="sw1234a", **words)
    assert state_of(packed) == "dispatched"
    floor.confirm(delivery, person="Ama", **words)

    assert state_of(packed) == "delivered"


def test_a_slip_does_as_well_as_a_number(packed, courier, words):
    delivery = floor.give_to_courier(packed, courier, **words)

    assert floor.send(delivery, slip=make_proof(), **words).slip is not None


def test_another_courier_is_taken_before_it_left(ground, packed, courier, words):
    other = floor.add_courier(
        {"code": "O", "name": "Other", "phone": "1"}, by=ground.owner, at=NOON
    )
    delivery = floor.give_to_courier(packed, courier, **words)

    floor.take_another_courier(delivery, other, reason="Full", **words)
    floor.send(delivery, tracking="anything", **words)

    with pytest.raises(floor.DeliveryOver):
        floor.take_another_courier(delivery, courier, **words)


def test_a_courier_out_of_use_gets_nothing(ground, packed, courier, words):
    floor.change_courier(courier, {"active": False}, by=ground.owner, at=NOON)

    with pytest.raises(floor.CourierInactive):
        floor.give_to_courier(packed, courier, **words)


# --- by our driver ---


def test_the_driver_alone_brings_it_and_proves_it(ground, packed, driver, words):
    delivery = floor.give_to_driver(packed, driver, by=ground.owner, at=NOON)
    with pytest.raises(floor.NotYourDelivery):
        floor.accept(delivery, by=ground.owner, at=NOON)
    floor.accept(delivery, **words)
    assert state_of(packed) == "dispatched"
    with pytest.raises(floor.ProofMissing):
        floor.bring(delivery, floor.Proof("Ama"), **words)

    where = {"latitude": Decimal("5.6037"), "longitude": Decimal("-0.187"), "accuracy": 12}
    floor.bring(delivery, floor.Proof("Ama", photo=make_proof(), **where), **words)

    assert state_of(packed) == "delivered"
    assert list(selectors.deliveries_visible_to(driver)) == [delivery]


def test_who_does_not_deliver_is_given_nothing(ground, packed):
    with pytest.raises(floor.NotForYou):
        floor.give_to_driver(packed, ground.picker, by=ground.owner, at=NOON)


def test_a_route_is_driven_in_the_order_that_was_chosen(ground, packed, driver, words):
    second = floor.express(ground.waiting("D-2"), by=ground.owner, at=NOON)
    one, two = (floor.give_to_driver(row, driver, **words) for row in (packed, second))

    floor.put_in_order(driver, [two, one], **words)

    assert [each.pk for each in selectors.deliveries_visible_to(driver).order_by("stop")] == [
        two.pk,
        one.pk,
    ]


def test_a_delivery_that_failed_waits_packed_again(ground, packed, driver, words):
    delivery = floor.give_to_driver(packed, driver, **words)
    with pytest.raises(floor.DeliveryThere):
        floor.pick_up(packed, floor.Pickup("Kofi", "0700000000"), **words)
    floor.accept(delivery, **words)

    floor.cancel_delivery(delivery, reason="Nobody there", **words)

    assert state_of(packed) == "packed"
    floor.pick_up(packed, floor.Pickup("Kofi", "0700000000"), **words)


def test_what_goes_back_to_billing_comes_back_packed_when_nothing_changed(packed, driver, words):
    floor.accept(floor.give_to_driver(packed, driver, **words), **words)

    floor.return_to_billing(packed, reason="Wrong address", **words)
    assert (state_of(packed), packed.section) == ("review", "delivery")
    assert selectors.delivery_of(packed) is None


def test_a_correction_of_words_alone_leaves_the_boxes_sealed(ground, packed, words):
    floor.return_to_billing(packed, reason="Wrong address", **words)

    row = ground.corrected(packed, ground.line(), ground.other())

    assert (row.state, row.corrected) == ("packed", False)


# --- otherwise ---


def test_express_is_for_billing(ground):
    with pytest.raises(floor.NotForYou):
        floor.express(ground.waiting("D-9"), by=ground.picker, at=NOON)


def test_express_takes_what_lies_there(ground, packed):
    assert (packed.state, packed.express) == ("packed", True)
    assert books.net_of(chart.COST_OF_GOODS) == Decimal("4.50")
    notes = {each.note for each in selectors.sessions_of(packed)}
    assert notes == {"EXPRESS_BILLING"}
    assert list(selectors.findings()) == []


@pytest.mark.parametrize("stands", ["waiting", "begun", "picked", "packing", "review", "packed"])
def test_who_leads_completes_an_invoice_wherever_it_stands(ground, stands):
    row = {
        "waiting": lambda: ground.waiting("X-1"),
        "begun": lambda: ground.begun("X-1").fulfilment,
        "picked": lambda: ground.picked("X-1"),
        "packing": lambda: (
            floor.start_packing(ground.picked("X-1"), by=ground.packer, at=NOON).fulfilment
        ),
        "review": lambda: floor.return_to_billing(
            ground.picked("X-1"), reason="?", by=ground.picker, at=NOON
        ),
        "packed": lambda: floor.express(ground.waiting("X-1"), by=ground.owner, at=NOON),
    }[stands]()
    with pytest.raises(floor.ReasonMissing):
        floor.decide(row, reason="", by=ground.owner, at=NOON)
    with pytest.raises(floor.NotForYou):
        floor.decide(row, reason="x", by=ground.picker, at=NOON)

    floor.decide(row, reason="Delivered by hand", by=ground.owner, at=NOON)

    assert state_of(row) == "delivered"
    assert selectors.steps_of(row).last().reason == "Delivered by hand"
    assert list(selectors.findings()) == []


def test_many_go_a_step_further_and_one_refused_stops_no_other(ground):
    rows = [ground.waiting("B-1"), ground.picked("B-2"), ground.waiting("B-3")]
    assert len(floor.ready_for(rows, "picked")) == 2

    done = floor.move_many(rows, "picked", reason="Counted by hand", by=ground.owner, at=NOON)

    assert [type(each.refusal) for each in done] == [
        type(None),
        floor.AlreadyMoved,
        type(None),
    ]
    for to in ("packed", "delivered"):
        done = floor.move_many(rows, to, reason="x", by=ground.owner, at=NOON)
        assert {each.refusal for each in done} == {None}
    assert list(selectors.findings()) == []


def test_the_numbers_that_are_missing_are_found(ground):
    for number in ("LT-098", "LT-101", "XX-5"):
        ground.invoice(number)

    found = selectors.missing_invoices("LT-", since=TODAY, until=TODAY)

    assert found == ["LT-099", "LT-100"]
    assert rules.missing_numbers(["A9", "A11"], "A") == ["A10"]
    assert rules.missing_numbers([], "A") == []


def test_what_is_not_there_is_short_when_it_is_decided(ground):
    row = fulfilment_of(ground.invoice("S-1", ground.line(40)))

    row = floor.express(row, by=ground.owner, at=NOON)

    (line,) = selectors.lines_of(row)
    assert (line.picked, line.short, line.short_reason) == (26, 14, "not_there")
