"""Ids that the database makes are like those that we make: in the order of their making, on every server."""

from __future__ import annotations

import time

from django.db import connection


def made(count):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy_new_id() FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def test_ids_of_the_database_say_when_they_were_made(db):
    (found,) = made(1)

    assert found.version == 7
    assert abs((found.int >> 80) - time.time() * 1000) < 60_000


def test_ids_of_the_database_come_in_their_order_and_once(db):
    found = made(1_000)

    assert len(set(found)) == 1_000
    assert made(1)[0] > found[0]
    assert sorted(found[::100]) == found[::100]
