"""What the books cost with a million lines: reading them, and posting one more entry.

The rows are written by the server's superuser with the rules of the tables left aside; the kept sums are
added up from them as the trigger would. Posting is compared with an INSERT of the same rows into tables
without rules, and with django-hordak (which keeps the same number of lines) and django-ledger where they
can be imported. They are no requirement of the product: see `beside.txt`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg

LINES, A_LINE = 1_000_000, 4
ENTRIES = LINES // A_LINE
CODES = ("1000", "1010", "1100", "1200", "2000", "2100", "4000", "4010", "5000", "6000")
LAST = date(2026, 11, 20)
FILL = (
    """
    INSERT INTO bookkeeping_entry (id, organization_id, number, entry_date, description, source_kind,
        source_id, source_event, line_count, total, posted_by_label, posted_at)
    SELECT ('e0000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(org)s, 'BE-' || n,
        %(last)s::date - mod(n, 700), 'Posted for the measurement', 'bench', gen_random_uuid(), 'done',
        %(a_line)s, 30, 'Bench', %(last)s::date - mod(n, 700) * interval '1 day'
    FROM generate_series(1, %(entries)s::int) n
    """,
    """
    INSERT INTO bookkeeping_line (id, organization_id, entry_id, entry_date, position, account_id,
        amount, currency, home_amount, memo)
    SELECT gen_random_uuid(), %(org)s,
        ('e0000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
        %(last)s::date - mod(n, 700), place, (%(accounts)s::uuid[])[1 + mod(n * 3 + place, 10)],
        amount, 'USD', amount, ''
    FROM generate_series(1, %(entries)s::int) n,
         unnest(ARRAY[10, 20, -5, -25]) WITH ORDINALITY AS side (amount, place)
    """,
    """
    INSERT INTO bookkeeping_balance (id, organization_id, account_id, period, debit, credit)
    SELECT gen_random_uuid(), organization_id, account_id, to_char(entry_date, 'YYYY-MM'),
        sum(greatest(home_amount, 0)), sum(greatest(-home_amount, 0))
    FROM bookkeeping_line WHERE organization_id = %(org)s GROUP BY 2, 3, 4
    ON CONFLICT (organization_id, account_id, period) DO UPDATE
    SET debit = excluded.debit, credit = excluded.credit
    """,
)
# The same columns and indexes, and no rule, no reference and no trigger.
BARE = """
    CREATE TABLE bare_entry (LIKE bookkeeping_entry INCLUDING DEFAULTS);
    CREATE TABLE bare_line (LIKE bookkeeping_line INCLUDING DEFAULTS);
    ALTER TABLE bare_entry ADD PRIMARY KEY (id);
    ALTER TABLE bare_line ADD PRIMARY KEY (id);
    CREATE INDEX ON bare_line (organization_id, account_id, entry_date, id);
    CREATE INDEX ON bare_line (entry_id);
    GRANT ALL ON bare_entry, bare_line TO PUBLIC;
"""


def fill(dsn: str, people: Any) -> None:
    """A million lines over two years, with the sums that are kept of them."""
    from prs.kernel.tenancy.context import tenant_context
    from prs.ledgers.bookkeeping.models import Account

    began = time.monotonic()
    with tenant_context(people.acme.pk):
        ids = dict(Account.objects.filter(code__in=CODES).values_list("code", "pk"))
    values = {
        "org": people.acme.pk,
        "last": LAST,
        "entries": ENTRIES,
        "a_line": A_LINE,
        "accounts": [ids[code] for code in CODES],
    }
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        server.execute("SET synchronous_commit = off")
        for sql in FILL:
            server.execute(sql, values)
        server.execute(BARE)
        server.execute("VACUUM ANALYZE")
    print(f"  {LINES:,} lines after {time.monotonic() - began:.0f} s", flush=True)


def milliseconds(act: Callable[[], object], *, times: int = 15) -> float:
    """Milliseconds of the try in the middle, after two that warm up."""
    taken = []
    for at in range(times + 2):
        began = time.perf_counter()
        act()
        if at >= 2:
            taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)[len(taken) // 2]


def sums(people: Any) -> dict[str, float]:
    """How long the trial balance takes: of whole months, and until a day within one."""
    from prs.kernel.tenancy.context import tenant_context
    from prs.ledgers.bookkeeping import selectors as books

    spans = {"months": date(2026, 10, 31), "a day": LAST}
    with tenant_context(people.acme.pk):
        found = books.trial_balance(date(2026, 1, 1), LAST)
        assert found.balanced
        assert found.after == 0
        return {
            name: milliseconds(lambda last=last: books.trial_balance(date(2026, 1, 1), last))
            for name, last in spans.items()
        }


def post_one(people: Any) -> Callable[[], None]:
    """One more entry of four lines, as the product posts it."""
    from prs.kernel.db.ids import new_id
    from prs.ledgers.bookkeeping import services as bookkeeping
    from prs.ledgers.bookkeeping.rules import Side
    from prs.ledgers.bookkeeping.services import Source
    from tests.cast import NOON

    amounts = (Decimal(10), Decimal(20), Decimal(-5), Decimal(-25))

    def act() -> None:
        bookkeeping.post(
            Source("bench", new_id(), "done"),
            tuple(Side(code, amount) for code, amount in zip(CODES[:4], amounts, strict=True)),
            on=LAST,
            currency="USD",
            description="Measured",
            by=people.anna,
            at=NOON,
        )

    return act


def bare_rows(people: Any) -> Callable[[], None]:
    """The rows of such an entry, inserted into tables without rules by two statements."""
    from django.db import connection

    from prs.kernel.db.ids import new_id
    from tests.benchmarks.raw import undone

    act = post_one(people)
    with undone(people.acme.pk):
        act()
        with connection.cursor() as cursor:
            made = {}
            for name, order in (("entry", "id"), ("line", "position")):
                where = "id" if name == "entry" else "entry_id"
                cursor.execute(
                    f"SELECT * FROM bookkeeping_{name} WHERE {where} = (SELECT id FROM "
                    f"bookkeeping_entry WHERE description = 'Measured') ORDER BY {order}"
                )
                columns = [column[0] for column in cursor.description]
                made[name] = (columns, cursor.fetchall())

    def insert() -> None:
        entry = new_id()
        with connection.connection.cursor() as cursor:
            for name, (columns, rows) in made.items():
                changed = [
                    [entry if c == "entry_id" else new_id() if c == "id" else v
                     for c, v in zip(columns, row, strict=True)]
                    for row in rows
                ]  # fmt: skip
                places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
                flat = [value for row in changed for value in row]
                cursor.execute(
                    f"INSERT INTO bare_{name} ({', '.join(columns)}) VALUES {places}", flat
                )

    return insert


def kept(act: Callable[[], None], org: Any) -> float:
    """Milliseconds of an act that is kept, in a transaction of its own that doesn't wait for the disk.

    What numbers its rows can't be compared undone: each try takes the same number, and the index is
    searched through all that were undone before.
    """
    from django.db import connection

    from prs.kernel.tenancy.context import tenant_context

    def one() -> None:
        with tenant_context(org):
            act()

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        return milliseconds(one, times=200)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


def beside(dsn: str, package: str, *words: str) -> dict[str, float] | None:
    """What another package takes for the same, in its own database; None where it isn't there."""
    if importlib.util.find_spec(package) is None:
        print(f"  {package} is not there to be measured beside", flush=True)
        return None
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {package}")
        server.execute(f"CREATE DATABASE {package}")
    command = [sys.executable, "-m", f"tests.benchmarks.{package}_books", dsn, *words]
    clean = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    made = subprocess.run(command, env=clean, check=False, capture_output=True, text=True)
    if made.returncode:
        print(made.stderr[-2000:], flush=True)
        return None
    return dict(json.loads(made.stdout.splitlines()[-1]))
