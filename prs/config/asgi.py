"""The web process's one entry, with two doors.

Pages run in Django's synchronous handler on a few long-lived threads: no hop between threads inside
Django, database connections and prepared statements that survive from one request to the next, and a
bound on what runs at once. A response whose content is an asynchronous iterator (the live stream) is
checked by the same middleware on such a thread, gives the thread and its connections back, and is then
sent by the event loop alone.
"""

from __future__ import annotations

import asyncio
import functools
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prs.config.settings")

log = structlog.get_logger(__name__)

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Live = AsyncIterator[bytes]

START: Message = {"type": "http.response.start"}
BODY: Message = {"type": "http.response.body"}

IN_MEMORY = 256 * 1024
WHOLE = 1024 * 1024
QUIET = ("/static/", "/healthz", "/readyz")
UNPREFIXED = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


@dataclass
class Answer:
    """What a thread has produced: a head, and a body that is whole or comes from the event loop."""

    status: int
    headers: Headers
    body: bytes = b""
    live: Live | None = None
    sent: bool = False


def environ_of(scope: Message, body: Any) -> dict[str, Any]:
    """The WSGI environment of an ASGI request."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    path = scope.get("raw_path") or scope["path"].encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        name = UNPREFIXED.get(raw) or "HTTP_" + raw.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        if name in environ:
            text = f"{environ[name]}{'; ' if raw == b'cookie' else ','}{text}"
        environ[name] = text
    return environ


def head_of(status: str, headers: list[tuple[str, str]]) -> Answer:
    """The start of an answer from what a WSGI application says first."""
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Answer(int(status.split(" ", 1)[0]), pairs)


async def body_of(receive: Receive) -> Any | None:
    """The request's body as a file, or None when the client left before it was complete."""
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        return BytesIO(message.get("body", b""))
    body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (outlives this block)
    while message["type"] == "http.request":
        body.write(message.get("body", b""))
        if not message.get("more_body"):
            body.seek(0)
            return body
        message = await receive()
    body.close()
    return None


async def until_gone(receive: Receive) -> None:
    """Return when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Application:
    """The ASGI application: answers pages from threads, streams from the event loop."""

    def __init__(self, wsgi: Any, *, threads: int, backlog: int) -> None:
        self.wsgi = wsgi
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self.limit = threads + backlog
        self.running = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.page(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def page(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await body_of(receive)
        if body is None:
            return
        if self.running >= self.limit:
            await send_whole(send, plain(503, "Too busy. Try again in a moment.", retry=5))
            return
        self.running += 1
        try:
            pipe = Pipe(asyncio.get_running_loop(), receive, send)
            answer = await self.in_thread(environ_of(scope, body), pipe)
        finally:
            self.running -= 1
            body.close()
        if answer.live is not None:
            await send({**START, "status": answer.status, "headers": answer.headers})
            await send_live(answer.live, receive, send)
        elif not answer.sent:
            await send_whole(send, answer)

    async def in_thread(self, environ: Message, pipe: Pipe) -> Answer:
        """Run the synchronous side on a thread of the pool."""
        work = functools.partial(self.respond, environ, pipe)
        try:
            # A page that nobody waits for any more is short and runs to its end all the same.
            return await asyncio.shield(
                pipe.loop.run_in_executor(self.pool, copy_context().run, work)
            )
        except Exception:
            log.exception("request.crashed")
            return plain(500, "Something went wrong.")

    def respond(self, environ: Message, pipe: Pipe) -> Answer:
        """The synchronous side of a request, from first middleware to `close`, in one thread."""
        began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        heads: list[Answer] = []
        response = self.wsgi(
            environ, lambda status, fields, *_: heads.append(head_of(status, fields))
        )
        answer = heads[0]
        try:
            if getattr(response, "is_async", False):
                answer.live = response.streaming_content
            elif getattr(response, "streaming", False) and size_of(answer) > WHOLE:
                pipe.send(answer, response)
            else:
                answer.body = b"".join(response)
        finally:
            response.close()
            logged(environ, answer, time.perf_counter() - began)
        return answer


class Pipe:
    """How a thread sends a long response, chunk by chunk, while the event loop goes on."""

    def __init__(self, loop: asyncio.AbstractEventLoop, receive: Receive, send: Send) -> None:
        self.loop, self.receive, self.to_client = loop, receive, send

    def send(self, answer: Answer, chunks: Any) -> None:
        """Send head and chunks, or stop when the client is gone."""
        answer.sent = True
        gone = asyncio.run_coroutine_threadsafe(until_gone(self.receive), self.loop)
        self.say({**START, "status": answer.status, "headers": answer.headers})
        try:
            for chunk in chunks:
                if gone.done():
                    break
                self.say({**BODY, "body": chunk, "more_body": True})
        finally:
            gone.cancel()
            self.say(BODY)

    def say(self, message: Message) -> None:
        """Hand one message to the event loop and wait until it is taken."""
        asyncio.run_coroutine_threadsafe(self.say_soon(message), self.loop).result()

    async def say_soon(self, message: Message) -> None:
        """Send one message from inside the event loop."""
        await self.to_client(message)


def size_of(answer: Answer) -> int:
    """The length that the response declares; beyond every bound when it declares none."""
    declared = dict(answer.headers).get(b"content-length", b"")
    return int(declared) if declared.isdigit() else WHOLE + 1


def plain(status: int, sentence: str, *, retry: int = 0) -> Answer:
    """An answer for when Django can't give one."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if retry:
        headers.append((b"retry-after", str(retry).encode()))
    return Answer(status, headers, sentence.encode())


def logged(environ: Message, answer: Answer, seconds: float) -> None:
    """Write the line of a request: what was asked and answered, never with what words."""
    path = environ["PATH_INFO"]
    if not path.startswith(QUIET):
        log.info(
            "request",
            method=environ["REQUEST_METHOD"],
            path=path,
            status=answer.status,
            ms=round(seconds * 1000, 1),
        )


async def send_whole(send: Send, answer: Answer) -> None:
    """Send an answer whose body is complete."""
    await send({**START, "status": answer.status, "headers": answer.headers})
    await send({**BODY, "body": answer.body})


async def send_live(live: Live, receive: Receive, send: Send) -> None:
    """Send what a stream yields until it ends or the client is gone."""
    gone = asyncio.ensure_future(until_gone(receive))
    stream = asyncio.ensure_future(pump(live, send))
    try:
        await asyncio.wait({gone, stream}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        stream.cancel()
        await asyncio.gather(gone, stream, return_exceptions=True)


async def pump(live: Live, send: Send) -> None:
    """Send everything that a stream yields."""
    async for chunk in live:
        await send({**BODY, "body": chunk, "more_body": True})
    await send(BODY)


application = Application(
    get_wsgi_application(), threads=settings.WEB_THREADS, backlog=settings.WEB_BACKLOG
)
