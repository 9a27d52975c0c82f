"""Measure, print a table, write JSON: `make bench`, or `python -m tests.benchmarks.run [part ...]`.

Everything runs on a database of its own below `var/bench`, with the product's production settings. Each
figure is a ratio to a bare limit of the same run, so that machines and days can be compared.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "bench"
ROWS = 100_000
STREAMS = 200
EVENTS = 60

os.environ.update(
    VAR_DIR=str(VAR), DJANGO_SETTINGS_MODULE="tests.benchmarks.settings", LOG_LEVEL="WARNING"
)


@dataclass
class Figure:
    """One line of the table. `goal` is what `value` may be at most (or at least, if `more`)."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    more: bool = False
    note: str = ""

    @property
    def met(self) -> str:
        if self.goal is None:
            return ""
        reached = self.value >= self.goal if self.more else self.value <= self.goal
        return "yes" if reached else "NO"


def stop_database() -> None:
    """Stop the database of the measurements."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        server = psutil.Process(int((VAR / "postgres" / "postmaster.pid").read_text().split()[0]))
        server.send_signal(signal.SIGINT)
        server.wait(15)


def fresh_database() -> None:
    """An empty, migrated database, and static files as in production."""
    stop_database()
    shutil.rmtree(VAR / "postgres", ignore_errors=True)
    VAR.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "manage.py", "release", "-v0"], check=True, cwd=ROOT)


@contextmanager
def served(processes: int, settings: str = "tests.benchmarks.settings") -> Iterator[Any]:
    """A web server of so many processes; gives its port and the processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["--host", "127.0.0.1", "--port", str(port), "--processes", str(processes)]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": settings}
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", *words], cwd=ROOT, env=env, start_new_session=True
    )
    try:
        listeners = 0
        while listeners < processes:
            time.sleep(0.2)
            below = psutil.Process(server.pid).children()
            listeners = sum(bool(each.net_connections("tcp")) for each in below)
        yield port, below
    finally:
        server.terminate()
        server.wait(30)


