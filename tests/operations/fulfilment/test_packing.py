"""Packing: what was picked goes into boxes, all of it and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.operations.fulfilment import selectors
from prs.operations.fulfilment import services as floor
from prs.operations.fulfilment.models import Box
from tests.cast import NOON
from tests.factories.floor import SOAP, TEA, line_of


@pytest.fixture
def words(ground):
    return {"by": ground.packer, "at": NOON}


@pytest.fixture
def session(ground, words):
    """Three soaps and two creams on the packing table."""
    return floor.start_packing(ground.picked("P-1"), **words)


def test_what_was_picked_is_scanned_into_boxes(ground, session, words):
    first, second = floor.add_box(session, **words), floor.add_box(session, **words)
    floor.scan_into(session, first, SOAP, Decimal(2), **words)
    floor.scan_into(session, second, SOAP, **words)
    floor.put_in(session, second, line_of(session, "HC-9"), Decimal(2), **words)
    for box in (first, second):
        floor.seal(session, box, weight=Decimal("1.5"), **words)

    row = floor.finish_packing(session, **words)

    assert row.state == "packed"
    assert [box.position for box in selectors.boxes_of(row)] == [1, 2]
    assert list(selectors.findings()) == []


@pytest.mark.parametrize(
    ("code", "quantity", "refusal"),
    [(SOAP, 4, floor.TooMany), (TEA, 1, floor.WrongProduct), ("?", 1, floor.UnknownCode)],
)
def test_what_was_not_picked_is_not_packed(ground, session, words, code, quantity, refusal):
    box = floor.add_box(session, **words)

    with pytest.raises(refusal):
        floor.scan_into(session, box, code, Decimal(quantity), **words)


def test_packing_ends_when_the_boxes_hold_what_was_picked(ground, session, words):
    box = floor.add_box(session, **words)
    floor.scan_into(session, box, SOAP, Decimal(2), **words)
    with pytest.raises(floor.NotWhatWasPicked) as refused:
        floor.finish_packing(session, **words)
    assert "Shea soap 2/3" in str(refused.value)

    floor.scan_into(session, box, SOAP, **words)
    floor.put_in(session, box, line_of(session, "HC-9"), Decimal(2), **words)
    with pytest.raises(floor.BoxesOpen):
        floor.finish_packing(session, **words)


def test_a_sealed_box_stays_until_it_is_opened(ground, session, words):
    box = floor.add_box(session, **words)
    with pytest.raises(floor.BoxEmpty):
        floor.seal(session, box, **words)
    floor.scan_into(session, box, SOAP, **words)
    with pytest.raises(floor.WeightMissing):
        floor.seal(session, box, weight=Decimal(0), **words)
    floor.seal(session, box, **words)
    with pytest.raises(floor.BoxSealed):
        floor.scan_into(session, box, SOAP, **words)

    floor.unseal(session, box, **words)
    floor.scan_into(session, box, SOAP, **words)


def test_a_box_is_taken_away_and_the_others_move_up(ground, session, words):
    boxes = [floor.add_box(session, **words) for _turn in range(3)]

    floor.remove_box(session, boxes[0], **words)

    assert list(Box.objects.order_by("position").values_list("pk", "position")) == [
        (boxes[1].pk, 1),
        (boxes[2].pk, 2),
    ]


def test_a_tray_holds_one_invoice(ground, session, words):
    floor.add_tray({"code": "T-1"}, by=ground.owner, at=NOON)
    with pytest.raises(floor.TrayCodeTaken):
        floor.add_tray({"code": "T-1"}, by=ground.owner, at=NOON)
    floor.use_tray(session, "T-1", **words)
    floor.leave_for_boxing(session, **words)
    other = floor.start_packing(ground.picked("P-2"), **words)

    with pytest.raises(floor.TrayTaken):
        floor.use_tray(other, "T-1", **words)
    with pytest.raises(floor.TrayUnknown):
        floor.use_tray(other, "T-9", **words)


def test_what_was_checked_is_boxed_by_another(ground, session, words):
    row = floor.leave_for_boxing(session, **words)
    assert list(selectors.to_pack(ground.packer)) == [row]

    boxing = floor.start_packing(row, by=ground.owner, at=NOON)
    row.refresh_from_db()

    assert (row.state, boxing.member) == ("boxing", ground.owner)


def test_packing_that_is_cancelled_waits_again(ground, session, words):
    row = floor.cancel_session(session, reason="", **words)

    assert row.state == "picked"


def test_a_correction_opens_the_boxes_again(ground, session, words):
    box = floor.add_box(session, **words)
    floor.scan_into(session, box, SOAP, Decimal(3), **words)
    floor.seal(session, box, **words)
    row = floor.return_to_billing(session.fulfilment, reason="One too many", **words)
    assert row.section == "packing"

    row = ground.corrected(row, ground.line(2), ground.other())
    picking = floor.start_picking(row, by=ground.picker, at=NOON)
    line = line_of(row, ground.soap.sku)
    back = floor.Scanned(line.pk, SOAP)
    floor.put_back(picking, back, by=ground.picker, at=NOON)
    row = floor.finish_picking(picking, by=ground.picker, at=NOON)
    again = floor.start_packing(row, **words)
    with pytest.raises(floor.NotWhatWasPicked):
        floor.finish_packing(again, **words)

    floor.put_in(again, box, line, Decimal(2), **words)
    floor.put_in(again, box, line_of(row, "HC-9"), Decimal(2), **words)
    floor.seal(again, box, **words)
    assert floor.finish_packing(again, **words).state == "packed"
