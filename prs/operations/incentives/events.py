"""What happens to commissions and goals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

SEES = "commissions.view_all"

RULE_ADDED = Event(
    "commission.rule_added",
    _("Commission rule added"),
    _("{actor} added the commission rule {subject}."),
    told=("commissions.approve",),
    sees=SEES,
)
RULE_ENDED = Event(
    "commission.rule_ended",
    _("Commission rule ended"),
    _("{actor} let the commission rule {subject} end on {day}."),
    told=("commissions.approve",),
    sees=SEES,
)
OVERRIDE_ADDED = Event(
    "commission.override_added",
    _("Team lead's share set"),
    _("{actor} gave {lead} {percent} % of what {team} sells."),
    told=("commissions.approve",),
    held_as=("lead_id",),
    sees=SEES,
)
SPLIT = Event(
    "commission.split",
    _("Deal shared out"),
    _("{actor} shared deal {subject} out: {shares}."),
    told=("commissions.approve",),
    held_as=("salesperson_id",),
    sees=SEES,
)
CREATED = Event(
    "commission.created",
    _("Commission worked out"),
    _("{actor} worked out the commission of {member} for {period}: {amount}."),
    told=("commissions.approve",),
    told_as=("member_id",),
    held_as=("member_id",),
    sees=SEES,
)
CALCULATED = Event(
    "commission.calculated",
    _("Commission calculated"),
    _("{actor} calculated the commission of {member} for {period}: {amount}."),
    sees=SEES,
)
CHANGED = Event(
    "commission.changed",
    _("Commission changed"),
    _("{actor} changed the commission of {member} for {period}."),
    sees=SEES,
)
APPROVED = Event(
    "commission.approved",
    _("Commission approved"),
    _("{actor} approved the commission of {member} for {period}: {amount}."),
    told=("commissions.pay",),
    held_as=("member_id",),
    told_as=("member_id",),
    sees=SEES,
    mail=True,
)
PAID = Event(
    "commission.paid",
    _("Commission paid out"),
    _("{actor} paid the commission of {member} for {period} out: {amount}."),
    told_as=("member_id",),
    sees=SEES,
    mail=True,
)
DISPUTED = Event(
    "commission.disputed",
    _("Commission disputed"),
    _("{actor} disputes the commission for {period}: {reason}"),
    told=("commissions.approve",),
    held_as=("member_id",),
    sees=SEES,
    mail=True,
)
RESOLVED = Event(
    "commission.resolved",
    _("Dispute decided"),
    _("{actor} decided the dispute about the commission of {member} for {period}: {reason}"),
    told_as=("member_id",),
    sees=SEES,
    mail=True,
)
GOAL_SET = Event(
    "goal.set",
    _("Goal set"),
    _("{actor} set the goal {subject} at {amount}."),
    told_as=("member_id",),
    sees="standings.view",
)
GOAL_SKIPPED = Event(
    "goal.skipped", _("Goal put off"), _("{actor} put the own goal off."), sees=SEES
)
CALENDAR_SET = Event(
    "goal.calendar_set",
    _("Working days set"),
    _("{actor} set the working days."),
    sees="standings.view",
)
