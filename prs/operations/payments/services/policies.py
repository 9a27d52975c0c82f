"""How payments of a method and place are to be proven."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict

from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.identity.models import Member
from prs.operations.payments import events
from prs.operations.payments.models import VerificationPolicy
from prs.operations.payments.services.refusals import CashOnly, PolicyKnown

TAKEN = {
    "verification_policy_unique": PolicyKnown,
    "verification_policy_only_cash_is_counted": CashOnly,
}


@transaction.atomic
def add_policy(fields: Mapping[str, Any], *, by: Member, at: datetime) -> VerificationPolicy:
    """Say how payments of a method are proven, everywhere or at one place.

    :raises PolicyKnown: there is one for this method and place.
    :raises CashOnly: only cash is verified together.
    """
    row = VerificationPolicy(**fields)
    with refusing(dict(TAKEN)):
        row.save(force_insert=True)
    record(events.POLICY_CHANGED, row, by=by, at=at, after=model_to_dict(row))
    return row


@transaction.atomic
def change_policy(
    row: VerificationPolicy, fields: Mapping[str, Any], *, by: Member, at: datetime
) -> VerificationPolicy:
    """Change how payments are proven; what waits already follows the new rule.

    :raises Stale: somebody else changed it in between.
    """
    with refusing(dict(TAKEN)):
        before = write_version(row, fields)
    record(events.POLICY_CHANGED, row, by=by, at=at, before=before, after=fields)
    return row


@transaction.atomic
def remove_policy(row: VerificationPolicy, *, by: Member, at: datetime) -> None:
    """Take a policy away: one person verifies, one by one."""
    record(events.POLICY_REMOVED, row, by=by, at=at, before=model_to_dict(row))
    row.delete()
