"""A warehouse before the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from prs.kernel.identity.models import Member
from tests.factories.floor import Floor, make_floor


@pytest.fixture
def ground(cast) -> Floor:
    """A warehouse with goods, a picker and a packer."""
    return make_floor(cast.olga)


@pytest.fixture
def as_(cast) -> Callable[[Member], Client]:
    """A browser for each of several people of Acme: `as_(ground.picker)`."""

    def signed_in(member: Member) -> Client:
        client = Client()
        client.force_login(member.user)
        return client

    return signed_in
