"""The live stream: open pages learn at once that something changed, and fetch it with their own rights.

Each process has one hub: one connection that listens, one thread that asks the database, and any number
of open streams, which hold neither. What a stream sends as `id:` is a watermark, the oldest transaction
that was still running (and the time): everything older has been delivered. A page that reconnects gets
every event of that transaction and later ones. Repetitions are harmless, losses are not, and the ids of
events would lose some, because transactions do not commit in the order of their ids.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import close_old_connections, connection
from django.http import StreamingHttpResponse
from django.views.decorators.http import require_GET

from prs.kernel import clock
from prs.kernel.activity.services import CHANNEL
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.web.kit.access import Request, members_only

T = TypeVar("T")
log = structlog.get_logger(__name__)

# A page that was away for longer (seconds), or missed more events, fetches everything again.
REPLAY_SECONDS = 3600
REPLAY_EVENTS = 500
# Bursts that may wait for one slow stream.
QUEUE = 100
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
ACCESS = "access"
RETRY = b"retry: 3000\n\n"
RESYNC = b"event: resync\ndata: {}\n\n"
KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
EVENTS = """
    SELECT id, txid::text::bigint, topic, permission, member_id, subject_kind, subject_id
    FROM activity_outboxevent
    WHERE organization_id = %s AND txid >= %s::text::xid8
    ORDER BY id LIMIT %s
"""


@dataclass(frozen=True)
class Ticket:
    """Whose stream it is, and what was true of them when it was opened."""

    organization_id: UUID
    member_id: UUID
    session_key: str
    standing: str
    permissions: frozenset[str]

    def sees(self, event: Event) -> bool:
        """Whether the member may know that this happened."""
        return (not event.permission or event.permission in self.permissions) and (
            event.member_id is None or event.member_id == self.member_id
        )


@dataclass(frozen=True)
class Event:
    """One row of the outbox. It carries no content."""

    id: int
    txid: int
    topic: str
    permission: str
    member_id: UUID | None
    subject_kind: str
    subject_id: UUID | None

    @property
    def message(self) -> bytes:
        """The event as a page reads it."""
        data = json.dumps({"kind": self.subject_kind, "id": str(self.subject_id or "")})
        return f"event: {self.topic}\ndata: {data}\n\n".encode()


def mark(horizon: int) -> str:
    """A watermark as pages keep it: the oldest running transaction, and the time in seconds.

    A page is rendered with that of its member (`member.horizon`); its stream begins there.
    """
    return f"{horizon}.{int(time.time())}"


def transaction_of(text: str, *, now: float) -> int | None:
    """The transaction of a watermark, or None when it is no watermark or too old to replay from."""
    transaction, _dot, seconds = text.partition(".")
    if not (transaction.isdecimal() and seconds.isdecimal() and len(text) < 40):
        return None
    return int(transaction) if 0 <= now - int(seconds) <= REPLAY_SECONDS else None


# --- asked of the database, on the hub's thread ---------------------------------------------------


def events_since(organization_id: UUID, transaction: int | None) -> tuple[int, list[Event]]:
    """The present horizon, and an organization's events of a transaction and all later ones."""
    with tenant_context(organization_id, read_only=True), connection.cursor() as cursor:
        # First the horizon: everything below it is then visible to the second statement.
        cursor.execute(f"SELECT {HORIZON}")
        horizon: int = cursor.fetchone()[0]
        if transaction is None:
            return horizon, []
        cursor.execute(EVENTS, (organization_id, str(transaction), REPLAY_EVENTS + 1))
        return horizon, [Event(*row) for row in cursor.fetchall()]


def standing_of(member: Member) -> str:
    """What must stay true while a stream is open, as one comparable text."""
    password: str = member.user.get_session_auth_hash()
    return "|".join([password, *sorted(member.role.permissions)])


def standings(organization_id: UUID, tickets: Iterable[Ticket]) -> set[Ticket]:
    """Those of the tickets whose member, role, session and organization are as they were."""
    tickets = list(tickets)
    keys = {ticket.session_key for ticket in tickets}
    sessions = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now()).values_list(
            "session_key", flat=True
        )
    )
    with tenant_context(organization_id, read_only=True):
        members = Member.objects.select_related("role", "user").filter(
            pk__in={ticket.member_id for ticket in tickets},
            active=True,
            user__is_active=True,
            organization__status=Organization.Status.ACTIVE,
        )
        now = {member.pk: standing_of(member) for member in members}
    return {t for t in tickets if t.session_key in sessions and now.get(t.member_id) == t.standing}


