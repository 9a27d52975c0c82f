"""The import contracts of pyproject.toml hold, and each of them notices an import it forbids."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

PLANTED = [
    ("stack", "prs.kernel.clock", "prs.config.roles"),
    ("kernel", "prs.kernel.tenancy.models", "prs.kernel.activity.models"),
    ("masterdata", "prs.masterdata.places.models", "prs.masterdata.parties.models"),
    ("operations", "prs.operations.invoicing.models", "prs.operations.payments.models"),
    ("app", "prs.operations.payments.models", "prs.operations.payments.services"),
    ("workspaces", "prs.web.sales", "prs.web.verify"),
    ("browser", "prs.operations.payments.services", "django_htmx"),
    ("rules", "prs.operations.payments.rules", "django"),
    ("gates", "prs.operations.payments.services", "weasyprint"),
    ("ledger-rows", "prs.operations.payments.services", "prs.ledgers.bookkeeping.models"),
]


@pytest.fixture(scope="module")
def broken() -> list[list[str]]:
    """The contracts that break: on the tree as it is, then with each planted import."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.architecture.contracts_run"],
        input=json.dumps([pair for _contract, *pair in PLANTED]),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    found: list[list[str]] = json.loads(answer.stderr.splitlines()[-1])
    return found


def test_every_import_falls(broken):
    assert broken[0] == []


@pytest.mark.parametrize("case", range(len(PLANTED)), ids=[row[0] for row in PLANTED])
def test_a_contract_notices_an_import_it_forbids(broken, case):
    assert PLANTED[case][0] in broken[case + 1]
