"""How the states of invoices and payments are shown, the same in every workspace."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.operations.deals.rules import stage_of
from prs.operations.invoicing import rules
from prs.web.kit.reader import reader

INVOICE: dict[str, tuple[str, Any]] = {
    "draft": ("plain", _("Draft")),
    "issued": ("waiting", _("Open")),
    "partly_paid": ("waiting", _("Partly paid")),
    "paid": ("done", _("Paid")),
    "credited": ("plain", _("Credited")),
    "overdue": ("attention", _("Overdue")),
    "void": ("stopped", _("Void")),
    "written_off": ("stopped", _("Written off")),
}
PAYMENT: dict[str, tuple[str, Any]] = {
    "pending": ("waiting", _("Waiting for proof")),
    "checked": ("waiting", _("Waiting for a second verifier")),
    "asked": ("attention", _("Asked back")),
    "verified": ("done", _("Verified")),
    "denied": ("stopped", _("Denied")),
    "refunded": ("plain", _("Refunded")),
    "charged_back": ("stopped", _("Charged back")),
    "bounced": ("stopped", _("Bounced")),
    "withdrawn": ("plain", _("Withdrawn")),
}

DEAL: dict[str, tuple[str, Any]] = {
    "pending": ("waiting", _("Pending")),
    "verified": ("done", _("Verified")),
    "rejected": ("stopped", _("Rejected")),
}
STAGE: dict[str, tuple[str, Any]] = {
    "initial": ("plain", _("Nothing paid")),
    "partial": ("waiting", _("Partly paid")),
    "full": ("done", _("Paid in full")),
}


def invoice_state(  # noqa: PLR0917  (a column passes its values in order)
    status: str,
    billing: str,
    total: Decimal,
    paid: Decimal,
    credited: Decimal,
    lost: Decimal,
    due: date,
) -> tuple[str, Any]:
    """Meaning and word of an invoice's state."""
    if billing == "review":
        return ("attention", _("In review"))
    today = reader().today
    return INVOICE[
        rules.state(
            status, total=total, paid=paid, credited=credited, lost=lost, due=due, today=today
        )
    ]


def payment_state(status: str) -> tuple[str, Any]:
    """Meaning and word of a payment's state."""
    return PAYMENT[status]


def deal_state(status: str, cancelled_at: datetime | None) -> tuple[str, Any]:
    """Meaning and word of a deal's state."""
    return DEAL[status] if cancelled_at is None else ("stopped", _("Called off"))


def deal_stage(value: Decimal, paid: Decimal) -> tuple[str, Any]:
    """Meaning and word of how far a deal is paid."""
    return STAGE[stage_of(value, paid)]
