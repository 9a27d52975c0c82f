"""Callers with keys of either organization."""

from __future__ import annotations

import pytest

from tests.api.caller import Caller, make_key
from tests.cast import Cast


@pytest.fixture
def caller(cast: Cast) -> Caller:
    """A system with a key of Acme for everything."""
    return Caller(make_key(cast.olga).secret)


@pytest.fixture
def neighbour(cast: Cast) -> Caller:
    """A system with a key of Zenith for everything."""
    return Caller(make_key(cast.zoe).secret)
