"""What a checkout costs beside a bare function in SQL that writes the same rows, and what the till's screens cost.

The bare functions write the rows that the service wrote, one statement a row, in one call. One runs as the application, with every rule of the
tables; the other as the server's superuser with the rules left aside. All three are undone alike.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import psycopg

from tests.benchmarks import raw
from tests.benchmarks.load import Connection
from tests.benchmarks.sales import COLUMNS, key, waited

PRODUCTS, SHELVES = 100_000, 40
CLIENTS = (1, 4, 8)
# Sales of each client in a measurement; its baskets are filled before.
EACH = 24
FUNCTION = """
    CREATE OR REPLACE FUNCTION public.{name}() RETURNS void LANGUAGE plpgsql AS $bench$
    BEGIN {body} END $bench$
"""
COPIES: dict[str, dict[str, str]] = {
    "catalog_product": {
        "id": key("cafe"),
        "sku": "'BENCH-' || n",
        "name": "'Bench ' || (ARRAY['soap','tea','rice','oil','salt'])[1 + mod(n, 5)] || ' ' || n",
    },
    "catalog_barcode": {
        "id": key("bac0"),
        "product_id": key("cafe"),
        "code": "lpad(n::text, 14, '0')",
    },
    "stock_batch": {
        "id": key("ba7c"),
        "product_id": key("cafe"),
        "number": "'BENCH-' || n",
    },
    "stock_balance": {
        "id": "gen_random_uuid()",
        "batch_id": key("ba7c"),
        "product_id": key("cafe"),
    },
}


def shop_of(people: Any) -> tuple[Any, list[Any], list[Any]]:
    """A shop with eight tills that are open, and goods that last."""
    from prs.masterdata.catalog.models import Barcode
    from prs.operations.till import services as till
    from tests.cast import NOON, make_member
    from tests.factories.goods import make_product, make_stock
    from tests.factories.till import make_shop

    by = people.olga
    shop = make_shop(by, code="BM")
    drawers = [(shop.till, shop.shift, shop.cashier)]
    for number in range(2, max(CLIENTS) + 1):
        place = {"place": shop.place, "code": f"BM-{number}", "name": f"Till {number}"}
        register = till.add_till(place, by=by, at=NOON)
        cashier = make_member(f"Bench{number}", "cashier")
        shift = till.open_shift(register, opening=Decimal(0), by=cashier, at=NOON)
        drawers.append((register, shift, cashier))
    goods = []
    for number in range(SHELVES):
        product = make_product(f"SHELF-{number}")
        make_stock(product, shop.place, 90_000, 90_000, by=by, retail_price=Decimal(3))
        goods.append(product)
    Barcode.objects.create(product=goods[0], code="99999999999999")
    return shop, drawers, goods


def basket_at(drawer: Any, goods: list[Any]) -> Any:
    """A basket of three lines, put aside so that the next one can be filled."""
    from prs.kernel import clock
    from prs.operations.till import services as till
    from prs.operations.till.models import Sale

    register, _shift, by = drawer
    for product in goods:
        line = till.add_product(register, product, by=by, at=clock.now())
    sale = Sale.objects.get(pk=line.sale_id)
    return till.hold(sale, by=by, at=clock.now())


# --- beside functions in SQL ----------------------------------------------------------------------


# What a sale writes, table by table: new rows, then rows that are changed.
MADE = {
    "stock_movement": "source_id = {sale}",
    "till_tender": "sale_id = {sale}",
    "bookkeeping_entry": "source_id = {sale}",
    "bookkeeping_line": "entry_id IN (SELECT id FROM bookkeeping_entry WHERE source_id = {sale})",
    "activity_auditevent": "subject_id = {sale}",
    "activity_outboxevent": "subject_id = {sale} AND topic IN ('sale', 'stock')",
}
CHANGED = {
    "stock_reservation": "holder_id = {sale} AND state = 'committed'",
    "till_saleline": "sale_id = {sale}",
    "till_sale": "id = {sale}",
}
GIVEN_BY_THE_DATABASE = frozenset({"txid"})
COUNT = """INSERT INTO tenancy_counter AS c (id, organization_id, kind, period, last)
    VALUES (gen_random_uuid(), current_setting('prs.org')::uuid, {}, {}, 1)
    ON CONFLICT (organization_id, kind, period) DO UPDATE SET last = c.last + 1;"""


def rows_of(table: str, condition: str) -> list[dict[str, Any]]:
    """Rows as the database writes them out."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(t) FROM {table} t WHERE {condition}")
        return [json.loads(row) for (row,) in cursor.fetchall()]


def literal(value: Any) -> str:
    """A value as it stands in a statement."""
    if value is None:
        return "NULL"
    text = json.dumps(value) if isinstance(value, list | dict) else str(value)
    return "'" + text.replace("'", "''") + "'"


def inserted(table: str, row: dict[str, Any]) -> str:
    """The statement that adds a row."""
    kept = {name: value for name, value in row.items() if name not in GIVEN_BY_THE_DATABASE}
    if table == "activity_outboxevent":
        del kept["id"]
    values = ", ".join(map(literal, kept.values()))
    return f"INSERT INTO {table} ({', '.join(kept)}) VALUES ({values});"


