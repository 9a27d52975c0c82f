"""The week in stock: mailed once to those whose business it is, and never twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from prs.kernel.activity.models import Mail, Notification, NotificationPreference
from prs.ledgers.stock import selectors, tasks
from prs.ledgers.stock import services as stock
from prs.ledgers.stock.models import StockWeek
from prs.ledgers.stock.services import reporting
from tests.cast import NOON
from tests.factories.goods import make_cause, make_place, make_product, make_stock

MONDAY = NOON.date() - timedelta(days=NOON.date().weekday())
NEXT = MONDAY + timedelta(days=7)


@pytest.fixture
def moved(cast):
    """A week in which ten came in, three were sold and one broke."""
    store, soap = make_place("Store"), make_product("SOAP-1", name="Shea Soap")
    batch = make_stock(soap, store, 10, by=cast.olga)
    sale = make_cause(cast.olga, kind="sale")
    stock.take([stock.Wanted(soap, Decimal(3), batch.pk)], store, "sale", sale)
    said = {"kind": "damage", "quantity": Decimal(1), "reason": "Wet"}
    row = stock.ask_adjustment(batch, store, said, by=cast.sam, at=NOON)
    stock.approve_adjustment(row, by=cast.olga, at=NOON)
    return soap


def report(today=NEXT):
    return stock.report_week(today=today, at=NOON + timedelta(days=7))


def told():
    return Notification.objects.filter(code="stock.week_moved")


def test_the_week_says_what_moved_and_what_sold_most(cast, moved):
    week = selectors.week_of(MONDAY, MONDAY + timedelta(days=6))

    assert {each.kind: (each.moves, each.came, each.went) for each in week.kinds} == {
        "intake": (1, 10, 0),
        "sale": (1, 0, 3),
        "adjustment": (1, 0, 1),
    }
    assert [(each.name, each.quantity) for each in week.most_sold] == [("Shea Soap", 3)]


def test_it_is_told_and_mailed_once_to_those_who_keep_stock(cast, moved):
    week = report()
    again = [report(), report(NEXT + timedelta(days=6))]

    assert (week.starts_on, week.ends_on) == (MONDAY, MONDAY + timedelta(days=6))
    assert again == [None, None]
    members = {row.member_id for row in told()}
    assert members == {cast.olga.pk, cast.adam.pk}
    assert Mail.objects.filter(recipient=cast.olga.user.email).count() == 1
    (row,) = told().filter(member_id=cast.olga.pk)
    assert "goods moved 3 times" in row.text
    assert "Most sold: Shea Soap" in row.text


def test_who_wants_no_mail_of_it_gets_none(cast, moved):
    NotificationPreference.objects.create(
        member_id=cast.olga.pk, code="stock.week_moved", by_mail="off"
    )

    report()

    assert not Mail.objects.filter(recipient=cast.olga.user.email).exists()
    assert Mail.objects.filter(recipient=cast.adam.user.email).count() == 1
    assert told().filter(member_id=cast.olga.pk).exists()


def test_a_worker_that_dies_before_the_end_leaves_nothing_and_the_next_tells_it(
    cast, moved, monkeypatch
):
    class Dead(BaseException):
        """The process ends."""

    def dies(*_args, **_options):
        raise Dead

    with monkeypatch.context() as patched:
        patched.setattr(reporting, "record", dies)
        with pytest.raises(Dead):
            report()
    assert not StockWeek.objects.exists()

    report()

    assert told().filter(member_id=cast.olga.pk).count() == 1


def test_a_week_in_which_nothing_moved_is_told_to_nobody(cast, moved):
    assert report(NEXT + timedelta(days=7)) is None
    assert not StockWeek.objects.exists()


def test_the_database_keeps_a_week_once(cast, moved):
    report()

    with pytest.raises(IntegrityError, match="stock_week_once"), transaction.atomic():
        StockWeek.objects.create(starts_on=MONDAY, ends_on=MONDAY + timedelta(days=6), made_at=NOON)


def test_a_monday_on_which_nothing_ran_is_made_up_for_on_any_day(cast, moved, time_machine):
    time_machine.move_to(NOON + timedelta(days=7 - NOON.weekday() + 3))

    tasks.report_week(organization_id=cast.acme.pk)
    tasks.report_week(organization_id=cast.acme.pk)

    assert StockWeek.objects.get().starts_on == MONDAY


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        (date(2026, 11, 22), date(2026, 11, 9)),
        (date(2026, 11, 23), date(2026, 11, 16)),
        (date(2027, 1, 1), date(2026, 12, 21)),
    ],
)
def test_the_last_week_is_the_one_that_is_whole(today, monday):
    assert reporting.last_week(today) == monday
