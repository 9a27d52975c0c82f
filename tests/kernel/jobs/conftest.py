from __future__ import annotations

from collections.abc import Iterator

import pytest
from django_q.conf import Conf

from tests.kernel.jobs import work


@pytest.fixture
def calls() -> Iterator[list[dict[str, object]]]:
    """What the functions of `work` were called with."""
    work.calls.clear()
    yield work.calls
    work.calls.clear()


@pytest.fixture
def queued(settings, monkeypatch, db) -> None:
    """Jobs wait in the queue, as in production, instead of running where they are enqueued."""
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "sync": False}
    monkeypatch.setattr(Conf, "SYNC", False)