def updated(table: str, row: dict[str, Any], before: dict[str, Any]) -> str:
    """The statement that makes a row of what it was before."""
    changes = [f"{name} = {literal(row[name])}" for name in row if row[name] != before[name]]
    return f"UPDATE {table} SET {', '.join(changes)} WHERE id = {literal(row['id'])};"


def written(act: Callable[[], object], sale: Any, org: Any) -> list[str]:
    """The statements that write what an act wrote, one for each row, in the order of the act."""
    sale_ = literal(sale.pk)
    where = {name: text.format(sale=sale_) for name, text in (MADE | CHANGED).items()}
    where["stock_reservation"] = f"holder_id = {sale_}"
    with raw.undone(org):
        before = {
            (table, row["id"]): row for table in where for row in rows_of(table, where[table])
        }
        act()
        after = [(table, row) for table in where for row in rows_of(table, where[table])]
    number = next(row["number"] for table, row in after if table == "till_sale")
    place, day, _count = number.rsplit("-", 2)
    statements = [
        COUNT.format(literal(f"sale:{place}"), literal(day)),
        COUNT.format("'entry'", "'2026'"),
    ]
    for table, row in after:
        earlier = before.get((table, row["id"]))
        if earlier is None:
            statements.append(inserted(table, row))
        elif row != earlier:
            statements.append(updated(table, row, earlier))
    return sorted(statements, key=order_of)


def order_of(statement: str) -> int:
    """Goods, lines, tenders before the books; a sale's lines before the sale, which freezes them."""
    tables = (
        "stock_reservation",
        "stock_movement",
        "till_saleline",
        "tenancy_counter",
        "till_sale ",
    )
    return next((at for at, name in enumerate(tables) if name in statement[:40]), len(tables))


def locked(sale: Any, shift: Any, products: list[Any]) -> list[str]:
    """What whoever sells holds, and who is told."""
    names = ", ".join(literal(each.pk) for each in products)
    goods = f"{literal(sale.place_id)}, ARRAY[{names}]::uuid[], {literal(sale.pk)}, now()"
    return [
        f"PERFORM FROM till_shift WHERE id = {literal(shift.pk)} FOR NO KEY UPDATE;",
        f"PERFORM FROM till_sale WHERE id = {literal(sale.pk)} FOR NO KEY UPDATE;",
        f"PERFORM FROM stock_held({goods});",
        "PERFORM pg_notify('prs_live', current_setting('prs.org'));",
    ]


def functions(dsn: str, written: list[str], locks: list[str]) -> None:
    """Make both functions; without protection nothing is locked."""
    with psycopg.connect(dsn, autocommit=True) as server:
        for name, body in (("bench_bare", written), ("bench_kept", [*locks, *written])):
            server.execute(FUNCTION.format(name=name, body="\n".join(body)).encode())
            server.execute(f"GRANT EXECUTE ON FUNCTION public.{name}() TO PUBLIC")


def bare_seconds(dsn: str, org: Any, *, count: int) -> float:
    """Seconds of the function without protections, undone as the others are."""
    taken = []
    with psycopg.connect(dsn) as server:
        server.execute("SET session_replication_role = replica")
        server.execute("SELECT set_config('prs.org', %s, false)", (str(org),))
        server.commit()
        for _ in range(count):
            began = time.perf_counter()
            server.execute("SELECT bench_bare()")
            server.rollback()
            taken.append(time.perf_counter() - began)
    return sorted(taken)[len(taken) // 4]


def services(dsn: str, people: Any, drawers: list[Any], goods: list[Any]) -> dict[str, float]:
    """Seconds of a checkout: through the service, and through both functions."""
    from django.db import connection

    from prs.kernel import clock
    from prs.kernel.db.ids import new_id
    from prs.kernel.tenancy.context import tenant_context
    from prs.operations.till import services as till
    from prs.operations.till.models import Sale
    from tests.factories.till import cash

    org = people.acme.pk
    with tenant_context(org):
        basket = basket_at(drawers[0], goods[:3])

    def sell() -> None:
        # What it needs of the basket the service reads itself.
        words = {"shift": drawers[0][1], "by": drawers[0][2], "at": clock.now()}
        till.complete(Sale(pk=basket.pk), [cash(basket.total)], key=new_id(), **words)

    functions(dsn, written(sell, basket, org), locked(basket, drawers[0][1], goods[:3]))

    def call() -> None:
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT bench_kept()")

    return {
        "service": raw.seconds_of(sell, org, count=60),
        "kept": raw.seconds_of(call, org, count=60),
        "bare": bare_seconds(dsn, org, count=60),
    }


# --- over the wire --------------------------------------------------------------------------------


class Seller(Connection):
    """A cashier's browser: posts forms as the till's page does."""

    def __init__(self, port: int, cookie: str) -> None:
        super().__init__(port, cookie)
        page = self.get("/till/").decode()
        (self.token,) = set(re.findall(r'"X-CSRFToken": "(\w+)"', page))

    def get(self, path: str) -> bytes:
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n\r\n".encode()
        )
        return self.answer()

    def post(self, path: str, **fields: Any) -> bytes:
        body = urlencode(fields)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n"
            f"HX-Request: true\r\nHX-Target: sheet-body\r\nX-CSRFToken: {self.token}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.socket.sendall((head + body).encode())
        return self.answer()

    def answer(self) -> bytes:
        """The body; cookies that are set are kept."""
        status, length, chunked = self.file.readline(), 0, False
        while (line := self.file.readline()) != b"\r\n":
            name, _colon, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            if name.lower() == b"set-cookie" and value.strip().startswith(b"csrftoken="):
                self.cookie += "; " + value.strip().split(b";")[0].decode()
            chunked |= name.lower() == b"transfer-encoding"
        body = self.chunks() if chunked else self.file.read(length)
        if b" 200 " not in status:
            raise RuntimeError(f"{status!r} {body[:400]!r}")
        return body


