"""Sessions as Django keeps them, read by a statement that is written out: every request reads one."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.db import connection

from prs.kernel import clock

READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own, but for the reading."""

    def load(self) -> dict[str, object]:
        """What the session holds; nothing when it ended, and then its key is not used again."""
        with connection.cursor() as cursor:
            cursor.execute(READ, (self.session_key, clock.now()))
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found[0])
