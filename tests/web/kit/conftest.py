"""A list and an edit screen of customers, at addresses of their own."""

from __future__ import annotations

from typing import Any

import pytest

from prs.masterdata.parties.models import Customer
from tests.cast import Cast


@pytest.fixture
def make_customers(cast: Cast) -> Any:
    """Make customers of Acme: `make_customers(3)` or `make_customers(name="Reed & Sons")`."""

    def made(count: int = 1, **fields: Any) -> list[Customer]:
        start = Customer.objects.count()
        rows = [
            Customer(
                organization=cast.acme,
                **{
                    "code": f"C-{start + n:05}",
                    "name": f"Customer {start + n:05}",
                    "area": ("North", "South")[n % 2],
                    **fields,
                },
            )
            for n in range(count)
        ]
        return Customer.objects.bulk_create(rows)

    return made


@pytest.fixture
def signed_in(client: Any, cast: Cast) -> Any:
    """A browser in which Olga, the owner, is signed in."""
    client.force_login(cast.olga.user)
    return client
