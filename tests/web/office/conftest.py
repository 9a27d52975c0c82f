from __future__ import annotations

import pytest


@pytest.fixture
def olga(client, cast):
    """The owner's browser."""
    client.force_login(cast.olga.user)
    return client


@pytest.fixture
def adam(client, cast):
    """The administrator's browser."""
    client.force_login(cast.adam.user)
    return client


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
