"""Two at one invoice: one of them goes on, the other reads why not."""

from __future__ import annotations

import pytest

from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.stock import selectors as stock
from prs.operations.fulfilment import selectors
from prs.operations.fulfilment import services as floor
from prs.operations.fulfilment.models import Scan, WorkSession
from tests.cast import NOON, make_member
from tests.factories.floor import SOAP, fulfilment_of, make_floor, pick_all, sent
from tests.races.together import kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_documents")]


@pytest.fixture
def ground(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        return make_floor(committed_cast.olga)


def all_is_well(cast):
    with tenant_context(cast.acme.pk):
        assert list(selectors.findings()) == []


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_two_pickers_begins(committed_cast, ground, attempt):
    with tenant_context(committed_cast.acme.pk):
        row, other = ground.waiting("R-1"), make_member("Pete", "picker")

    answers = together(
        committed_cast.acme.pk,
        lambda: floor.start_picking(row, by=ground.picker, at=NOON),
        lambda: floor.start_picking(row, by=other, at=NOON),
    )

    assert kinds(answers) == ["AlreadyMoved", "WorkSession"]
    all_is_well(committed_cast)


@pytest.mark.parametrize("attempt", range(3))
def test_a_picker_begins_one_of_two_invoices(committed_cast, ground, attempt):
    with tenant_context(committed_cast.acme.pk):
        rows = [ground.waiting("R-1"), ground.waiting("R-2")]

    answers = together(
        committed_cast.acme.pk,
        *[lambda row=row: floor.start_picking(row, by=ground.picker, at=NOON) for row in rows],
    )

    assert kinds(answers) == ["OneAtATime", "WorkSession"]
    with tenant_context(committed_cast.acme.pk):
        assert WorkSession.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_picking_ends_or_goes_back_to_billing(committed_cast, ground, attempt):
    with tenant_context(committed_cast.acme.pk):
        session = ground.begun("R-1")
        pick_all(session, by=ground.picker)
        row = session.fulfilment

    together(
        committed_cast.acme.pk,
        lambda: floor.finish_picking(session, by=ground.picker, at=NOON),
        lambda: floor.return_to_billing(row, reason="Wrong", by=ground.picker, at=NOON),
    )

    with tenant_context(committed_cast.acme.pk):
        row = fulfilment_of(row.invoice)
        assert row.state == "review"
        assert stock.there_of_each(ground.place)[ground.soap.pk] == 23
    all_is_well(committed_cast)


@pytest.mark.parametrize("attempt", range(3))
def test_two_scans_never_overfill_a_line_and_one_sent_twice_counts_once(
    committed_cast, ground, attempt
):
    with tenant_context(committed_cast.acme.pk):
        session = ground.begun("R-1", ground.line(3))
        one, two = sent(SOAP, 2), sent(SOAP, 2)

    answers = together(
        committed_cast.acme.pk,
        *[
            lambda each=each: floor.scan(session, each, by=ground.picker, at=NOON)
            for each in (one, one, two)
        ],
    )

    assert kinds(answers) in (["Scan", "Scan", "TooMany"], ["Scan", "TooMany", "TooMany"])
    with tenant_context(committed_cast.acme.pk):
        assert Scan.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_the_last_pieces_go_to_one_of_two_invoices(committed_cast, ground, attempt):
    with tenant_context(committed_cast.acme.pk):
        other = make_member("Pete", "picker")
        rows = [ground.waiting("R-1", ground.line(20)), ground.waiting("R-2", ground.line(20))]

    def picking(row, by):
        def work():
            session = floor.start_picking(row, by=by, at=NOON)
            floor.scan(session, sent(SOAP, 20), by=by, at=NOON)
            return floor.finish_picking(session, by=by, at=NOON)

        return work

    answers = together(
        committed_cast.acme.pk, picking(rows[0], ground.picker), picking(rows[1], other)
    )

    assert kinds(answers) == ["Fulfilment", "OutOfStock"]
    with tenant_context(committed_cast.acme.pk):
        assert stock.there_of_each(ground.place)[ground.soap.pk] == 6
    all_is_well(committed_cast)
