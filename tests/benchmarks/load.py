"""A small HTTP client on raw sockets, so that the client costs little beside the server."""

from __future__ import annotations

import asyncio
import socket
import time

import psutil


class Connection:
    """One kept-alive connection that asks for pages, one after the other."""

    def __init__(self, port: int, cookie: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb", 1 << 16)
        self.cookie = cookie

    def get(self, path: str) -> bytes:
        """The body of a page; anything but 200 is a fault of the measurement."""
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n\r\n".encode()
        )
        status = self.file.readline()
        length, chunked = 0, False
        while (line := self.file.readline()) != b"\r\n":
            name, _colon, value = line.lower().partition(b":")
            if name == b"content-length":
                length = int(value)
            chunked |= name == b"transfer-encoding"
        body = self.chunks() if chunked else self.file.read(length)
        if b" 200 " not in status:
            raise RuntimeError(f"{path}: {status!r} {body[:300]!r}")
        return body

    def chunks(self) -> bytes:
        body = b""
        while size := int(self.file.readline(), 16):
            body += self.file.read(size)
            self.file.readline()
        self.file.readline()
        return body


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """Processor time that these processes have used."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def costs(
    connection: Connection, path: str, *, count: int, of: list[psutil.Process]
) -> tuple[float, float]:
    """Milliseconds of processor and of waiting that one page takes."""
    for _ in range(10):
        connection.get(path)
    cpu, began = cpu_seconds(of), time.perf_counter()
    for _ in range(count):
        connection.get(path)
    seconds = time.perf_counter() - began
    return (cpu_seconds(of) - cpu) * 1000 / count, seconds * 1000 / count


async def throughput(port: int, cookie: str, path: str, *, clients: int, seconds: float) -> float:
    """Pages a second that so many clients get together."""
    ask = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
    until, done = time.perf_counter() + seconds, 0

    async def client() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            writer.write(ask)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            done += 1
        writer.close()

    await asyncio.gather(*[client() for _ in range(clients)])
    return done / seconds


async def listen(port: int, cookie: str, heard: list[tuple[str, float]]) -> asyncio.Task[None]:
    """Open a stream and write down every event with its moment; return when it is open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
    while b"id: " not in (line := await reader.readline()):
        if not line:
            raise RuntimeError("The stream did not open.")

    async def ear() -> None:
        try:
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    heard.append((line[7:].strip().decode(), time.perf_counter()))
        finally:
            writer.close()

    return asyncio.ensure_future(ear())
