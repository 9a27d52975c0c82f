"""When mail may come: quiet hours and the hour of the digest, on the organization's clock."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from prs.kernel.activity.rules import Event, Hours, members_in

ACCRA, BERLIN, NEW_YORK = "Africa/Accra", "Europe/Berlin", "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NIGHT = Hours(quiet_from=time(22), quiet_until=time(7))
NAP = Hours(quiet_from=time(13), quiet_until=time(14, 30))


@pytest.mark.parametrize(
    ("hours", "zone", "at", "end"),
    [
        (NIGHT, ACCRA, "2026-11-20 21:59:59", None),
        (NIGHT, ACCRA, "2026-11-20 22:00", "2026-11-21 07:00"),
        (NIGHT, ACCRA, "2026-11-21 00:00", "2026-11-21 07:00"),
        (NIGHT, ACCRA, "2026-11-21 06:59:59", "2026-11-21 07:00"),
        (NIGHT, ACCRA, "2026-11-21 07:00", None),
        (NAP, ACCRA, "2026-11-20 12:59", None),
        (NAP, ACCRA, "2026-11-20 13:00", "2026-11-20 14:30"),
        (NAP, ACCRA, "2026-11-20 14:30", None),
        # The clock of the organization counts, not ours.
        (NIGHT, NEW_YORK, "2026-11-21 03:30", "2026-11-21 12:00"),
        (NIGHT, NEW_YORK, "2026-11-20 22:30", None),
        # In the night in which clocks go back, an hour is longer; when they go forward, shorter.
        (NIGHT, BERLIN, "2026-10-24 21:00", "2026-10-25 06:00"),
        (NIGHT, BERLIN, "2026-03-28 22:00", "2026-03-29 05:00"),
        (Hours(), ACCRA, "2026-11-20 23:00", None),
    ],
)
def test_mail_is_held_until_the_quiet_hours_end(
    hours: Hours, zone: str, at: str, end: str | None
) -> None:
    assert hours.held_until(utc(at), zone) == (utc(end) if end else None)


def test_an_end_in_the_hour_that_comes_twice_lies_ahead() -> None:
    hours = Hours(quiet_from=time(1), quiet_until=time(2, 30))

    # Half past two comes at 00:30 and at 01:30 UTC; at 01:15 it is a quarter past two again.
    assert hours.held_until(utc("2026-10-25 01:15"), BERLIN) == utc("2026-10-25 01:30")


@pytest.mark.parametrize(
    ("hour", "zone", "at", "day", "moment"),
    [
        (8, ACCRA, "2026-11-20 08:00", "2026-11-20", "2026-11-20 08:00"),
        (8, ACCRA, "2026-11-20 07:59:59", "2026-11-19", "2026-11-19 08:00"),
        (8, NEW_YORK, "2026-11-20 12:30", "2026-11-19", "2026-11-19 13:00"),
        (8, NEW_YORK, "2026-11-20 13:00", "2026-11-20", "2026-11-20 13:00"),
        (0, ACCRA, "2026-11-20 00:00", "2026-11-20", "2026-11-20 00:00"),
    ],
)
def test_the_last_digest_was_due_at_its_hour(
    hour: int, zone: str, at: str, day: str, moment: str
) -> None:
    due = Hours(digest=hour).last_digest(utc(at), zone)

    assert due == (datetime.fromisoformat(day).date(), utc(moment))


def test_an_urgent_or_security_kind_waits_for_nothing() -> None:
    assert Event("a.b", "", "", priority="urgent").urgent
    assert Event("a.b", "", "", category="security").urgent
    assert not Event("a.b", "", "", priority="high").urgent


def test_a_holder_is_found_through_another_row_and_may_be_missing() -> None:
    class Thing:
        pk = "own"
        other = None

    row, row_of_row = Thing(), Thing()
    row.other = row_of_row  # type: ignore[assignment]

    assert members_in(row, ("other.pk",)) == ["own"]
    assert members_in(row_of_row, ("other.pk", "none")) == []
