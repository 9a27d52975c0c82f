"""What the pages of selling cost when there is a hundred times as much: deals, payments, customers, commissions.

The rows are copies of a few that the product made, written by the server's superuser with the rules of the
tables left aside. A page is compared with itself on the smaller number of rows.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg

FEW, MANY = 1_000, 100_000
PAYMENTS = 3
# For how many deals there is one customer, and one commission.
DEALS_A_CUSTOMER, DEALS_A_COMMISSION = 5, 10
COPY = """
    INSERT INTO {table} ({columns})
    SELECT {values} FROM generate_series(%(first)s::int, %(last)s::int) n
    JOIN {table} t ON t.id = {which}
"""
# Ids that say which copy it is, so that rows can name each other.
KEY = "('{kind}0000-0000-4000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid"
WORDS = """
    INSERT INTO web_searchword (organization_id, kind, word, object_id)
    SELECT DISTINCT t.organization_id, '{kind}', left(word, 60), t.id
    FROM {table} t, regexp_split_to_table(lower(concat_ws(' ', {columns})), '[^[:alnum:]]+') word
    WHERE word <> '' AND NOT EXISTS (SELECT FROM web_searchword w
      WHERE w.organization_id = t.organization_id AND w.object_id = t.id)
"""
CHANGES: dict[str, dict[str, str]] = {
    "parties_customer": {
        "id": "{customer}",
        "name": "'Bench customer ' || n",
        "code": "'B-' || n",
        "created_at": "t.created_at - n * interval '9 minutes'",
    },
    "deals_deal": {
        "id": "{deal}",
        "number": "'BD' || n",
        "customer_id": "{deals_customer}",
        "name": "'Shelves for clinic ' || n",
        "value": "400 + mod(n, 900)",
        # As in a shop that lives: what was closed two months ago is paid, but for one in twenty.
        "paid": "CASE WHEN t.paid > 0 AND mod(n, 700) >= 60 AND mod(n, 20) <> 0"
        " THEN 400 + mod(n, 900) ELSE t.paid END",
        "salesperson_id": "{seller}",
        "deal_date": "t.deal_date - mod(n, 700)",
        "due_date": "t.deal_date - mod(n, 700) + 30",
        "created_at": "t.created_at - n * interval '10 minutes'",
    },
    "payments_payment": {
        "id": "{payment}",
        "number": "'BP' || n",
        "deal_id": "{payments_deal}",
        "customer_id": "{payments_customer}",
        "recorded_by_id": "{seller}",
        "paid_on": "t.paid_on - mod(n, 700)",
        "reference": "'FT' || n",
        "recorded_at": "t.recorded_at - n * interval '3 minutes'",
        "decided_at": "t.decided_at - n * interval '3 minutes'",
    },
    "payments_decision": {
        "id": "gen_random_uuid()",
        "payment_id": "{payment}",
        "at": "t.at - n * interval '3 minutes'",
    },
    "incentives_commission": {
        "id": "{commission}",
        "member_id": "{seller}",
        "starts_on": "t.starts_on - n",
        "ends_on": "t.starts_on - n",
    },
}
COLUMNS = """
    SELECT column_name FROM information_schema.columns
    WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


def key(kind: str, n: str = "n") -> str:
    """The id of the nth copy of a kind."""
    return KEY.format(kind=kind, n=n)


def copied(server: Any, table: str, which: str, first: int, last: int, **also: Any) -> None:
    """Copies from the first to the last, of the rows that `which` names for each."""
    n_deal = f"((n - 1) / {PAYMENTS} + 1)"
    words = {
        "customer": key("c0de"),
        "deal": key("dea1"),
        "payment": key("fade"),
        "commission": key("cade"),
        "deals_customer": key("c0de", f"((n - 1) / {DEALS_A_CUSTOMER} + 1)"),
        "payments_deal": key("dea1", n_deal),
        "payments_customer": key("c0de", f"(({n_deal} - 1) / {DEALS_A_CUSTOMER} + 1)"),
        "seller": "CASE WHEN mod(n, 2) = 0 THEN %(sam)s::uuid ELSE %(sara)s::uuid END",
    }
    changes = {name: text.format(**words) for name, text in CHANGES[table].items()}
    columns = [row[0] for row in server.execute(COLUMNS, (table,)).fetchall()]
    values = ", ".join(changes.get(column, f"t.{column}") for column in columns)
    sql = COPY.format(table=table, columns=", ".join(columns), values=values, which=which)
    server.execute(sql, {"first": first, "last": last, **also})


