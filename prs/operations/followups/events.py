"""What happens while money is followed up."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "followups.view"

LOGGED = Event(
    "followup.logged",
    _("Customer contacted"),
    _("{actor} contacted {subject} about what is owed."),
    told_as=("salesperson_id",),
    sees=SEES,
    topics=("customer",),
)
ESCALATED = Event(
    "alert.escalated",
    _("Account escalated to you"),
    _("{actor} escalated the account of {customer}, {amount}, to {colleague}."),
    told_as=("assigned_to_id",),
    sees=SEES,
    priority="high",
    mail=True,
    topics=("followup",),
)
RAISED = Event(
    "alert.raised",
    _("Account needs a follow-up"),
    _("{subject}: {customer} owes {amount}."),
    told_as=("assigned_to_id",),
    sees=SEES,
    topics=("followup",),
)
RESOLVED = Event(
    "alert.resolved",
    _("Alert resolved"),
    _("{actor} resolved “{subject}” of {customer}: {reason}"),
    sees=SEES,
    topics=("followup",),
)
