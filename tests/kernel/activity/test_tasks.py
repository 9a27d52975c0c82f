"""What recurs: the nightly check, mail that is due, and forgetting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import structlog

from prs.kernel import clock
from prs.kernel.activity import chain, tasks
from prs.kernel.activity.models import OutboxEvent
from prs.kernel.activity.rules import Event
from prs.kernel.activity.services import record
from prs.kernel.tenancy.context import tenant_context
from tests.cast import Cast

HAPPENED = Event("test.happened", "It happened", "{actor} did it.")


def test_every_organization_is_known_to_what_recurs(cast: Cast) -> None:
    assert set(tasks.organizations()) == {cast.acme.pk, cast.zenith.pk}


def test_the_nightly_check_logs_what_does_not_hold(
    cast: Cast, settings: Any, tmp_path: Any, check_now: Any
) -> None:
    settings.VAR_DIR = tmp_path
    record(HAPPENED, cast.sam, by=cast.olga, at=clock.now())
    check_now()
    chain.publish(cast.acme.pk, at=clock.now())
    path = chain.file_of(cast.acme.pk)
    path.write_text(path.read_text().replace('"hash": "', '"hash": "0'))

    with structlog.testing.capture_logs() as logs:
        tasks.check_everything()

    broken = [line for line in logs if line["event"] == "integrity.broken"]
    assert [line["organization"] for line in broken] == [str(cast.acme.pk)]


def test_live_events_are_forgotten_after_a_day(cast: Cast) -> None:
    now = clock.now()
    old = record(HAPPENED, cast.sam, by=cast.olga, at=now - timedelta(days=2))
    new = record(HAPPENED, cast.sam, by=cast.olga, at=now)

    tasks.forget_what_passed()

    with tenant_context(cast.acme.pk):
        kept = set(OutboxEvent.objects.filter(topic="test").values_list("at", flat=True))
    assert kept == {new.at}
    assert old.at not in kept


@pytest.mark.parametrize("name", ["check_everything", "forget_what_passed", "send_due_mail"])
def test_what_recurs_runs_outside_any_organization(db: None, name: str) -> None:
    getattr(tasks, name)()