def fill(invoice: Any) -> None:
    """Copies of an invoice, over two years."""
    began = time.monotonic()
    # The server's superuser may leave the rules of the tables aside: copies break none.
    words = f"host={VAR / 'postgres'} user=postgres dbname=prs"
    with psycopg.connect(words, autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        server.execute(
            """
            INSERT INTO invoicing_invoice
            SELECT (jsonb_populate_record(NULL::invoicing_invoice, to_jsonb(i) || jsonb_build_object(
                'id', gen_random_uuid(), 'number', 'BENCH-' || n,
                'invoice_date', i.invoice_date - mod(n, 700), 'due_date', i.due_date - mod(n, 700),
                'issued_at', i.issued_at - n * interval '10 minutes',
                'created_at', i.created_at - n * interval '10 minutes'))).*
            FROM invoicing_invoice i, generate_series(1, %s) n WHERE i.id = %s
            """,
            (ROWS, invoice.pk),
        )
        server.execute("ANALYZE")
    print(f"  {ROWS:,} invoices made in {time.monotonic() - began:.0f} s", flush=True)


def deep(first: bytes) -> str:
    """The address of a page far down, made from the link to the second one."""
    from prs.kernel.tenancy.context import current_organization  # noqa: F401
    from prs.operations.invoicing.models import Invoice
    from prs.web.billing.tables import INVOICES
    from prs.web.kit import paging

    order = tuple(INVOICES.table._meta.order_by or ("-pk",))
    keys = paging.keys_of(Invoice.objects.all(), order)
    row = Invoice.objects.order_by(*[key.text for key in keys]).values_list(
        *[key.path for key in keys]
    )[int(ROWS * 0.9)]
    name = re.search(rb"[?;&]([a-z]+)=[\w-]{40,}", first)
    word = name.group(1).decode() if name else "after"
    return f"{word}={paging.encoded(paging.Cursor(tuple(row), int(ROWS * 0.9), None))}"


def cookie_of(member: Any) -> str:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(member.user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def requests(people: Any) -> list[Figure]:
    """What a request costs: hello, hello as a member, a list, a list far down."""
    from prs.kernel.tenancy.context import tenant_context
    from tests.benchmarks.load import Connection, costs, throughput

    cookie = cookie_of(people.olga)
    listed = "/billing/invoices/"
    with served(1, "tests.benchmarks.bare") as (port, below):
        bare, bare_wait = costs(Connection(port, ""), "/hello", count=1500, of=below)
    with served(1) as (port, below):
        connection = Connection(port, cookie)
        member, member_wait = costs(connection, "/hello", count=600, of=below)
        first_page = connection.get(listed)
        first, first_wait = costs(connection, listed, count=60, of=below)
        with tenant_context(people.acme.pk):
            far = f"{listed}?{deep(first_page)}"
        assert connection.get(far) != first_page
        last, last_wait = costs(connection, far, count=60, of=below)
        one = asyncio.run(throughput(port, cookie, "/hello", clients=8, seconds=5))
    with served(2) as (port, _below):
        two = asyncio.run(throughput(port, cookie, "/hello", clients=8, seconds=5))
    return [
        Figure("bare hello, processor", bare, "ms", note=f"{bare_wait:.2f} ms waiting"),
        Figure(
            "hello with session, member, tenant / bare hello",
            member / bare,
            "x",
            3,
            note=f"{member:.2f} ms processor, {member_wait:.2f} ms waiting",
        ),
        Figure(
            f"50 rows of {ROWS:,} invoices / bare hello",
            first / bare,
            "x",
            5,
            note=f"{first:.1f} ms processor, {first_wait:.1f} ms waiting",
        ),
        Figure(
            "page far down / first page, processor",
            last / first,
            "x",
            1.2,
            note=f"{last:.1f} ms processor, {last_wait:.1f} ms waiting",
        ),
        Figure("page far down / first page, waiting", last_wait / first_wait, "x", 1.2),
        Figure(
            "two processes / one, pages a second",
            two / one,
            "x",
            1.8,
            more=True,
            note=f"{one:.0f} and {two:.0f} a second, client on the same cores",
        ),
    ]


def writes(people: Any) -> list[Figure]:
    """What an import and a verification cost over the statements they send."""
    from prs.api import payloads
    from prs.api.examples import IMPORT
    from prs.api.reading import parsed
    from prs.kernel.tenancy.context import tenant_context
    from prs.operations.invoicing import services as invoices
    from prs.operations.payments import services as payments
    from prs.operations.payments.models import Payment
    from tests.benchmarks import raw
    from tests.cast import NOON
    from tests.factories.walk import make_invoice, make_payment

    org = people.acme.pk
    line = {k: v for k, v in IMPORT["items"][0].items() if k != "item_code"}
    items = [{**line, "item_code": f"AMX{number}"} for number in range(20)]
    content = {k: v for k, v in IMPORT.items() if k != "Total"} | {"items": items}
    posted = json.dumps(content).encode()
    with tenant_context(org):
        payment = make_payment(people.sam, invoice=make_invoice(people.sam))

    def take() -> None:
        content = payloads.invoices_of(parsed(posted)).contents[0]
        sent = invoices.imported_from(content)
        invoices.take_import(sent, organization=people.acme, by=people.olga, at=NOON)

    def verify() -> None:
        payments.verify(Payment.objects.get(pk=payment.pk), by=people.vera, at=NOON)

    figures = []
    for name, act in (("import of 20 lines", take), ("verify a payment", verify)):
        statements = raw.writes_of(act, org)
        bare = raw.seconds_of(raw.sent(statements), org, count=60)
        ours = raw.seconds_of(act, org, count=60)
        note = f"{ours * 1000:.1f} ms, {len(statements)} statements alone {bare * 1000:.1f} ms"
        figures.append(Figure(f"{name}: raw SQL / ours", bare / ours, "x", 0.4, True, note))
    return figures


def streams(people: Any) -> list[Figure]:
    """From commit to the last of many open pages."""
    from prs.kernel import clock
    from prs.kernel.activity.services import announce
    from prs.kernel.tenancy.context import tenant_context
    from tests.benchmarks.load import listen

    cookie, heard, committed = cookie_of(people.sam), [], {}

    def say(topic: str) -> None:
        with tenant_context(people.acme.pk):
            announce(topic, people.acme, at=clock.now())
        committed[topic] = time.perf_counter()

    async def measure(port: int) -> None:
        ears = [await listen(port, cookie, heard) for _ in range(STREAMS)]
        for number in range(EVENTS):
            await asyncio.to_thread(say, f"e{number}")
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        for ear in ears:
            ear.cancel()

    with served(2) as (port, below):
        asyncio.run(measure(port))
        memory = max(process.memory_info().rss for process in below) / 2**20
    delays = sorted((at - committed[topic]) * 1000 for topic, at in heard)
    lost = STREAMS * EVENTS - len(delays)
    p50, p95 = delays[len(delays) // 2], delays[int(len(delays) * 0.95)]
    return [
        Figure(
            f"commit to {STREAMS} open pages, p95",
            p95,
            "ms",
            25,
            note=f"p50 {p50:.1f} ms, {lost} lost, {memory:.0f} MB a process",
        ),
        Figure("events lost", lost, "", 0),
    ]


def receipts(people: Any) -> list[Figure]:
    """What a receipt's PDF costs in a warm worker."""
    from prs.kernel.tenancy.context import tenant_context
    from prs.kernel.tenancy.models import Document
    from prs.operations.payments import services as payments
    from prs.operations.payments import tasks
    from tests.cast import NOON
    from tests.factories.walk import make_invoice, make_payment

    made: list[Any] = []
    with tenant_context(people.acme.pk):
        for _ in range(12):
            payment = make_payment(people.sam, invoice=make_invoice(people.sam))
            made.append(payments.verify(payment, by=people.vera, at=NOON))
    taken = []
    for receipt in made:
        began = time.process_time()
        tasks.render_receipt(organization_id=people.acme.pk, receipt_id=str(receipt.pk))
        taken.append((time.process_time() - began) * 1000)
    with tenant_context(people.acme.pk):
        assert Document.objects.count() >= len(made)
    warm = sorted(taken[2:])[len(taken[2:]) // 2]
    return [Figure("receipt PDF, processor", warm, "ms", note=f"first {taken[0]:.0f} ms")]


def sales(people: Any) -> list[Figure]:
    """What the pages of selling cost on many rows over what they cost on few."""
    from prs.kernel.tenancy.context import tenant_context
    from tests.benchmarks import sales as pages

    dsn = f"host={VAR / 'postgres'} user=postgres dbname=prs"
    cookies = {name: cookie_of(getattr(people, name)) for name in ("olga", "sam", "vera")}
    with tenant_context(people.acme.pk):
        rows = pages.originals(people)
    pages.fill(dsn, rows, people, first=1, last=pages.FEW)
    few = pages.waits(served, cookies)
    pages.fill(dsn, rows, people, first=pages.FEW + 1, last=pages.MANY)
    many = pages.waits(served, cookies)
    return [
        Figure(
            f"{name}: {pages.MANY:,} deals / {pages.FEW:,}",
            later / before,
            "x",
            3,
            note=f"{before:.0f} ms, then {later:.0f} ms",
        )
        for (name, _who, _path), before, later in zip(pages.PAGES, few, many, strict=True)
    ]


def books(people: Any) -> list[Figure]:
    """What the books cost with a million lines, and what one more entry costs."""
    from prs.kernel.tenancy.context import tenant_context
    from prs.ledgers.bookkeeping.models import Account
    from tests.benchmarks import books as ledger
    from tests.benchmarks import raw
    from tests.benchmarks.load import Connection
    from tests.benchmarks.sales import waited

    dsn, org = f"host={VAR / 'postgres'} user=postgres dbname=prs", people.acme.pk
    ledger.fill(dsn, people)
    trial = ledger.sums(people)
    with tenant_context(org):
        account = Account.objects.get(code="1000").pk
    span = "first=2026-01-01&last=2026-11-20"
    pages = {
        "trial balance, its page": f"/books/?{span}",
        "ledger of an account with 100,000 lines, its page": f"/books/accounts/{account}/?{span}",
        "income statement, its page": f"/books/income/?{span}",
    }
    with served(1) as (port, _below):
        connection = Connection(port, cookie_of(people.olga))
        shown = {name: waited(connection, path) for name, path in pages.items()}
    post = ledger.post_one(people)
    ours = raw.seconds_of(post, org, count=80) * 1000
    bare = raw.seconds_of(ledger.bare_rows(people), org, count=80) * 1000
    kept = ledger.kept(post, org)
    found = [
        Figure("trial balance of whole months, 1,000,000 lines", trial["months"], "ms", 300),
        Figure("trial balance until a day within a month", trial["a day"], "ms", 300),
        *(Figure(name, value, "ms", 1000) for name, value in shown.items()),
        Figure(
            "entry of 4 lines / its bare rows",
            ours / bare,
            "x",
            note=f"{ours:.1f} ms, bare {bare:.1f} ms",
        ),
    ]
    for package, words in {"hordak": [str(ledger.LINES)], "django_ledger": []}.items():
        theirs = ledger.beside(dsn, package, *words)
        if theirs is not None:
            found += compared(package, theirs, {"balances": trial["a day"], "post": kept})
    return found


def compared(package: str, theirs: dict[str, float], ours: dict[str, float]) -> list[Figure]:
    """What another package takes for the same, over what we take."""
    found = [
        Figure(
            f"entry of {package} / ours",
            theirs["post"] / ours["post"],
            "x",
            note=f"{theirs['post']:.1f} ms and {ours['post']:.1f} ms, kept",
        )
    ]
    if "balances" not in theirs:
        return found
    return [
        *found,
        Figure(
            f"balances of {package} / our trial balance",
            theirs["balances"] / ours["balances"],
            "x",
            5,
            more=True,
            note=f"{theirs['balances']:.0f} ms of 10 accounts, ours {ours['balances']:.1f} ms of all",
        ),
    ]


def till(people: Any) -> list[Figure]:
    """What a checkout costs beside functions in SQL, and the till's screens on many products."""
    from prs.kernel.tenancy.context import tenant_context
    from tests.benchmarks import till as counter

    dsn = f"host={VAR / 'postgres'} user=postgres dbname=prs"
    with tenant_context(people.acme.pk):
        shop, drawers, goods = counter.shop_of(people)
    cookies = [cookie_of(by) for _register, _shift, by in drawers]
    seconds = counter.services(dsn, people, drawers, goods)
    few_sales = counter.closing(people, drawers[0])
    before = counter.deadlocks(dsn)
    print(f"  service, kept, bare: {seconds}, closing {few_sales:.1f} ms", flush=True)
    posts = counter.posts(served, people, drawers, goods, cookies)
    for (count, kind), (rate, taken) in posts.items():
        print(f"  {count} {kind}: {rate:.1f}/s, p50 {taken[len(taken) // 2]:.0f} ms", flush=True)
    many_sales = counter.closing(people, drawers[0])
    with tenant_context(people.acme.pk):
        shop.shift.refresh_from_db()
    counter.fill(dsn, goods[0], first=1, last=1_000)
    few = counter.shelf_waits(served, cookies[0], 100)
    counter.fill(dsn, goods[0], first=1_001, last=counter.PRODUCTS)
    many = counter.shelf_waits(served, cookies[0], 50_000)
    service, kept, bare = (seconds[each] * 1000 for each in ("service", "kept", "bare"))
    note = f"{service:.1f} ms, kept {kept:.1f} ms, bare {bare:.1f} ms"
    figures = [
        Figure("checkout: SQL with protections / service", kept / service, "x", 0.85, True, note),
        Figure("checkout: SQL without / service", bare / service, "x", 0.45, True, note),
    ]
    for (count, kind), (rate, taken) in posts.items():
        p50, p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
        note = f"{rate:.1f} a second, p50 {p50:.0f} ms, p99 {p99:.0f} ms"
        name = f"checkout by POST, {count} clients, {kind}"
        figures += [
            Figure(f"{name} / SQL without", rate * bare / 1000, "x", 0.3, True, note),
            Figure(f"{name}, p99 / p50", p99 / p50, "x", 3),
        ]
    hot, lot = (posts[max(counter.CLIENTS), kind][0] for kind in ("hot", "random"))
    figures += [
        Figure("checkout by POST, hot / random", hot / lot, "x", 0.9, True),
        Figure("deadlocks", counter.deadlocks(dsn) - before, "", 0),
        Figure(
            f"closing a shift: {shop.shift.sales_count} sales / none",
            many_sales / few_sales,
            "x",
            1.3,
            note=f"{few_sales:.1f} ms, then {many_sales:.1f} ms",
        ),
    ]
    return figures + [
        Figure(
            f"{name}: {counter.PRODUCTS:,} products / 1,000",
            many[name] / few[name],
            "x",
            3,
            note=f"{few[name]:.0f} ms, then {many[name]:.0f} ms",
        )
        for name in few
    ]


def table(figures: list[Figure]) -> str:
    """The figures as people read them."""
    lines = [f"{'what':<52}{'value':>10}    {'goal':>8}  met  note"]
    for each in figures:
        sign = "" if each.goal is None else (">= " if each.more else "<= ") + f"{each.goal:g}"
        value = f"{each.value:.2f} {each.unit}"
        lines.append(f"{each.name:<52}{value:>10}    {sign:>8}  {each.met:<3}  {each.note}")
    return "\n".join(lines)


def told(figures: list[Figure]) -> list[Figure]:
    """Print figures as they come; the whole may take minutes."""
    for each in figures:
        print(f"  {each.name}: {each.value:.2f} {each.unit} ({each.note})", flush=True)
    return figures


def main() -> None:
    """Measure everything."""
    fresh_database()
    try:
        import django

        django.setup()
        from prs.kernel.tenancy.context import tenant_context
        from tests.cast import make_cast
        from tests.factories.walk import make_invoice

        people = make_cast()
        with tenant_context(people.acme.pk):
            invoice = make_invoice(people.olga)
        figures: list[Figure] = []
        chosen = set(sys.argv[1:]) or {
            "writes",
            "receipts",
            "streams",
            "requests",
            "sales",
            "till",
            "books",
        }
        for measure in (writes, receipts, streams, sales, till, books):
            if measure.__name__ in chosen:
                figures += told(measure(people))
        if "requests" in chosen:
            fill(invoice)
            figures += told(requests(people))
    finally:
        stop_database()
    print("\n" + table(figures))
    facts = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "cores": os.cpu_count()}
    values = [asdict(figure) | {"met": figure.met} for figure in figures]
    target = ROOT / "var" / "bench.json"
    target.write_text(json.dumps(facts | {"figures": values}, indent=2))
    print(f"\nWritten to {target.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
