from __future__ import annotations

import pytest
from django.test import Client


def browser(member):
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def vera(cast):
    """The verifier's browser."""
    return browser(cast.vera)


@pytest.fixture
def viktor(cast):
    """The senior verifier's browser."""
    return browser(cast.viktor)


@pytest.fixture
def sam(cast):
    """The salesperson's browser."""
    return browser(cast.sam)


@pytest.fixture
def bill(cast):
    """The reader's browser."""
    return browser(cast.bill)


@pytest.fixture
def olga(cast):
    """The owner's browser."""
    return browser(cast.olga)


@pytest.fixture(autouse=True)
def _quick(quick_documents):
    """Receipts of a few bytes."""


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
