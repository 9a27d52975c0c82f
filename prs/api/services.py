"""The log of requests, and what is forgotten of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from prs.api.models import Allowance, ApiRequest
from prs.kernel.activity.context import current_origin
from prs.kernel.identity.models import ApiKey

KEPT_FOR: Final = timedelta(days=90)
# An allowance is whole after a minute; a day leaves room for clocks.
COUNTED_FOR: Final = timedelta(days=1)
MOST_SUBJECT: Final = 200


def note(
    *,
    key: ApiKey,
    method: str,
    path: str,
    status: int,
    subject: str,
    size: int,
    milliseconds: int,
    at: datetime,
) -> None:
    """Write down what was asked and how it was answered. `size` is in bytes."""
    origin = current_origin()
    ApiRequest.objects.create(
        key=key,
        method=method,
        path=path.replace("\x00", ""),
        status=status,
        subject=subject.replace("\x00", "")[:MOST_SUBJECT],
        size=size,
        milliseconds=milliseconds,
        address=origin.address[:45],
        request_id=origin.request_id,
        at=at,
    )


def forget_old_requests(*, at: datetime) -> int:
    """Delete lines of the current organization's log that are over 90 days old. Returns how many."""
    deleted, _by_kind = ApiRequest.objects.filter(at__lt=at - KEPT_FOR).delete()
    return deleted


def forget_old_allowances(*, at: datetime) -> int:
    """Delete allowances that have long been whole. Returns how many."""
    deleted, _by_kind = Allowance.objects.filter(whole_at__lt=at - COUNTED_FOR).delete()
    return deleted
