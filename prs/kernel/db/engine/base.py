"""The database wrapper that settings name as their engine."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for the health check before each request."""

    def is_usable(self) -> bool:
        """Whether the connection stands.

        A server that ends a connection says so, and an idle connection has nothing else to say: as
        long as nothing waits to be read, no question has to be sent.
        """
        if self.connection is not None and not spoken_to(self.connection.fileno()):
            return True
        return bool(super().is_usable())


def spoken_to(file: int) -> bool:
    """Whether something waits to be read, or the other side has closed."""
    poll = select.poll()
    poll.register(file, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
