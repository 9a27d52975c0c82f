"""The daily mail: what happened, by kind, once a day at the chosen hour; and mail that quiet hours hold."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as outbox
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from prs.kernel import clock
from prs.kernel.activity import mail, tasks, telling
from prs.kernel.activity.models import Digest, DigestItem, Mail, Notification
from prs.kernel.activity.rules import Choice, Event, MailWay
from prs.kernel.activity.services import record
from prs.kernel.identity import digests
from prs.kernel.identity import tasks as identity_tasks
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from tests.cast import NOON, Cast

ASKED = Event(
    "payment.asked", "Question", "{actor} asks about {subject}.", told_as=("pk",), mail=True
)
DENIED = Event(
    "payment.denied", "Payment denied", "{actor} denied {subject}.", told_as=("pk",), mail=True
)
ESCALATED = Event(
    "payment.escalated",
    "Waits",
    "{subject} waits.",
    told_as=("pk",),
    mail=True,
    priority="urgent",
)
DAILY = Choice(in_app=True, mail=MailWay.DAILY)
EIGHT = NOON.replace(hour=8) + timedelta(days=1)
LATE = NOON.replace(hour=23)
SEVEN = NOON.replace(hour=7) + timedelta(days=1)


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs run some days on, so that what they find is due whenever the tests run."""
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=3))


@pytest.fixture
def reader(cast: Cast) -> Any:
    """Sam reads of questions and denials once a day."""
    telling.choose(cast.sam.pk, {"payment.asked": DAILY, "payment.denied": DAILY})
    return cast.sam


@pytest.fixture
def sleeper(cast: Cast) -> Any:
    """Sam sleeps from ten to seven."""
    telling.set_hours(cast.sam.pk, digest=8, quiet_from=time(22), quiet_until=time(7))
    return cast.sam


def happen(cast: Cast, event: Event = ASKED, *, at: datetime = NOON) -> Any:
    return record(event, cast.sam, by=cast.vera, at=at)


def send(cast: Cast, at: datetime) -> int:
    return digests.send_due(cast.acme.pk, at=at)


def test_nothing_is_mailed_at_once_and_the_app_says_it_at_once(cast: Cast, reader: Any) -> None:
    happen(cast)

    assert outbox.outbox == []
    assert Notification.objects.filter(member_id=reader.pk).count() == 1
    assert DigestItem.objects.get().digest_id is None


def test_one_mail_lists_what_happened_by_kind_with_links(cast: Cast, reader: Any) -> None:
    happen(cast, ASKED)
    happen(cast, DENIED, at=NOON + timedelta(hours=1))
    happen(cast, ASKED, at=NOON + timedelta(hours=2))

    assert send(cast, EIGHT) == 1

    (sent,) = outbox.outbox
    assert sent.to == [reader.user.email]
    assert sent.subject == "Acme Supplies: 3 things happened"
    assert sent.body.index("Question (2)") < sent.body.index("Payment denied (1)")
    assert sent.body.count("Vera asks about Sam.") == 2
    assert sent.body.count(f"/open/identity.member/{reader.pk}") == 3


def test_when_nothing_happened_no_mail_comes(cast: Cast, reader: Any) -> None:
    assert send(cast, EIGHT) == 0
    assert not Digest.objects.exists()


def test_the_second_run_of_a_day_sends_nothing(cast: Cast, reader: Any) -> None:
    happen(cast)
    send(cast, EIGHT)
    happen(cast, at=EIGHT + timedelta(minutes=1))

    assert send(cast, EIGHT + timedelta(hours=1)) == 0
    assert send(cast, EIGHT + timedelta(days=1)) == 1
    assert len(outbox.outbox) == 2


def test_before_the_hour_nothing_comes(cast: Cast, reader: Any) -> None:
    happen(cast)

    assert send(cast, EIGHT - timedelta(seconds=1)) == 0
    assert send(cast, EIGHT) == 1


def test_what_happens_after_the_hour_waits_for_the_next_day(cast: Cast, reader: Any) -> None:
    happen(cast, at=EIGHT + timedelta(hours=2))

    assert send(cast, EIGHT + timedelta(hours=3)) == 0
    assert send(cast, EIGHT + timedelta(days=1)) == 1


def test_a_digest_that_no_worker_wrote_in_time_comes_later(cast: Cast, reader: Any) -> None:
    happen(cast)

    assert send(cast, EIGHT + timedelta(hours=5)) == 1


def test_another_hour_does_not_bring_a_second_mail_that_day(cast: Cast, reader: Any) -> None:
    happen(cast)
    send(cast, EIGHT)
    happen(cast, at=EIGHT + timedelta(hours=1))
    telling.set_hours(reader.pk, digest=17, quiet_from=None, quiet_until=None)

    assert send(cast, EIGHT + timedelta(hours=10)) == 0


def test_the_hour_is_the_organizations(cast: Cast, reader: Any) -> None:
    Organization.objects.filter(pk=cast.acme.pk).update(time_zone="America/New_York")
    happen(cast, at=NOON + timedelta(hours=2))

    assert send(cast, EIGHT) == 0
    assert send(cast, EIGHT + timedelta(hours=5)) == 1


def test_who_left_gets_no_digest(cast: Cast, reader: Any) -> None:
    happen(cast)
    reader.active, reader.deactivated_at = False, NOON
    reader.save(update_fields=["active", "deactivated_at"])

    assert send(cast, EIGHT) == 0


def test_who_wants_to_hear_no_more_does_not_hear_what_waits(cast: Cast, reader: Any) -> None:
    happen(cast)

    telling.choose(reader.pk, {"payment.asked": Choice(in_app=True, mail=MailWay.OFF)})

    assert send(cast, EIGHT) == 0


