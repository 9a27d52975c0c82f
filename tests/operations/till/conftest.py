"""A shop for the tests of the till."""

from __future__ import annotations

import pytest

from tests.factories.till import Shop, make_shop


@pytest.fixture
def shop(cast) -> Shop:
    """A storefront with goods, a till and an open drawer."""
    return make_shop(cast.olga)
