"""Picking: what is scanned counts, what isn't right is refused, and goods and their cost follow."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel.db.ids import new_id
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock import services as goods
from prs.operations.fulfilment import selectors
from prs.operations.fulfilment import services as floor
from prs.operations.fulfilment.models import Fulfilment, FulfilmentLine, Scan, WorkSession
from prs.operations.invoicing import services as invoices
from tests.cast import NOON, make_member
from tests.factories.floor import (
    CARTON,
    SOAP,
    TEA,
    fulfilment_of,
    line_of,
    pick_all,
    sent,
    take,
)
from tests.factories.walk import make_invoice

LABEL = f"01{SOAP}" + "17{day}" + "10{lot}"


def there(product, place):
    return stock.available([product], place, at=NOON)[product.pk]


def label(lot, day="281225"):
    return f"01{SOAP}17{day}10{lot}"


# --- beginning ---


def test_an_imported_invoice_waits_to_be_picked_where_goods_lie(ground):
    row = ground.waiting("F-1")

    assert (row.state, row.place, row.priority) == ("invoiced", ground.place, 1)
    soap, cream = FulfilmentLine.objects.filter(fulfilment=row).order_by("position")
    assert (soap.product, soap.shelf, soap.ordered) == (ground.soap, "A-1", 3)
    assert cream.product is None
    assert list(selectors.to_pick(ground.picker)) == [row]


def test_what_moves_no_goods_of_ours_has_no_fulfilment(ground):
    make_invoice(ground.owner)

    assert not Fulfilment.objects.exists()


def test_opening_twice_opens_once(ground):
    invoice = ground.invoice("F-1")

    assert floor.open_for(invoice, by=ground.owner, at=NOON) == fulfilment_of(invoice)
    assert Fulfilment.objects.count() == 1


def test_who_may_not_pick_does_not_begin(ground):
    with pytest.raises(floor.NotForYou):
        floor.start_picking(ground.waiting("F-1"), by=ground.packer, at=NOON)


def test_a_member_picks_one_invoice_at_a_time(ground):
    ground.begun("F-1")

    with pytest.raises(floor.OneAtATime):
        ground.begun("F-2")


def test_an_invoice_is_begun_by_one(ground):
    session = ground.begun("F-1")

    with pytest.raises(floor.AlreadyMoved):
        floor.start_picking(session.fulfilment, by=ground.owner, at=NOON)


def test_the_shelf_keeps_what_is_being_picked(ground):
    ground.begun("F-1", ground.line(20))

    assert there(ground.soap, ground.place) == 6


# --- scanning ---


def test_a_scan_counts_and_the_same_scan_counts_once(ground):
    session, one = ground.begun("F-1"), sent(SOAP, 2)

    first = floor.scan(session, one, by=ground.picker, at=NOON)
    again = floor.scan(session, one, by=ground.picker, at=NOON)

    assert first.pk == again.pk
    assert line_of(session, ground.soap.sku).picked == 2


def test_a_key_is_not_used_for_two_codes(ground):
    session, key = ground.begun("F-1"), new_id()
    floor.scan(session, floor.Scanned(key, SOAP), by=ground.picker, at=NOON)

    with pytest.raises(floor.ScannedBefore):
        floor.scan(session, floor.Scanned(key, ground.soap.sku), by=ground.picker, at=NOON)


def test_a_carton_counts_its_pieces(ground):
    session = ground.begun("F-1", ground.line(7))

    take(session, CARTON, by=ground.picker)

    assert line_of(session, ground.soap.sku).picked == 6


@pytest.mark.parametrize(
    ("code", "quantity", "refusal"),
    [
        ("nonsense", 1, floor.UnknownCode),
        (TEA, 1, floor.WrongProduct),
        (SOAP, 4, floor.TooMany),
        (SOAP, 0, floor.QuantityMissing),
        (SOAP, "0.5", floor.NotFinePieces),
        (label("L9"), 1, floor.UnknownLot),
        (label("L1", "261119"), 1, floor.ExpiredGoods),
        (label("L2"), 1, floor.NotItsTurn),
    ],
)
def test_a_wrong_scan_is_refused_and_counts_nothing(ground, code, quantity, refusal):
    session = ground.begun("F-1")

    with pytest.raises(refusal):
        take(session, code, quantity, by=ground.picker)

    assert not Scan.objects.exists()


def test_a_full_line_takes_no_more(ground):
    session = ground.begun("F-1")
    take(session, SOAP, 3, by=ground.picker)

    with pytest.raises(floor.TooMany):
        take(session, SOAP, by=ground.picker)


def test_another_batch_than_the_invoice_says_is_refused(ground):
    session = ground.begun("F-1", ground.line(2, batch_no="L2"))

    with pytest.raises(floor.WrongLot):
        take(session, label("L1"), by=ground.picker)
    take(session, label("L2"), by=ground.picker)
    take(session, SOAP, by=ground.picker)

    rows = Scan.objects.order_by("at", "pk")
    assert len({row.batch_id for row in rows}) == 1


def test_a_later_batch_is_taken_when_somebody_says_why(ground):
    session = ground.begun("F-1")

    scan = take(session, label("L2"), by=ground.picker, out_of_turn="L1 is wet")

    assert scan.reason == "L1 is wet"


def test_the_later_batch_has_its_turn_when_the_first_is_used_up(ground):
    session = ground.begun("F-1", ground.line(8))
    take(session, SOAP, 6, by=ground.picker)

    take(session, label("L2"), 2, by=ground.picker)

    assert line_of(session, ground.soap.sku).whole


def test_more_than_lies_there_is_refused(ground):
    session = ground.begun("F-1", ground.line(30))

    with pytest.raises(goods.OutOfStock):
        take(session, SOAP, 27, by=ground.picker)
    take(session, SOAP, 26, by=ground.picker)
    with pytest.raises(goods.OutOfStock):
        take(session, SOAP, by=ground.picker)


def test_a_line_without_a_product_is_ticked_or_scanned_as_it_is_called(ground):
    session = ground.begun("F-1")
    take(session, "HC-CODE", by=ground.picker)

    floor.tick(session, line_of(session, "HC-9"), key=new_id(), by=ground.picker, at=NOON)

    assert line_of(session, "HC-9").whole


def test_what_the_catalogue_has_is_not_ticked(ground):
    session = ground.begun("F-1")

    with pytest.raises(floor.ScanIt):
        floor.tick(
            session, line_of(session, ground.soap.sku), key=new_id(), by=ground.picker, at=NOON
        )


def test_another_does_not_scan_for_who_began(ground):
    session = ground.begun("F-1")

    with pytest.raises(floor.NotYourSession):
        take(session, SOAP, by=ground.owner)


def test_a_scan_is_undone_once(ground):
    session = ground.begun("F-1")
    scan = take(session, SOAP, 2, by=ground.picker)
    floor.undo_scan(scan, by=ground.picker, at=NOON)

    assert line_of(session, ground.soap.sku).picked == 0
    with pytest.raises(floor.NothingToUndo):
        floor.undo_scan(scan, by=ground.picker, at=NOON)


# --- the end ---


def test_goods_leave_first_expired_first_and_their_cost_is_posted(ground, check_now):
    row = ground.picked("F-1", ground.line(8))
    check_now()

    line = line_of(row, ground.soap.sku)
    assert (row.state, line.cost) == ("picked", Decimal(13))  # six of L1 for 9, two of L2 for 4
    assert there(ground.soap, ground.place) == 18
    assert books.net_of(chart.COST_OF_GOODS) == 13
    assert list(selectors.findings()) == []
    assert [step.after for step in selectors.steps_of(row)] == ["invoiced", "picking", "picked"]


def test_nothing_is_finished_while_something_is_left(ground):
    session = ground.begun("F-1")
    take(session, SOAP, by=ground.picker)

    with pytest.raises(floor.StillToPick) as refused:
        floor.finish_picking(session, by=ground.picker, at=NOON)
    assert "2 × Shea soap" in str(refused.value)


def test_a_short_pick_says_why(ground):
    session = ground.begun("F-1", ground.line(3))
    take(session, SOAP, by=ground.picker)
    line = line_of(session, ground.soap.sku)
    with pytest.raises(floor.ReasonMissing):
        floor.leave_short(session, line, reason="other", by=ground.picker, at=NOON)

    floor.leave_short(session, line, reason="damaged", by=ground.picker, at=NOON)
    row = floor.finish_picking(session, by=ground.picker, at=NOON)

    line.refresh_from_db()
    assert (line.picked, line.short, row.state) == (1, 2, "picked")


def test_what_is_found_after_all_is_wanted_again(ground):
    session = ground.begun("F-1", ground.line(3))
    line = line_of(session, ground.soap.sku)
    floor.leave_short(session, line, reason="not_there", by=ground.picker, at=NOON)

    assert floor.want_again(session, line, by=ground.picker, at=NOON).to_pick == 3


def test_a_substitute_is_scanned_like_any_other(ground):
    session = ground.begun("F-1", ground.line(3))
    take(session, SOAP, by=ground.picker)
    line = line_of(session, ground.soap.sku)
    words = {"by": ground.picker, "at": NOON}
    with pytest.raises(floor.NotReplaceable):
        floor.substitute(session, line, ground.soap, **words)

    floor.substitute(session, line, ground.tea, **words)
    take(session, TEA, 2, by=ground.picker)
    row = floor.finish_picking(session, **words)

    assert row.state == "picked"
    assert there(ground.tea, ground.place) == 8


# --- leaving, handing over, sending back ---


def test_a_cancelled_session_stays_and_the_invoice_waits_again(ground):
    session = ground.begun("F-1")
    take(session, SOAP, 2, by=ground.picker)

    row = floor.cancel_session(session, reason="", by=ground.picker, at=NOON)

    assert (row.state, line_of(row, ground.soap.sku).picked) == ("invoiced", 0)
    assert there(ground.soap, ground.place) == 26
    assert [each.outcome for each in selectors.sessions_of(row)] == ["cancelled"]
    assert list(selectors.findings()) == []


def test_anothers_session_is_cancelled_by_who_leads_and_with_a_reason(ground):
    session = ground.begun("F-1")
    with pytest.raises(floor.NotForYou):
        floor.cancel_session(session, reason="x", by=ground.packer, at=NOON)
    with pytest.raises(floor.ReasonMissing):
        floor.cancel_session(session, reason=" ", by=ground.owner, at=NOON)

    floor.cancel_session(session, reason="Went home", by=ground.owner, at=NOON)

    with pytest.raises(floor.SessionOver):
        take(session, SOAP, by=ground.picker)


def test_work_is_handed_over_with_what_was_scanned(ground):
    session, other = ground.begun("F-1"), make_member("Pete", "picker")
    take(session, SOAP, 2, by=ground.picker)

    made = floor.hand_over(session, other, by=ground.picker, at=NOON)
    with pytest.raises(floor.SessionOver):
        take(session, SOAP, by=ground.picker)
    pick_all(made, by=other)
    row = floor.finish_picking(made, by=other, at=NOON)

    assert [each.outcome for each in selectors.sessions_of(row)] == ["handed_over", "done"]
    assert there(ground.soap, ground.place) == 23
    assert list(selectors.findings()) == []


def test_a_corrected_invoice_shows_the_difference_only(ground, check_now):
    row = ground.picked("F-1", ground.line(8), ground.other())
    floor.return_to_billing(row, reason="Two too many", by=ground.picker, at=NOON)
    row.refresh_from_db()
    assert (row.state, row.section, row.invoice.billing) == ("review", "picking", "review")

    row = ground.corrected(row, ground.line(6), ground.other(3))
    assert (row.state, row.corrected) == ("invoiced", True)
    soap, cream = line_of(row, ground.soap.sku), line_of(row, "HC-9")
    assert (soap.to_put_back, soap.ordered_before, cream.to_pick) == (2, 8, 1)

    session = floor.start_picking(row, by=ground.picker, at=NOON)
    floor.put_back(session, sent(SOAP, 2), by=ground.picker, at=NOON)
    pick_all(session, by=ground.picker)
    row = floor.finish_picking(session, by=ground.picker, at=NOON)
    check_now()

    assert (row.state, row.corrected) == ("picked", False)
    assert there(ground.soap, ground.place) == 20
    assert books.net_of(chart.COST_OF_GOODS) == 9  # the two of the later batch went back
    assert list(selectors.findings()) == []


def test_what_was_scanned_before_a_return_stays_picked(ground):
    session = ground.begun("F-1")
    take(session, SOAP, 2, by=ground.picker)

    row = floor.return_to_billing(session.fulfilment, reason="?", by=ground.picker, at=NOON)

    assert WorkSession.objects.get().outcome == "returned"
    assert there(ground.soap, ground.place) == 24
    row = ground.corrected(row, ground.line(3), ground.other())
    assert (row.state, line_of(row, ground.soap.sku).to_pick) == ("invoiced", 1)


def test_billing_itself_stops_the_work(ground):
    session = ground.begun("F-1")
    invoice = session.fulfilment.invoice

    invoices.return_for_correction(invoice, reason="Wrong price", by=ground.owner, at=NOON)

    row = fulfilment_of(invoice)
    assert (row.state, row.moved_reason) == ("review", "Wrong price")
    row = ground.corrected(row, ground.line(3), ground.other())
    assert (row.state, row.corrected) == ("invoiced", False)


def test_a_return_needs_a_reason_and_happens_once(ground):
    row = ground.picked("F-1")
    with pytest.raises(floor.ReasonMissing):
        floor.return_to_billing(row, reason=" ", by=ground.picker, at=NOON)
    floor.return_to_billing(row, reason="x", by=ground.picker, at=NOON)

    with pytest.raises(floor.AlreadyMoved):
        floor.return_to_billing(row, reason="x", by=ground.picker, at=NOON)


def test_nothing_goes_on_while_billing_has_it(ground):
    row = ground.picked("F-1")
    floor.return_to_billing(row, reason="x", by=ground.picker, at=NOON)

    with pytest.raises(floor.NothingToResume):
        floor.release(row, by=ground.owner, at=NOON)


def test_the_queue_is_put_in_order_by_who_leads(ground):
    first, second = ground.waiting("F-1"), ground.waiting("F-2")

    floor.reorder(first, {"priority": Fulfilment.Priority.LOW}, by=ground.owner, at=NOON)

    assert list(selectors.to_pick(ground.picker)) == [second, first]
    with pytest.raises(floor.NotForYou):
        floor.reorder(second, {"priority": 1}, by=ground.picker, at=NOON)
