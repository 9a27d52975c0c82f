"""Who is told of what, in which words, and how mail leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as outbox
from django.db import IntegrityError, transaction

from prs.kernel.activity import events as text_events
from prs.kernel.activity import mail, telling
from prs.kernel.activity.models import (
    AuditEvent,
    Mail,
    Notification,
    NotificationPreference,
    NotificationText,
    OutboxEvent,
)
from prs.kernel.activity.rules import SYSTEM, Choice, Event, MailWay
from prs.kernel.activity.selectors import notifications_of, timeline, unread_count
from prs.kernel.activity.services import Happening, record
from prs.kernel.identity.notices import tell
from prs.operations.payments import events as payments
from tests.cast import NOON, Cast

WAITS = Event(
    "payment.recorded",
    "Payment to verify",
    "{actor} recorded {subject} of {customer}.",
    told=("payments.verify",),
)
MINE = Event(
    "payment.denied", "Payment denied", "{actor} denied {subject}.", told_as=("pk",), mail=True
)


def happen(event: Event, cast: Cast, *, subject: Any = None, by: Any = None, **words: Any) -> Any:
    return record(event, subject or cast.sam, by=by or cast.sara, at=NOON, words=words)


def told(event_row: Any) -> set[Any]:
    return set(
        Notification.objects.filter(event_id=event_row.pk).values_list("member_id", flat=True)
    )


def test_holders_of_the_right_are_told_and_nobody_else(cast: Cast) -> None:
    row = happen(WAITS, cast, customer="Reed")

    assert told(row) == {cast.olga.pk, cast.vera.pk, cast.viktor.pk}
    note = Notification.objects.get(event_id=row.pk, member_id=cast.vera.pk)
    assert note.text == "Sara recorded Sam of Reed."


def test_who_did_it_is_not_told(cast: Cast) -> None:
    row = happen(WAITS, cast, by=cast.vera)

    assert cast.vera.pk not in told(row)


def test_who_the_subject_names_is_told(cast: Cast) -> None:
    assert told(happen(MINE, cast)) == {cast.sam.pk}


def test_a_deactivated_member_is_told_nothing(cast: Cast) -> None:
    cast.vera.active, cast.vera.deactivated_at = False, NOON
    cast.vera.save(update_fields=["active", "deactivated_at"])

    assert cast.vera.pk not in told(happen(WAITS, cast))


def test_telling_twice_tells_once(cast: Cast) -> None:
    row = happen(WAITS, cast)
    happening = Happening(WAITS, cast.sam, cast.sara, NOON, row)

    tell(happening)

    assert Notification.objects.filter(event_id=row.pk).count() == 3


def test_the_database_keeps_one_notification_per_event_and_member(cast: Cast) -> None:
    note = Notification.objects.get(event_id=happen(MINE, cast).pk)
    note.pk = uuid4()
    note._state.adding = True

    with pytest.raises(IntegrityError, match="notification_once_per_event"), transaction.atomic():
        note.save()


def test_open_pages_of_those_told_and_only_theirs_are_told_at_once(cast: Cast) -> None:
    happen(MINE, cast)

    live = OutboxEvent.objects.filter(topic="notification")
    assert [row.member_id for row in live] == [cast.sam.pk]


def test_a_member_may_choose_mail_over_the_app(cast: Cast) -> None:
    telling.choose(cast.vera.pk, {"payment.recorded": Choice(in_app=False, mail=MailWay.NOW)})

    row = happen(WAITS, cast)

    assert cast.vera.pk not in told(row)
    assert [mail.recipient for mail in Mail.objects.all()] == [cast.vera.user.email]


def test_an_urgent_event_is_shown_whatever_was_chosen(cast: Cast) -> None:
    telling.choose(cast.sam.pk, {"payment.denied": Choice(in_app=False, mail=MailWay.OFF)})
    urgent = Event(MINE.code, MINE.title, MINE.sentence, told_as=("pk",), priority="urgent")

    assert told(happen(urgent, cast)) == {cast.sam.pk}


def test_only_kinds_that_exist_can_be_chosen(cast: Cast) -> None:
    telling.choose(cast.sam.pk, {"no.such": Choice(in_app=True, mail=MailWay.NOW)})

    assert not NotificationPreference.objects.exists()


def test_an_organization_speaks_its_own_words(cast: Cast) -> None:
    telling.set_text(
        payments.DENIED, "Not proven", "Sorry, {subject}: {reason}", by=cast.olga, at=NOON
    )

    note = Notification.objects.get(event_id=happen(MINE, cast, reason="too little").pk)

    assert (note.title, note.text) == ("Not proven", "Sorry, Sam: too little")
    assert AuditEvent.objects.filter(code=text_events.TEXT_CHANGED.code).exists()


def test_words_go_back_to_ours(cast: Cast) -> None:
    telling.set_text(payments.DENIED, "Not proven", "Sorry", by=cast.olga, at=NOON)

    telling.reset_text(payments.DENIED, by=cast.olga, at=NOON)

    assert not NotificationText.objects.filter(active=True).exists()
    assert Notification.objects.get(event_id=happen(MINE, cast).pk).title == "Payment denied"


@pytest.mark.parametrize(
    ("title", "text", "refusal"),
    [
        ("", "text", telling.NothingSaid),
        ("title", " ", telling.NothingSaid),
        ("title", "{password}", telling.UnknownPlace),
        ("title", "{subject", telling.FaultyBraces),
        ("title", "{subject.__class__}", telling.UnknownPlace),
        ("title", "{}", telling.UnknownPlace),
    ],
)
def test_faulty_words_are_refused(cast: Cast, title: str, text: str, refusal: type) -> None:
    with pytest.raises(refusal):
        telling.set_text(payments.DENIED, title, text, by=cast.olga, at=NOON)


def test_reading_counts_down_and_is_the_members_own(cast: Cast) -> None:
    happen(MINE, cast)
    happen(MINE, cast)
    note = notifications_of(cast.sam.pk)[0]

    telling.mark_read(cast.vera.pk, note, at=NOON)
    assert unread_count(cast.sam) == 2
    telling.mark_read(cast.sam.pk, note, at=NOON)
    assert unread_count(cast.sam) == 1
    assert telling.mark_all_read(cast.sam.pk, at=NOON) == 1
    assert unread_count(cast.sam) == 0
    assert telling.mark_all_read(cast.sam.pk, at=NOON) == 0


# --- mail -----------------------------------------------------------------------------------------------


def post(cast: Cast, key: str = "cause") -> Mail:
    return mail.post(key=key, recipient="a@b.test", subject="Hello", body="Text", at=NOON)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Any:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("prs.kernel.activity.mail.EmailMessage.send", fail)
    return monkeypatch


def test_one_cause_sends_one_mail(cast: Cast) -> None:
    first = post(cast)

    assert post(cast).pk == first.pk
    assert len(outbox.outbox) == 1
    assert Mail.objects.get().state == Mail.State.SENT


def test_the_database_keeps_one_mail_per_cause(cast: Cast) -> None:
    row = post(cast)
    row.pk, row._state.adding = uuid4(), True

    with pytest.raises(IntegrityError, match="mail_once_per_cause"), transaction.atomic():
        row.save()


def test_a_mail_that_was_sent_is_not_sent_again(cast: Cast) -> None:
    row = post(cast)

    assert not mail.send(cast.acme.pk, row.pk, at=NOON + timedelta(days=1))
    assert len(outbox.outbox) == 1


def test_a_failed_mail_is_tried_again_with_growing_pauses_and_given_up(
    cast: Cast, broken: Any
) -> None:
    row = post(cast)
    at, pauses = NOON, []
    for _attempt in range(mail.ATTEMPTS + 2):
        row.refresh_from_db()
        pauses.append(row.next_attempt_at - at)
        at = max(row.next_attempt_at, at + timedelta(seconds=1))
        mail.send_due(cast.acme.pk, at=at)

    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == (
        "failed",
        mail.ATTEMPTS,
        "ConnectionRefusedError",
    )
    assert pauses[2] < pauses[4] < pauses[6]


def test_a_mail_whose_sender_died_is_due_again_when_its_lease_ends(cast: Cast, broken: Any) -> None:
    row = post(cast)
    Mail.objects.filter(pk=row.pk).update(next_attempt_at=NOON + mail.LEASE)
    broken.undo()

    assert mail.send_due(cast.acme.pk, at=NOON) == 0
    assert mail.send_due(cast.acme.pk, at=NOON + mail.LEASE) == 1
    assert len(outbox.outbox) == 1


def test_a_notice_by_mail_is_plain_and_leads_to_its_screen(cast: Cast) -> None:
    happen(MINE, cast, subject=cast.sam)

    (sent,) = outbox.outbox
    assert sent.to == [cast.sam.user.email]
    assert "Sara denied Sam." in sent.body
    assert sent.body.count("http") == 2
    assert f"/open/identity.member/{cast.sam.pk}" in sent.body


# --- the story of a row -----------------------------------------------------------------------------------


def test_a_timeline_tells_who_did_what_and_why(cast: Cast) -> None:
    happen(MINE, cast, reason="The slip is unreadable.")

    (moment,) = timeline(cast.sam)

    assert (moment.who, moment.what) == (
        "Sara",
        "denied payment Sam of {customer}, {amount}: The slip is unreadable.",
    )


def test_a_timeline_names_the_fields_that_changed(cast: Cast) -> None:
    record(
        MINE,
        cast.sam,
        by=SYSTEM,
        at=NOON,
        before={"phone": "1", "version": 1},
        after={"phone": "2", "version": 2},
    )

    assert timeline(cast.sam)[0].changes == (("phone", "1", "2"),)
