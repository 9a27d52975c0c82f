"""The web process's entry: pages from threads, long answers chunk by chunk, streams from the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from prs.config.asgi import WHOLE, Application, environ_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Client:
    """One request through the application, as a server would put it."""

    def __init__(self, wsgi: Callable[..., Any], **limits: int) -> None:
        self.application = Application(wsgi, **{"threads": 2, "backlog": 1, **limits})
        self.sent: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def get(self, *parts: bytes, **scope: Any) -> Client:
        messages = [
            {"type": "http.request", "body": part, "more_body": number < len(parts)}
            for number, part in enumerate(parts or (b"",), 1)
        ]

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop(0)
            await self.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        await self.application({**SCOPE, **scope}, receive, send)
        return self

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/a b",
    "raw_path": b"/a%20b",
    "query_string": b"q=%C3%A9",
    "headers": [(b"host", b"x"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"y")],
    "client": ("10.0.0.9", 5),
    "server": ("127.0.0.1", 8000),
}


def answering(response: Any) -> Callable[..., Any]:
    """A WSGI application that gives this response."""

    def wsgi(_environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        start(f"{response.status_code} X", [*response.items()])
        return response

    return wsgi


def test_a_request_becomes_what_django_reads():
    environ = environ_of(SCOPE, None)

    assert environ["PATH_INFO"] == "/a b"
    assert environ["QUERY_STRING"] == "q=%C3%A9"
    assert environ["REMOTE_ADDR"] == "10.0.0.9"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_HOST"] == "x"


def test_a_path_that_is_no_text_reaches_django_byte_for_byte():
    environ = environ_of({**SCOPE, "raw_path": b"/%ff/%C3%A9"}, None)

    assert environ["PATH_INFO"].encode("latin-1") == b"/\xff/\xc3\xa9"


async def test_a_page_is_answered_whole():
    client = await Client(answering(HttpResponse("hello", status=201))).get()

    assert (client.status, client.body) == (201, b"hello")
    assert (b"content-type", b"text/html; charset=utf-8") in client.sent[0]["headers"]
    assert len(client.sent) == 2


async def test_a_body_in_pieces_is_read_whole():
    read = []

    def wsgi(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        read.append(environ["wsgi.input"].read())
        return answering(HttpResponse())(environ, start)

    await Client(wsgi).get(b"one ", b"two ", b"three")

    assert read == [b"one two three"]


async def test_a_short_file_is_sent_at_once_and_a_long_one_in_chunks():
    def chunks(count: int) -> Iterator[bytes]:
        yield from [b"x" * 1000] * count

    short = StreamingHttpResponse(chunks(3), headers={"Content-Length": "3000"})
    long = StreamingHttpResponse(chunks(2000), headers={"Content-Length": str(WHOLE * 2)})

    assert len((await Client(answering(short)).get()).sent) == 2
    client = await Client(answering(long)).get()
    assert len(client.sent) == 2002
    assert len(client.body) == 2_000_000


async def test_a_long_answer_ends_when_the_client_is_gone():
    made: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(10_000):
            made.append(number)
            if number == 20:
                loop.call_soon_threadsafe(client.gone.set)
            yield b"x"

    loop = asyncio.get_running_loop()
    response = StreamingHttpResponse(chunks())
    client = Client(answering(response))

    await client.get()

    assert len(made) < 10_000
    assert response.closed


async def test_a_stream_leaves_its_thread_before_it_begins():
    seen: list[int] = []

    async def stream() -> AsyncIterator[bytes]:
        seen.append(threading.get_ident())
        for number in range(3):
            yield f"{number}".encode()

    response = StreamingHttpResponse(stream())
    client = await Client(answering(response)).get()

    assert client.body == b"012"
    assert seen == [threading.get_ident()]
    assert response.closed


async def test_a_stream_ends_when_the_client_is_gone():
    ended = asyncio.Event()

    async def stream() -> AsyncIterator[bytes]:
        try:
            yield b"first"
            client.gone.set()
            await asyncio.sleep(60)
        finally:
            ended.set()

    client = Client(answering(StreamingHttpResponse(stream())))
    await asyncio.wait_for(client.get(), 5)

    assert ended.is_set()


async def test_more_requests_than_can_wait_are_turned_away():
    release = threading.Event()

    def wsgi(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        release.wait(5)
        return answering(HttpResponse("done"))(environ, start)

    client = Client(wsgi, threads=1, backlog=1)
    waiting = [asyncio.ensure_future(client.get()) for _ in range(2)]
    await asyncio.sleep(0.05)

    await client.get()
    assert client.status == 503
    assert (b"retry-after", b"5") in client.sent[0]["headers"]

    release.set()
    await asyncio.gather(*waiting)
    assert [m["status"] for m in client.sent if "status" in m] == [503, 200, 200]


async def test_a_fault_outside_django_is_answered_and_the_next_request_too():
    def wsgi(_environ: dict[str, Any], _start: Callable[..., Any]) -> Any:
        raise RuntimeError("outside")

    client = Client(wsgi)
    await client.get()

    assert client.status == 500
    assert b"outside" not in client.body
    assert client.application.running == 0


async def test_a_client_that_leaves_while_sending_is_forgotten():
    called = []
    client = Client(lambda *_: called.append(1))

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        client.sent.append(message)

    await client.application(SCOPE, receive, send)

    assert (called, client.sent) == ([], [])


@pytest.mark.parametrize("name", ["page"])
def test_threads_of_the_pool_are_bounded_and_named(name):
    application = Application(lambda *_: None, threads=3, backlog=1)

    assert application.pool._max_workers == 3
    assert application.pool._thread_name_prefix == name
