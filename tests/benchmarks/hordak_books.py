"""The books of django-hordak with as many lines, in a process and a database of their own.

`python -m tests.benchmarks.hordak_books <dsn> <lines>` prints milliseconds as JSON. Its tables are made by
its own migrations and filled by the server's superuser, as ours are.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django
import psycopg
from django.conf import settings

A_LINE = 4
FILL = (
    """
    INSERT INTO hordak_transaction (id, uuid, timestamp, date, description)
    SELECT n, gen_random_uuid(), now(), date '2026-11-20' - mod(n, 700), 'Bench'
    FROM generate_series(1, %(entries)s::int) n
    """,
    """
    INSERT INTO hordak_leg (uuid, transaction_id, account_id, debit, credit, currency, description)
    SELECT gen_random_uuid(), n, (%(accounts)s::bigint[])[1 + mod(n * 3 + place, 10)],
        CASE WHEN amount > 0 THEN amount END, CASE WHEN amount < 0 THEN -amount END, 'USD', ''
    FROM generate_series(1, %(entries)s::int) n,
         unnest(ARRAY[10, 20, -5, -25]) WITH ORDINALITY AS side (amount, place)
    """,
    "SELECT setval('hordak_transaction_id_seq', %(entries)s + 1)",
)


def prepared(dsn: str) -> None:
    """Its settings, its tables."""
    words = dict(part.split("=", 1) for part in dsn.split())
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "hordak",
                "USER": words["user"],
                "HOST": words["host"],
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        DEFAULT_CURRENCY="USD",
        CURRENCIES=["USD"],
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def filled(dsn: str, lines: int) -> list[Any]:
    """Ten accounts with so many lines."""
    from hordak.models import Account

    kinds = ("AS", "AS", "AS", "AS", "LI", "LI", "IN", "IN", "EX", "EX")
    accounts = [
        Account.objects.create(name=f"A{n}", code=str(n), type=kind, currencies=["USD"])
        for n, kind in enumerate(kinds)
    ]
    values = {"entries": lines // A_LINE, "accounts": [row.pk for row in accounts]}
    with psycopg.connect(dsn.replace("dbname=prs", "dbname=hordak"), autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        server.execute("SET synchronous_commit = off")
        for sql in FILL:
            server.execute(sql, values)
        server.execute("VACUUM ANALYZE")
    return accounts


def main() -> None:
    """Fill, measure, print."""
    dsn, lines = sys.argv[1], int(sys.argv[2])
    prepared(dsn)
    accounts = filled(dsn, lines)
    from django.db import connection, transaction
    from hordak.models import Leg, Transaction
    from moneyed import Money

    from tests.benchmarks.books import milliseconds

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")

    def balances() -> None:
        for row in accounts:
            row.get_balance()

    def post() -> None:
        with transaction.atomic():
            made = Transaction.objects.create(description="Measured")
            for row, debit, credit in zip(
                accounts, (10, 20, None, None), (None, None, 5, 25), strict=False
            ):
                sides = {"debit": debit, "credit": credit}
                money = {k: Money(v, "USD") for k, v in sides.items() if v is not None}
                Leg.objects.create(transaction=made, account=row, **money)

    found = {"balances": milliseconds(balances, times=5), "post": milliseconds(post, times=60)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
