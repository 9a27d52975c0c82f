"""What the checks find when somebody with the owner's rights changed history behind the triggers."""

from __future__ import annotations

import pytest
from django.db import connection

from prs.config.integrity import CHECKS
from prs.kernel.db.roles import become
from prs.kernel.tenancy.context import tenant_context

pytestmark = pytest.mark.django_db(transaction=True)

TAMPERED = [
    (
        "bookkeeping_line",
        (
            "UPDATE bookkeeping_line SET home_amount = home_amount + 1, amount = amount + 1 "
            "WHERE position = 1 AND amount > 0 AND home_amount > 0"
        ),
        "books",
    ),
    ("bookkeeping_balance", "UPDATE bookkeeping_balance SET debit = debit + 1", "books"),
    ("activity_auditevent", "UPDATE activity_auditevent SET actor_label = 'Nobody'", "audit chain"),
    (
        "activity_auditevent",
        "DELETE FROM activity_auditevent WHERE code = 'payment.verified'",
        "audit chain",
    ),
    (
        "invoicing_invoice",
        "UPDATE invoicing_invoice SET paid = paid + 1 WHERE paid + credited < total",
        "payments",
    ),
    ("payments_receipt", "DELETE FROM payments_receipt", "payments"),
    (
        "tenancy_counter",
        "UPDATE tenancy_counter SET last = last + 1 WHERE kind = 'invoice'",
        "invoices",
    ),
]


def findings() -> set[str]:
    return {check.name for check in CHECKS for _finding in check.look()}


@pytest.mark.parametrize(("table", "sql", "check"), TAMPERED, ids=lambda value: str(value)[:40])
def test_what_was_tampered_with_is_found(committed_worlds, table, sql, check):
    acme = committed_worlds.acme.organization.pk
    with tenant_context(acme):
        assert findings() == set()
    become("owner")
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(
                f"{sql}{' AND' if 'WHERE' in sql else ' WHERE'} organization_id = %s", (acme,)
            )
            assert cursor.rowcount
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    finally:
        become("app")

    with tenant_context(acme):
        assert check in findings()
    with tenant_context(committed_worlds.zenith.organization.pk):
        assert findings() == set()
