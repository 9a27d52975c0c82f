"""What every crash has in common."""

from __future__ import annotations

import pytest
from django_q.conf import Conf


@pytest.fixture(autouse=True)
def _queued(settings, monkeypatch) -> None:
    """Jobs wait in the queue, as in production."""
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "sync": False}
    monkeypatch.setattr(Conf, "SYNC", False)
