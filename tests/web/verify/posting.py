"""Posting forms that count once."""

from __future__ import annotations

from prs.kernel.db.ids import new_id


def send(client, address, **fields):
    """A post with a key of its own."""
    return client.post(address, {"once": str(new_id()), **fields})
