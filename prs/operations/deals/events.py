"""What happens to deals and projects."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "deals.view"

CREATED = Event(
    "deal.created",
    _("Deal closed"),
    _("{actor} closed deal {subject} with {customer}: {amount}."),
    told=("deals.oversee",),
    held_as=("salesperson_id",),
    sees=SEES,
)
CHANGED = Event(
    "deal.changed",
    _("Deal changed"),
    _("{actor} changed deal {subject} with {customer}."),
    told=("deals.oversee",),
    held_as=("salesperson_id",),
    told_as=("salesperson_id",),
    sees=SEES,
)
VERIFIED = Event(
    "deal.verified",
    _("Deal verified"),
    _("Deal {subject} with {customer} is verified: {amount}."),
    told_as=("salesperson_id",),
    sees=SEES,
)
REJECTED = Event(
    "deal.rejected",
    _("Deal rejected"),
    _("Every payment of deal {subject} with {customer} was denied."),
    told_as=("salesperson_id",),
    sees=SEES,
    priority="high",
)
REOPENED = Event(
    "deal.reopened",
    _("Deal waits again"),
    _("Deal {subject} with {customer} waits for proof of its payments."),
    told_as=("salesperson_id",),
    sees=SEES,
)
PAID = Event(
    "deal.paid",
    _("Deal paid in full"),
    _("Deal {subject} with {customer} is paid in full: {amount}."),
    told=("deals.oversee",),
    held_as=("salesperson_id",),
    told_as=("salesperson_id",),
    sees=SEES,
    mail=True,
)
NOTED = Event(
    "deal.noted", _("Note on a deal"), _("{actor} noted on deal {subject}: {text}"), sees=SEES
)
CALLED_OFF = Event(
    "deal.called_off",
    _("Deal called off"),
    _("{actor} called off deal {subject} with {customer}: {reason}"),
    told=("deals.oversee",),
    held_as=("salesperson_id",),
    told_as=("salesperson_id",),
    sees=SEES,
)
REMINDED = Event(
    "deal.reminded",
    _("Deal needs attention"),
    _("Deal {subject} with {customer}: {reason}"),
    told_as=("salesperson_id",),
    sees=SEES,
)
HANDED_OVER = Event(
    "deal.handed_over",
    _("Deals handed over"),
    _("{actor} handed {count} open deals of {subject} over to {successor}."),
    sees=SEES,
)
PROJECT_ADDED = Event(
    "project.added",
    _("Project set up"),
    _("{actor} set up the project {subject}."),
    told=("projects.edit",),
    sees=SEES,
)
PROJECT_CHANGED = Event(
    "project.changed", _("Project changed"), _("{actor} changed the project {subject}."), sees=SEES
)
