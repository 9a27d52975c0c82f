"""A warehouse for the tests of fulfilment."""

from __future__ import annotations

import pytest

from tests.factories.floor import Floor, make_floor


@pytest.fixture
def ground(cast) -> Floor:
    """A warehouse with goods, a picker and a packer."""
    return make_floor(cast.olga)