def test_many_of_a_kind_are_counted(cast: Cast, reader: Any) -> None:
    for minute in range(digests.MOST_OF_A_KIND + 3):
        happen(cast, at=NOON + timedelta(minutes=minute))

    send(cast, EIGHT)

    assert "- and 3 more" in outbox.outbox[0].body


def test_the_database_keeps_one_digest_a_day(cast: Cast, reader: Any) -> None:
    happen(cast)
    send(cast, EIGHT)
    row = Digest.objects.get()
    row.pk, row._state.adding = uuid4(), True

    with pytest.raises(IntegrityError, match="digest_one_a_day"), transaction.atomic():
        row.save()


def test_each_has_their_own(cast: Cast, reader: Any) -> None:
    telling.choose(cast.sara.pk, {"payment.asked": DAILY})
    happen(cast)
    record(ASKED, cast.sara, by=cast.vera, at=NOON)

    assert send(cast, EIGHT) == 2
    assert {row.to[0] for row in outbox.outbox} == {cast.sam.user.email, cast.sara.user.email}


def test_telling_twice_keeps_one_line(cast: Cast, reader: Any) -> None:
    row = happen(cast)
    item = DigestItem.objects.get(event_id=row.pk)
    item.pk, item._state.adding = uuid4(), True

    with pytest.raises(IntegrityError, match="digest_item_once_per_event"), transaction.atomic():
        item.save()


def test_the_schedule_visits_organizations_in_which_something_waits(
    cast: Cast, reader: Any
) -> None:
    happen(cast)

    assert digests.waits(cast.acme.pk)
    assert not digests.waits(cast.zenith.pk)
    identity_tasks.send_digests()
    identity_tasks.send_digests()
    assert len(outbox.outbox) == 1


def test_lines_are_forgotten_after_a_month(cast: Cast, reader: Any) -> None:
    happen(cast, at=NOON - timedelta(days=40))

    tasks.forget_what_passed()

    with tenant_context(cast.acme.pk):
        assert not DigestItem.objects.exists()


def test_who_is_looked_for_takes_as_many_queries_for_one_as_for_more(
    cast: Cast, reader: Any
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            digests.due(at=EIGHT)
        return len(asked)

    happen(cast)
    few = queries()
    telling.choose(cast.sara.pk, {"payment.asked": DAILY})
    record(ASKED, cast.sara, by=cast.vera, at=NOON)

    assert queries() == few


# --- quiet hours -----------------------------------------------------------------------------------------


def test_mail_is_held_in_quiet_hours_and_sent_once_when_they_end(cast: Cast, sleeper: Any) -> None:
    happen(cast, at=LATE)

    held = Mail.objects.get()
    assert (held.state, held.next_attempt_at) == (Mail.State.QUEUED, SEVEN)
    assert mail.send_due(cast.acme.pk, at=SEVEN - timedelta(seconds=1)) == 0
    assert outbox.outbox == []
    # Whichever worker comes first, at seven or after a night in which none ran.
    assert mail.send_due(cast.acme.pk, at=SEVEN) == 1
    assert mail.send_due(cast.acme.pk, at=SEVEN) == 0
    assert len(outbox.outbox) == 1


def test_the_app_says_it_in_quiet_hours_too(cast: Cast, sleeper: Any) -> None:
    row = happen(cast, at=LATE)

    assert Notification.objects.filter(event_id=row.pk, member_id=sleeper.pk).exists()


def test_what_is_urgent_is_not_held(cast: Cast, sleeper: Any) -> None:
    happen(cast, ESCALATED, at=LATE)

    assert len(outbox.outbox) == 1


def test_outside_quiet_hours_mail_goes_at_once(cast: Cast, sleeper: Any) -> None:
    happen(cast, at=NOON)

    assert len(outbox.outbox) == 1


def test_quiet_hours_are_each_members_own(cast: Cast, sleeper: Any) -> None:
    record(ASKED, cast.sara, by=cast.vera, at=LATE)

    assert [row.to for row in outbox.outbox] == [[cast.sara.user.email]]


def test_a_late_digest_waits_for_the_end_of_the_quiet_hours(
    cast: Cast, reader: Any, sleeper: Any
) -> None:
    happen(cast)

    assert send(cast, LATE + timedelta(days=1)) == 1
    assert Mail.objects.get().next_attempt_at == SEVEN + timedelta(days=1)
    assert outbox.outbox == []


@pytest.mark.parametrize(
    ("hours", "refusal"),
    [
        ((24, None, None), telling.NoSuchHour),
        ((8, time(22), None), telling.HalfQuiet),
        ((8, time(22), time(22)), telling.AlwaysQuiet),
        ((23, time(22), time(7)), telling.DigestInQuietHours),
        ((7, time(22), time(7)), None),
        ((8, None, None), None),
    ],
)
def test_hours_that_cannot_be_are_refused(cast: Cast, hours: Any, refusal: Any) -> None:
    digest, quiet_from, quiet_until = hours
    words = {"digest": digest, "quiet_from": quiet_from, "quiet_until": quiet_until}
    if refusal is None:
        telling.set_hours(cast.sam.pk, **words)
        kept = telling.hours_of(cast.sam.pk)
        assert (kept.digest, kept.quiet_from, kept.quiet_until) == hours
    else:
        with pytest.raises(refusal):
            telling.set_hours(cast.sam.pk, **words)


def test_a_daily_mail_of_what_is_urgent_is_refused(cast: Cast) -> None:
    with pytest.raises(telling.UrgentCannotWait):
        telling.choose(cast.sam.pk, {"payment.bounced": DAILY})
