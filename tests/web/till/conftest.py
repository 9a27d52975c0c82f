from __future__ import annotations

import pytest

from prs.kernel.identity.models import Member
from tests.factories.till import Shop, make_shop


@pytest.fixture
def browser(client, cast):
    """The browser of somebody of Acme: `browser(cast.sam)`."""

    def signed_in(member: Member):
        client.force_login(member.user)
        return client

    return signed_in


@pytest.fixture
def shop(cast) -> Shop:
    """A storefront with goods, a till and an open drawer."""
    return make_shop(cast.olga)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    """Stored files of a test go where the test's other files go."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
