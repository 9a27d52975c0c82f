"""The shell's own pages, for people of every kind."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast

PAGES = (
    "shell:home",
    "shell:search",
    "shell:keys",
    "shell:notifications",
    "shell:notification_preferences",
)


@pytest.mark.parametrize("name", PAGES)
def test_every_member_can_open_the_pages_of_the_shell(client: Any, cast: Cast, name: str) -> None:
    for member in (cast.olga, cast.sam, cast.vera, cast.bill):
        client.force_login(member.user)

        assert client.get(reverse(name)).status_code == 200
