from __future__ import annotations

import pytest


@pytest.fixture
def browser(client, cast):
    """The browser of somebody of Acme: `browser(cast.sam)`."""

    def signed_in(member):
        client.force_login(member.user)
        return client

    return signed_in


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