def sell_over(port: int, cookies: list[str], baskets: list[list[Any]]) -> tuple[float, list[float]]:
    """Sales a second of so many clients at once, and how long each took (ms)."""
    from prs.kernel.db.ids import new_id

    taken: list[float] = []
    faults: list[BaseException] = []
    ready = threading.Barrier(len(baskets) + 1)

    def client(cookie: str, mine: list[Any]) -> None:
        seller = Seller(port, cookie)
        ready.wait()
        try:
            for basket in mine:
                fields = {"basket": basket.pk, "seen": basket.total, "once": new_id()}
                fields |= {"method": "cash", "amount": basket.total, "reference": ""}
                began = time.perf_counter()
                seller.post("/till/basket/pay/", **fields)
                taken.append((time.perf_counter() - began) * 1000)
        except BaseException as fault:  # noqa: BLE001  (told below)
            faults.append(fault)

    threads = [
        threading.Thread(target=client, args=each) for each in zip(cookies, baskets, strict=False)
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if faults:
        raise faults[0]
    return len(taken) / seconds, sorted(taken)


def deadlocks(dsn: str) -> int:
    """How many the server has counted."""
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("SELECT pg_stat_force_next_flush()")
        row = server.execute("SELECT sum(deadlocks)::int FROM pg_stat_database").fetchone()
    return int(row[0]) if row else 0


def posts(
    served: Any, people: Any, drawers: list[Any], goods: list[Any], cookies: list[str]
) -> dict[tuple[int, str], tuple[float, list[float]]]:
    """Sales a second and their times, for each number of clients, on goods by lot and on the same ones."""
    from prs.kernel.tenancy.context import tenant_context

    dice, found = random.Random(7), {}  # noqa: S311  (drawn by lot, no secret)
    with served(2) as (port, _below):
        for count in CLIENTS:
            for kind in ("random", "hot"):
                with tenant_context(people.acme.pk):
                    baskets = [
                        [
                            basket_at(
                                drawer, dice.sample(goods, 3) if kind == "random" else goods[:3]
                            )
                            for _sale in range(EACH)
                        ]
                        for drawer in drawers[:count]
                    ]
                warm = [[each.pop()] for each in baskets]
                sell_over(port, cookies, warm)
                found[count, kind] = sell_over(port, cookies, baskets)
    return found


# --- a hundred thousand products ------------------------------------------------------------------


def fill(dsn: str, product: Any, *, first: int, last: int) -> None:
    """Copies of a product with its barcode, batch and stock."""
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        for table, changes in COPIES.items():
            columns = [row[0] for row in server.execute(COLUMNS, (table,)).fetchall()]
            values = ", ".join(changes.get(column, f"t.{column}") for column in columns)
            which = "t.id" if table == "catalog_product" else "t.product_id"
            server.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"
                f" FROM generate_series(%s::int, %s::int) n JOIN {table} t ON {which} = %s",
                (first, last, product.pk),
            )
        server.execute("VACUUM ANALYZE")


def shelf_waits(served: Any, cookie: str, first: int) -> dict[str, float]:
    """Milliseconds of looking for products, and of a scan until its line stands in the basket."""
    with served(1) as (port, _below):
        seller = Seller(port, cookie)
        found = {
            "often sold": waited(seller, "/till/shelf/"),
            "search for a word": waited(seller, "/till/shelf/?q=soap"),
            "search for a name": waited(seller, f"/till/shelf/?q=soap+{first + 4}"),
        }
        taken = []
        for number in range(first, first + 14):
            began = time.perf_counter()
            seller.post("/till/basket/scan/", q=f"{number:014}")
            taken.append((time.perf_counter() - began) * 1000)
        found["scan to line"] = sorted(taken)[len(taken) // 2]
        seller.post("/till/basket/abandon/")
    return found


def closing(people: Any, drawer: Any) -> float:
    """Milliseconds that it takes to count a drawer."""
    from prs.kernel import clock
    from prs.operations.till import services as till

    def act() -> None:
        till.close_shift(drawer[1], {"1": 1}, by=drawer[2], at=clock.now())

    return raw.seconds_of(act, people.acme.pk, count=24) * 1000
