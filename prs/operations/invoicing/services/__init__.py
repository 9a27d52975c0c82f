"""Writes of invoices: issuing, importing and correcting, credit, and what is given up."""

from __future__ import annotations

from prs.operations.invoicing.services.crediting import credit, recover
from prs.operations.invoicing.services.drafting import InvoiceDraft, PricedLine, priced
from prs.operations.invoicing.services.granting import (
    Clearance,
    Override,
    check_credit,
    keep_override,
)
from prs.operations.invoicing.services.importing import (
    Imported,
    ImportedInvoice,
    correct,
    imported_from,
    in_review,
    return_for_correction,
    take_import,
)
from prs.operations.invoicing.services.issuing import (
    draft_for_deal,
    hand_over,
    issue,
    issue_draft,
    settle,
    void_draft,
)
from prs.operations.invoicing.services.refusals import (
    AmountWrong,
    BelowPaid,
    CannotReturn,
    CreditLimitReached,
    CreditOverdue,
    CreditRefused,
    CustomerInactive,
    NoCredit,
    NoLines,
    NotInReview,
    NotLost,
    NumberTaken,
    OverrideNotYours,
    OverrideUnexplained,
    WalkInPays,
)

__all__ = [
    "AmountWrong",
    "BelowPaid",
    "CannotReturn",
    "Clearance",
    "CreditLimitReached",
    "CreditOverdue",
    "CreditRefused",
    "CustomerInactive",
    "Imported",
    "ImportedInvoice",
    "InvoiceDraft",
    "NoCredit",
    "NoLines",
    "NotInReview",
    "NotLost",
    "NumberTaken",
    "Override",
    "OverrideNotYours",
    "OverrideUnexplained",
    "PricedLine",
    "WalkInPays",
    "check_credit",
    "correct",
    "credit",
    "draft_for_deal",
    "hand_over",
    "imported_from",
    "in_review",
    "issue",
    "issue_draft",
    "keep_override",
    "priced",
    "recover",
    "return_for_correction",
    "settle",
    "take_import",
    "void_draft",
]
