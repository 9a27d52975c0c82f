"""What a checkout costs beside a bare function in SQL that writes the same rows, and what the till's screens cost.

The bare functions replay what the service wrote, in one call. One runs as the application, with every rule of the
tables; the other as the server's superuser with the rules left aside. All three are undone alike.
"""

from __future__ import annotations

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
READS = re.compile(r"FOR NO KEY UPDATE|FOR UPDATE|pg_notify|\bstock_\w+\(", re.IGNORECASE)
RETURNING = re.compile(r"\s+RETURNING\s+[^;()]*$", re.IGNORECASE)
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


def statements_of(act: Callable[[], object], org: Any) -> list[raw.Statement]:
    """What an act writes, locks and tells."""
    from django.db import connection

    caught: list[raw.Statement] = []

    def catch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(raw.WRITES) or READS.search(sql):
            caught.append((sql, params))
        return execute(sql, params, many, context)

    with raw.undone(org), connection.execute_wrapper(catch):
        act()
    return caught


def body_of(server: Any, statements: list[raw.Statement], *, protected: bool) -> str:
    """The statements as the body of a function; without protection nothing is locked."""
    cursor, lines = psycopg.ClientCursor(server), []
    for sql, params in statements:
        text = cursor.mogrify(sql, params).rstrip().rstrip(";")
        first = text.lstrip().upper()
        if first.startswith(("INSERT", "UPDATE", "DELETE")):
            lines.append(RETURNING.sub("", text) + ";")
        elif protected or first.startswith("WITH") or " FOR " not in text:
            # What it answers is thrown away.
            lines.append(f"EXECUTE $said${text}$said$;")
    return "\n".join(lines)


def functions(dsn: str, statements: list[raw.Statement]) -> None:
    """Make both functions."""
    with psycopg.connect(dsn, autocommit=True) as server:
        for name, protected in (("bench_bare", False), ("bench_kept", True)):
            body = body_of(server, statements, protected=protected)
            server.execute(FUNCTION.format(name=name, body=body))
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
        sale = Sale.objects.get(pk=basket.pk)
        words = {"shift": drawers[0][1], "by": drawers[0][2], "at": clock.now()}
        till.complete(sale, [cash(sale.total)], key=new_id(), **words)

    functions(dsn, statements_of(sell, org))

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
            f"HX-Request: true\r\nX-CSRFToken: {self.token}\r\n"
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