def fill(dsn: str, rows: Any, people: Any, *, first: int, last: int) -> None:
    """Copies of deals from one number to another, with what belongs to them."""
    from prs.web.models import SEARCHED

    began = time.monotonic()
    who = {"sam": str(people.sam.pk), "sara": str(people.sara.pk)}
    who |= {name: str(row) for name, row in rows.items()}
    # Of a hundred payments one waits and five were denied.
    payment = "CASE WHEN mod(n, 100) = 0 THEN %(waiting)s::uuid WHEN mod(n, 100) < 6 THEN %(denied)s::uuid"
    payment += " ELSE %(verified)s::uuid END"
    decision = payment.replace("%(waiting)s", "%(none)s").replace("%(denied)s", "%(denial)s")
    decision = decision.replace("%(verified)s", "%(verdict)s")
    deal = "CASE WHEN mod(n, 33) = 0 THEN %(pending)s::uuid ELSE %(paid)s::uuid END"
    steps: Sequence[tuple[str, str, int]] = (
        ("parties_customer", "%(customer)s::uuid", DEALS_A_CUSTOMER),
        ("deals_deal", deal, 1),
        ("payments_payment", payment, 0),
        ("payments_decision", decision, 0),
        ("incentives_commission", "%(commission)s::uuid", DEALS_A_COMMISSION),
    )
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        server.execute("SET synchronous_commit = off")
        server.execute("SET maintenance_work_mem = '512MB'")
        for table, which, share in steps:
            if share:
                a, b = (first - 1) // share + 1, last // share
            else:
                a, b = (first - 1) * PAYMENTS + 1, last * PAYMENTS
            copied(server, table, which, a, b, **who)
        for kind, (table, columns) in SEARCHED.items():
            server.execute(WORDS.format(kind=kind, table=table, columns=", ".join(columns)))
        server.execute("VACUUM ANALYZE")
    print(f"  {last:,} deals after {time.monotonic() - began:.0f} s", flush=True)


def originals(people: Any) -> dict[str, Any]:
    """The rows that are copied, made by the product."""
    from prs.operations.incentives import services as incentives
    from prs.operations.payments import services as payments
    from prs.operations.payments.models import Decision
    from tests.cast import NOON
    from tests.factories.incentives import NOVEMBER
    from tests.factories.sales import make_deal, pay_deal

    sam, vera = people.sam, people.vera
    paid, pending = make_deal(sam), make_deal(sam)
    verified = pay_deal(sam, paid, amount="300.00")
    payments.verify(verified, by=vera, at=NOON)
    denied, waiting = (pay_deal(sam, pending, amount="300.00") for _ in range(2))
    payments.deny(denied, reason="bank_decline", remarks="Not there.", by=vera, at=NOON)
    verdicts = dict(Decision.objects.values_list("payment", "pk"))
    return {
        "customer": paid.customer_id,
        "paid": paid.pk,
        "pending": pending.pk,
        "verified": verified.pk,
        "denied": denied.pk,
        "waiting": waiting.pk,
        "verdict": verdicts[verified.pk],
        "denial": verdicts[denied.pk],
        "none": people.acme.pk,
        "commission": incentives.calculate(sam, NOVEMBER, by=people.olga, at=NOON).pk,
    }


PAGES: Sequence[tuple[str, str, str]] = (
    ("deals", "olga", "/sales/deals/"),
    ("deals of a salesperson", "sam", "/sales/deals/"),
    ("payments", "olga", "/billing/payments/"),
    ("payments of a salesperson", "sam", "/billing/payments/"),
    ("verify queue", "vera", "/verify/"),
    ("history of verifiers", "vera", "/verify/history/"),
    ("verifier dashboard", "vera", "/verify/dashboard/"),
    ("customers", "olga", "/sales/customers/"),
    ("dashboard of the organization", "olga", "/sales/dashboard/"),
    ("dashboard of a salesperson", "sam", "/sales/dashboard/"),
    ("follow-up", "olga", "/sales/follow-up/"),
    ("standings", "olga", "/sales/standings/"),
    ("commissions", "olga", "/sales/commissions/"),
    ("search for what every deal is called", "olga", "/search?q=clinic"),
    ("the same by a salesperson", "sam", "/search?q=clinic"),
    ("search for a number", "olga", "/search?q=BD500"),
    ("search for a customer", "olga", "/search?q=customer+77"),
)


def waited(connection: Any, path: str, *, times: int = 9) -> float:
    """Milliseconds of the page in the middle; fewer tries for one that takes seconds."""
    taken: list[float] = []
    began = time.perf_counter()
    for at in range(times + 2):
        start = time.perf_counter()
        connection.get(path)
        if at >= 2:
            taken.append((time.perf_counter() - start) * 1000)
        if len(taken) >= 2 and time.perf_counter() - began > 10:
            break
    return sorted(taken)[len(taken) // 2]


def waits(served: Any, cookies: dict[str, str]) -> list[float]:
    """How long each page takes now."""
    from tests.benchmarks.load import Connection

    with served(1) as (port, _below):
        return [waited(Connection(port, cookies[who]), path) for _name, who, path in PAGES]
