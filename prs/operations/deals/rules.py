"""How the state of a deal follows from its payments. Source: reference 4.1 and 4.4."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

PENDING, VERIFIED, REJECTED = "pending", "verified", "rejected"
WAITING = frozenset({"pending", "asked", "checked"})
# Money that once was proven and went back leaves nothing to judge a deal by, nor does a withdrawn claim.
SILENT = frozenset({"withdrawn", "refunded", "charged_back", "bounced"})
LARGEST_VALUE = Decimal("999999999.99")


def status_of(payments: Iterable[str]) -> str:
    """The state of a deal whose payments stand so, in any order.

    Verified when at least one is verified and none waits; rejected only while all are denied, so that
    a denied payment never blocks its replacement.
    """
    spoken = {status for status in payments if status not in SILENT}
    if spoken & WAITING:
        return PENDING
    if VERIFIED in spoken:
        return VERIFIED
    return REJECTED if "denied" in spoken else PENDING


def stage_of(value: Decimal, paid: Decimal) -> str:
    """Whether nothing, a part, or all of a deal's value is proven to have come in."""
    if paid >= value:
        return "full"
    return "partial" if paid > 0 else "initial"


def readiness(*, customer: bool, value: bool, method: bool, dated: bool, payment: bool) -> int:
    """How complete a deal's papers are, in per cent: a hint for verifiers, never a decision."""
    return sum((customer, value, method, dated, payment)) * 20
