"""Tables of payments."""

from __future__ import annotations

from prs.operations.payments.models.proving import Decision, Receipt, VerificationPolicy
from prs.operations.payments.models.receiving import Allocation, Payment
from prs.operations.payments.models.reversing import Reversal, ReversalShare

__all__ = [
    "Allocation",
    "Decision",
    "Payment",
    "Receipt",
    "Reversal",
    "ReversalShare",
    "VerificationPolicy",
]
