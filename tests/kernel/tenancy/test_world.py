"""The tests that speak of every table only prove something when every table holds a row."""

from __future__ import annotations

import pytest

from prs.kernel.tenancy.context import tenant_context
from tests.factories.world import tenant_models


@pytest.mark.parametrize("side", ["acme", "zenith"])
def test_every_table_of_an_organization_holds_a_row(standing_worlds, side):
    with tenant_context(getattr(standing_worlds, side).organization.pk):
        empty = [model._meta.label for model in tenant_models() if not model.objects.exists()]
    assert empty == []
