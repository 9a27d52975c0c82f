import pytest
from django.core.cache import cache

from tests.cast import STANDING


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Locks and limits live in the cache, which outlasts a test's transaction."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def people(db):
    """The cast, from outside: nobody has entered an organization yet."""
    return STANDING.cast()
