"""Who a session belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.core.exceptions import ValidationError

from prs.kernel.db.rows import Rows
from prs.kernel.identity.models import User

# Every request of somebody who is signed in asks this: the user and where they belong.
READ = Rows(
    "FROM identity_user u LEFT JOIN prs_membership(u.id) m ON true WHERE u.id = %s",
    extra=("m.organization_id", "m.member_id", "m.open"),
    u=User,
)


class MemberBackend(AuthenticationBackend):
    """Signs in by e-mail address; rights come from the member's role, never from Django's tables."""

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session, with their membership as the database has it now."""
        try:
            found = READ.first((User._meta.pk.to_python(user_id),))
        except ValidationError:
            return None
        if found is None:
            return None
        user, *user.membership = found
        return user if self.user_can_authenticate(user) else None
