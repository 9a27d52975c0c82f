"""When a job is tried again, and what a schedule may say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prs.kernel.jobs.rules import Schedule, backoff


def test_pauses_double_from_half_a_minute_to_six_hours():
    assert [backoff(n).total_seconds() for n in (1, 2, 3, 4)] == [30, 60, 120, 240]
    assert backoff(50) == timedelta(hours=6)


def test_a_schedule_recurs_in_minutes_or_by_the_calendar_never_both():
    assert Schedule("a", "x.y", every=timedelta(minutes=5)).minutes == 5
    assert Schedule("a", "x.y", cron="0 3 * * *").minutes is None
    for wrong in (
        {},
        {"every": timedelta(minutes=5), "cron": "0 3 * * *"},
        {"every": timedelta(seconds=90)},
        {"every": timedelta()},
    ):
        with pytest.raises(ValueError, match="'a'"):
            Schedule("a", "x.y", **wrong)
