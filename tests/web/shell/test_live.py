"""Who gets which live event, and how far a page is: without processes and sockets."""

from __future__ import annotations

import re
import time
from uuid import UUID, uuid4

import pytest
from django.db import connection

from prs.kernel.activity.services import announce
from prs.kernel.clock import now
from prs.kernel.tenancy.context import tenant_context
from prs.web.shell import live
from prs.web.shell.live import RESYNC, Burst, Event, Stream, Ticket

pytestmark = pytest.mark.anyio
MEMBER = UUID(int=7)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def ticket(*permissions: str, member_id: UUID = MEMBER) -> Ticket:
    return Ticket(uuid4(), member_id, "key", "standing", frozenset(permissions))


def event(number: int, *, txid: int = 50, permission: str = "", member_id: UUID | None = None):
    return Event(number, txid, f"topic{number}", permission, member_id, "x.y", None)


def given(stream: Stream) -> bytes:
    chunk = stream.chunks.get_nowait()
    assert chunk is not None
    return chunk


@pytest.mark.parametrize(
    ("permission", "member_id", "seen"),
    [
        ("", None, True),
        ("pay", None, True),
        ("decide", None, False),
        ("", MEMBER, True),
        ("", UUID(int=8), False),
        ("decide", MEMBER, False),
    ],
)
def test_an_event_is_for_those_who_hold_its_permission_and_whom_it_names(
    permission, member_id, seen
):
    assert ticket("pay").sees(event(1, permission=permission, member_id=member_id)) is seen


def test_a_message_names_topic_kind_and_id_and_nothing_else():
    subject = uuid4()
    message = Event(1, 2, "payment", "secret_right", MEMBER, "payments.payment", subject).message

    assert message == (
        f'event: payment\ndata: {{"kind": "payments.payment", "id": "{subject}"}}\n\n'.encode()
    )


async def test_a_burst_ends_with_how_far_the_page_now_is():
    stream = Stream(ticket(), "")

    Burst([event(1), event(2)], 90).give(stream, 50)

    chunk = given(stream)
    assert chunk.startswith(event(1).message + event(2).message)
    assert f"id: 90.{int(time.time())}"[:-1].encode() in chunk


async def test_what_a_page_has_had_is_not_given_again():
    stream = Stream(ticket(), "")

    Burst([event(1, txid=49), event(2), event(3)], 90).give(stream, 50, skip={2})

    assert b"topic3" in (chunk := given(stream))
    assert b"topic1" not in chunk
    assert b"topic2" not in chunk


async def test_a_page_that_sees_none_of_a_burst_is_left_alone_except_at_a_check():
    stream = Stream(ticket(), "")
    burst = Burst([event(1, permission="decide")], 90)

    burst.give(stream, 50)
    assert stream.chunks.empty()

    burst.give(stream, 50, always=True)
    assert given(stream).startswith(b"id: 90.")


@pytest.mark.parametrize(
    ("since", "start", "count"),
    [("garbage", None, 1), ("91.1", 91, 1), ("1.1", 1, live.REPLAY_EVENTS + 1)],
)
async def test_a_page_whose_past_cannot_be_told_fetches_everything(since, start, count):
    stream = Stream(ticket(), since)

    Burst([event(n) for n in range(count)], 90).give(stream, start, always=True)

    assert given(stream).startswith(RESYNC)


async def test_a_page_that_begins_here_is_not_asked_to_fetch():
    stream = Stream(ticket(), "")

    Burst([], 90).give(stream, None, always=True)

    assert given(stream).startswith(b"id: 90.")


async def test_a_page_that_cannot_keep_up_is_told_to_fetch_instead_of_filling_memory():
    stream = Stream(ticket(), "")

    for _ in range(live.QUEUE + 1):
        stream.offer(b"x")

    assert stream.chunks.qsize() == 1
    assert given(stream) == RESYNC


def test_a_watermark_is_read_back_unless_it_is_old_or_none():
    moment = time.time()

    assert live.transaction_of(live.mark(1234), now=moment) == 1234
    assert live.transaction_of("1234.1", now=moment) is None
    assert live.transaction_of(f"1234.{int(moment) + 3600}", now=moment) is None
    for text in ("", "x", "1", "-1.5", "1.x", "9" * 50, "1.1.1"):
        assert live.transaction_of(text, now=moment) is None


def test_events_since_a_page_was_rendered_are_found(cast):
    horizon, none = live.events_since(cast.acme.pk, None)
    announce("payment", cast.sam, at=now())

    later, events = live.events_since(cast.acme.pk, horizon)

    assert none == []
    assert later >= horizon
    assert "payment" in [each.topic for each in events]


def test_events_of_another_organization_are_not_found(cast):
    horizon, _none = live.events_since(cast.acme.pk, None)
    with tenant_context(cast.zenith.pk):
        announce("deal", cast.zoe, at=now())

    _later, events = live.events_since(cast.acme.pk, horizon)

    assert "deal" not in [each.topic for each in events]


def test_a_page_says_where_its_stream_begins(client, cast):
    client.force_login(cast.sam.user)
    before, _none = live.events_since(cast.acme.pk, None)

    page = client.get("/").content.decode()

    (mark,) = re.findall(r'data-live-last="([^"]+)"', page)
    assert live.transaction_of(mark, now=time.time()) >= before


def test_the_stream_is_for_signed_in_members(client, cast):
    assert client.get("/live").status_code == 302

    client.force_login(cast.sam.user)
    answer = client.get("/live")

    assert answer["Content-Type"] == "text/event-stream"
    assert answer["Cache-Control"] == "no-cache, no-transform"
    assert answer.is_async
    assert client.post("/live").status_code == 405


def test_the_outbox_can_be_searched_by_transaction_under_row_security(db):
    """Row security lets an index work only with comparisons that leak nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proleakproof FROM pg_proc WHERE proname = 'xid8ge'")
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'outbox_txid'")
        assert "(organization_id, txid)" in cursor.fetchone()[0]
