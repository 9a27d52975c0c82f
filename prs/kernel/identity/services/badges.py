"""Reissuing a badge: every earlier one stops working at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from prs.kernel.activity.services import record
from prs.kernel.identity import events
from prs.kernel.identity.models import Member
from prs.kernel.identity.services.members import MoreThanOwn, may_give


@transaction.atomic
def reissue(member: Member, *, by: Member, at: datetime) -> Member:
    """Make a member's earlier badges worthless, for a lost card or a copied one.

    :raises MoreThanOwn: the member's role holds more than that of whoever asks.
    """
    if by.pk != member.pk and not may_give(by, member.role):
        raise MoreThanOwn
    before = member.badge_version
    Member.objects.filter(pk=member.pk).update(badge_version=F("badge_version") + 1)
    member.refresh_from_db(fields=["badge_version"])
    record(
        events.BADGE_REISSUED,
        member,
        by=by,
        at=at,
        before={"badge": before},
        after={"badge": member.badge_version},
    )
    return member