# --- the hub ---------------------------------------------------------------------------------------


@dataclass(eq=False)
class Stream:
    """One open page's share of the hub."""

    ticket: Ticket
    since: str
    chunks: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def offer(self, chunk: bytes) -> None:
        """Queue a chunk; a stream that can't keep up is told to fetch everything instead."""
        if self.chunks.full():
            self.empty()
            chunk = RESYNC
        self.chunks.put_nowait(chunk)

    def close(self) -> None:
        """End the stream after what it has been given."""
        if self.chunks.full():
            self.empty()
        self.chunks.put_nowait(None)

    def empty(self) -> None:
        """Forget what waits."""
        while not self.chunks.empty():
            self.chunks.get_nowait()


@dataclass
class Room:
    """The open streams of one organization, and how far they are."""

    organization_id: UUID
    streams: set[Stream] = field(default_factory=set)
    joining: list[Stream] = field(default_factory=list)
    horizon: int | None = None
    seen: set[int] = field(default_factory=set)
    stirred: bool = True


class Hub:
    """Hears of events once a process, fetches them once a burst and hands them to the open streams."""

    def __init__(self) -> None:
        self.rooms: dict[UUID, Room] = {}
        self.wake = asyncio.Event()
        self.clerk = ThreadPoolExecutor(1, thread_name_prefix="live")
        self.closed = False
        self.tasks = [asyncio.ensure_future(self.listen()), asyncio.ensure_future(self.work())]

    async def stream(self, ticket: Ticket, since: str) -> AsyncIterator[bytes]:
        """What one page is sent, from its watermark on, until somebody ends it."""
        stream = Stream(ticket, since)
        self.join(stream)
        try:
            yield RETRY
            while (chunk := await stream.chunks.get()) is not None:
                yield chunk
        finally:
            self.leave(stream)

    def join(self, stream: Stream) -> None:
        """Let a stream in with the next look at its organization."""
        if self.closed:
            stream.close()
            return
        organization_id = stream.ticket.organization_id
        room = self.rooms.setdefault(organization_id, Room(organization_id))
        room.joining.append(stream)
        self.stir(room)

    def leave(self, stream: Stream) -> None:
        """Forget a stream."""
        room = self.rooms.get(stream.ticket.organization_id)
        if room is None:
            return
        room.streams.discard(stream)
        room.joining = [other for other in room.joining if other is not stream]
        if not room.streams and not room.joining:
            del self.rooms[room.organization_id]

    def close(self) -> None:
        """End every stream and let nobody in."""
        self.closed = True
        for room in self.rooms.values():
            for stream in (*room.streams, *room.joining):
                stream.close()

    def stir(self, room: Room) -> None:
        """Have a room looked at."""
        room.stirred = True
        self.wake.set()

    async def listen(self) -> None:
        """Hear that an organization has events, on a connection of its own, for ever."""
        failures = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    settings.LISTEN_DATABASE_URL, autocommit=True, **KEEPALIVE
                ) as listener:
                    await listener.execute(f"LISTEN {CHANNEL}")
                    failures = 0
                    for room in self.rooms.values():
                        self.stir(room)
                    async for notice in listener.notifies():
                        self.heard(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("live.listener_lost", error=type(error).__name__)
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1

    def heard(self, payload: str) -> None:
        """Wake the room of a notice."""
        try:
            room = self.rooms.get(UUID(payload.partition(":")[0]))
        except ValueError:
            return
        if room is not None:
            self.stir(room)

    async def work(self) -> None:
        """Look at the rooms that were stirred, and at all of them now and then."""
        looked = time.monotonic()
        failures = 0
        while True:
            # Now and then everything: lost notices, changed rights, and a sign of life.
            await self.woken(looked + settings.LIVE_TICK - time.monotonic())
            everything = time.monotonic() - looked >= settings.LIVE_TICK
            looked = time.monotonic() if everything else looked
            try:
                for room in list(self.rooms.values()):
                    if room.stirred or everything:
                        await self.look(room, check=everything)
                failures = 0
            except Exception:
                # The rooms stay as they are: their watermark brings back what happens meanwhile.
                log.exception("live.look_failed")
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
                self.wake.set()

    async def woken(self, seconds: float) -> None:
        """Wait until a room is stirred, at most so long."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self.wake.wait()
        except TimeoutError:
            return
        self.wake.clear()

    async def ask(self, question: Callable[..., T], *words: Any) -> T:
        """Ask the database on the hub's own thread."""

        def answered() -> T:
            close_old_connections()
            return question(*words)

        return await asyncio.get_running_loop().run_in_executor(self.clerk, answered)

    async def look(self, room: Room, *, check: bool) -> None:
        """Fetch a room's events once, give each stream what it may see, and check who may stay."""
        now = time.time()
        joining = {stream: transaction_of(stream.since, now=now) for stream in room.joining}
        starts = [start for start in (*joining.values(), room.horizon) if start is not None]
        room.stirred = False
        try:
            horizon, events = await self.ask(
                events_since, room.organization_id, min(starts, default=None)
            )
            fresh = [event for event in events if event.id not in room.seen]
            if check or any(event.topic == ACCESS for event in fresh):
                await self.dismiss(room)
        except Exception:
            room.stirred = True
            raise
        burst = Burst(events, horizon)
        for stream in room.streams:
            burst.give(stream, room.horizon, skip=room.seen, always=check)
        for stream in [stream for stream in room.joining if stream in joining]:
            room.joining.remove(stream)
            room.streams.add(stream)
            burst.give(stream, joining[stream], always=True)
        room.horizon = horizon
        room.seen = {event.id for event in events if event.txid >= horizon}

    async def dismiss(self, room: Room) -> None:
        """End the streams whose member may no longer have them."""
        streams = (*room.streams, *room.joining)
        kept = await self.ask(standings, room.organization_id, [s.ticket for s in streams])
        for stream in streams:
            if stream.ticket not in kept:
                stream.close()
                self.leave(stream)


class Burst:
    """The events of one fetch, encoded once for all who may see the same of them."""

    def __init__(self, events: list[Event], horizon: int) -> None:
        self.events, self.horizon = events, horizon
        self.after = f"id: {mark(horizon)}\n\n".encode()
        self.encoded: dict[tuple[Event, ...], bytes] = {}

    def give(
        self,
        stream: Stream,
        start: int | None,
        *,
        skip: frozenset[int] | set[int] = frozenset(),
        always: bool = False,
    ) -> None:
        """Give a stream what it may see since its start, and how far it now is.

        A stream that begins here gets its first watermark only; one whose past can't be told is
        asked to fetch everything. `always` sends the watermark even when there is nothing to see.
        """
        if start is None:
            stream.offer((RESYNC if stream.since else b"") + self.after)
        elif start > self.horizon or len(self.events) > REPLAY_EVENTS:
            stream.offer(RESYNC + self.after)
        else:
            seen = tuple(
                event
                for event in self.events
                if event.txid >= start and event.id not in skip and stream.ticket.sees(event)
            )
            if seen or always:
                stream.offer(self.chunk(seen))

    def chunk(self, seen: tuple[Event, ...]) -> bytes:
        """What these events look like on the wire."""
        if seen not in self.encoded:
            self.encoded[seen] = b"".join(event.message for event in seen) + self.after
        return self.encoded[seen]


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def close_streams() -> None:
    """End every stream of this process, before it stops."""
    for each in _hubs.values():
        each.close()


async def opened(ticket: Ticket, since: str) -> AsyncIterator[bytes]:
    """A stream of the hub that runs where the response is sent."""
    async for chunk in hub().stream(ticket, since):
        yield chunk


@members_only
@require_GET
def live(request: Request) -> StreamingHttpResponse:
    """The stream of a signed-in member, from `Last-Event-ID` (or `?since=`) on."""
    ticket = Ticket(
        organization_id=request.organization.pk,
        member_id=request.member.pk,
        session_key=request.session.session_key or "",
        standing=standing_of(request.member),
        permissions=frozenset(request.member.role.permissions),
    )
    since = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    response = StreamingHttpResponse(opened(ticket, since), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response
